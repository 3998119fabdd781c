import type { ComTable, DllTable } from './native.js';

export const ole32 = {
  // https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-coincrementmtausage
  CoIncrementMTAUsage: ['int32', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cocreateinstance
  CoCreateInstance: ['int32', ['void *', 'void *', 'uint32', 'void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cotaskmemfree
  CoTaskMemFree: ['void', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cotaskmemalloc
  CoTaskMemAlloc: ['void *', ['size_t']],
  // https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-coinitializesecurity
  CoInitializeSecurity: [
    'int32',
    ['void *', 'int32', 'void *', 'void *', 'uint32', 'uint32', 'void *', 'uint32', 'void *'],
  ],
  // https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-coregisterclassobject
  CoRegisterClassObject: ['int32', ['void *', 'void *', 'uint32', 'uint32', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-corevokeclassobject
  CoRevokeClassObject: ['int32', ['uint32']],
  // https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-codisconnectobject
  CoDisconnectObject: ['int32', ['void *', 'uint32']],
} as const satisfies DllTable;

/** https://learn.microsoft.com/windows/win32/api/unknwn/nn-unknwn-iunknown */
export const IUnknown = {
  QueryInterface: [0, 'int32', ['void *', 'void *']],
  AddRef: [1, 'uint32', []],
  Release: [2, 'uint32', []],
} as const satisfies ComTable;
