import { RpcError } from '../contract/errors.js';

interface ContentDetails {
  /** The path in the image, or the file object of the list. */
  readonly file?: unknown;
  readonly url?: string | undefined;
  readonly expected?: unknown;
  readonly actual?: unknown;
  readonly cabinet?: string;
  readonly member?: string;
  readonly recommendation?: string;
}

/** Content, or the list of it, is not what it must be. The URLs of `details` are shown without what they keep secret. */
export function contentInvalid(message: string, details: ContentDetails): RpcError {
  const { file, url } = details;
  return new RpcError('ContentInvalid', message, {
    ...details,
    ...(url === undefined ? {} : { url: withoutCredentials(url) }),
    ...(typeof file === 'object' && file !== null ? { file: fileObjectWithoutCredentials(file) } : {}),
    recommendation: details.recommendation ?? 'Check where the content comes from; nothing of it was put in place.',
  });
}

/** Values of a query that grant access, by how their names end: `sig` of Azure's SAS tokens, `X-Amz-Signature`, `code`. */
const secretParameters = /([?&][^=&#]*(?:sig|signature|token|key|secret|password|pwd|credential|auth|code)=)[^&#]+/gi;

/**
 * Removes the credentials that a URL may carry, for logs, errors and the manifest: a user with a password, and the values of
 * a query that grant access.
 */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replaceAll(secretParameters, '$1***');
}

function fileObjectWithoutCredentials(file: object): object {
  return Object.fromEntries(
    Object.entries(file).map(([key, value]) => [key, typeof value === 'string' ? withoutCredentials(value) : value]),
  );
}

/** An exchange that failed. `retryable` says whether the same request may succeed later. */
export class HttpFault extends Error {
  override readonly name = 'HttpFault';

  constructor(
    message: string,
    readonly details: {
      readonly url: string;
      readonly retryable: boolean;
      readonly status?: number;
      readonly errno?: string;
      /** What Retry-After asks for. */
      readonly retryAfterMs?: number;
    },
  ) {
    super(message);
  }
}

/** What a caller is told once no further attempt is made. */
export function networkError(fault: HttpFault, attempts: number, file?: string): RpcError {
  const { url, status, errno, retryAfterMs } = fault.details;
  const wait = retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) };
  return new RpcError('NetworkError', `${fault.message} (${withoutCredentials(url)})`, {
    url: withoutCredentials(url),
    ...(file === undefined ? {} : { file }),
    status: status ?? null,
    errno: errno ?? null,
    attempts,
    ...wait,
    recommendation:
      retryAfterMs === undefined
        ? 'Check the network, the proxy and the URL, then run again; what is complete is not downloaded again.'
        : 'The server asks for a pause: run again after the seconds that retryAfterSeconds names.',
  });
}

/** Free room is too small, as computed beforehand or as the file system said while writing. */
export function noSpace(path: string, needed: number | null, free: number | null): RpcError {
  const figures = needed === null ? '' : `: ${needed} bytes needed, ${free ?? 'an unknown number'} free`;
  return new RpcError('NoSpace', `Too little room in ${path}${figures}.`, {
    path,
    needed,
    free,
    recommendation:
      needed !== null && free !== null && free > needed
        ? 'Raise the quota, or the limit on the size of a file, of this account or file system, then run again.'
        : 'Make room or choose another destination, then run again.',
  });
}

/** Whether a write failed because a disk or a quota is used up, or because a file may not become that large. */
export function isOutOfRoom(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** A refusal by the file system as a wire error; anything else is given back as it is. */
export function fromFileSystem(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error;
  const { code, path = 'the destination' } = error as NodeJS.ErrnoException;
  if (isOutOfRoom(error)) return noSpace(path, null, null);
  return new RpcError('AccessDenied', `The file system refused ${path}: ${error.message}`, {
    path,
    errno: code,
    recommendation: 'Check that the path exists and that this account may read and write there.',
  });
}
