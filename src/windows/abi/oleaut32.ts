import type { ComTable, DllTable } from './native.js';

export const oleaut32 = {
  // https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysallocstring
  SysAllocString: ['void *', ['str16']],
  // https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysfreestring
  SysFreeString: ['void', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysstringlen
  SysStringLen: ['uint32', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-loadtypelibex
  LoadTypeLibEx: ['int32', ['str16', 'int32', 'void *']],
} as const satisfies DllTable;

/** https://learn.microsoft.com/windows/win32/api/oaidl/nn-oaidl-itypelib, slots in the order of oaidl.h */
export const ITypeLib = {
  GetTypeInfoCount: [3, 'uint32', []],
  GetTypeInfo: [4, 'int32', ['uint32', 'void *']],
} as const satisfies ComTable;

/** https://learn.microsoft.com/windows/win32/api/oaidl/nn-oaidl-itypeinfo, slots in the order of oaidl.h */
export const ITypeInfo = {
  GetTypeAttr: [3, 'int32', ['void *']],
  GetFuncDesc: [5, 'int32', ['uint32', 'void *']],
  GetRefTypeOfImplType: [8, 'int32', ['uint32', 'void *']],
  GetDocumentation: [12, 'int32', ['int32', 'void *', 'void *', 'void *', 'void *']],
  GetRefTypeInfo: [14, 'int32', ['uint32', 'void *']],
  ReleaseTypeAttr: [19, 'void', ['void *']],
  ReleaseFuncDesc: [20, 'void', ['void *']],
} as const satisfies ComTable;

/** Offsets in the 64-bit layout. https://learn.microsoft.com/windows/win32/api/oaidl/ns-oaidl-typeattr */
export const TYPEATTR = { guid: 0, cFuncs: 48, cImplTypes: 52, size: 96 } as const;

/** Offsets in the 64-bit layout. https://learn.microsoft.com/windows/win32/api/oaidl/ns-oaidl-funcdesc */
export const FUNCDESC = { memid: 0, oVft: 40, size: 88 } as const;

/** https://learn.microsoft.com/windows/win32/api/oleauto/ne-oleauto-regkind */
export const REGKIND_NONE = 2;
