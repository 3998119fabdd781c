#include <stddef.h>
#include <stdio.h>
#include <wchar.h>
#include "office-c2r-com.h"

enum { LONGEST = 8192 };

static const CLSID class_newer = { 0x52C2F9C2, 0xF1AC, 0x4021, { 0xBF, 0x50, 0x75, 0x6A, 0x5F, 0xA8, 0xDD, 0xFE } };
static const CLSID class_older = { 0xB7F1785F, 0xD69B, 0x46F1, { 0x92, 0xFC, 0xD2, 0xDE, 0x9C, 0x99, 0x4F, 0x13 } };
#ifdef KNOWN_TABLE
/* As the bridge's own table has it, for the build without a type library. */
static const IID iid_newer = { 0x90E166F0, 0xD621, 0x4793, { 0xBE, 0x78, 0xF5, 0x80, 0x08, 0xDD, 0xDD, 0x2A } };
static const IID iid_older = { 0x7E1C0B54, 0x6A5D, 0x4C0B, { 0x9C, 0x1E, 0x0F, 0x4B, 0x7B, 0x0A, 0x11, 0xC2 } };
#else
/* As office-c2r-com.idl has it. */
static const IID iid_newer = { 0x7E1C0B55, 0x6A5D, 0x4C0B, { 0x9C, 0x1E, 0x0F, 0x4B, 0x7B, 0x0A, 0x11, 0xC2 } };
static const IID iid_older = { 0x7E1C0B54, 0x6A5D, 0x4C0B, { 0x9C, 0x1E, 0x0F, 0x4B, 0x7B, 0x0A, 0x11, 0xC2 } };
#endif

typedef struct {
    const void *const *methods;
    LONG references;
    /* Whether it has IUpdateNotify2 too. */
    BOOL newer;
} UpdateNotify;

static HRESULT STDMETHODCALLTYPE query(UpdateNotify *self, REFIID iid, void **out)
{
    *out = NULL;
    BOOL known = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &iid_older)
                 || (self->newer && IsEqualIID(iid, &iid_newer));
    if (!known) return E_NOINTERFACE;
    InterlockedIncrement(&self->references);
    *out = self;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE add_reference(UpdateNotify *self)
{
    return InterlockedIncrement(&self->references);
}

static ULONG STDMETHODCALLTYPE release(UpdateNotify *self)
{
    ULONG left = InterlockedDecrement(&self->references);
    if (left > 0) return left;
    ledger_object(-1);
    HeapFree(GetProcessHeap(), 0, self);
    return 0;
}

/* What happens in every method before its own work. */
static HRESULT enter(const wchar_t *method)
{
    DWORD longest = setting_blocks(method);
    for (DWORD waited = 0; waited < longest && GetFileAttributesW(L"C:\\lab\\unblocked") == INVALID_FILE_ATTRIBUTES; waited += 20)
        Sleep(20);
    return service_reach(FALSE);
}

/* A method that fails after it has filled its results in, as none should: the caller has to free them all the same. */
static HRESULT leave(const wchar_t *method)
{
    DWORD code;
    return setting_fails(method, L"call", &code) ? (HRESULT)code : S_OK;
}

static HRESULT STDMETHODCALLTYPE download(UpdateNotify *self, const wchar_t *parameters)
{
    (void)self;
    HRESULT result = enter(L"download");
    return FAILED(result) ? result : service_download(parameters);
}

static HRESULT STDMETHODCALLTYPE apply(UpdateNotify *self, const wchar_t *parameters)
{
    (void)self;
    HRESULT result = enter(L"apply");
    return FAILED(result) ? result : service_apply(parameters);
}

static HRESULT STDMETHODCALLTYPE cancel(UpdateNotify *self)
{
    (void)self;
    HRESULT result = enter(L"cancel");
    return FAILED(result) ? result : service_cancel();
}

