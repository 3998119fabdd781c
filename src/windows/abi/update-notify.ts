import type { Method } from './native.js';

/** CLSID_UpdateNotifyObject2, which serves both interfaces; there from Click-to-Run 16.0.8208.6352 on. */
export const CLSID_UpdateNotifyObject2 = '{52C2F9C2-F1AC-4021-BF50-756A5FA8DDFE}';
/** CLSID_UpdateNotifyObject, which serves IUpdateNotify alone. */
export const CLSID_UpdateNotifyObject = '{B7F1785F-D69B-46F1-92FC-D2DE9C994F13}';

/**
 * What each method returns and takes; where it stands in the vtable is read from Office's type library.
 * https://learn.microsoft.com/office/client-developer/shared/manageability-applications-with-the-office-365-click-to-run-installer
 */
export const signatures = {
  Download: ['int32', ['str16']],
  Apply: ['int32', ['str16']],
  Cancel: ['int32', []],
  status: ['int32', ['void *']],
  GetBlockingApps: ['int32', ['void *']],
  GetOfficeDeploymentData: ['int32', ['int32', 'str16', 'void *']],
} as const satisfies Readonly<Record<string, readonly [Method[1], Method[2]]>>;

export type UpdateNotifyMethod = keyof typeof signatures;

/** UPDATE_STATUS_REPORT in the 64-bit layout, from the same page. The BSTR is the caller's to free. */
export const UPDATE_STATUS_REPORT = { status: 0, error: 4, contentId: 8, size: 16 } as const;

/**
 * IUpdateNotify2 where Office's type library cannot be read. Microsoft publishes neither the IID nor the slots: the IID and
 * the order of the first two and of `status` and GetBlockingApps are those of a program that works with Office; Cancel and
 * GetOfficeDeploymentData stand where Microsoft's page lists them. No such table exists for IUpdateNotify.
 */
export const knownUpdateNotify2 = {
  iid: '{90E166F0-D621-4793-BE78-F58008DDDD2A}',
  slots: { Download: 3, Apply: 4, Cancel: 5, status: 6, GetBlockingApps: 7, GetOfficeDeploymentData: 8 },
} as const satisfies { iid: string; slots: Readonly<Record<UpdateNotifyMethod, number>> };
