#!/usr/bin/env bash
# Under Wine the error info of a COM object (IErrorInfo) stays in its apartment: the caller in another one gets none.
#
# Versions:  Wine 8.0~repack-4 and gcc-mingw-w64-x86-64 12.2.0-14+25.2 (Debian 12).
# Guess:     what an object sets by SetErrorInfo, and says by ISupportErrorInfo to support, travels with the failed call to the
#            caller's thread, as COM has it between apartments, processes and machines. GetErrorInfo gives it there.
# Seen:      without a proxy the caller gets the text. Through a proxy, within one process, the HRESULT arrives and everything
#            else that belongs to the call: a result beside a failure, a success code of one's own, the number of the
#            wrong argument, and for IDispatch the EXCEPINFO. The error info is gone, for IDispatch and for a custom
#            interface, and GetErrorInfo says S_FALSE, as if the object had none.
# So:        a test under Wine shows the texts of errors only where they come by EXCEPINFO. Code that shows IErrorInfo has to
#            work without it, and its test with a text needs an object in the caller's own apartment.
set -euo pipefail
work=$(mktemp -d)
export WINEPREFIX="$work/prefix" WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=' DISPLAY=
trap 'wineserver -k 2>/dev/null || true; wineserver -w 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
for pinned in wine64=8.0~repack-4 gcc-mingw-w64-x86-64=12.2.0-14+25.2; do
    [ "$(dpkg-query -W -f '${Version}' "${pinned%%=*}")" = "${pinned#*=}" ]
done
# The wineserver of this prefix, wherever Debian has put it.
PATH="$PATH:$(dirname "$(dpkg -L wine64 | grep '/wineserver' | head -n 1)")"

cat >try.c <<'C'
#define COBJMACROS
#define CINTERFACE
#include <initguid.h>
#include <windows.h>
#include <oleauto.h>
#include <stdio.h>

static const GUID none = {0};
static IDispatch object;
static ISupportErrorInfo support;
static ISequentialStream reader;
static IStream *passed[2];
static HANDLE ready;

static void set_info(WCHAR *text)
{
    ICreateErrorInfo *create;
    IErrorInfo *info;
    CreateErrorInfo(&create);
    ICreateErrorInfo_SetDescription(create, text);
    ICreateErrorInfo_QueryInterface(create, &IID_IErrorInfo, (void **)&info);
    SetErrorInfo(0, info);
    IErrorInfo_Release(info);
    ICreateErrorInfo_Release(create);
}

