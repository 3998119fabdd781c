import { hresultHex } from '../base/hresult.js';
import type { UpdateStatus } from './c2r.js';

type Reported = Pick<UpdateStatus, 'errorCode' | 'errorName' | 'hresult' | 'hresultName'>;

/** The error of a status report for people: `FAILED_UNEXPECTED`, `ERROR_DISK_FULL` or `0x80070123`; null where there is none. */
export function errorLabel({ errorCode, errorName, hresult, hresultName }: Reported): string | null {
  if (errorCode === 0) return null;
  if (hresult === null) return errorName;
  return hresultName ?? hresultHex(hresult);
}
