import type { DllTable } from './native.js';

export const mpr = {
  // https://learn.microsoft.com/windows/win32/api/winnetwk/nf-winnetwk-wnetgetconnectionw
  WNetGetConnectionW: ['uint32', ['str16', 'void *', 'void *']],
} as const satisfies DllTable;
