import type { DllTable } from './native.js';

export const oleaut32 = {
  // https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysfreestring
  SysFreeString: ['void', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-sysstringlen
  SysStringLen: ['uint32', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/oleauto/nf-oleauto-loadtypelibex
  LoadTypeLibEx: ['int32', ['str16', 'int32', 'void *']],
} as const satisfies DllTable;

/** https://learn.microsoft.com/windows/win32/api/oaidl/nn-oaidl-itypelib, slots in the order of oaidl.h */
export const ITypeLib = {
  GetTypeInfo: { slot: 4, params: ['uint32', 'void *'] },
  GetTypeInfoCount: { slot: 3, params: [] },
} as const;

/** https://learn.microsoft.com/windows/win32/api/oaidl/nn-oaidl-itypeinfo, slots in the order of oaidl.h */
export const ITypeInfo = {
  GetTypeAttr: { slot: 3, params: ['void *'] },
  GetFuncDesc: { slot: 5, params: ['uint32', 'void *'] },
  GetRefTypeOfImplType: { slot: 8, params: ['uint32', 'void *'] },
  GetDocumentation: { slot: 12, params: ['int32', 'void *', 'void *', 'void *', 'void *'] },
  GetRefTypeInfo: { slot: 14, params: ['uint32', 'void *'] },
  ReleaseTypeAttr: { slot: 19, params: ['void *'] },
  ReleaseFuncDesc: { slot: 20, params: ['void *'] },
} as const;

/** Offsets in the 64-bit layout. https://learn.microsoft.com/windows/win32/api/oaidl/ns-oaidl-typeattr */
export const TYPEATTR = { guid: 0, typekind: 44, cFuncs: 48, cImplTypes: 52 } as const;

/** Offsets in the 64-bit layout. https://learn.microsoft.com/windows/win32/api/oaidl/ns-oaidl-funcdesc */
export const FUNCDESC = { memid: 0, oVft: 40 } as const;

/** https://learn.microsoft.com/windows/win32/api/oaidl/ne-oaidl-typekind */
export const TKIND_INTERFACE = 3;

/** https://learn.microsoft.com/windows/win32/api/oleauto/ne-oleauto-regkind */
export const REGKIND_NONE = 2;
