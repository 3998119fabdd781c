#!/usr/bin/env bash
# widl describes a string that a COM method returns as if the parameter were the string itself, one pointer too few.
#
# Versions:  mingw-w64-tools 10.0.0-3 of Debian 12 (widl 7.0), -Oicf as for any 64-bit proxy.
# Guess:     the type offset of `[out, string] wchar_t **` leads to the reference pointer (FC_RP, allocated on the stack) that
#            leads on to the string, as it does for `[out] IUnknown **`; widl writes both entries, after all.
# Seen:      the parameter points behind the reference pointer, at the unique pointer to the string. The proxy and stub built
#            from it compile without a warning. Between two processes under Wine 8 the method returned S_OK and the caller
#            got NULL instead of its text. With [in, out] or a typedef such as LPWSTR it is the same; the interface pointer
#            is right, and so is a structure whose only member is the string.
# So:        a proxy that this widl makes for a method that returns a string must declare it as such a structure, which has
#            the same layout.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
apt-get download mingw-w64-tools=10.0.0-3 >/dev/null 2>&1
dpkg-deb -x mingw-w64-tools_10.0.0-3_amd64.deb unpacked
cat >greeter.idl <<'IDL'
typedef long HRESULT;
typedef unsigned long ULONG;
typedef struct _GUID { unsigned long a; unsigned short b, c; unsigned char d[8]; } GUID;
typedef struct Holder { [string, unique] wchar_t *value; } Holder;

[object, local, uuid(00000000-0000-0000-C000-000000000046), pointer_default(unique)]
interface IUnknown
{
    HRESULT QueryInterface([in] GUID *iid, [out] void **object);
    ULONG AddRef();
    ULONG Release();
}

[object, uuid(5A0B7C11-3D52-4F7E-9C55-7D1F0C9A6E21), pointer_default(unique)]
interface IGreeter : IUnknown
{
    HRESULT AsString([out, string] wchar_t **plain);
    HRESULT AsObject([out] IUnknown **object);
    HRESULT AsStructure([out] Holder *held);
}
IDL
unpacked/usr/bin/x86_64-w64-mingw32-widl -Oicf -p -H greeter.h -o greeter.c greeter.idl

# The number of the type entry that a parameter refers to, and what widl itself says that the entry there is.
entry() {
    local offset
    offset=$(grep -A3 "(parameter $1)" greeter.c | sed -n 's/.*type offset = \([0-9]*\).*/\1/p')
    sed -n "/__MIDL_TypeFormatString =/,\$s/^\/\* *$offset (\(.*\)) \*\/\$/\1/p" greeter.c
}
plain=$(entry plain) object=$(entry object) held=$(entry held)
echo "wchar_t ** is described by the entry of: $plain"
echo "IUnknown ** by that of:                  $object"
echo "Holder * by that of:                     $held"
grep -A4 '(parameter held)' greeter.c | grep -q 'simple ref'
[[ $plain == 'wchar_t *' || $plain == 'WCHAR *' ]]
[[ $object == 'IUnknown **' ]]
[[ $held == 'Holder' ]]
