import { isFailure, signed } from '../../base/hresult.js';
import { generalText, HResultError } from '../../base/hresult-error.js';
import { kernel32 as kernel32Table } from '../abi/kernel32.js';
import { loadSystemDll } from './dll.js';

const kernel32 = loadSystemDll('kernel32.dll', kernel32Table);

const FORMAT_MESSAGE_IGNORE_INSERTS = 0x200;
const FORMAT_MESSAGE_FROM_SYSTEM = 0x1000;
/** One line, whatever the message table holds. */
const FORMAT_MESSAGE_MAX_WIDTH_MASK = 0xff;
const bufferLength = 2048;

/** Windows' own sentence about an HRESULT or Win32 error, else ours, else undefined. */
export function windowsText(code: number): string | undefined {
  const buffer = Buffer.alloc(bufferLength * 2);
  const flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
  const length = kernel32.FormatMessageW(flags, null, code >>> 0, 0, buffer, bufferLength, null);
  return buffer.toString('utf16le', 0, length * 2).trim() || (generalText(code) ?? undefined);
}

/** Throws where `hresult` is a failure; `source` names the call. Gives the HRESULT back, for S_FALSE and the like. */
export function checkHResult(source: string, hresult: number): number {
  if (isFailure(hresult)) throw new HResultError(source, hresult, windowsText(hresult));
  return hresult;
}

/** HRESULT_FROM_WIN32. https://learn.microsoft.com/windows/win32/api/winerror/nf-winerror-hresult_from_win32 */
function hresultFromWin32(error: number): number {
  return error === 0 ? 0 : signed(0x80070000 | (error & 0xffff));
}

/** Throws where a call that returns a Win32 error returned one. */
export function checkWin32(source: string, error: number): void {
  checkHResult(source, hresultFromWin32(error));
}

/** GetLastError of the call before, to be asked before any other call. */
export function lastError(): number {
  return kernel32.GetLastError();
}

/** The error of a call that says by its result that it failed. */
export function lastErrorOf(source: string): HResultError {
  const hresult = hresultFromWin32(lastError());
  return new HResultError(source, hresult, windowsText(hresult));
}
