import type { DllTable } from './native.js';

export const wintrust = {
  // https://learn.microsoft.com/windows/win32/api/wintrust/nf-wintrust-winverifytrust
  WinVerifyTrust: ['int32', ['void *', 'void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/wintrust/nf-wintrust-wthelperprovdatafromstatedata
  WTHelperProvDataFromStateData: ['void *', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/wintrust/nf-wintrust-wthelpergetprovsignerfromchain
  WTHelperGetProvSignerFromChain: ['void *', ['void *', 'uint32', 'int32', 'uint32']],
  // https://learn.microsoft.com/windows/win32/api/wintrust/nf-wintrust-wthelpergetprovcertfromchain
  WTHelperGetProvCertFromChain: ['void *', ['void *', 'uint32']],
} as const satisfies DllTable;
