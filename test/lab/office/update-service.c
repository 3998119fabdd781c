#include <stdio.h>
#include <wchar.h>
#include "office-c2r-com.h"

enum { LONGEST = 4096, TRANSITION_MS = 50, BLOCKED_BY_APPS = 10 };

#define CONFIGURATION L"SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration"
#define UPDATES L"SOFTWARE\\Microsoft\\Office\\ClickToRun\\Updates"

typedef enum { DOWNLOAD, APPLY } Kind;

/* What Click-to-Run's service knows; it outlives the process that serves COM. */
typedef struct {
    Status status;
    UINT error;
    /* The error that the running action ends with, 0 for none. */
    UINT ending;
    Kind kind;
    BOOL running, cancelled, apps_closed_by_force;
    /* When the running action ends, by GetTickCount64. */
    ULONGLONG ends;
    BOOL has_contentid;
    wchar_t contentid[LONGEST], version[64], staged[64];
    /* The class that the running download asks for its content. */
    wchar_t source[LONGEST];
} State;

static CRITICAL_SECTION lock;
static State state;
/* Set when the running action is to end before its time. */
static HANDLE interrupt;
static ULONGLONG started;
static BOOL vanishing, gone, forgotten;
static LONG gone_calls;

#define MEMORY L"SOFTWARE\\c2r-bridge-lab"

/* Keeps the state where the next server process finds it. */
static void remember(void)
{
    if (setting_number(L"REMEMBER", 0))
        RegSetKeyValueW(HKEY_LOCAL_MACHINE, MEMORY, L"State", REG_BINARY, &state, sizeof state);
}

static BOOL recall(void)
{
    DWORD size = sizeof state;
    return setting_number(L"REMEMBER", 0)
           && RegGetValueW(HKEY_LOCAL_MACHINE, MEMORY, L"State", RRF_RT_REG_BINARY, NULL, &state, &size) == ERROR_SUCCESS;
}

static BOOL is_busy(Status value)
{
    return (value >= DOWNLOAD_PENDING && value <= DOWNLOAD_CANCELLING) || value == APPLY_PENDING || value == APPLY_WIP;
}

static void write_text(const wchar_t *key, const wchar_t *name, const wchar_t *text)
{
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, key, name, REG_SZ, text, (DWORD)(wcslen(text) + 1) * sizeof *text);
}

/* A time as Office writes it: milliseconds since 1601. */
static void write_now(const wchar_t *name)
{
    FILETIME now;
    wchar_t text[32];
    GetSystemTimeAsFileTime(&now);
    swprintf(text, 32, L"%llu", (((ULONGLONG)now.dwHighDateTime << 32) | now.dwLowDateTime) / 10000);
    write_text(UPDATES, name, text);
}

static void downloaded(void)
{
    wchar_t installed[64] = L"";
    DWORD size = sizeof installed;
    RegGetValueW(HKEY_LOCAL_MACHINE, CONFIGURATION, L"VersionToReport", RRF_RT_REG_SZ, NULL, installed, &size);
    if (wcscmp(installed, state.version) == 0) return;
    wcscpy(state.staged, state.version);
    write_text(UPDATES, L"UpdatesReadyToApply", state.staged);
    write_now(L"DownloadTime");
}

static void applied(void)
{
    if (!state.staged[0]) return;
    write_text(CONFIGURATION, L"VersionToReport", state.staged);
    write_text(UPDATES, L"UpdatesReadyToApply", L"");
    write_now(L"UpdatesAppliedTime");
    state.staged[0] = 0;
}

/* Waits with the lock released; TRUE where the action was interrupted meanwhile. */
static BOOL pass(DWORD milliseconds)
{
    LeaveCriticalSection(&lock);
    BOOL interrupted = WaitForSingleObject(interrupt, milliseconds) == WAIT_OBJECT_0;
    EnterCriticalSection(&lock);
    return interrupted;
}

/* Fetches what a custom BITS manager has for the running download, with the lock released; its failure is the download's. */
static void take_content(void)
{
    wchar_t folder[LONGEST];
    if (!state.source[0] || !setting_text(L"CONTENT_TARGET", folder, LONGEST)) return;
    LeaveCriticalSection(&lock);
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    HRESULT result = content_download(state.source, state.contentid, state.version, folder);
    CoUninitialize();
    EnterCriticalSection(&lock);
    /* The report shows an HRESULT with eUNKNOWN (13) added. */
    if (FAILED(result)) state.ending = (UINT)result + 13;
}

/* How long the running action still takes. */
static DWORD left(void)
{
    ULONGLONG now = GetTickCount64();
    return now < state.ends ? (DWORD)(state.ends - now) : 0;
}

