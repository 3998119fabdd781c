/*
 * What Click-to-Run does with downloadsource and contentid, as the page on the custom BITS interface describes it: the class
 * is activated in another process and asked for the version cabinet and then for the streams, these partly by ranges.
 */
#include <initguid.h>
#include "office-c2r-com.h"
#include <bits.h>
#include <bits2_0.h>
#include <stdio.h>
#include <wchar.h>

enum { LONGEST = 1024, RANGES = 4, PATIENCE_MS = 60000, POLL_MS = 20 };

/* The length of each of the ranges in which the language-neutral stream is asked for, besides its rest. */
static const UINT64 range_length = 1000000;

static HRESULT error_of(IBackgroundCopyJob *job)
{
    IBackgroundCopyError *error = NULL;
    BG_ERROR_CONTEXT context;
    HRESULT code = E_FAIL;
    if (FAILED(IBackgroundCopyJob_GetError(job, &error))) return E_FAIL;
    IBackgroundCopyError_GetError(error, &context, &code);
    IBackgroundCopyError_Release(error);
    return FAILED(code) ? code : E_FAIL;
}

static HRESULT await_end(IBackgroundCopyJob *job)
{
    for (DWORD waited = 0; waited < PATIENCE_MS; waited += POLL_MS, Sleep(POLL_MS)) {
        BG_JOB_STATE state;
        HRESULT result = IBackgroundCopyJob_GetState(job, &state);
        if (FAILED(result)) return result;
        if (state == BG_JOB_STATE_ERROR) return error_of(job);
        if (state == BG_JOB_STATE_TRANSFERRED) return IBackgroundCopyJob_Complete(job);
    }
    return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
}

/* One job with one file; the whole of it where no ranges are given. */
static HRESULT fetch(IBackgroundCopyManager *manager, const wchar_t *remote, const wchar_t *local, DWORD count,
                     BG_FILE_RANGE *ranges)
{
    IBackgroundCopyJob *job = NULL;
    IBackgroundCopyJob3 *job3 = NULL;
    GUID id;
    HRESULT result = IBackgroundCopyManager_CreateJob(manager, L"Click-to-Run", BG_JOB_TYPE_DOWNLOAD, &id, &job);
    if (FAILED(result)) return result;
    result = IBackgroundCopyJob_QueryInterface(job, &IID_IBackgroundCopyJob3, (void **)&job3);
    if (SUCCEEDED(result) && count) result = IBackgroundCopyJob3_AddFileWithRanges(job3, remote, local, count, ranges);
    else if (SUCCEEDED(result)) result = IBackgroundCopyJob_AddFile(job, remote, local);
    if (SUCCEEDED(result)) result = IBackgroundCopyJob_Resume(job);
    if (SUCCEEDED(result)) result = await_end(job);
    if (FAILED(result)) IBackgroundCopyJob_Cancel(job);
    if (job3) IBackgroundCopyJob3_Release(job3);
    IBackgroundCopyJob_Release(job);
    return result;
}

/* Waits until the test has seen what the part before brought, which it says by a file; not where it does not want to. */
static void await_step(int part)
{
    wchar_t folder[LONGEST], file[LONGEST];
    if (!setting_text(L"CONTENT_STEPS", folder, LONGEST) || !folder[0]) return;
    swprintf(file, LONGEST, L"%ls\\%d", folder, part);
    for (int turn = 0; turn < 2400 && GetFileAttributesW(file) == INVALID_FILE_ATTRIBUTES; turn++) Sleep(50);
}

HRESULT content_download(const wchar_t *source, const wchar_t *content, const wchar_t *version, const wchar_t *folder)
{
    IBackgroundCopyManager *manager = NULL;
    CLSID clsid;
    wchar_t remote[LONGEST], local[LONGEST];
    HRESULT result = CLSIDFromString(source, &clsid);
    if (SUCCEEDED(result))
        result = CoCreateInstance(&clsid, NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyManager, (void **)&manager);
    if (FAILED(result)) return result;

    swprintf(remote, LONGEST, L"cmbits://%ls/Office/Data/v64.cab", content);
    swprintf(local, LONGEST, L"%ls\\v64.cab", folder);
    result = fetch(manager, remote, local, 0, NULL);

    swprintf(remote, LONGEST, L"cmbits://%ls/Office/Data/%ls/stream.x64.x-none.dat", content, version);
    for (int part = 0; part <= RANGES && SUCCEEDED(result); part++) {
        if (part > 0) await_step(part);
        BG_FILE_RANGE range = { part * range_length, part < RANGES ? range_length : BG_LENGTH_TO_EOF };
        swprintf(local, LONGEST, L"%ls\\x-none.%d", folder, part);
        result = fetch(manager, remote, local, 1, &range);
    }

    /* Two ranges of one job, which arrive one after another in the order given: the end comes first. */
    if (SUCCEEDED(result)) {
        BG_FILE_RANGE swapped[] = { { range_length, BG_LENGTH_TO_EOF }, { 0, range_length } };
        swprintf(remote, LONGEST, L"cmbits://%ls/Office/Data/%ls/stream.x64.en-us.dat", content, version);
        swprintf(local, LONGEST, L"%ls\\en-us.swapped", folder);
        result = fetch(manager, remote, local, 2, swapped);
    }
    IBackgroundCopyManager_Release(manager);
    return result;
}
