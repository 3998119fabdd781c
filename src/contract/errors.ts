import { Failure, type FailureType } from '../base/failure.js';

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

const codes: Readonly<Record<FailureType, number>> = { ...applicationCodes, ...jsonRpcCodes };

/** A failure as it crosses the wire. Only `rpc/service.ts` makes one. */
export class RpcError extends Failure {
  readonly code: number;

  constructor({ message, data: { type, ...details } }: Failure) {
    super(type, message, details);
    this.code = codes[type];
  }
}
