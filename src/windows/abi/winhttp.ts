import type { DllTable } from './native.js';

export const winhttp = {
  // https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpopen
  WinHttpOpen: ['void *', ['str16', 'uint32', 'str16', 'str16', 'uint32']],
  // https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpgetieproxyconfigforcurrentuser
  WinHttpGetIEProxyConfigForCurrentUser: ['int32', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpgetdefaultproxyconfiguration
  WinHttpGetDefaultProxyConfiguration: ['int32', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/winhttp/nf-winhttp-winhttpgetproxyforurl
  WinHttpGetProxyForUrl: ['int32', ['void *', 'str16', 'void *', 'void *']],
} as const satisfies DllTable;
