#include "office-c2r-com.h"
#include <psapi.h>
#include <winternl.h>
#include <stdio.h>
#include <wchar.h>

/* COM's allocator tells this spy of each block. */
enum { SLOTS = 1 << 16, BSTR_HEADER = 8, LONGEST = 4096 };

typedef enum { UNKNOWN, HANDED_OUT, FREED } Fate;

static struct {
    void *block;
    Fate fate;
} slots[SLOTS];
static SRWLOCK lock = SRWLOCK_INIT;
static LONG handed_out, freed, freed_twice, objects;
static const wchar_t *const methods[] = { L"download", L"apply", L"cancel", L"status", L"apps", L"data" };
enum { METHODS = sizeof methods / sizeof *methods };
static LONG calls[METHODS];
static wchar_t last_download[LONGEST], last_apply[LONGEST];

/* The slot of a block, else a free one. Freed blocks leave theirs only when the allocator gives the address out again. */
static int slot_of(const void *block)
{
    int free_slot = -1;
    for (int probe = 0, at = ((ULONG_PTR)block >> 4) % SLOTS; probe < SLOTS; probe++, at = (at + 1) % SLOTS) {
        if (slots[at].block == block) return at;
        if (slots[at].fate == UNKNOWN && free_slot < 0) free_slot = at;
        if (slots[at].block == NULL) break;
    }
    return free_slot;
}

static void *STDMETHODCALLTYPE post_alloc(IMallocSpy *spy, void *block)
{
    (void)spy;
    AcquireSRWLockExclusive(&lock);
    int at = slot_of(block);
    if (at >= 0 && slots[at].block == block) slots[at].fate = UNKNOWN;
    ReleaseSRWLockExclusive(&lock);
    return block;
}

static void *STDMETHODCALLTYPE pre_free(IMallocSpy *spy, void *block, BOOL spied)
{
    (void)spy, (void)spied;
    AcquireSRWLockExclusive(&lock);
    int at = slot_of(block);
    if (at >= 0 && slots[at].block == block) {
        if (slots[at].fate == HANDED_OUT) freed++;
        if (slots[at].fate == FREED) freed_twice++;
        if (slots[at].fate != UNKNOWN) slots[at].fate = FREED;
    }
    ReleaseSRWLockExclusive(&lock);
    return block;
}

static HRESULT STDMETHODCALLTYPE spy_query(IMallocSpy *spy, REFIID iid, void **out)
{
    (void)iid;
    *out = spy;
    return S_OK;
}
static ULONG STDMETHODCALLTYPE spy_count(IMallocSpy *spy) { return (void)spy, 1; }
static SIZE_T STDMETHODCALLTYPE pre_alloc(IMallocSpy *spy, SIZE_T size) { return (void)spy, size; }
static void STDMETHODCALLTYPE post_free(IMallocSpy *spy, BOOL spied) { (void)spy, (void)spied; }
static SIZE_T STDMETHODCALLTYPE pre_realloc(IMallocSpy *spy, void *block, SIZE_T size, void **out, BOOL spied)
{
    (void)spy, (void)spied;
    *out = block;
    return size;
}
static void *STDMETHODCALLTYPE same(IMallocSpy *spy, void *block, BOOL spied) { return (void)spy, (void)spied, block; }
static SIZE_T STDMETHODCALLTYPE post_size(IMallocSpy *spy, SIZE_T size, BOOL spied) { return (void)spy, (void)spied, size; }
static int STDMETHODCALLTYPE post_did(IMallocSpy *spy, void *block, BOOL spied, int actual)
{
    (void)spy, (void)block, (void)spied;
    return actual;
}
static void STDMETHODCALLTYPE nothing(IMallocSpy *spy) { (void)spy; }

static IMallocSpyVtbl spy_methods = { spy_query, spy_count, spy_count, pre_alloc, post_alloc, pre_free, post_free,
                                      pre_realloc, same, same, post_size, same, post_did, nothing, nothing };
static IMallocSpy spy = { &spy_methods };

void ledger_open(void)
{
    /* Without it oleaut32 recycles BSTRs behind the spy's back. */
    if (GetEnvironmentVariableW(L"OANOCACHE", NULL, 0) > 0) CoRegisterMallocSpy(&spy);
}

BSTR ledger_string(const wchar_t *text)
{
    BSTR string = SysAllocString(text);
    void *block = (char *)string - BSTR_HEADER;
    AcquireSRWLockExclusive(&lock);
    int at = slot_of(block);
    slots[at].block = block;
    slots[at].fate = HANDED_OUT;
    handed_out++;
    ReleaseSRWLockExclusive(&lock);
    return string;
}

void ledger_object(LONG change)
{
    InterlockedExchangeAdd(&objects, change);
}

void ledger_called(const wchar_t *method, const wchar_t *parameters)
{
    AcquireSRWLockExclusive(&lock);
    for (int at = 0; at < METHODS; at++) calls[at] += wcscmp(methods[at], method) == 0;
    if (wcscmp(method, L"download") == 0) wcsncpy(last_download, parameters, LONGEST - 1);
    if (wcscmp(method, L"apply") == 0) wcsncpy(last_apply, parameters, LONGEST - 1);
    ReleaseSRWLockExclusive(&lock);
}

/* The handles of this process. GetProcessHandleCount is 0 under Wine, whose list of all handles is right. */
static DWORD count_handles(void)
{
    const SYSTEM_INFORMATION_CLASS SystemExtendedHandleInformation = 64;
    struct {
        void *object;
        ULONG_PTR process, handle;
        ULONG access;
        USHORT trace, type;
        ULONG attributes, reserved;
    } *entry;
    struct {
        ULONG_PTR count, reserved;
    } *list = NULL;
    DWORD count = 0;
    for (ULONG size = 1 << 20;; size *= 2) {
        list = HeapAlloc(GetProcessHeap(), 0, size);
        if (NtQuerySystemInformation(SystemExtendedHandleInformation, list, size, NULL) >= 0) break;
        HeapFree(GetProcessHeap(), 0, list);
        if (size > 1 << 26) return 0;
    }
    entry = (void *)(list + 1);
    for (ULONG_PTR at = 0; at < list->count; at++) count += entry[at].process == GetCurrentProcessId();
    HeapFree(GetProcessHeap(), 0, list);
    return count;
}

void ledger_report(wchar_t *json, DWORD length)
{
    DWORD handles = count_handles();
    /* PrivateUsage is 0 under Wine; PagefileUsage is documented to be the same. */
    PROCESS_MEMORY_COUNTERS memory = { .cb = sizeof memory };
    GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof memory);
    AcquireSRWLockExclusive(&lock);
    int used = swprintf(json, length,
                        L"{\"strings\":{\"handedOut\":%ld,\"freed\":%ld,\"freedTwice\":%ld},\"objects\":%ld,"
                        L"\"handles\":%lu,\"privateBytes\":%llu,\"lastDownload\":\"%ls\",\"lastApply\":\"%ls\"",
                        handed_out, freed, freed_twice, objects, handles, (unsigned long long)memory.PagefileUsage,
                        last_download, last_apply);
    for (int at = 0; at < METHODS; at++)
        used += swprintf(json + used, length - used, L"%ls\"%ls\":%ld", at ? L"," : L",\"calls\":{", methods[at], calls[at]);
    swprintf(json + used, length - used, L"}}");
    ReleaseSRWLockExclusive(&lock);
}