static DWORD WINAPI carry_out(void *argument)
{
    (void)argument;
    EnterCriticalSection(&lock);
    BOOL interrupted = pass(min(TRANSITION_MS, left() / 4));
    if (!interrupted && !state.cancelled) {
        state.status = state.kind == DOWNLOAD ? DOWNLOAD_WIP : APPLY_WIP;
        if (state.kind == DOWNLOAD) take_content();
        pass(left());
    }
    if (state.cancelled && !forgotten) {
        ResetEvent(interrupt);
        pass(TRANSITION_MS);
    }
    state.running = FALSE;
    if (forgotten) {
        state.status = UPDATE_UNKNOWN;
        state.ending = 0;
        state.has_contentid = FALSE;
    } else if (state.kind == DOWNLOAD) {
        state.status = state.ending ? DOWNLOAD_FAILED : state.cancelled ? DOWNLOAD_CANCELLED : DOWNLOAD_SUCCEEDED;
        if (state.status == DOWNLOAD_SUCCEEDED) downloaded();
    } else {
        state.status = state.ending ? APPLY_FAILED : APPLY_SUCCEEDED;
        if (state.status == APPLY_SUCCEEDED) applied();
    }
    state.error = state.ending;
    remember();
    LeaveCriticalSection(&lock);
    return 0;
}

static DWORD WINAPI vanish(void *argument)
{
    (void)argument;
    Sleep(setting_number(L"VANISH_MS", 0));
    EnterCriticalSection(&lock);
    gone = TRUE;
    if (setting_number(L"VANISH_FORGETS", 0)) {
        forgotten = TRUE;
        SetEvent(interrupt);
    }
    LeaveCriticalSection(&lock);
    Sleep(setting_number(L"VANISH_FOR_MS", 500));
    EnterCriticalSection(&lock);
    gone = FALSE;
    LeaveCriticalSection(&lock);
    return 0;
}

static void begin(Kind kind, UINT end_with)
{
    state.running = TRUE;
    state.cancelled = forgotten = FALSE;
    state.kind = kind;
    state.ends = GetTickCount64() + setting_number(kind == DOWNLOAD ? L"DOWNLOAD_MS" : L"APPLY_MS", 1000);
    state.ending = end_with;
    state.error = 0;
    state.status = kind == DOWNLOAD ? DOWNLOAD_PENDING : APPLY_PENDING;
    ResetEvent(interrupt);
    remember();
    CloseHandle(CreateThread(NULL, 0, carry_out, NULL, 0, NULL));
    if (!vanishing && setting_number(L"VANISH_MS", MAXDWORD) != MAXDWORD) {
        vanishing = TRUE;
        CloseHandle(CreateThread(NULL, 0, vanish, NULL, 0, NULL));
    }
}

void service_open(void)
{
    InitializeCriticalSection(&lock);
    interrupt = CreateEventW(NULL, TRUE, FALSE, NULL);
    started = GetTickCount64();
    if (recall()) {
        if (state.running) CloseHandle(CreateThread(NULL, 0, carry_out, NULL, 0, NULL));
        return;
    }
    setting_text(L"STAGED_VERSION", state.staged, 64);
    state.has_contentid = setting_text(L"CONTENT_ID", state.contentid, LONGEST);
    state.status = setting_number(L"INITIAL_STATUS", UPDATE_UNKNOWN);
    if (!is_busy(state.status)) return;
    Status initial = state.status;
    setting_text(L"AVAILABLE_VERSION", state.version, 64);
    EnterCriticalSection(&lock);
    begin(initial >= APPLY_PENDING ? APPLY : DOWNLOAD, 0);
    state.status = initial;
    if (initial == DOWNLOAD_CANCELLING) {
        state.cancelled = TRUE;
        SetEvent(interrupt);
    }
    LeaveCriticalSection(&lock);
}

HRESULT service_reach(BOOL creating)
{
    static const HRESULT codes[] = { HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE), RPC_E_DISCONNECTED };
    EnterCriticalSection(&lock);
    BOOL away = gone;
    LONG call = away && !creating ? gone_calls++ : gone_calls;
    if (away && creating && gone_calls % 3 == 2) gone_calls++;
    LeaveCriticalSection(&lock);
    if (!away) return S_OK;
    /* Every third caller does not even get an object. */
    if (creating) return call % 3 == 2 ? CO_E_SERVER_EXEC_FAILURE : S_OK;
    return codes[call % 2];
}

/* The value of `key` in a parameter string; FALSE where it is not given. Keys are told apart without case. */
static BOOL parameter(const wchar_t *parameters, const wchar_t *key, wchar_t *value)
{
    size_t length = wcslen(key);
    value[0] = 0;
    for (const wchar_t *at = parameters; at; at = wcschr(at, L' ')) {
        if (*at == L' ') at++;
        if (_wcsnicmp(at, key, length) || at[length] != L'=') continue;
        size_t size = wcscspn(at + length + 1, L" ");
        wcsncpy(value, at + length + 1, size);
        value[size] = 0;
        return TRUE;
    }
    return FALSE;
}

