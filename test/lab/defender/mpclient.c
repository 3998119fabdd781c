/*
 * A stand-in for MpClient.dll that behaves as documented, and as strictly as the real one was seen to behave: callbacks on
 * its own threads, whose data is gone as soon as the callback has returned; a close that waits for the worker; handles of
 * a kind that each call checks. What an update does is a script, C:\lab\mpclient\script.txt; every call is written to
 * log.txt beside it. (No environment variables: the PowerShell module passes on only those it knows.) One line of a script
 * is one of
 *
 *   notify NUMBER HRESULT [PERCENT TOTAL INDEX TYPE PATH]   one callback; without figures Data is NULL
 *   foreign NUMBER TYPE              a callback of another type, whose Data must not be looked at
 *   flood COUNT NUMBER               as many callbacks with rising figures
 *   inline                           what follows runs on the calling thread, inside MpUpdateStart
 *   source                           what follows runs on a new thread, as another source would
 *   stray                            what follows runs on a thread that no close waits for
 *   threads COUNT CALLS NUMBER       as many threads at once, each with as many callbacks with rising figures
 *   wait MS                          ends early when the update is aborted
 *   closing, closed                  waits until MpHandleClose of the update is called, until it has returned
 *   until NAME                       waits until there is a file of that name beside the script
 *   say WORD                         a line in the log
 *   signature MAJOR MINOR BUILD [HOURS]
 *                                    newer signatures, made now or so many hours ago
 *
 * or a setting, which holds from MpManagerOpen on:
 *
 *   start HRESULT  version HRESULT   what MpUpdateStart, MpManagerVersionQuery return instead of working
 *   gives HRESULT                    what MpUpdateStart returns without a handle, though the update has begun
 *   status BITS                      ProductStatus
 *   context HEX                      what callbacks pass instead of the context that they were given
 *   control manager|update|none|ignored|hangs
 *                                    which handle MpUpdateControl takes; taken and not followed; not returning
 *   heedless                         the script continues once the update is aborted
 *   close MS                         how much longer MpHandleClose of an update takes
 *   close notify NUMBER HRESULT      one callback by the thread that closes an update
 *
 * Signatures that an update brought stay on the machine, in signatures.bin beside the script, for every process; without
 * that file they are 1.421.12, made in August 2025.
 */
#include "mpclient.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

__declspec(dllimport) void MpSupportFileTime(FILETIME *now);

#define EXPORT __declspec(dllexport)
#define FOLDER "C:\\lab\\mpclient\\"
#define FIRST_MADE 134000000000000000ull /* 2025-08-18 */
#define HRESULT_INVALID_OPERATION ((HRESULT)0x800710DD)

enum { KIND_CLOSED = 0, KIND_MANAGER = 1, KIND_UPDATE = 4, MAX_LINES = 256, LINE_LENGTH = 256 };

typedef enum { CONTROL_MANAGER, CONTROL_UPDATE, CONTROL_NONE, CONTROL_IGNORED, CONTROL_HANGS } CONTROL;

typedef struct {
  int count;
  char line[MAX_LINES][LINE_LENGTH];
  HRESULT start, version, gives;
  BOOL handleless, otherContext; /* `gives`, `context` are given */
  BOOL heedless;
  ULONGLONG context;
  DWORD status;
  CONTROL control;
  DWORD closeMs;
  int closeNotify; /* 0: none */
  HRESULT closeResult;
} SCRIPT;

typedef struct tagUPDATE UPDATE;

/* What a handle points to. Never freed, so that a second close is seen for what it is; the script is. */
typedef struct {
  DWORD kind;
  UPDATE *update; /* of a manager: its running update */
  SCRIPT *script; /* of a manager */
} OBJECT;

struct tagUPDATE {
  OBJECT *handle, *manager;
  MPCALLBACK_INFO callback;
  DWORD options;
  SCRIPT script;
  int next;         /* the line of the script that comes next */
  HANDLE worker;    /* NULL when all ran inside MpUpdateStart */
  DWORD threads[8]; /* every thread that has called back */
  int threadCount;
  HANDLE abort, closing, closed;
  BOOL stray;
  volatile LONG completed;
};

static struct {
  volatile LONG managers, updates, buffers, textBuffers, callbacks, misuse;
} counters;

static CRITICAL_SECTION logging, remembering;

/* ---- the log ---- */