static HRESULT STDMETHODCALLTYPE report_status(UpdateNotify *self, StatusReport *report)
{
    (void)self;
    HRESULT result = enter(L"status");
    if (FAILED(result)) return result;
    service_status(report);
    return leave(L"status");
}

static HRESULT STDMETHODCALLTYPE blocking_apps(UpdateNotify *self, BSTR *apps)
{
    (void)self;
    HRESULT result = enter(L"apps");
    if (FAILED(result)) return result;
    *apps = service_blocking_apps();
    return leave(L"apps");
}

static HRESULT STDMETHODCALLTYPE deployment_data(UpdateNotify *self, int type, const wchar_t *name, BSTR *data)
{
    (void)self;
    wchar_t text[LONGEST], setting[32];
    *data = NULL;
    if (type == -1) {
        /* Not in the books, so that two looks at them can be compared. */
        ledger_report(text, LONGEST);
        *data = SysAllocString(text);
        return S_OK;
    }
    HRESULT result = enter(L"data");
    if (FAILED(result)) return result;
    ledger_called(L"data", L"");
    swprintf(setting, 32, L"DATA_%d", type);
    if (type == -2) *data = ledger_string(name);
    else if (setting_text(setting, text, LONGEST)) *data = ledger_string(text);
    return leave(L"data");
}

#ifdef KNOWN_TABLE
static const void *const methods[] = { query, add_reference, release, download, apply, cancel, report_status, blocking_apps,
                                       deployment_data };
#else
static const void *const methods[] = { query, add_reference, release, report_status, cancel, apply, download,
                                       deployment_data, blocking_apps };
#endif

typedef struct {
    IClassFactory base;
    BOOL newer;
} Factory;

static HRESULT STDMETHODCALLTYPE factory_query(IClassFactory *self, REFIID iid, void **out)
{
    BOOL known = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IClassFactory);
    *out = known ? self : NULL;
    return known ? S_OK : E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE factory_count(IClassFactory *self)
{
    (void)self;
    return 1;
}

static HRESULT STDMETHODCALLTYPE factory_create(IClassFactory *self, IUnknown *outer, REFIID iid, void **out)
{
    wchar_t denied[8];
    *out = NULL;
    if (outer) return CLASS_E_NOAGGREGATION;
    if (setting_text(L"DENIED", denied, 8)) return E_ACCESSDENIED;
    HRESULT result = service_reach(TRUE);
    if (FAILED(result)) return result;
    UpdateNotify *object = HeapAlloc(GetProcessHeap(), 0, sizeof *object);
    *object = (UpdateNotify){ methods, 1, CONTAINING_RECORD(self, Factory, base)->newer };
    ledger_object(1);
    result = query(object, iid, out);
    release(object);
    return result;
}

static HRESULT STDMETHODCALLTYPE factory_lock(IClassFactory *self, BOOL locked)
{
    (void)self, (void)locked;
    return S_OK;
}

static IClassFactoryVtbl factory_methods = { factory_query, factory_count, factory_count, factory_create, factory_lock };
static Factory factory_newer = { { &factory_methods }, TRUE };
static Factory factory_older = { { &factory_methods }, FALSE };

static BOOL CALLBACK open_once(INIT_ONCE *once, void *parameter, void **context)
{
    (void)once, (void)parameter, (void)context;
    ledger_open();
    service_open();
    return TRUE;
}

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    InitOnceExecuteOnce(&once, open_once, NULL, NULL);
    if (IsEqualCLSID(clsid, &class_newer)) return factory_query(&factory_newer.base, iid, out);
    if (IsEqualCLSID(clsid, &class_older)) return factory_query(&factory_older.base, iid, out);
    *out = NULL;
    return CLASS_E_CLASSNOTAVAILABLE;
}

/* The state lives as long as the process, as that of Click-to-Run's service outlives its objects. */
HRESULT WINAPI DllCanUnloadNow(void)
{
    return S_FALSE;
}
