/* Breaks the rules that the lab's MpClient.dll is to enforce, and prints what came of each as JSON. */
#include <stdio.h>
#include "mpclient.h"

#define IMPORT(name, ...) HRESULT(WINAPI *name)(__VA_ARGS__) = (void *)GetProcAddress(library, #name)

static HRESULT(WINAPI *closeHandle)(MPHANDLE);
static volatile MPHANDLE running;
static volatile LONG broken, completed;
static HANDLE started;

static LONG CALLBACK countBreak(EXCEPTION_POINTERS *pointers) {
  if (pointers->ExceptionRecord->ExceptionCode != (DWORD)EXCEPTION_BREAKPOINT) return EXCEPTION_CONTINUE_SEARCH;
  InterlockedExchange(&broken, 1);
  ExitThread(0);
}

static HRESULT WINAPI ignore(PVOID context, MPCALLBACK_DATA *data) {
  (void)context;
  if (data->Notify == MPNOTIFY_SIGUPDATE_COMPLETE) InterlockedExchange(&completed, 1);
  return 0;
}

static HRESULT WINAPI closeInside(PVOID context, MPCALLBACK_DATA *data) {
  (void)data;
  WaitForSingleObject(context, INFINITE);
  closeHandle(running);
  return 0;
}

static void show(const char *name, HRESULT result) { printf("  \"%s\": \"0x%08lX\",\n", name, result); }

int main(void) {
  HMODULE library = LoadLibraryExW(L"C:\\Program Files\\Windows Defender\\MpClient.dll", NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
  IMPORT(MpManagerOpen, DWORD, PMPHANDLE);
  IMPORT(MpUpdateStart, MPHANDLE, DWORD, MPCALLBACK_INFO *, PMPHANDLE);
  IMPORT(MpUpdateControl, MPHANDLE, int);
  IMPORT(MpErrorMessageFormat, MPHANDLE, HRESULT, LPWSTR *);
  closeHandle = (void *)GetProcAddress(library, "MpHandleClose");
  MPHANDLE manager, update;
  LPWSTR text;
  MPCALLBACK_INFO info = {ignore, NULL}, none = {NULL, NULL};
  DWORD options = MPUPDATE_OPTION_ASYNC | MPUPDATE_OPTION_PROGRESS;

  printf("{\n");
  MpManagerOpen(0, &manager);
  show("without callback info", MpUpdateStart(manager, options, NULL, &update));
  show("without callback", MpUpdateStart(manager, options, &none, &update));
  show("two sources", MpUpdateStart(manager, options | 0x080 | 0x100, &info, &update));
  show("text without manager", MpErrorMessageFormat(NULL, S_OK, &text));
  show("close of nothing", closeHandle(NULL));

  show("start", MpUpdateStart(manager, options, &info, &update));
  show("text by update", MpErrorMessageFormat(update, S_OK, &text));
  show("start by update", MpUpdateStart(update, options, &info, &update));
  show("abort by update", MpUpdateControl(update, MPCONTROL_ABORT));
  show("pause", MpUpdateControl(manager, 1));
  while (!completed) Sleep(1);
  show("close update", closeHandle(update));
  show("close update again", closeHandle(update));

  started = CreateEventW(NULL, TRUE, FALSE, NULL);
  AddVectoredExceptionHandler(1, countBreak);
  MPCALLBACK_INFO wrong = {closeInside, started};
  MpUpdateStart(manager, options, &wrong, (PMPHANDLE)&running);
  SetEvent(started);
  for (int i = 0; i < 5000 && !broken; i++) Sleep(1);
  printf("  \"close inside the callback breaks\": %s,\n", broken ? "true" : "false");
  show("close manager before update", closeHandle(manager));
  printf("  \"done\": true\n}\n");
  fflush(stdout);
  return 0;
}
