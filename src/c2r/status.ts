import { hresultName, signed, unsigned } from '../base/hresult.js';
import { type UpdateStatus, updateErrorNames, updateStatusNames } from '../contract/c2r.js';
import type { UpdateStatusReport } from './port.js';

/** A status report in words, without the backend that it came from. */
export type Status = Omit<UpdateStatus, 'backend'>;

/** eUNKNOWN, the last UPDATE_ERROR_CODE: a larger error is an HRESULT with this added. */
const lastErrorCode = updateErrorNames.length - 1;

/** The statuses of an action that runs. */
export const busyStatuses: ReadonlySet<Status['status']> = new Set([
  'DOWNLOAD_PENDING',
  'DOWNLOAD_WIP',
  'DOWNLOAD_CANCELLING',
  'APPLY_PENDING',
  'APPLY_WIP',
]);

const terminalStatuses: ReadonlySet<Status['status']> = new Set([
  'DOWNLOAD_CANCELLED',
  'DOWNLOAD_FAILED',
  'DOWNLOAD_SUCCEEDED',
  'APPLY_SUCCEEDED',
  'APPLY_FAILED',
]);

/** The error of a report that tells an HRESULT, and back: eUNKNOWN is added, in 32 unsigned bits. */
export const reportedError = (hresult: number): number => unsigned(unsigned(hresult) + lastErrorCode);
const hresultOf = (error: number): number | null => (error > lastErrorCode ? signed(error - lastErrorCode) : null);

/** Puts UPDATE_STATUS_REPORT into words. Never throws: a number that is not published stays as it is. */
export function decodeStatus({ status: statusCode, error, contentId }: UpdateStatusReport): Status {
  const status = updateStatusNames[statusCode] ?? 'UNDOCUMENTED';
  const errorCode = unsigned(error);
  const hresult = hresultOf(errorCode);
  return {
    status,
    statusCode,
    errorCode,
    errorName: updateErrorNames[errorCode] ?? null,
    hresult,
    hresultName: hresult === null ? null : hresultName(hresult),
    contentId,
    busy: busyStatuses.has(status),
    terminal: terminalStatuses.has(status),
  };
}

/** Whether two reports say the same, so that the later one may be a leftover of the earlier. */
export function sameReport(a: Status, b: Status): boolean {
  return a.statusCode === b.statusCode && a.errorCode === b.errorCode && a.contentId === b.contentId;
}
