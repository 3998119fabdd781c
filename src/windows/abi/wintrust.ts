import type { DllTable } from './native.js';

export const wintrust = {
  // https://learn.microsoft.com/windows/win32/api/wintrust/nf-wintrust-winverifytrust
  WinVerifyTrust: ['int32', ['void *', 'void *', 'void *']],
} as const satisfies DllTable;
