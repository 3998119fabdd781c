/*
 * A client of a custom BITS manager, as Click-to-Run is one.
 *
 *   slots                                       prints the slot of each method as the headers have it
 *   conformance CLSID CONTENT FOLDER            checks what BITS documents; one line a check
 *   fetch CLSID URL LOCAL [OFFSET LENGTH]...    downloads a file or ranges of it (LENGTH -1: to its end)
 *   many CLSID CONTENT FOLDER COUNT             that many jobs at once, released in odd orders
 *   cycles CLSID URL LOCAL COUNT                create, add, resume, complete, over and over
 *   hold CLSID URL LOCAL                        starts a download, says so, and never ends by itself
 *   deaf CLSID URL LOCAL COUNT                  that many jobs whose callbacks do not return, each its own; then one more job,
 *                                               which another callback is told of
 *   silent CLSID URL LOCAL                      a job with the shortest retry delay; says nothing until it is called back
 */
#include <initguid.h>
#include "bits-client.h"
#include <stddef.h>
#include <stdio.h>
#include <wchar.h>

double slowest_ms;

double now_ms(void)
{
    LARGE_INTEGER count, frequency;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return count.QuadPart * 1000.0 / frequency.QuadPart;
}

double note_ms(double started)
{
    double took = now_ms() - started;
    if (took > slowest_ms) slowest_ms = took;
    return took;
}

HRESULT open_manager(const wchar_t *clsid, IBackgroundCopyManager **manager)
{
    CLSID class;
    HRESULT result = CLSIDFromString(clsid, &class);
    if (FAILED(result)) return result;
    return CoCreateInstance(&class, NULL, CLSCTX_LOCAL_SERVER, &IID_IBackgroundCopyManager, (void **)manager);
}

BG_JOB_STATE await_state(IBackgroundCopyJob *job, unsigned wanted, DWORD timeout_ms)
{
    double deadline = now_ms() + timeout_ms;
    BG_JOB_STATE state;
    for (;;) {
        HRESULT result;
        TIMED(result, IBackgroundCopyJob_GetState(job, &state));
        if (FAILED(result)) return (BG_JOB_STATE)-1;
        if (wanted & (1u << state) || now_ms() > deadline) return state;
        Sleep(2);
    }
}

