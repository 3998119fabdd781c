/* What MpClient.dll of the lab imports from its own folder: without this file beside it, it must not load. */
#include <windows.h>

__declspec(dllexport) void MpSupportFileTime(FILETIME *now) { GetSystemTimeAsFileTime(now); }