static void record(const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text - 1, format, arguments);
  va_end(arguments);
  text[length++] = '\n';
  EnterCriticalSection(&logging);
  HANDLE file = CreateFileA(FOLDER "log.txt", FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS, 0, NULL);
  DWORD written;
  if (file != INVALID_HANDLE_VALUE) {
    WriteFile(file, text, length, &written, NULL);
    CloseHandle(file);
  }
  LeaveCriticalSection(&logging);
}

static void misuse(const char *what) {
  InterlockedIncrement(&counters.misuse);
  record("MISUSE %s", what);
}

static void recordCounters(void) {
  record("open managers=%ld updates=%ld buffers=%ld texts=%ld callbacks=%ld misuse=%ld", counters.managers,
         counters.updates, counters.buffers, counters.textBuffers, counters.callbacks, counters.misuse);
}

/* ---- the signatures ---- */

static HANDLE openSignatures(DWORD access, DWORD disposition) {
  return CreateFileA(FOLDER "signatures.bin", access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, disposition, 0, NULL);
}

static MPCOMPONENT_VERSION signatures(void) {
  MPCOMPONENT_VERSION first = {{.QuadPart = (1ull << 48) | (421ull << 32) | (12ull << 16)}, {.QuadPart = FIRST_MADE}}, kept;
  DWORD got = 0;
  HANDLE file = openSignatures(GENERIC_READ, OPEN_EXISTING);
  if (file == INVALID_HANDLE_VALUE) return first;
  ReadFile(file, &kept, sizeof kept, &got, NULL);
  CloseHandle(file);
  return got == sizeof kept ? kept : first;
}

static void installSignatures(ULONGLONG version, int hours) {
  FILETIME now;
  DWORD written;
  MpSupportFileTime(&now);
  ULONGLONG made = ((ULONGLONG)now.dwHighDateTime << 32 | now.dwLowDateTime) - hours * 36000000000ll;
  MPCOMPONENT_VERSION brought = {{.QuadPart = version}, {.QuadPart = made}};
  HANDLE file = openSignatures(GENERIC_WRITE, OPEN_ALWAYS);
  if (file == INVALID_HANDLE_VALUE) return;
  WriteFile(file, &brought, sizeof brought, &written, NULL);
  CloseHandle(file);
}

/* ---- the script ---- */

static const char *const defaultScript =
    "notify 0x8001 0\nnotify 0x8002 0\nnotify 0x8003 0 0 2 0 1 -\nnotify 0x8004 0\n"
    "notify 0x8005 0\nnotify 0x8006 0 50 2 0 1 -\nnotify 0x8006 0 100 2 1 1 -\nnotify 0x8007 0 100 2 1 1 -\n"
    "notify 0x8008 0\nnotify 0x8009 0 50 2 0 1 -\nnotify 0x8009 0 100 2 1 1 -\nnotify 0x800A 0 100 2 1 1 -\n"
    "signature 1 421 13\nnotify 0x800C 0\nnotify 0x800D 0\n";

