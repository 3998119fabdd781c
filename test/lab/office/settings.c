#include <stdio.h>
#include <wchar.h>
#include "office-c2r-com.h"

enum { LONGEST = 4096 };

/* For a server behind a client that hands few variables on; gone with the next Office that a test sets up. */
static BOOL setting_in_registry(const wchar_t *name, wchar_t *value, DWORD length)
{
    const wchar_t *key = L"SOFTWARE\\c2r-bridge-lab\\settings";
    DWORD bytes = length * sizeof *value;
    return RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ, NULL, value, &bytes) == ERROR_SUCCESS;
}

BOOL setting_text(const wchar_t *name, wchar_t *value, DWORD length)
{
    wchar_t full[64];
    swprintf(full, 64, L"C2R_LAB_%ls", name);
    SetLastError(ERROR_SUCCESS);
    if (GetEnvironmentVariableW(full, value, length) > 0) return TRUE;
    if (GetLastError() != ERROR_SUCCESS && setting_in_registry(name, value, length)) return TRUE;
    value[0] = 0;
    return GetLastError() == ERROR_SUCCESS;
}

DWORD setting_number(const wchar_t *name, DWORD fallback)
{
    wchar_t text[32];
    return setting_text(name, text, 32) && text[0] ? (DWORD)wcstoll(text, NULL, 0) : fallback;
}

/* Finds `prefix` at the start of an entry of a list; gives what follows it, or NULL. */
static const wchar_t *entry(const wchar_t *list, const wchar_t *prefix)
{
    for (; list; list = wcschr(list, L';')) {
        if (*list == L';') list++;
        if (wcsncmp(list, prefix, wcslen(prefix)) == 0) return list + wcslen(prefix);
    }
    return NULL;
}

BOOL setting_fails(const wchar_t *at, const wchar_t *when, DWORD *code)
{
    wchar_t list[LONGEST], prefix[64];
    *code = 0;
    setting_text(L"FAIL", list, LONGEST);
    swprintf(prefix, 64, L"%ls:%ls:", at, when);
    const wchar_t *value = entry(list, prefix);
    if (value) *code = (DWORD)wcstoll(value, NULL, 0);
    return value != NULL;
}

DWORD setting_blocks(const wchar_t *at)
{
    wchar_t list[LONGEST], prefix[64];
    setting_text(L"BLOCK", list, LONGEST);
    swprintf(prefix, 64, L"%ls:", at);
    const wchar_t *value = entry(list, prefix);
    return value ? wcstoul(value, NULL, 10) : 0;
}
