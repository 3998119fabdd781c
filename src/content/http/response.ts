import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { HttpFault } from './faults.js';

/**
 * Takes a piece of a body. The piece is valid during the call, or until the promise that it gives has settled: nothing more
 * is read before that.
 */
export type TakePiece = (piece: Buffer) => undefined | Promise<void>;

/** What a server answered, and its body, however that travels. */
export interface HttpResponse {
  /** Where the response came from, after redirects. */
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /**
   * Hands the body over, without its Content-Encoding. Rejects with HttpFault where it breaks off, with what `take` throws,
   * and with the reason of the request's signal.
   */
  receive(take: TakePiece): Promise<void>;
  /** Ends the exchange without its body. */
  discard(): void;
}

/** One request as it goes out, and what bounds it. */
export interface Exchange {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD';
  /** The path, or the whole URL where a proxy is asked. */
  readonly target: string;
  readonly headers: OutgoingHttpHeaders;
  readonly signal: AbortSignal;
  /** Silence after which the transfer counts as broken. */
  readonly idleTimeoutMs: number;
  /** Whether the connection leads to a proxy, which a fault then names. */
  readonly toProxy: boolean;
}

export function silence({ url, idleTimeoutMs }: Exchange): HttpFault {
  const message = `The server was silent for ${idleTimeoutMs} ms.`;
  return new HttpFault(message, { url: url.href, retryable: true, errno: 'ETIMEDOUT' });
}

export function brokeOff(url: string): HttpFault {
  return new HttpFault('The transfer broke off.', { url, retryable: true, errno: 'ECONNRESET' });
}
