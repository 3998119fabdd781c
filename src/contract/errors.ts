import { E_ACCESSDENIED, hresultHex, hresultName, hresultText, signed } from './hresult.js';

/** JSON-RPC's own codes (https://www.jsonrpc.org/specification#error_object) and LSP's for a cancelled request. */
export const jsonRpcCodes = {
  ParseError: -32700,
  InvalidRequest: -32600,
  MethodNotFound: -32601,
  InvalidParams: -32602,
  InternalError: -32603,
  RequestCancelled: -32800,
} as const;

/** Our own codes: positive, so that they can never be mistaken for JSON-RPC's reserved range. */
export const applicationCodes = {
  WindowsError: 1001,
  NotAvailable: 1002,
  IllegalState: 1003,
  UpdateFailed: 1004,
  Timeout: 1005,
  ContentInvalid: 1006,
  NetworkError: 1007,
  Blocked: 1008,
  AccessDenied: 1009,
  InUse: 1010,
  NoSpace: 1011,
} as const;

export type ErrorType = keyof typeof applicationCodes;
export type JsonRpcErrorType = keyof typeof jsonRpcCodes;

/** What a client finds in `error.data`. */
export interface ErrorData {
  readonly type: ErrorType | JsonRpcErrorType;
  /** One sentence that says what to do. */
  readonly recommendation: string;
  readonly [detail: string]: unknown;
}

/** An error that crosses the wire as it is. Anything else that is thrown is a bug and becomes -32603. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: ErrorData;

  constructor(
    type: ErrorType | JsonRpcErrorType,
    message: string,
    details: {
      readonly recommendation: string;
      readonly [detail: string]: unknown;
    },
  ) {
    super(message);
    this.code = { ...applicationCodes, ...jsonRpcCodes }[type];
    this.data = { type, ...details };
  }
}

/** One value that was refused: `path` is dotted and names the key, also an unknown one. */
export interface ParamsIssue {
  readonly path: string;
  readonly message: string;
}

/** -32602 with every issue, from the validation or from a rule that no schema can say. */
export function invalidParams(issues: readonly ParamsIssue[]): RpcError {
  const listed = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  return new RpcError('InvalidParams', `Invalid params: ${listed}`, {
    issues,
    recommendation: 'Correct the named params; rpc.discover lists what each method takes.',
  });
}

/** A Windows call that returned a failure. Backends throw it; it becomes an `RpcError` in `toRpcError`. */
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

/** The one place where a failed Windows call becomes a wire error: AccessDenied or WindowsError. */
export function fromHResult(error: HResultError): RpcError {
  const details = { ...hresultDetails(error.hresult), source: error.source };
  const message = `${error.source} failed with ${details.hresultName ?? details.hresultHex}: ${error.message}`;
  if (error.hresult === E_ACCESSDENIED) {
    return new RpcError('AccessDenied', message, {
      ...details,
      recommendation: 'Run elevated: as an administrator or as SYSTEM.',
    });
  }
  return new RpcError('WindowsError', message, {
    ...details,
    recommendation: 'Look up the HRESULT; bridge/doctor shows whether Office, COM and the services are in order.',
  });
}
