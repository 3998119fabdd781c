#include <stdio.h>
#include <wchar.h>
#include "office-c2r-com.h"

enum { LONGEST = 4096, TRANSITION_MS = 50, BLOCKED_BY_APPS = 10 };

#define CONFIGURATION L"SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration"
#define UPDATES L"SOFTWARE\\Microsoft\\Office\\ClickToRun\\Updates"

typedef enum { DOWNLOAD, APPLY } Kind;

static CRITICAL_SECTION lock;
static Status status;
static UINT error;
/* The error that the running action ends with, 0 for none. */
static UINT ending;
static BOOL has_contentid;
static wchar_t contentid[LONGEST], version[64], staged[64];
/* The class that the running download asks for its content. */
static wchar_t source[LONGEST];
static BOOL running, cancelled, apps_closed_by_force;
/* Set when the running action is to end before its time. */
static HANDLE interrupt;
static ULONGLONG started;
static BOOL vanishing, gone, forgotten;
static LONG gone_calls;

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
    if (wcscmp(installed, version) == 0) return;
    wcscpy(staged, version);
    write_text(UPDATES, L"UpdatesReadyToApply", staged);
    write_now(L"DownloadTime");
}

static void applied(void)
{
    if (!staged[0]) return;
    write_text(CONFIGURATION, L"VersionToReport", staged);
    write_text(UPDATES, L"UpdatesReadyToApply", L"");
    write_now(L"UpdatesAppliedTime");
    staged[0] = 0;
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
    if (!source[0] || !setting_text(L"CONTENT_TARGET", folder, LONGEST)) return;
    LeaveCriticalSection(&lock);
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    HRESULT result = content_download(source, contentid, version, folder);
    CoUninitialize();
    EnterCriticalSection(&lock);
    /* The report shows an HRESULT with eUNKNOWN (13) added. */
    if (FAILED(result)) ending = (UINT)result + 13;
}

static DWORD WINAPI carry_out(void *argument)
{
    Kind kind = (Kind)(ULONG_PTR)argument;
    DWORD duration = setting_number(kind == DOWNLOAD ? L"DOWNLOAD_MS" : L"APPLY_MS", 1000);
    DWORD pending = min(TRANSITION_MS, duration / 4);
    EnterCriticalSection(&lock);
    BOOL interrupted = pass(pending);
    if (!interrupted && !cancelled) {
        status = kind == DOWNLOAD ? DOWNLOAD_WIP : APPLY_WIP;
        if (kind == DOWNLOAD) take_content();
        interrupted = pass(duration - pending);
    }
    if (cancelled && !forgotten) {
        ResetEvent(interrupt);
        pass(TRANSITION_MS);
    }
    running = FALSE;
    if (forgotten) {
        status = UPDATE_UNKNOWN;
        ending = 0;
        has_contentid = FALSE;
    } else if (kind == DOWNLOAD) {
        status = ending ? DOWNLOAD_FAILED : cancelled ? DOWNLOAD_CANCELLED : DOWNLOAD_SUCCEEDED;
        if (status == DOWNLOAD_SUCCEEDED) downloaded();
    } else {
        status = ending ? APPLY_FAILED : APPLY_SUCCEEDED;
        if (status == APPLY_SUCCEEDED) applied();
    }
    error = ending;
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
    running = TRUE;
    cancelled = forgotten = FALSE;
    ending = end_with;
    error = 0;
    status = kind == DOWNLOAD ? DOWNLOAD_PENDING : APPLY_PENDING;
    ResetEvent(interrupt);
    CloseHandle(CreateThread(NULL, 0, carry_out, (void *)(ULONG_PTR)kind, 0, NULL));
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
    setting_text(L"STAGED_VERSION", staged, 64);
    has_contentid = setting_text(L"CONTENT_ID", contentid, LONGEST);
    status = setting_number(L"INITIAL_STATUS", UPDATE_UNKNOWN);
    if (!is_busy(status)) return;
    Status initial = status;
    setting_text(L"AVAILABLE_VERSION", version, 64);
    EnterCriticalSection(&lock);
    begin(initial >= APPLY_PENDING ? APPLY : DOWNLOAD, 0);
    status = initial;
    if (initial == DOWNLOAD_CANCELLING) {
        cancelled = TRUE;
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
    return setting_text(L"APPS", apps, LONGEST) && !apps_closed_by_force && GetTickCount64() - started < closed;
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
    HRESULT result = running ? E_ILLEGAL_METHOD_CALL : S_OK;
    if (SUCCEEDED(result) && setting_fails(L"download", L"call", &code)) result = code;
    if (SUCCEEDED(result)) {
        setting_fails(L"download", L"end", &code);
        has_contentid = content[0] != 0;
        wcscpy(contentid, content);
        wcscpy(source, class);
        if (parameter(parameters, L"updatetoversion", wanted)) wcsncpy(version, wanted, 63);
        else setting_text(L"AVAILABLE_VERSION", version, 64);
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
    HRESULT result = running ? E_ILLEGAL_METHOD_CALL : S_OK;
    if (SUCCEEDED(result) && setting_fails(L"apply", L"call", &code)) result = code;
    if (SUCCEEDED(result)) {
        setting_fails(L"apply", L"end", &code);
        if (parameter(parameters, L"forceappshutdown", force) && !_wcsicmp(force, L"true")) apps_closed_by_force = TRUE;
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
    HRESULT result = status == DOWNLOAD_WIP ? S_OK : E_ILLEGAL_METHOD_CALL;
    if (SUCCEEDED(result) && setting_fails(L"cancel", L"call", &code)) result = code;
    if (SUCCEEDED(result)) {
        setting_fails(L"cancel", L"end", &code);
        ending = code;
        cancelled = TRUE;
        status = DOWNLOAD_CANCELLING;
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
    report->status = status;
    report->error = code ? code : error;
    report->contentid = has_contentid ? ledger_string(contentid) : NULL;
    LeaveCriticalSection(&lock);
}

BSTR service_blocking_apps(void)
{
    wchar_t apps[LONGEST];
    ledger_called(L"apps", L"");
    return apps_run(apps) ? ledger_string(apps) : NULL;
}
