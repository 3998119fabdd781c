#!/usr/bin/env bash
# Wine lets a second process listen at a pipe whose first owner asked to be the only one, and takes limits that Windows refuses.
#
# Versions:  Wine 8.0~repack-4 and mingw-w64 (Debian 12). Wine 10.0~repack-6 (Debian 13) was seen to do the same.
# Guess:     CreateNamedPipeW documents FILE_FLAG_FIRST_PIPE_INSTANCE as the way to own a name: the second that comes with it gets
#            ERROR_ACCESS_DENIED (5). A later instance with another type than the first is denied, too, as one with another
#            access is. The number of instances is 1 to 255, and the one beyond it is ERROR_PIPE_BUSY (231).
# Seen:      the flag means nothing: the same process and another one get a handle each, also with the flag. Another type passes,
#            and so do 0 and 256 as the number of instances. Only what the first has given as the number holds (231), and the
#            access (5).
# So:        a lock, a single instance or a sign of life that stands on the name of a pipe works on Windows and not under Wine:
#            libuv passes the flag, and still two servers of Node listen at one name there. A test of
#            such a lock finds out first whether a name has one owner. With 1 as the number of instances Wine keeps it, too.
set -euo pipefail
work=$(mktemp -d)
export WINEPREFIX="$work/prefix" WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=' DISPLAY=
trap 'wineserver -k 2>/dev/null || true; wineserver -w 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
[ "$(dpkg-query -W -f '${Version}' wine64)" = 8.0~repack-4 ] || { echo 'This finding is about wine64 8.0~repack-4.' >&2; exit 1; }
# The wineserver of this prefix, wherever Debian has put it.
PATH="$PATH:$(dirname "$(dpkg -L wine64 | grep '/wineserver' | head -n 1)")"
timeout 150 wine wineboot -i >/dev/null 2>&1

cat >pipes.c <<'C'
#include <stdio.h>
#include <windows.h>

static void make(const char *what, const wchar_t *name, DWORD mode, DWORD type, DWORD most) {
    HANDLE pipe = CreateNamedPipeW(name, mode, type, most, 512, 512, 0, NULL);
    if (pipe == INVALID_HANDLE_VALUE) printf("%s: error %lu\n", what, GetLastError());
    else printf("%s: a pipe\n", what);
    fflush(stdout);
}

int wmain(int count, wchar_t **arguments) {
    const wchar_t *owned = L"\\\\.\\pipe\\finding-owned", *single = L"\\\\.\\pipe\\finding-single";
    const DWORD only = PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE;
    (void)arguments;
    if (count > 1) {
        make("another process, only", owned, only, PIPE_TYPE_BYTE, 255);
        make("another process, one instance", single, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1);
        return 0;
    }
    make("first, only", owned, only, PIPE_TYPE_BYTE, 255);
    make("second, only", owned, only, PIPE_TYPE_BYTE, 255);
    make("second, another type", owned, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 255);
    make("second, another access", owned, PIPE_ACCESS_INBOUND, PIPE_TYPE_BYTE, 255);
    make("first, one instance", single, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1);
    make("second, one instance", single, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1);
    make("no instance", L"\\\\.\\pipe\\finding-none", PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 0);
    make("256 instances", L"\\\\.\\pipe\\finding-many", PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 256);
    STARTUPINFOW start = {sizeof start};
    PROCESS_INFORMATION other;
    wchar_t command[] = L"pipes.exe other";
    if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &start, &other)) return 1;
    return WaitForSingleObject(other.hProcess, 30000) != WAIT_OBJECT_0;
}
C
x86_64-w64-mingw32-gcc -O1 -Wall -municode -o pipes.exe pipes.c
timeout 60 wine pipes.exe 2>/dev/null </dev/null >output
tr -d '\r' <output | tee seen
cat >expected <<'TEXT'
first, only: a pipe
second, only: a pipe
second, another type: a pipe
second, another access: error 5
first, one instance: a pipe
second, one instance: error 231
no instance: a pipe
256 instances: a pipe
another process, only: a pipe
another process, one instance: error 231
TEXT
diff -u expected seen && echo 'As described.'
