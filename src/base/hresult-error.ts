import { Failure } from './failure.js';
import { familyOf, faultFamilies } from './fault-family.js';
import { E_ACCESSDENIED, hresultHex, hresultName, hresultText, serverGoneCodes, signed } from './hresult.js';

/** A Windows call that returned a failure. Backends throw it as it is; the room's `explain` says what it means there. */
export class HResultError extends Error {
  override readonly name = 'HResultError';
  /** Signed 32 bits. */
  readonly hresult: number;

  constructor(
    /** The call, for example `IUpdateNotify::Download`. */
    readonly source: string,
    hresult: number,
    /** Windows' own text, from FormatMessageW or MpErrorMessageFormat. */
    text?: string,
  ) {
    super(text ?? generalText(hresult) ?? `Windows error ${hresultHex(hresult)}.`);
    this.hresult = signed(hresult);
  }
}

/** A sentence about a code, from our own table or about its whole family, for where Windows has none. */
export function generalText(hresult: number): string | null {
  const family = familyOf(hresult);
  return hresultText(hresult) ?? (family && faultFamilies[family].text);
}

/** What to do about a code, by its family; null where nothing general can be said. */
export function generalAdvice(hresult: number): string | null {
  const family = familyOf(hresult);
  return family && faultFamilies[family].recommendation;
}

/** Whether a COM server went away, which says nothing about what it was asked to do. */
export function isServerGone(error: unknown): error is HResultError {
  return error instanceof HResultError && serverGoneCodes.has(error.hresult);
}

/** The fields that describe an HRESULT in `error.data`. */
export function hresultDetails(hresult: number): {
  hresult: number;
  hresultHex: string;
  hresultName: string | null;
} {
  return {
    hresult: signed(hresult),
    hresultHex: hresultHex(hresult),
    hresultName: hresultName(hresult),
  };
}

/** A failed Windows call as callers are told of it: AccessDenied or WindowsError, with what is generally to be done. */
export function windowsFailure(error: HResultError): Failure {
  const details = { ...hresultDetails(error.hresult), source: error.source };
  const message = `${error.source} failed with ${details.hresultName ?? details.hresultHex}: ${error.message}`;
  return new Failure(error.hresult === E_ACCESSDENIED ? 'AccessDenied' : 'WindowsError', message, {
    ...details,
    recommendation:
      generalAdvice(error.hresult) ??
      'Look up the HRESULT; bridge/doctor shows whether Office, COM and the services are in order.',
  });
}
