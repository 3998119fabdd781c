import { Failure } from './failure.js';
import { E_ACCESSDENIED, hresultHex, hresultName, hresultText, signed } from './hresult.js';

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
    super(text ?? hresultText(hresult) ?? `Windows error ${hresultHex(hresult)}.`);
    this.hresult = signed(hresult);
  }
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

/** A failed Windows call as callers are told of it: AccessDenied or WindowsError, with general advice. */
export function windowsFailure(error: HResultError): Failure {
  const details = { ...hresultDetails(error.hresult), source: error.source };
  const message = `${error.source} failed with ${details.hresultName ?? details.hresultHex}: ${error.message}`;
  if (error.hresult === E_ACCESSDENIED) {
    return new Failure('AccessDenied', message, {
      ...details,
      recommendation: 'Run elevated: as an administrator or as SYSTEM.',
    });
  }
  return new Failure('WindowsError', message, {
    ...details,
    recommendation: 'Look up the HRESULT; bridge/doctor shows whether Office, COM and the services are in order.',
  });
}