static HRESULT STDMETHODCALLTYPE query(void *this, REFIID iid, void **out)
{
    *out = IsEqualGUID(iid, &IID_IUnknown) || IsEqualGUID(iid, &IID_IDispatch) ? (void *)&object
         : IsEqualGUID(iid, &IID_ISupportErrorInfo) ? (void *)&support
         : IsEqualGUID(iid, &IID_ISequentialStream) ? (void *)&reader : NULL;
    return *out ? S_OK : E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE count(void *this) { return 1; }
static HRESULT STDMETHODCALLTYPE supports(ISupportErrorInfo *this, REFIID iid) { return S_OK; }
static HRESULT STDMETHODCALLTYPE no_types(IDispatch *this, UINT *types) { *types = 0; return S_OK; }
static HRESULT STDMETHODCALLTYPE read_it(ISequentialStream *this, void *to, ULONG size, ULONG *done)
{
    memset(to, 'x', size);
    *done = 1;
    set_info(L"text of the stream");
    return STG_E_ACCESSDENIED;
}
static HRESULT STDMETHODCALLTYPE invoke(IDispatch *this, DISPID id, REFIID iid, LCID locale, WORD flags, DISPPARAMS *arguments,
                                        VARIANT *result, EXCEPINFO *exception, UINT *wrong)
{
    V_VT(result) = VT_I4;
    V_I4(result) = 5;
    if (id == 1) return 0x00040aaa;
    set_info(L"text of the object");
    if (id == 2) return E_FAIL;
    if (id == 3) { *wrong = 1; return DISP_E_TYPEMISMATCH; }
    exception->bstrDescription = SysAllocString(L"text of the exception");
    return DISP_E_EXCEPTION;
}

static DWORD WINAPI apartment(void *unused)
{
    static IDispatchVtbl calls = {(void *)query, (void *)count, (void *)count, no_types, NULL, NULL, invoke};
    static ISupportErrorInfoVtbl support_calls = {(void *)query, (void *)count, (void *)count, supports};
    static ISequentialStreamVtbl reader_calls = {(void *)query, (void *)count, (void *)count, read_it, NULL};
    MSG message;
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    object.lpVtbl = &calls;
    support.lpVtbl = &support_calls;
    reader.lpVtbl = &reader_calls;
    CoMarshalInterThreadInterfaceInStream(&IID_IDispatch, (IUnknown *)&object, &passed[0]);
    CoMarshalInterThreadInterfaceInStream(&IID_ISequentialStream, (IUnknown *)&reader, &passed[1]);
    SetEvent(ready);
    while (GetMessageA(&message, NULL, 0, 0) > 0) DispatchMessageA(&message);
    return 0;
}

static void tell(const char *how, const char *what, HRESULT result, const char *more)
{
    IErrorInfo *info = NULL;
    BSTR text = NULL;
    if (GetErrorInfo(0, &info) == S_OK) { IErrorInfo_GetDescription(info, &text); IErrorInfo_Release(info); }
    printf("%s, %s: 0x%08lx, %s, info: %ls\n", how, what, (unsigned long)result, more, text ? text : L"none");
}

static void call(const char *how, IDispatch *target, ISequentialStream *stream)
{
    const char *names[] = {"success of its own", "failure with a result", "wrong argument", "exception"};
    VARIANT values[2], result;
    DISPPARAMS arguments = {values, NULL, 2, 0};
    char more[100], bytes[4] = "";
    ULONG done = 0;
    for (DISPID id = 1; id <= 4; id++)
    {
        EXCEPINFO exception = {0};
        UINT wrong = 0;
        V_VT(&values[0]) = V_VT(&values[1]) = VT_EMPTY;
        VariantInit(&result);
        SetErrorInfo(0, NULL);
        HRESULT hr = IDispatch_Invoke(target, id, &none, 0, DISPATCH_METHOD, &arguments, &result, &exception, &wrong);
        snprintf(more, sizeof more, "result %ld, argument %u, EXCEPINFO %ls", V_VT(&result) == VT_I4 ? V_I4(&result) : 0, wrong,
                 exception.bstrDescription ? exception.bstrDescription : L"empty");
        tell(how, names[id - 1], hr, more);
    }
    SetErrorInfo(0, NULL);
    HRESULT hr = ISequentialStream_Read(stream, bytes, 2, &done);
    snprintf(more, sizeof more, "%lu byte", done);
    tell(how, "stream", hr, more);
}

int main(void)
{
    IDispatch *proxy = NULL;
    ISequentialStream *stream = NULL;
    ready = CreateEventA(NULL, FALSE, FALSE, NULL);
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    CreateThread(NULL, 0, apartment, NULL, 0, NULL);
    if (WaitForSingleObject(ready, 30000)) return 1;
    if (FAILED(CoGetInterfaceAndReleaseStream(passed[0], &IID_IDispatch, (void **)&proxy))) return 1;
    if (FAILED(CoGetInterfaceAndReleaseStream(passed[1], &IID_ISequentialStream, (void **)&stream))) return 1;
    call("direct", &object, &reader);
    call("proxy", proxy, stream);
    fflush(stdout);
    ExitProcess(0);
}
C
x86_64-w64-mingw32-gcc -O1 -o try.exe try.c -lole32 -loleaut32 -luuid
timeout 150 wine wineboot -i >/dev/null 2>&1
timeout 60 wine try.exe 2>/dev/null | tr -d '\r' | tee seen
cat >expected <<'TEXT'
direct, success of its own: 0x00040aaa, result 5, argument 0, EXCEPINFO empty, info: none
direct, failure with a result: 0x80004005, result 5, argument 0, EXCEPINFO empty, info: text of the object
direct, wrong argument: 0x80020005, result 5, argument 1, EXCEPINFO empty, info: text of the object
direct, exception: 0x80020009, result 5, argument 0, EXCEPINFO text of the exception, info: text of the object
direct, stream: 0x80030005, 1 byte, info: text of the stream
proxy, success of its own: 0x00040aaa, result 5, argument 0, EXCEPINFO empty, info: none
proxy, failure with a result: 0x80004005, result 5, argument 0, EXCEPINFO empty, info: none
proxy, wrong argument: 0x80020005, result 5, argument 1, EXCEPINFO empty, info: none
proxy, exception: 0x80020009, result 5, argument 0, EXCEPINFO text of the exception, info: none
proxy, stream: 0x80030005, 1 byte, info: none
TEXT
diff expected seen
