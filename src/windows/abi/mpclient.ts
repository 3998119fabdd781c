import type { DllTable } from './native.js';

/**
 * MpClient.dll. Signatures and structures are documented; no header is published. Bound by name: ordinals differ between
 * builds. Which numbers were read from Microsoft's binaries instead of its pages ([RE]) is said at each.
 */
export const mpClient = {
  // https://learn.microsoft.com/windows/win32/lwef/mpmanageropen
  MpManagerOpen: ['int32', ['uint32', 'void *']],
  // https://learn.microsoft.com/windows/win32/lwef/mphandleclose
  MpHandleClose: ['int32', ['void *']],
  // https://learn.microsoft.com/windows/win32/lwef/mperrormessageformat
  MpErrorMessageFormat: ['int32', ['void *', 'int32', 'void *']],
  // https://learn.microsoft.com/windows/win32/lwef/mpfreememory
  MpFreeMemory: ['void', ['void *']],
  // https://learn.microsoft.com/windows/win32/lwef/mpmanagerversionquery
  MpManagerVersionQuery: ['int32', ['void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/lwef/mpmanagerstatusqueryex
  MpManagerStatusQueryEx: ['int32', ['void *', 'uint32', 'void *']],
  // https://learn.microsoft.com/windows/win32/lwef/mpupdatestart
  // The callback is documented as optional; without one the call returns E_INVALIDARG ([RE], confidence high).
  MpUpdateStart: ['int32', ['void *', 'uint32', 'void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/lwef/mpupdatecontrol
  MpUpdateControl: ['int32', ['void *', 'int32']],
  // https://learn.microsoft.com/windows/win32/api/windowsdefender/nf-windowsdefender-wdstatus
  WDStatus: ['int32', ['void *']],
} as const satisfies DllTable;

/** MPCONTROL_ABORT. Named in https://learn.microsoft.com/windows/win32/lwef/mpupdatecontrol; number [RE], confidence high. */
export const MPCONTROL_ABORT = 0;

/**
 * MP_STATUS_QUERY_FLAGS_NONE. Named in https://learn.microsoft.com/windows/win32/lwef/mpmanagerstatusqueryex; number [RE],
 * confidence high.
 */
export const MP_STATUS_QUERY_FLAGS_NONE = 0;

/*
 * Structures, as offsets in bytes. x64 and arm64 lay them out alike: LLP64, and nothing in them is wider than a pointer. A
 * test in the lab compares them with what a C compiler says.
 */

/** Has no page; the callback and what it is called with. [RE], confidence high. */
export const MPCALLBACK_INFO = { Function: 0, Context: 8, size: 16 } as const;

/** https://learn.microsoft.com/windows/win32/lwef/mpcallback-data */
export const MPCALLBACK_DATA = { Notify: 0, hResult: 4, Type: 16, Data: 24, size: 32 } as const;

/** https://learn.microsoft.com/windows/win32/lwef/mpsigupdate-data */
export const MPSIGUPDATE_DATA = {
  dwPercentComplete: 0,
  dwTotalUpdates: 4,
  dwCurrentUpdateIndex: 8,
  eType: 12,
  Stage: 16,
  Path: 24,
  size: 32,
} as const;

/** https://learn.microsoft.com/windows/win32/lwef/mpcomponent-version */
export const MPCOMPONENT_VERSION = { Version: 0, UpdateTime: 8, size: 16 } as const;

/** https://learn.microsoft.com/windows/win32/lwef/mpversion-info */
export const MPVERSION_INFO = {
  Product: 0,
  Service: 16,
  Engine: 48,
  ASSignature: 64,
  AVSignature: 80,
  NISEngine: 96,
  NISSignature: 112,
  size: 192,
} as const;

/**
 * https://learn.microsoft.com/windows/win32/lwef/mpstatus-info: 4,424 bytes as documented. Its list of components may have
 * grown since, so calls get more room than that and only the first field is read.
 */
export const MPSTATUS_INFO = { ProductStatus: 0, room: 16_384 } as const;
