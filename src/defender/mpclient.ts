import type { UpdateSource } from '../contract/defender.js';

/*
 * Numbers of MpClient.h, a header that Microsoft documents but does not ship. The names are from
 * https://learn.microsoft.com/windows/win32/lwef/windows-defender-structures and its neighbours. The numbers marked
 * [RE] were read from two builds of MpClient.dll, those marked [order] follow from the documented order between such
 * anchors.
 */

/** MPUPDATE_OPTION_ASYNC and MPUPDATE_OPTION_PROGRESS: return at once, and tell everything. [RE], confidence high. */
export const asyncWithProgress = 0x001 | 0x002;

/**
 * MPUPDATE_OPTION_HTTP, _UNC, _MANAGED, _UNMANAGED; at most one of them, and none for the configured order of sources.
 * [RE], confidence high.
 */
export const sourceOption: Readonly<Record<UpdateSource, number>> = {
  default: 0,
  http: 0x008,
  unc: 0x020,
  managed: 0x080,
  unmanaged: 0x100,
};

/**
 * MPNOTIFY for signature updates. START, DOWNLOAD_PROGRESS, INSTALL_PROGRESS and COMPLETE are [RE] with high
 * confidence, INTERNAL_FAILURE is from public headers with medium confidence, the others are [order].
 * https://learn.microsoft.com/windows/win32/lwef/mpnotify
 */
export const notifications = {
  INTERNAL_FAILURE: 0x2001,
  SIGUPDATE_START: 0x8001,
  SIGUPDATE_SEARCH_START: 0x8002,
  SIGUPDATE_SEARCH_COMPLETE: 0x8003,
  SIGUPDATE_SOFTWARE_UPDATE_AVAILABLE: 0x8004,
  SIGUPDATE_DOWNLOAD_START: 0x8005,
  SIGUPDATE_DOWNLOAD_PROGRESS: 0x8006,
  SIGUPDATE_DOWNLOAD_COMPLETE: 0x8007,
  SIGUPDATE_INSTALL_START: 0x8008,
  SIGUPDATE_INSTALL_PROGRESS: 0x8009,
  SIGUPDATE_INSTALL_COMPLETE: 0x800a,
  SIGUPDATE_REBOOT_REQUIRED: 0x800b,
  SIGUPDATE_REQUEST_PROCESSED: 0x800c,
  SIGUPDATE_COMPLETE: 0x800d,
} as const;

const names = new Map<number, string>(Object.entries(notifications).map(([name, number]) => [number, name]));

/** The documented name without `MPNOTIFY_`; null for a number that is not one of a signature update. */
export function notificationName(notify: number): string | null {
  return names.get(notify) ?? null;
}
