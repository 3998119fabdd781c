/* A DLL that tells where it was loaded from: whoever loads it by name has looked in a folder that anybody may write to. */
#include <windows.h>

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved)
{
    (void)reserved;
    if (reason != DLL_PROCESS_ATTACH) return TRUE;
    wchar_t path[MAX_PATH], host[MAX_PATH];
    DWORD written;
    GetModuleFileNameW(module, path, MAX_PATH);
    GetModuleFileNameW(NULL, host, MAX_PATH);
    HANDLE file = CreateFileW(L"C:\\lab\\planted.log", FILE_APPEND_DATA, 0, NULL, OPEN_ALWAYS, 0, NULL);
    WriteFile(file, path, lstrlenW(path) * sizeof *path, &written, NULL);
    WriteFile(file, L" in ", 4 * sizeof(wchar_t), &written, NULL);
    WriteFile(file, host, lstrlenW(host) * sizeof *host, &written, NULL);
    WriteFile(file, L"\n", sizeof(wchar_t), &written, NULL);
    CloseHandle(file);
    return TRUE;
}