static char *readScript(void) {
  HANDLE file = CreateFileA(FOLDER "script.txt", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return _strdup(defaultScript);
  DWORD size = GetFileSize(file, NULL), got = 0;
  char *text = calloc(1, size + 1);
  ReadFile(file, text, size, &got, NULL);
  CloseHandle(file);
  return text;
}

static void loadScript(SCRIPT *script) {
  char *text = readScript(), *rest = text, *line, *next = NULL;
  unsigned number, result;
  char word[32];
  memset(script, 0, sizeof *script);
  while ((line = strtok_s(rest, "\r\n", &next))) {
    rest = NULL;
    if (sscanf(line, "start %x", &number) == 1) script->start = (HRESULT)number;
    else if (sscanf(line, "version %x", &number) == 1) script->version = (HRESULT)number;
    else if (sscanf(line, "gives %x", &number) == 1) script->gives = (HRESULT)number, script->handleless = TRUE;
    else if (sscanf(line, "context %llx", &script->context) == 1) script->otherContext = TRUE;
    else if (sscanf(line, "status %x", &number) == 1) script->status = number;
    else if (sscanf(line, "close notify %x %x", &number, &result) == 2)
      script->closeNotify = (int)number, script->closeResult = (HRESULT)result;
    else if (sscanf(line, "close %u", &number) == 1) script->closeMs = number;
    else if (!strcmp(line, "heedless")) script->heedless = TRUE;
    else if (sscanf(line, "control %31s", word) == 1)
      script->control = !strcmp(word, "update")    ? CONTROL_UPDATE
                        : !strcmp(word, "none")    ? CONTROL_NONE
                        : !strcmp(word, "ignored") ? CONTROL_IGNORED
                        : !strcmp(word, "hangs")   ? CONTROL_HANGS
                                                   : CONTROL_MANAGER;
    else if (*line && script->count < MAX_LINES) snprintf(script->line[script->count++], LINE_LENGTH, "%s", line);
  }
  free(text);
}

/* ---- callbacks ---- */

static void remember(UPDATE *update) {
  DWORD id = GetCurrentThreadId();
  int i = 0;
  EnterCriticalSection(&remembering);
  while (i < update->threadCount && update->threads[i] != id) i++;
  if (i == update->threadCount && i < 8) update->threads[update->threadCount++] = id;
  LeaveCriticalSection(&remembering);
}

/* Everything that was lent to a callback is poisoned before it is freed: who kept a pointer reads rubbish. */
static void freePoisoned(void *buffer, size_t size) {
  if (!buffer) return;
  memset(buffer, 0xDD, size);
  free(buffer);
  InterlockedDecrement(&counters.buffers);
}

static void *lend(size_t size) {
  InterlockedIncrement(&counters.buffers);
  return calloc(1, size);
}

/* MP_UPDATE_STAGE counts in the order of its page: unknown, search, download, install. */
static int stageOf(int notify) {
  if (notify == MPNOTIFY_SIGUPDATE_SEARCH_COMPLETE) return MP_SEARCH_UPDATE;
  if (notify >= MPNOTIFY_SIGUPDATE_DOWNLOAD_START && notify <= MPNOTIFY_SIGUPDATE_DOWNLOAD_COMPLETE) return MP_DOWNLOAD_UPDATE;
  if (notify >= MPNOTIFY_SIGUPDATE_INSTALL_START && notify <= MPNOTIFY_SIGUPDATE_INSTALL_COMPLETE) return MP_INSTALL_UPDATE;
  return MP_STAGE_UNKNOWN;
}

static void callBack(UPDATE *update, int notify, HRESULT result, int type, const MPSIGUPDATE_DATA *figures, const char *path) {
  if (!(update->options & MPUPDATE_OPTION_PROGRESS) &&
      (notify == MPNOTIFY_SIGUPDATE_DOWNLOAD_PROGRESS || notify == MPNOTIFY_SIGUPDATE_INSTALL_PROGRESS))
    return;
  MPCALLBACK_DATA *data = lend(sizeof *data);
  MPSIGUPDATE_DATA *lent = NULL;
  LPWSTR text = NULL;
  size_t textSize = 0;
  FILETIME now;
  MpSupportFileTime(&now);
  data->Notify = notify;
  data->hResult = result;
  data->TimeStamp.LowPart = now.dwLowDateTime;
  data->TimeStamp.HighPart = now.dwHighDateTime;
  data->Type = type;
  if (figures) {
    lent = lend(sizeof *lent);
    *lent = *figures;
    lent->Stage = stageOf(notify);
    if (path) {
      textSize = (strlen(path) + 1) * sizeof *text;
      text = lend(textSize);
      for (size_t i = 0; path[i]; i++) text[i] = (unsigned char)path[i];
      lent->Path = text;
    }
    data->Data.SigUpdate = lent;
  }
  if (type != MPCALLBACK_SIGUPDATE) data->Data.Any = (PVOID)(UINT_PTR)0x10; /* faults for whoever follows it */
  remember(update);
  if (notify == MPNOTIFY_SIGUPDATE_COMPLETE && !update->stray) {
    if (InterlockedExchange(&update->completed, 1)) misuse("a second COMPLETE in the script");
  }
  update->callback.Function(update->callback.Context, data);
  InterlockedIncrement(&counters.callbacks);
  freePoisoned(text, textSize);
  freePoisoned(lent, sizeof *lent);
  freePoisoned(data, sizeof *data);
}

static BOOL isAborted(UPDATE *update) { return !update->script.heedless && WaitForSingleObject(update->abort, 0) == WAIT_OBJECT_0; }

static void flood(UPDATE *update, unsigned count, unsigned notify) {
  for (unsigned i = 0; i < count && !isAborted(update); i++) {
    MPSIGUPDATE_DATA figures = {(DWORD)((ULONGLONG)i * 100 / count), 4, i * 4 / count, 1, 2, NULL};
    callBack(update, (int)notify, S_OK, MPCALLBACK_SIGUPDATE, &figures, "\\\\server\\share");
  }
}

typedef struct {
  UPDATE *update;
  unsigned calls, notify;
} FLOOD;

static DWORD WINAPI runFlood(PVOID argument) {
  FLOOD *given = argument;
  flood(given->update, given->calls, given->notify);
  return 0;
}

static void floodAtOnce(UPDATE *update, unsigned threads, unsigned calls, unsigned notify) {
  HANDLE thread[MAXIMUM_WAIT_OBJECTS];
  FLOOD given = {update, calls, notify};
  for (unsigned i = 0; i < threads; i++) thread[i] = CreateThread(NULL, 0, runFlood, &given, 0, NULL);
  WaitForMultipleObjects(threads, thread, TRUE, INFINITE);
  for (unsigned i = 0; i < threads; i++) CloseHandle(thread[i]);
}

/* ---- the worker ---- */

static void waitForFile(const char *name) {
  char path[MAX_PATH];
  snprintf(path, sizeof path, FOLDER "%s", name);
  while (GetFileAttributesA(path) == INVALID_FILE_ATTRIBUTES) Sleep(5);
}

static DWORD WINAPI runScript(PVOID argument) {
  UPDATE *update = argument;
  while (update->next < update->script.count) {
    if (isAborted(update)) break;
    const char *line = update->script.line[update->next++];
    unsigned number, result, ms, a, b, c;
    int hours = 0;
    char path[LINE_LENGTH] = "";
    MPSIGUPDATE_DATA figures = {0};
    if (!strncmp(line, "notify ", 7)) {
      int fields = sscanf(line, "notify %x %x %u %u %u %d %255s", &number, &result, (unsigned *)&figures.dwPercentComplete,
                          (unsigned *)&figures.dwTotalUpdates, (unsigned *)&figures.dwCurrentUpdateIndex, &figures.eType,
                          path);
      callBack(update, (int)number, (HRESULT)result, MPCALLBACK_SIGUPDATE, fields >= 6 ? &figures : NULL,
               fields == 7 && strcmp(path, "-") ? path : NULL);
    } else if (sscanf(line, "foreign %x %u", &number, &a) == 2) {
      callBack(update, (int)number, S_OK, (int)a, NULL, NULL);
    } else if (sscanf(line, "flood %u %x", &a, &number) == 2) {
      flood(update, a, number);
    } else if (sscanf(line, "threads %u %u %x", &a, &b, &number) == 3 && a <= MAXIMUM_WAIT_OBJECTS) {
      floodAtOnce(update, a, b, number);
    } else if (!strcmp(line, "closing")) {
      WaitForSingleObject(update->closing, INFINITE);
    } else if (!strcmp(line, "closed")) {
      WaitForSingleObject(update->closed, INFINITE);
    } else if (sscanf(line, "until %255s", path) == 1) {
      waitForFile(path);
    } else if (sscanf(line, "say %255s", path) == 1) {
      record("said %s", path);
    } else if (!strcmp(line, "stray")) {
      update->stray = TRUE;
      CloseHandle(CreateThread(NULL, 0, runScript, update, 0, NULL));
      return 0;
    } else if (sscanf(line, "wait %u", &ms) == 1) {
      WaitForSingleObject(update->abort, ms);
    } else if (sscanf(line, "signature %u %u %u %d", &a, &b, &c, &hours) >= 3) {
      installSignatures(((ULONGLONG)a << 48) | ((ULONGLONG)b << 32) | ((ULONGLONG)c << 16), hours);
    } else if (!strcmp(line, "source")) {
      HANDLE thread = CreateThread(NULL, 0, runScript, update, 0, NULL);
      WaitForSingleObject(thread, INFINITE);
      CloseHandle(thread);
      return 0;
    } else {
      misuse(line);
    }
  }
  if (!update->completed && !update->stray && isAborted(update))
    callBack(update, MPNOTIFY_SIGUPDATE_COMPLETE, E_ABORT, MPCALLBACK_SIGUPDATE, NULL, NULL);
  return 0;
}

/* ---- handles ---- */

static OBJECT *create(DWORD kind) {
  OBJECT *object = calloc(1, sizeof *object);
  object->kind = kind;
  return object;
}

static HRESULT check(MPHANDLE handle, DWORD kind, const char *call) {
  if (!handle) return E_INVALIDARG;
  OBJECT *object = handle;
  if (object->kind == KIND_CLOSED) misuse(call);
  return object->kind == kind ? S_OK : E_HANDLE;
}

/* ---- what MpClient.dll exports ---- */

EXPORT HRESULT WINAPI MpManagerOpen(DWORD dwReserved, PMPHANDLE phMpHandle) {
  if (dwReserved != 0 || !phMpHandle) return E_INVALIDARG;
  OBJECT *manager = create(KIND_MANAGER);
  manager->script = malloc(sizeof(SCRIPT));
  loadScript(manager->script);
  InterlockedIncrement(&counters.managers);
  *phMpHandle = manager;
  record("MpManagerOpen");
  return S_OK;
}

EXPORT HRESULT WINAPI MpUpdateStart(MPHANDLE hMpHandle, DWORD options, MPCALLBACK_INFO *info, PMPHANDLE phUpdateHandle) {
  HRESULT result = check(hMpHandle, KIND_MANAGER, "MpUpdateStart");
  DWORD source = options & MPUPDATE_OPTION_SOURCES;
  if (SUCCEEDED(result) && (!phUpdateHandle || !info || !info->Function || (source & (source - 1)))) result = E_INVALIDARG;
  if (SUCCEEDED(result)) result = ((OBJECT *)hMpHandle)->script->start;
  record("MpUpdateStart 0x%03lX 0x%08lX", options, result);
  if (FAILED(result)) return result;

  OBJECT *manager = hMpHandle;
  UPDATE *update = calloc(1, sizeof *update);
  update->manager = manager;
  update->handle = create(KIND_UPDATE);
  update->handle->update = update;
  update->callback = *info;
  if (manager->script->otherContext) update->callback.Context = (PVOID)(UINT_PTR)manager->script->context;
  update->options = options;
  update->script = *manager->script;
  update->abort = CreateEventW(NULL, TRUE, FALSE, NULL);
  update->closing = CreateEventW(NULL, TRUE, FALSE, NULL);
  update->closed = CreateEventW(NULL, TRUE, FALSE, NULL);
  manager->update = update;
  if (!update->script.handleless) InterlockedIncrement(&counters.updates);
  if (update->script.count && !strcmp(update->script.line[0], "inline")) {
    update->next = 1;
    runScript(update);
  } else if (options & MPUPDATE_OPTION_ASYNC) {
    update->worker = CreateThread(NULL, 0, runScript, update, 0, NULL);
  } else {
    runScript(update);
  }
  if (update->script.handleless) {
    *phUpdateHandle = NULL;
    return update->script.gives;
  }
  *phUpdateHandle = update->handle;
  return S_OK;
}

EXPORT HRESULT WINAPI MpUpdateControl(MPHANDLE handle, int control) {
  OBJECT *object = handle;
  HRESULT result = S_OK;
  if (!handle || control < 0 || control > 2) result = E_INVALIDARG;
  else if (object->kind == KIND_CLOSED) misuse("MpUpdateControl"), result = E_HANDLE;
  else if (control != MPCONTROL_ABORT) result = HRESULT_INVALID_OPERATION;
  else {
    UPDATE *update = object->update;
    CONTROL rule = object->kind == KIND_MANAGER ? object->script->control : update->script.control;
    BOOL taken = rule == CONTROL_IGNORED || rule == CONTROL_HANGS ||
                 (rule != CONTROL_NONE && (object->kind == KIND_MANAGER) == (rule == CONTROL_MANAGER));
    if (!taken) result = rule == CONTROL_NONE ? E_ACCESSDENIED : E_HANDLE;
    else if (rule == CONTROL_HANGS) record("MpUpdateControl hangs"), Sleep(INFINITE);
    else if (update && rule != CONTROL_IGNORED) SetEvent(update->abort);
  }
  record("MpUpdateControl %s 0x%08lX", object && object->kind == KIND_MANAGER ? "manager" : "update", result);
  return result;
}

EXPORT HRESULT WINAPI MpHandleClose(MPHANDLE handle) {
  if (!handle) return S_FALSE;
  OBJECT *object = handle;
  if (object->kind == KIND_MANAGER) {
    UPDATE *running = object->update;
    if (running && SUCCEEDED(running->script.gives) && !(running->script.handleless && running->completed))
      misuse("the manager is closed before its update");
    object->kind = KIND_CLOSED;
    free(object->script);
    InterlockedDecrement(&counters.managers);
    record("MpHandleClose manager");
    recordCounters();
    return S_OK;
  }
  if (object->kind != KIND_UPDATE) {
    misuse("a handle is closed twice");
    return E_HANDLE;
  }
  UPDATE *update = object->update;
  for (int i = 0; i < update->threadCount; i++) /* the real one breaks into a debugger that nobody runs */
    if (update->worker && update->threads[i] == GetCurrentThreadId()) RaiseException(EXCEPTION_BREAKPOINT, 0, 0, NULL);
  if (!update->completed) misuse("an update is closed before it has completed");
  SetEvent(update->closing);
  if (update->worker) {
    WaitForSingleObject(update->worker, INFINITE);
    CloseHandle(update->worker);
  }
  if (update->script.closeNotify)
    callBack(update, update->script.closeNotify, update->script.closeResult, MPCALLBACK_SIGUPDATE, NULL, NULL);
  Sleep(update->script.closeMs);
  object->kind = KIND_CLOSED;
  update->manager->update = NULL;
  InterlockedDecrement(&counters.updates);
  record("MpHandleClose update");
  SetEvent(update->closed);
  if (!update->stray) { /* whose thread still needs it */
    CloseHandle(update->abort);
    CloseHandle(update->closing);
    CloseHandle(update->closed);
    free(update);
  }
  return S_OK;
}

EXPORT HRESULT WINAPI MpErrorMessageFormat(MPHANDLE hMpHandle, HRESULT error, LPWSTR *text) {
  HRESULT result = check(hMpHandle, KIND_MANAGER, "MpErrorMessageFormat");
  if (FAILED(result)) return result;
  if (!text) return E_INVALIDARG;
  *text = calloc(64, sizeof **text);
  InterlockedIncrement(&counters.textBuffers);
  swprintf(*text, 64, L"Defender's text for 0x%08lX.", error);
  return S_OK;
}

EXPORT void WINAPI MpFreeMemory(PVOID memory) {
  if (!memory) return;
  InterlockedDecrement(&counters.textBuffers);
  free(memory);
}

EXPORT HRESULT WINAPI MpManagerVersionQuery(MPHANDLE hMpHandle, MPVERSION_INFO *info) {
  HRESULT result = check(hMpHandle, KIND_MANAGER, "MpManagerVersionQuery");
  if (FAILED(result)) return result;
  result = ((OBJECT *)hMpHandle)->script->version;
  if (FAILED(result)) return result;
  MPCOMPONENT_VERSION *component = &info->Product;
  memset(info, 0, sizeof *info);
  for (int i = 0; i < 8; i++) {
    component[i].Version.QuadPart = (4ull << 48) | (18ull << 32) | ((ULONGLONG)(i + 1) << 16) | 7;
    component[i].UpdateTime.QuadPart = FIRST_MADE + (ULONGLONG)i * 10000000ull;
  }
  info->AVSignature = info->ASSignature = signatures();
  info->NISSignature.Version.QuadPart = info->NISSignature.UpdateTime.QuadPart = 0;
  return S_OK;
}

/* Newer builds have more components than the documentation: this one fills three times as much as is documented. */
EXPORT HRESULT WINAPI MpManagerStatusQueryEx(MPHANDLE hMpHandle, DWORD flags, MPSTATUS_INFO *info) {
  HRESULT result = check(hMpHandle, KIND_MANAGER, "MpManagerStatusQueryEx");
  if (FAILED(result)) return result;
  if (flags != 0) return E_INVALIDARG;
  memset(info, 0xAA, 3 * sizeof *info);
  info->ProductStatus = ((OBJECT *)hMpHandle)->script->status;
  return S_OK;
}

EXPORT HRESULT WINAPI WDStatus(BOOL *pfEnabled) {
  *pfEnabled = TRUE;
  return S_OK;
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved) {
  (void)instance;
  (void)reserved;
  if (reason == DLL_PROCESS_ATTACH) InitializeCriticalSection(&logging), InitializeCriticalSection(&remembering);
  if (reason == DLL_PROCESS_DETACH) recordCounters();
  return TRUE;
}
