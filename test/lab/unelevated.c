/*
 * unelevated.exe PROGRAM [ARGUMENT...]
 *
 * Runs PROGRAM as a process of the same account without administrator rights, as Windows starts programs where nobody has
 * agreed to more: the group of administrators is in its token for denials only. The standard streams are passed on; the exit
 * code is PROGRAM's, or 127 where it could not be started.
 */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

enum { NOT_STARTED = 127 };

/* What follows the program's own name, untouched. */
static wchar_t *arguments(void) {
  wchar_t *rest = GetCommandLineW();
  BOOL quoted = FALSE;
  for (; *rest && (quoted || (*rest != L' ' && *rest != L'\t')); rest++)
    if (*rest == L'"') quoted = !quoted;
  while (*rest == L' ' || *rest == L'\t') rest++;
  return rest;
}

static int fail(const char *call) {
  fprintf(stderr, "unelevated: %s failed with error %lu\n", call, GetLastError());
  return NOT_STARTED;
}

int wmain(void) {
  BYTE administrators[SECURITY_MAX_SID_SIZE];
  DWORD size = sizeof administrators, code;
  HANDLE own, restricted, job = CreateJobObjectW(NULL, NULL);
  if (!CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &size)) return fail("CreateWellKnownSid");
  SID_AND_ATTRIBUTES denied = {administrators, 0};
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &own)) return fail("OpenProcessToken");
  if (!CreateRestrictedToken(own, DISABLE_MAX_PRIVILEGE, 1, &denied, 0, NULL, 0, NULL, &restricted))
    return fail("CreateRestrictedToken");

  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE};
  if (!SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits))
    return fail("SetInformationJobObject");
  STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
  startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
  startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
  startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
  PROCESS_INFORMATION child;
  if (!CreateProcessAsUserW(restricted, NULL, arguments(), NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup, &child))
    return fail("CreateProcessAsUser");
  if (!AssignProcessToJobObject(job, child.hProcess)) {
    TerminateProcess(child.hProcess, NOT_STARTED);
    return fail("AssignProcessToJobObject");
  }
  ResumeThread(child.hThread);
  WaitForSingleObject(child.hProcess, INFINITE);
  GetExitCodeProcess(child.hProcess, &code);
  return (int)code;
}
