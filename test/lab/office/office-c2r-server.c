/*
 * The same object in a process of its own, as Office's is one of COM+: calls go through proxies and RPC. It ends when the
 * process that caused its start has ended, or C2R_LAB_DIE_MS after its start; it takes no more calls by then, but whoever is
 * in a call learns of it from RPC alone, as after a crash. (After a real crash Wine's RPCSS would give its class factory out
 * for ever.)
 */
#include "office-c2r-com.h"
#include <winternl.h>

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out);

static const CLSID classes[] = {
    { 0x52C2F9C2, 0xF1AC, 0x4021, { 0xBF, 0x50, 0x75, 0x6A, 0x5F, 0xA8, 0xDD, 0xFE } },
    { 0xB7F1785F, 0xD69B, 0x46F1, { 0x92, 0xFC, 0xD2, 0xDE, 0x9C, 0x99, 0x4F, 0x13 } },
};

/* Under Wine a server is started by the client that wants it. */
static HANDLE open_client(void)
{
    PROCESS_BASIC_INFORMATION self;
    NtQueryInformationProcess(GetCurrentProcess(), ProcessBasicInformation, &self, sizeof self, NULL);
    return OpenProcess(SYNCHRONIZE, FALSE, (DWORD)self.InheritedFromUniqueProcessId);
}

int WINAPI WinMain(HINSTANCE instance, HINSTANCE before, LPSTR arguments, int show)
{
    (void)instance, (void)before, (void)arguments, (void)show;
    DWORD cookies[2];
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (int at = 0; at < 2; at++) {
        IUnknown *factory;
        if (FAILED(DllGetClassObject(&classes[at], &IID_IUnknown, (void **)&factory))
            || FAILED(CoRegisterClassObject(&classes[at], factory, CLSCTX_LOCAL_SERVER, REGCLS_MULTIPLEUSE, &cookies[at])))
            return 1;
    }
    WaitForSingleObject(open_client(), setting_number(L"DIE_MS", INFINITE));
    for (int at = 0; at < 2; at++) CoRevokeClassObject(cookies[at]);
    /* For whoever has just got the class factory. */
    Sleep(300);
    TerminateProcess(GetCurrentProcess(), 1);
    return 1;
}
