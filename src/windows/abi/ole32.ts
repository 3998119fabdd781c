import type { ComTable, DllTable } from './native.js';

export const ole32 = {
  // https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-coincrementmtausage
  CoIncrementMTAUsage: ['int32', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cocreateinstance
  CoCreateInstance: ['int32', ['void *', 'void *', 'uint32', 'void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cotaskmemfree
  CoTaskMemFree: ['void', ['void *']],
} as const satisfies DllTable;

/** https://learn.microsoft.com/windows/win32/api/unknwn/nn-unknwn-iunknown */
export const IUnknown = {
  Release: [2, 'uint32', []],
} as const satisfies ComTable;
