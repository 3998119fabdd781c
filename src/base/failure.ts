/**
 * What callers are told by name when a request fails: JSON-RPC's own types and ours. `contract/errors.ts` gives each its
 * code on the wire.
 */
export type FailureType =
  | 'ParseError'
  | 'InvalidRequest'
  | 'MethodNotFound'
  | 'InvalidParams'
  | 'InternalError'
  | 'RequestCancelled'
  | 'WindowsError'
  | 'NotAvailable'
  | 'IllegalState'
  | 'UpdateFailed'
  | 'Timeout'
  | 'ContentInvalid'
  | 'NetworkError'
  | 'Blocked'
  | 'AccessDenied'
  | 'InUse'
  | 'NoSpace';

/** What callers find in `error.data`. */
export interface FailureData {
  readonly type: FailureType;
  /** One sentence that says what to do. */
  readonly recommendation: string;
  readonly [detail: string]: unknown;
}

/** An outcome that callers are told as it is. Whatever else is thrown, and no room explains, is a bug. */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly data: FailureData;

  constructor(
    type: FailureType,
    message: string,
    details: { readonly recommendation: string; readonly [detail: string]: unknown },
  ) {
    super(message);
    this.data = { type, ...details };
  }
}

/** One value that was refused: `path` is dotted and names the key, also an unknown one. */
export interface ParamsIssue {
  readonly path: string;
  readonly message: string;
}

/** InvalidParams with every issue, from the validation or from a rule that no schema can say. */
export function invalidParams(issues: readonly ParamsIssue[]): Failure {
  const listed = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  return new Failure('InvalidParams', `Invalid params: ${listed}`, {
    issues,
    recommendation: 'Correct the named params; rpc.discover lists what each method takes.',
  });
}