#define SLOT(interface, method) \
    printf("%s%s %u\n", #interface ".", #method, (unsigned)(offsetof(interface##Vtbl, method) / sizeof(void *)))

static int slots(void)
{
    SLOT(IBackgroundCopyManager, CreateJob);
    SLOT(IBackgroundCopyManager, GetJob);
    SLOT(IBackgroundCopyManager, EnumJobs);
    SLOT(IBackgroundCopyManager, GetErrorDescription);
    SLOT(IBackgroundCopyJob4, AddFileSet);
    SLOT(IBackgroundCopyJob4, AddFile);
    SLOT(IBackgroundCopyJob4, EnumFiles);
    SLOT(IBackgroundCopyJob4, Suspend);
    SLOT(IBackgroundCopyJob4, Resume);
    SLOT(IBackgroundCopyJob4, Cancel);
    SLOT(IBackgroundCopyJob4, Complete);
    SLOT(IBackgroundCopyJob4, GetId);
    SLOT(IBackgroundCopyJob4, GetType);
    SLOT(IBackgroundCopyJob4, GetProgress);
    SLOT(IBackgroundCopyJob4, GetTimes);
    SLOT(IBackgroundCopyJob4, GetState);
    SLOT(IBackgroundCopyJob4, GetError);
    SLOT(IBackgroundCopyJob4, GetOwner);
    SLOT(IBackgroundCopyJob4, SetDisplayName);
    SLOT(IBackgroundCopyJob4, GetDisplayName);
    SLOT(IBackgroundCopyJob4, SetDescription);
    SLOT(IBackgroundCopyJob4, GetDescription);
    SLOT(IBackgroundCopyJob4, SetPriority);
    SLOT(IBackgroundCopyJob4, GetPriority);
    SLOT(IBackgroundCopyJob4, SetNotifyFlags);
    SLOT(IBackgroundCopyJob4, GetNotifyFlags);
    SLOT(IBackgroundCopyJob4, SetNotifyInterface);
    SLOT(IBackgroundCopyJob4, GetNotifyInterface);
    SLOT(IBackgroundCopyJob4, SetMinimumRetryDelay);
    SLOT(IBackgroundCopyJob4, GetMinimumRetryDelay);
    SLOT(IBackgroundCopyJob4, SetNoProgressTimeout);
    SLOT(IBackgroundCopyJob4, GetNoProgressTimeout);
    SLOT(IBackgroundCopyJob4, GetErrorCount);
    SLOT(IBackgroundCopyJob4, SetProxySettings);
    SLOT(IBackgroundCopyJob4, GetProxySettings);
    SLOT(IBackgroundCopyJob4, TakeOwnership);
    SLOT(IBackgroundCopyJob4, SetNotifyCmdLine);
    SLOT(IBackgroundCopyJob4, GetNotifyCmdLine);
    SLOT(IBackgroundCopyJob4, GetReplyProgress);
    SLOT(IBackgroundCopyJob4, GetReplyData);
    SLOT(IBackgroundCopyJob4, SetReplyFileName);
    SLOT(IBackgroundCopyJob4, GetReplyFileName);
    SLOT(IBackgroundCopyJob4, SetCredentials);
    SLOT(IBackgroundCopyJob4, RemoveCredentials);
    SLOT(IBackgroundCopyJob4, ReplaceRemotePrefix);
    SLOT(IBackgroundCopyJob4, AddFileWithRanges);
    SLOT(IBackgroundCopyJob4, SetFileACLFlags);
    SLOT(IBackgroundCopyJob4, GetFileACLFlags);
    SLOT(IBackgroundCopyJob4, SetPeerCachingFlags);
    SLOT(IBackgroundCopyJob4, GetPeerCachingFlags);
    SLOT(IBackgroundCopyJob4, GetOwnerIntegrityLevel);
    SLOT(IBackgroundCopyJob4, GetOwnerElevationState);
    SLOT(IBackgroundCopyJob4, SetMaximumDownloadTime);
    SLOT(IBackgroundCopyJob4, GetMaximumDownloadTime);
    SLOT(IBackgroundCopyJobHttpOptions, SetClientCertificateByID);
    SLOT(IBackgroundCopyJobHttpOptions, SetClientCertificateByName);
    SLOT(IBackgroundCopyJobHttpOptions, RemoveClientCertificate);
    SLOT(IBackgroundCopyJobHttpOptions, GetClientCertificate);
    SLOT(IBackgroundCopyJobHttpOptions, SetCustomHeaders);
    SLOT(IBackgroundCopyJobHttpOptions, GetCustomHeaders);
    SLOT(IBackgroundCopyJobHttpOptions, SetSecurityFlags);
    SLOT(IBackgroundCopyJobHttpOptions, GetSecurityFlags);
    SLOT(IBackgroundCopyFile2, GetRemoteName);
    SLOT(IBackgroundCopyFile2, GetLocalName);
    SLOT(IBackgroundCopyFile2, GetProgress);
    SLOT(IBackgroundCopyFile2, GetFileRanges);
    SLOT(IBackgroundCopyFile2, SetRemoteName);
    SLOT(IBackgroundCopyError, GetError);
    SLOT(IBackgroundCopyError, GetFile);
    SLOT(IBackgroundCopyError, GetErrorDescription);
    SLOT(IBackgroundCopyError, GetErrorContextDescription);
    SLOT(IBackgroundCopyError, GetProtocol);
    SLOT(IEnumBackgroundCopyJobs, Next);
    SLOT(IEnumBackgroundCopyJobs, Skip);
    SLOT(IEnumBackgroundCopyJobs, Reset);
    SLOT(IEnumBackgroundCopyJobs, Clone);
    SLOT(IEnumBackgroundCopyJobs, GetCount);
    SLOT(IEnumBackgroundCopyFiles, Next);
    SLOT(IEnumBackgroundCopyFiles, Skip);
    SLOT(IEnumBackgroundCopyFiles, Reset);
    SLOT(IEnumBackgroundCopyFiles, Clone);
    SLOT(IEnumBackgroundCopyFiles, GetCount);
    SLOT(IBackgroundCopyCallback, JobTransferred);
    SLOT(IBackgroundCopyCallback, JobError);
    SLOT(IBackgroundCopyCallback, JobModification);
    SLOT(IBackgroundCopyCallback2, FileTransferred);
    return 0;
}

static int refuse(const char *call, HRESULT result)
{
    printf("failed %s 0x%08lx\n", call, (unsigned long)result);
    return 1;
}

/* The error of a job, as one line; 0 where it has none. */
static HRESULT print_error(IBackgroundCopyJob *job)
{
    IBackgroundCopyError *error = NULL;
    HRESULT code = S_OK, result = IBackgroundCopyJob_GetError(job, &error);
    BG_ERROR_CONTEXT context = BG_ERROR_CONTEXT_NONE;
    if (FAILED(result)) return result;
    result = IBackgroundCopyError_GetError(error, &context, &code);
    IBackgroundCopyError_Release(error);
    if (FAILED(result)) return result;
    printf("error 0x%08lx context %d\n", (unsigned long)code, (int)context);
    return S_OK;
}

static int fetch(int count, wchar_t **args)
{
    IBackgroundCopyManager *manager = NULL;
    IBackgroundCopyJob *job = NULL;
    IBackgroundCopyJob3 *job3 = NULL;
    BG_FILE_RANGE ranges[16];
    GUID id;
    DWORD range_count = 0;
    double started = now_ms();
    HRESULT result = open_manager(args[0], &manager);
    if (FAILED(result)) return refuse("CoCreateInstance", result);
    printf("activated %.0f ms\n", now_ms() - started);
    for (int at = 3; at + 1 < count && range_count < 16; at += 2, range_count++)
        ranges[range_count] = (BG_FILE_RANGE){ _wcstoui64(args[at], NULL, 10), (UINT64)_wcstoi64(args[at + 1], NULL, 10) };
    TIMED(result, IBackgroundCopyManager_CreateJob(manager, L"fetch", BG_JOB_TYPE_DOWNLOAD, &id, &job));
    if (FAILED(result)) return refuse("CreateJob", result);
    result = IBackgroundCopyJob_QueryInterface(job, &IID_IBackgroundCopyJob3, (void **)&job3);
    if (FAILED(result)) return refuse("QueryInterface", result);
    if (range_count) TIMED(result, IBackgroundCopyJob3_AddFileWithRanges(job3, args[1], args[2], range_count, ranges));
    else TIMED(result, IBackgroundCopyJob3_AddFile(job3, args[1], args[2]));
    if (FAILED(result)) return refuse("AddFile", result);
    started = now_ms();
    TIMED(result, IBackgroundCopyJob_Resume(job));
    if (FAILED(result)) return refuse("Resume", result);
    BG_JOB_STATE state = await_state(job, DONE | FAILED_STATE, 120000);
    double took = now_ms() - started;
    BG_JOB_PROGRESS progress = { 0 };
    TIMED(result, IBackgroundCopyJob_GetProgress(job, &progress));
    printf("state %d\nbytes %llu of %llu\ntook %.1f ms\n", (int)state, (unsigned long long)progress.BytesTransferred,
           (unsigned long long)progress.BytesTotal, took);
    if (state == BG_JOB_STATE_ERROR) {
        print_error(job);
        IBackgroundCopyJob_Cancel(job);
    } else {
        TIMED(result, IBackgroundCopyJob_Complete(job));
        printf("complete 0x%08lx\n", (unsigned long)result);
    }
    IBackgroundCopyJob3_Release(job3);
    IBackgroundCopyJob_Release(job);
    IBackgroundCopyManager_Release(manager);
    printf("slowest call %.1f ms\n", slowest_ms);
    return state == BG_JOB_STATE_TRANSFERRED ? 0 : 1;
}

static int many(wchar_t **args)
{
    enum { MOST = 64 };
    IBackgroundCopyManager *manager = NULL;
    IBackgroundCopyJob *jobs[MOST] = { 0 };
    int count = _wtoi(args[3]), good = 0;
    HRESULT result = open_manager(args[0], &manager);
    if (FAILED(result)) return refuse("CoCreateInstance", result);
    if (count > MOST) count = MOST;
    double started = now_ms();
    for (int at = 0; at < count; at++) {
        wchar_t url[512], local[512];
        GUID id;
        swprintf(url, 512, L"cmbits://%ls/many/file%d.dat", args[1], at);
        swprintf(local, 512, L"%ls\\file%d.dat", args[2], at);
        TIMED(result, IBackgroundCopyManager_CreateJob(manager, url, BG_JOB_TYPE_DOWNLOAD, &id, &jobs[at]));
        if (FAILED(result)) return refuse("CreateJob", result);
        TIMED(result, IBackgroundCopyJob_AddFile(jobs[at], url, local));
        if (FAILED(result)) return refuse("AddFile", result);
        TIMED(result, IBackgroundCopyJob_Resume(jobs[at]));
        if (FAILED(result)) return refuse("Resume", result);
    }
    /* The manager goes first; its jobs live on. */
    IBackgroundCopyManager_Release(manager);
    for (int step = 0; step < count; step++) {
        /* 37 has no common divisor with the counts in use, so that each job comes once, in no order. */
        int at = (step * 37 + 11) % count;
        if (await_state(jobs[at], DONE | FAILED_STATE, 60000) != BG_JOB_STATE_TRANSFERRED) print_error(jobs[at]);
        TIMED(result, IBackgroundCopyJob_Complete(jobs[at]));
        good += result == S_OK;
        IBackgroundCopyJob_Release(jobs[at]);
    }
    printf("good %d\ntook %.1f ms\nslowest call %.1f ms\n", good, now_ms() - started, slowest_ms);
    return good == count ? 0 : 1;
}

static int cycles(wchar_t **args)
{
    IBackgroundCopyManager *manager = NULL;
    int count = _wtoi(args[3]);
    HRESULT result = open_manager(args[0], &manager);
    if (FAILED(result)) return refuse("CoCreateInstance", result);
    double started = now_ms();
    for (int at = 0; at < count; at++) {
        IBackgroundCopyJob *job = NULL;
        GUID id;
        result = IBackgroundCopyManager_CreateJob(manager, L"cycle", BG_JOB_TYPE_DOWNLOAD, &id, &job);
        if (FAILED(result)) return refuse("CreateJob", result);
        result = IBackgroundCopyJob_AddFile(job, args[1], args[2]);
        if (FAILED(result)) return refuse("AddFile", result);
        result = IBackgroundCopyJob_Resume(job);
        if (FAILED(result)) return refuse("Resume", result);
        if (await_state(job, DONE | FAILED_STATE, 10000) != BG_JOB_STATE_TRANSFERRED) return refuse("GetState", E_FAIL);
        result = IBackgroundCopyJob_Complete(job);
        if (result != S_OK) return refuse("Complete", result);
        IBackgroundCopyJob_Release(job);
    }
    printf("cycles %d\ntook %.0f ms\nslowest call %.1f ms\n", count, now_ms() - started, slowest_ms);
    IBackgroundCopyManager_Release(manager);
    return 0;
}

static int hold(wchar_t **args)
{
    IBackgroundCopyManager *manager = NULL;
    IBackgroundCopyJob *job = NULL;
    GUID id;
    HRESULT result = open_manager(args[0], &manager);
    if (FAILED(result)) return refuse("CoCreateInstance", result);
    result = IBackgroundCopyManager_CreateJob(manager, L"hold", BG_JOB_TYPE_DOWNLOAD, &id, &job);
    if (FAILED(result)) return refuse("CreateJob", result);
    result = IBackgroundCopyJob_AddFile(job, args[1], args[2]);
    if (FAILED(result)) return refuse("AddFile", result);
    result = IBackgroundCopyJob_Resume(job);
    if (FAILED(result)) return refuse("Resume", result);
    await_state(job, 1u << BG_JOB_STATE_TRANSFERRING | DONE, 10000);
    printf("holding\n");
    fflush(stdout);
    /* Until this process or the server is killed. */
    for (BG_JOB_STATE state;;) {
        result = IBackgroundCopyJob_GetState(job, &state);
        if (FAILED(result)) return refuse("GetState", result);
        Sleep(50);
    }
}

static int silent(wchar_t **args)
{
    IBackgroundCopyManager *manager = NULL;
    IBackgroundCopyJob *job = NULL;
    Callback callback = new_callback(0);
    GUID id;
    HRESULT result = open_manager(args[0], &manager);
    if (FAILED(result)) return refuse("CoCreateInstance", result);
    result = IBackgroundCopyManager_CreateJob(manager, L"silent", BG_JOB_TYPE_DOWNLOAD, &id, &job);
    if (SUCCEEDED(result)) result = IBackgroundCopyJob_AddFile(job, args[1], args[2]);
    if (SUCCEEDED(result)) result = IBackgroundCopyJob_SetMinimumRetryDelay(job, 5);
    if (SUCCEEDED(result)) result = IBackgroundCopyJob_SetNotifyInterface(job, (IUnknown *)&callback);
    if (SUCCEEDED(result)) result = IBackgroundCopyJob_Resume(job);
    if (FAILED(result)) return refuse("Resume", result);
    for (double deadline = now_ms() + 40000; callback.entered == 0 && now_ms() < deadline;) Sleep(20);
    if (callback.entered == 0) return refuse("JobTransferred", E_FAIL);
    result = IBackgroundCopyJob_Complete(job);
    if (result != S_OK) return refuse("Complete", result);
    IBackgroundCopyJob_Release(job);
    IBackgroundCopyManager_Release(manager);
    return 0;
}

static HRESULT start(IBackgroundCopyManager *manager, const wchar_t *url, const wchar_t *local, IUnknown *callback,
                     IBackgroundCopyJob **job)
{
    GUID id;
    HRESULT result = IBackgroundCopyManager_CreateJob(manager, L"deaf", BG_JOB_TYPE_DOWNLOAD, &id, job);
    if (SUCCEEDED(result)) result = IBackgroundCopyJob_AddFile(*job, url, local);
    if (SUCCEEDED(result) && callback) result = IBackgroundCopyJob_SetNotifyInterface(*job, callback);
    if (SUCCEEDED(result)) result = IBackgroundCopyJob_Resume(*job);
    return result;
}

static int deaf(wchar_t **args)
{
    enum { MOST = 40 };
    IBackgroundCopyManager *manager = NULL;
    IBackgroundCopyJob *job = NULL;
    static Callback callbacks[MOST];
    Callback hearing = new_callback(0);
    LONG entered = 0;
    int count = _wtoi(args[3]);
    HRESULT result = open_manager(args[0], &manager);
    if (FAILED(result)) return refuse("CoCreateInstance", result);
    for (int at = 0; at < count && at < MOST; at++) {
        wchar_t local[512];
        callbacks[at] = new_callback(INFINITE);
        swprintf(local, 512, L"%ls.%d", args[2], at);
        result = start(manager, args[1], local, (IUnknown *)&callbacks[at], &job);
        if (FAILED(result)) return refuse("start", result);
        if (await_state(job, DONE | FAILED_STATE, 10000) != BG_JOB_STATE_TRANSFERRED) return refuse("GetState", E_FAIL);
        entered += await_count(&callbacks[at].entered, 1);
    }
    result = start(manager, args[1], args[2], (IUnknown *)&hearing, &job);
    if (FAILED(result)) return refuse("start", result);
    BG_JOB_STATE state = await_state(job, DONE | FAILED_STATE, 10000);
    BOOL told = await_count(&hearing.transferred, 1);
    printf("state %d beside %ld callbacks, told %d\n", (int)state, entered, told);
    fflush(stdout);
    /* Without a Release: the callbacks are still under way. */
    TerminateProcess(GetCurrentProcess(), state == BG_JOB_STATE_TRANSFERRED && told ? 0 : 1);
    return 1;
}

int wmain(int count, wchar_t **args)
{
    if (count < 2) return 2;
    if (wcscmp(args[1], L"slots") == 0) return slots();
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    int result = 2;
    if (wcscmp(args[1], L"conformance") == 0 && count == 5) result = conformance(args[2], args[3], args[4]);
    if (wcscmp(args[1], L"fetch") == 0 && count >= 5) result = fetch(count - 2, args + 2);
    if (wcscmp(args[1], L"many") == 0 && count == 6) result = many(args + 2);
    if (wcscmp(args[1], L"cycles") == 0 && count == 6) result = cycles(args + 2);
    if (wcscmp(args[1], L"hold") == 0 && count == 5) result = hold(args + 2);
    if (wcscmp(args[1], L"deaf") == 0 && count == 6) result = deaf(args + 2);
    if (wcscmp(args[1], L"silent") == 0 && count == 5) result = silent(args + 2);
    CoUninitialize();
    return result;
}
