import { signed } from '../base/hresult.js';

/** BITS' own codes, as bitsmsg.h has them. https://learn.microsoft.com/windows/win32/bits/bits-return-values */
export const BG_S_PARTIAL_COMPLETE = 0x00200017;
export const BG_S_UNABLE_TO_DELETE_FILES = 0x0020001a;
export const BG_E_NOT_FOUND = signed(0x80200001);
export const BG_E_INVALID_STATE = signed(0x80200002);
export const BG_E_EMPTY = signed(0x80200003);
export const BG_E_ERROR_CONTEXT_LOCAL_FILE = signed(0x80200009);
export const BG_E_ERROR_CONTEXT_REMOTE_FILE = signed(0x8020000a);
export const BG_E_ERROR_INFORMATION_UNAVAILABLE = signed(0x8020000f);
export const BG_E_MISSING_FILE_SIZE = signed(0x80200011);
export const BG_E_INSUFFICIENT_RANGE_SUPPORT = signed(0x80200013);
export const BG_E_PROXY_LIST_TOO_LARGE = signed(0x80200018);
export const BG_E_PROXY_BYPASS_LIST_TOO_LARGE = signed(0x80200019);
export const BG_E_INVALID_SERVER_RESPONSE = signed(0x8020001b);
export const BG_E_STRING_TOO_LONG = signed(0x80200021);
export const BG_E_INVALID_AUTH_TARGET = signed(0x80200027);
export const BG_E_INVALID_AUTH_SCHEME = signed(0x80200028);
export const BG_E_FILE_NOT_FOUND = signed(0x80200029);
export const BG_E_INVALID_RANGE = signed(0x8020002b);
export const BG_E_OVERLAPPING_RANGES = signed(0x8020002c);
export const BG_E_CONNECT_FAILURE = signed(0x8020002d);
/** What BITS reports where the application's own check of the data failed. */
export const BG_E_VALIDATION_FAILED = signed(0x80200053);

export const BG_E_MAXDOWNLOAD_TIMEOUT = signed(0x80200054);

/** BG_E_HTTP_ERROR_404 and its like: 0x8019 and the status. */
export function httpStatusError(status: number): number {
  return signed(0x80190000 | status);
}

/** HRESULT_FROM_WIN32 of what the file system answered; `fallback` for what has no counterpart. */
export function fromErrno(code: string | undefined, fallback: number): number {
  const win32 = win32Errors[code ?? ''];
  return win32 === undefined ? fallback : signed(0x80070000 | win32);
}

/** winerror.h, by the name that libuv gives to it. */
const win32Errors: Readonly<Record<string, number>> = {
  ENOENT: 2,
  ENOTDIR: 3,
  EMFILE: 4,
  EACCES: 5,
  EPERM: 5,
  EROFS: 19,
  EIO: 29,
  EBUSY: 32,
  ENOSPC: 112,
  ENAMETOOLONG: 206,
  EISDIR: 5,
};