/* Whether the string is `key=value` pairs with one space between, and each key one of `known`. */
static BOOL is_well_formed(const wchar_t *parameters, const wchar_t *const *known)
{
    for (const wchar_t *at = parameters; *at;) {
        size_t length = wcscspn(at, L"= ");
        const wchar_t *const *key = known;
        while (*key && (wcslen(*key) != length || _wcsnicmp(at, *key, length))) key++;
        if (!*key || at[length] != L'=') return FALSE;
        at += length + 1;
        if (!wcscspn(at, L" ")) return FALSE;
        at += wcscspn(at, L" ");
        if (*at == L' ' && !*++at) return FALSE;
    }
    return TRUE;
}

static BOOL apps_run(wchar_t *apps)
{
    ULONGLONG closed = setting_number(L"APPS_CLOSE_MS", MAXDWORD);
    return setting_text(L"APPS", apps, LONGEST) && !state.apps_closed_by_force && GetTickCount64() - started < closed;
}

HRESULT service_download(const wchar_t *parameters)
{
    static const wchar_t *const known[] = { L"displaylevel", L"updatebaseurl", L"updatetoversion", L"downloadsource",
                                            L"contentid", NULL };
    wchar_t class[LONGEST], content[LONGEST], wanted[LONGEST];
    DWORD code;
    if (!parameters) return E_POINTER;
    ledger_called(L"download", parameters);
    if (wcslen(parameters) >= LONGEST || !is_well_formed(parameters, known)) return E_INVALIDARG;
    if (parameter(parameters, L"downloadsource", class) != parameter(parameters, L"contentid", content))
        return E_INVALIDARG;
    EnterCriticalSection(&lock);
    HRESULT result = state.running ? E_ILLEGAL_METHOD_CALL : S_OK;
    if (SUCCEEDED(result) && setting_fails(L"download", L"call", &code)) result = code;
    if (SUCCEEDED(result)) {
        setting_fails(L"download", L"end", &code);
        state.has_contentid = content[0] != 0;
        wcscpy(state.contentid, content);
        wcscpy(state.source, class);
        if (parameter(parameters, L"updatetoversion", wanted)) wcsncpy(state.version, wanted, 63);
        else setting_text(L"AVAILABLE_VERSION", state.version, 64);
        begin(DOWNLOAD, code);
    }
    LeaveCriticalSection(&lock);
    return result;
}

HRESULT service_apply(const wchar_t *parameters)
{
    static const wchar_t *const known[] = { L"displaylevel", L"forceappshutdown", NULL };
    wchar_t force[LONGEST], apps[LONGEST];
    DWORD code;
    if (!parameters) return E_POINTER;
    ledger_called(L"apply", parameters);
    if (wcslen(parameters) >= LONGEST || !is_well_formed(parameters, known)) return E_INVALIDARG;
    EnterCriticalSection(&lock);
    HRESULT result = state.running ? E_ILLEGAL_METHOD_CALL : S_OK;
    if (SUCCEEDED(result) && setting_fails(L"apply", L"call", &code)) result = code;
    if (SUCCEEDED(result)) {
        setting_fails(L"apply", L"end", &code);
        if (parameter(parameters, L"forceappshutdown", force) && !_wcsicmp(force, L"true")) state.apps_closed_by_force = TRUE;
        begin(APPLY, apps_run(apps) ? BLOCKED_BY_APPS : code);
    }
    LeaveCriticalSection(&lock);
    return result;
}

HRESULT service_cancel(void)
{
    DWORD code;
    ledger_called(L"cancel", L"");
    EnterCriticalSection(&lock);
    HRESULT result = state.status == DOWNLOAD_WIP ? S_OK : E_ILLEGAL_METHOD_CALL;
    if (SUCCEEDED(result) && setting_fails(L"cancel", L"call", &code)) result = code;
    if (SUCCEEDED(result)) {
        setting_fails(L"cancel", L"end", &code);
        state.ending = code;
        state.cancelled = TRUE;
        state.status = DOWNLOAD_CANCELLING;
        remember();
        SetEvent(interrupt);
    }
    LeaveCriticalSection(&lock);
    return result;
}

void service_status(StatusReport *report)
{
    DWORD code;
    ledger_called(L"status", L"");
    EnterCriticalSection(&lock);
    setting_fails(L"status", L"end", &code);
    report->status = state.status;
    report->error = code ? code : state.error;
    report->contentid = state.has_contentid ? ledger_string(state.contentid) : NULL;
    LeaveCriticalSection(&lock);
}

BSTR service_blocking_apps(void)
{
    wchar_t apps[LONGEST];
    ledger_called(L"apps", L"");
    return apps_run(apps) ? ledger_string(apps) : NULL;
}
