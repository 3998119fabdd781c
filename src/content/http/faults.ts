import { withoutCredentials } from '../../base/credentials.js';
import { Failure } from '../../base/failure.js';
import { familyOfErrno, familyOfStatus, faultFamilies } from '../../base/fault-family.js';

/** An exchange that failed. `retryable` says whether the same request may succeed later. */
export class HttpFault extends Error {
  override readonly name = 'HttpFault';

  constructor(
    message: string,
    readonly details: {
      readonly url: string;
      readonly retryable: boolean;
      readonly status?: number;
      /** Why the service says that it refused. */
      readonly reason?: string;
      readonly errno?: string;
      /** Whether it was the connection to a proxy that failed. */
      readonly toProxy?: boolean;
      /** What Retry-After asks for. */
      readonly retryAfterMs?: number;
    },
  ) {
    super(message);
  }
}

/** Turns a failed connection, perhaps one to a proxy, into a fault. */
export function faultFrom(error: Error, url: string, toProxy = false): HttpFault {
  if (error instanceof HttpFault) return error;
  const errno = (error as NodeJS.ErrnoException).code ?? error.message;
  const message = `The connection ${toProxy ? 'to the proxy ' : ''}failed: ${errno}.`;
  return new HttpFault(message, { url, errno, retryable: !isCertificateFault(errno), toProxy });
}

/** An answer whose status is not one of those that were asked for, and would be the same again. */
export function unexpectedStatus(url: string, status: number): HttpFault {
  return new HttpFault(`The server answered with status ${status}.`, { url, status, retryable: false });
}

/** What a caller is told once no further attempt is made. */
export function networkError(fault: HttpFault, attempts: number, file?: string): Failure {
  const { url, status, reason, errno, retryAfterMs } = fault.details;
  const wait = retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) };
  return new Failure('NetworkError', `${fault.message} (${withoutCredentials(url)})`, {
    url: withoutCredentials(url),
    ...(file === undefined ? {} : { file }),
    status: status ?? null,
    reason: reason ?? null,
    errno: errno ?? null,
    attempts,
    ...wait,
    // A list is asked for as a whole.
    recommendation: `${adviceFor(fault)}${file === undefined ? '' : ' What is complete is not downloaded again.'}`,
  });
}

/** Node's own codes for a certificate that does not prove who the server is; a further attempt would end alike. */
export function isCertificateFault(errno: string): boolean {
  return errno !== 'EPROTO' && familyOfErrno(errno) === 'tls';
}

function adviceFor({ details: { status, errno = '', retryAfterMs } }: HttpFault): string {
  if (retryAfterMs !== undefined) {
    return 'The server asks for a pause: run again after the seconds that retryAfterSeconds names.';
  }
  if (status === 407) {
    return 'Give a user name and password for the proxy where it takes Basic; Negotiate and NTLM work on Windows only, with the account that the bridge runs as.';
  }
  if (isCertificateFault(errno)) {
    return 'Check the URL, the clock, and whether something on the way inspects TLS with a certificate that this machine does not trust; Node before 22.19 knows only its own list.';
  }
  if (status === 429 || status === 503) {
    return 'The server is busy: run again later, or with a smaller concurrency.';
  }
  const family = (status === undefined ? null : familyOfStatus(status)) ?? familyOfErrno(errno);
  return family ? faultFamilies[family].recommendation : 'Check the network, the proxy and the URL, then try again.';
}
