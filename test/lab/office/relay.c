/*
 * relay.exe PROGRAM [ARGUMENT...]
 *
 * Runs PROGRAM with its standard streams on named pipes and passes the bytes on. Node opens its standard streams as
 * overlapped Windows pipes, and the Unix pipes that a process under Wine inherits are none: it would end at once.
 *
 * The exit code is PROGRAM's, or 127 where it could not be started. PROGRAM sees the end of its stdin when ours ends,
 * a broken pipe when the reader of our stdout goes, and is ended when this process ends in whatever way.
 */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

enum { BUFFER = 65536, NOT_STARTED = 127, DRAIN_MS = 5000 };

typedef struct {
    HANDLE from, to;
} Stream;

static DWORD WINAPI pump(void *argument)
{
    Stream *stream = argument;
    char *buffer = HeapAlloc(GetProcessHeap(), 0, BUFFER);
    DWORD length, written;
    while (ReadFile(stream->from, buffer, BUFFER, &length, NULL) && length > 0) {
        for (DWORD done = 0; done < length; done += written)
            if (!WriteFile(stream->to, buffer + done, length - done, &written, NULL)) goto ended;
    }
ended:
    /* Both ends, so that the writer learns that nobody reads and the reader that nothing more comes. */
    CloseHandle(stream->from);
    CloseHandle(stream->to);
    HeapFree(GetProcessHeap(), 0, buffer);
    return 0;
}

/* A pipe whose near end is ours and synchronous, and whose far end is overlapped and inherited by the child. */
static BOOL open_pipe(int number, DWORD direction, DWORD far_access, HANDLE *near_end, HANDLE *far_end)
{
    SECURITY_ATTRIBUTES inherit = { sizeof inherit, NULL, TRUE };
    wchar_t name[64];
    swprintf(name, 64, L"\\\\.\\pipe\\relay-%lu-%d", GetCurrentProcessId(), number);
    *near_end = CreateNamedPipeW(name, direction | FILE_FLAG_FIRST_PIPE_INSTANCE, PIPE_TYPE_BYTE | PIPE_WAIT, 1,
                                 BUFFER, BUFFER, 0, NULL);
    *far_end = CreateFileW(name, far_access, 0, &inherit, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    return *near_end != INVALID_HANDLE_VALUE && *far_end != INVALID_HANDLE_VALUE;
}

/* What follows the program's own name, untouched: no argument can be quoted wrongly. */
static wchar_t *arguments(void)
{
    wchar_t *rest = GetCommandLineW();
    BOOL quoted = FALSE;
    for (; *rest && (quoted || (*rest != L' ' && *rest != L'\t')); rest++)
        if (*rest == L'"') quoted = !quoted;
    while (*rest == L' ' || *rest == L'\t') rest++;
    return rest;
}

static int fail(const char *call)
{
    fprintf(stderr, "relay: %s failed with error %lu\n", call, GetLastError());
    return NOT_STARTED;
}

int wmain(void)
{
    HANDLE near_end[3], far_end[3];
    if (!open_pipe(0, PIPE_ACCESS_OUTBOUND, GENERIC_READ | FILE_WRITE_ATTRIBUTES, &near_end[0], &far_end[0])
        || !open_pipe(1, PIPE_ACCESS_INBOUND, GENERIC_WRITE | FILE_READ_ATTRIBUTES, &near_end[1], &far_end[1])
        || !open_pipe(2, PIPE_ACCESS_INBOUND, GENERIC_WRITE | FILE_READ_ATTRIBUTES, &near_end[2], &far_end[2]))
        return fail("CreateNamedPipe");

    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { 0 };
    /* PROGRAM alone: a COM server that it starts must be able to sign off. */
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
    HANDLE job = CreateJobObjectW(NULL, NULL);
    if (!SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits))
        return fail("SetInformationJobObject");

    STARTUPINFOW startup = { .cb = sizeof startup };
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdInput = far_end[0];
    startup.hStdOutput = far_end[1];
    startup.hStdError = far_end[2];
    PROCESS_INFORMATION child;
    if (!CreateProcessW(NULL, arguments(), NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup, &child))
        return fail("CreateProcess");
    if (!AssignProcessToJobObject(job, child.hProcess)) {
        int code = fail("AssignProcessToJobObject");
        TerminateProcess(child.hProcess, NOT_STARTED);
        return code;
    }
    ResumeThread(child.hThread);
    for (int i = 0; i < 3; i++) CloseHandle(far_end[i]);

    Stream in = { GetStdHandle(STD_INPUT_HANDLE), near_end[0] };
    Stream out = { near_end[1], GetStdHandle(STD_OUTPUT_HANDLE) };
    Stream err = { near_end[2], GetStdHandle(STD_ERROR_HANDLE) };
    CreateThread(NULL, 0, pump, &in, 0, NULL);
    HANDLE outputs[2] = { CreateThread(NULL, 0, pump, &out, 0, NULL), CreateThread(NULL, 0, pump, &err, 0, NULL) };

    WaitForSingleObject(child.hProcess, INFINITE);
    /* A grandchild may hold the pipes open for good. */
    WaitForMultipleObjects(2, outputs, TRUE, DRAIN_MS);
    DWORD code;
    GetExitCodeProcess(child.hProcess, &code);
    ExitProcess(code);
}
