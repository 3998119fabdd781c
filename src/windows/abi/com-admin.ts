import type { ComTable } from './native.js';

/** https://learn.microsoft.com/windows/win32/api/comadmin/nn-comadmin-icomadmincatalog, slots in the order of comadmin.h */
export const CLSID_COMAdminCatalog = '{F618C514-DFB8-11D1-A2CF-00805FC79235}';
export const IID_ICOMAdminCatalog = '{DD662187-DFC2-11D1-A2CF-00805FC79235}';
export const IID_ICatalogCollection = '{6EB22872-8A19-11D0-81B6-00A0C9231C29}';
export const IID_ICatalogObject = '{6EB22871-8A19-11D0-81B6-00A0C9231C29}';

export const ICOMAdminCatalog = {
  GetCollection: [7, 'int32', ['void *', 'void *']],
} as const satisfies ComTable;

/** https://learn.microsoft.com/windows/win32/api/comadmin/nn-comadmin-icatalogcollection */
export const ICatalogCollection = {
  get_Item: [8, 'int32', ['int32', 'void *']],
  get_Count: [9, 'int32', ['void *']],
  Populate: [12, 'int32', []],
  GetCollection: [14, 'int32', ['void *', 'void *', 'void *']],
} as const satisfies ComTable;

/** https://learn.microsoft.com/windows/win32/api/comadmin/nn-comadmin-icatalogobject */
export const ICatalogObject = {
  get_Value: [7, 'int32', ['void *', 'void *']],
  get_Key: [9, 'int32', ['void *']],
} as const satisfies ComTable;
