#include "bits-client.h"

static HRESULT STDMETHODCALLTYPE query(IBackgroundCopyCallback2 *self, REFIID iid, void **out)
{
    BOOL known = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IBackgroundCopyCallback) ||
                 IsEqualIID(iid, &IID_IBackgroundCopyCallback2);
    *out = known ? self : NULL;
    if (known) InterlockedIncrement(&((Callback *)self)->references);
    return known ? S_OK : E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE add(IBackgroundCopyCallback2 *self)
{
    return InterlockedIncrement(&((Callback *)self)->references);
}
static ULONG STDMETHODCALLTYPE release(IBackgroundCopyCallback2 *self)
{
    return InterlockedDecrement(&((Callback *)self)->references);
}
static HRESULT STDMETHODCALLTYPE transferred(IBackgroundCopyCallback2 *self, IBackgroundCopyJob *job)
{
    BG_JOB_STATE state;
    InterlockedIncrement(&((Callback *)self)->entered);
    Sleep(((Callback *)self)->takes_ms);
    /* The job can be used inside the callback. */
    if (SUCCEEDED(IBackgroundCopyJob_GetState(job, &state)) && state == BG_JOB_STATE_TRANSFERRED)
        InterlockedIncrement(&((Callback *)self)->transferred);
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE failed(IBackgroundCopyCallback2 *self, IBackgroundCopyJob *job, IBackgroundCopyError *error)
{
    HRESULT code = S_OK;
    BG_ERROR_CONTEXT context;
    (void)job;
    if (SUCCEEDED(IBackgroundCopyError_GetError(error, &context, &code)) && FAILED(code))
        InterlockedIncrement(&((Callback *)self)->with_error);
    InterlockedIncrement(&((Callback *)self)->errors);
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE modified(IBackgroundCopyCallback2 *self, IBackgroundCopyJob *job, DWORD reserved)
{
    (void)job, (void)reserved;
    InterlockedIncrement(&((Callback *)self)->modified);
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE file_transferred(IBackgroundCopyCallback2 *self, IBackgroundCopyJob *job, IBackgroundCopyFile *file)
{
    BG_FILE_PROGRESS progress;
    (void)job;
    if (SUCCEEDED(IBackgroundCopyFile_GetProgress(file, &progress)) && progress.BytesTransferred == progress.BytesTotal)
        InterlockedIncrement(&((Callback *)self)->files);
    return S_OK;
}
static IBackgroundCopyCallback2Vtbl methods = { query, add, release, transferred, failed, modified, file_transferred };

Callback new_callback(DWORD takes_ms)
{
    return (Callback){ .methods = &methods, .takes_ms = takes_ms, .references = 1 };
}

BOOL await_count(LONG *counter, LONG wanted)
{
    for (double deadline = now_ms() + 10000; now_ms() < deadline; Sleep(5))
        if (InterlockedExchangeAdd(counter, 0) >= wanted) return TRUE;
    return FALSE;
}

BOOL await_references(Callback *callback, LONG wanted)
{
    for (double deadline = now_ms() + 10000; now_ms() < deadline; Sleep(5))
        if (InterlockedExchangeAdd(&callback->references, 0) == wanted) return TRUE;
    return FALSE;
}
