import http from 'node:http';
import https from 'node:https';
import { withoutCredentials } from '../../base/credentials.js';
import type { Log } from '../../base/log.js';
import { HttpFault, isCertificateFault } from './faults.js';
import { trustMachineCertificates } from './machine-certificates.js';
import { basicAuthorization, type ProxyServer, plainProxyAgent, tunnelAgent } from './proxy.js';

export interface HttpSettings {
  readonly proxy: ProxyServer | null;
  /** Silence after which a transfer counts as broken. */
  readonly idleTimeoutMs: number;
  readonly connections: number;
  readonly log: Log;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly signal: AbortSignal;
  /** Sees where a redirect leads, and may complete that URL; gives the reason where the client must not go there. */
  readonly checkRedirect?: (asked: URL, to: URL) => string | null;
}

export interface HttpResponse {
  readonly message: http.IncomingMessage;
  /** Where the response came from, after redirects. */
  readonly url: string;
  readonly status: number;
}

/** How many redirects one request follows. */
const maxRedirects = 5;

/** HTTP with keep-alive connections, one proxy, limited and logged redirects, and faults that say whether to try again. */
export class HttpClient {
  readonly #plain: http.Agent;
  readonly #secure: https.Agent;

  constructor(readonly settings: HttpSettings) {
    const { proxy, connections, idleTimeoutMs } = settings;
    const options = { keepAlive: true, maxSockets: connections };
    this.#plain = proxy ? plainProxyAgent(proxy, options) : new http.Agent(options);
    this.#secure = proxy ? tunnelAgent(proxy, options, idleTimeoutMs) : new https.Agent(options);
  }

  /**
   * Sends a request and follows redirects; resolves with a response of status 2xx or 416 whose body the caller must
   * read or destroy. Throws HttpFault for everything else.
   */
  async send(request: HttpRequest): Promise<HttpResponse> {
    let url = new URL(request.url);
    for (let redirects = 0; ; redirects++) {
      const message = await this.#exchange(url, request);
      const status = message.statusCode ?? 0;
      if ((status >= 200 && status < 300) || status === 416) return { message, url: url.href, status };
      message.destroy();
      if (![301, 302, 303, 307, 308].includes(status)) throw statusFault(url, message);
      const next = redirectTarget(url, message, request);
      if (redirects === maxRedirects) {
        throw new HttpFault(`More than ${maxRedirects} redirects.`, { url: request.url, status, retryable: false });
      }
      this.settings.log.info('redirected', {
        from: withoutCredentials(url.href),
        to: withoutCredentials(next.href),
        status,
      });
      url = next;
    }
  }

  /** Closes every connection, also those that are not there yet. */
  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #exchange(url: URL, { method, headers, signal }: HttpRequest): Promise<http.IncomingMessage> {
    const { proxy, idleTimeoutMs } = this.settings;
    const secure = url.protocol === 'https:';
    const absolute = proxy !== null && !secure;
    if (secure) trustMachineCertificates();
    const options: http.RequestOptions = {
      method,
      signal,
      agent: secure ? this.#secure : this.#plain,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (secure ? 443 : 80),
      path: `${absolute ? `${url.protocol}//${url.host}` : ''}${url.pathname}${url.search}`,
      headers: {
        host: url.host,
        'accept-encoding': 'identity',
        'user-agent': 'c2r-bridge',
        ...(url.username === ''
          ? {}
          : { authorization: basicAuthorization(decoded(url.username), decoded(url.password)) }),
        ...(absolute && proxy.authorization !== null ? { 'proxy-authorization': proxy.authorization } : {}),
        ...headers,
      },
    };
    return new Promise((resolve, reject) => {
      // Node itself tells a request that waits for its connection only when that is there.
      const aborted = () => reject(signal.reason);
      signal.addEventListener('abort', aborted, { once: true });
      const request = secure ? https.request(options) : http.request(options);
      let response: http.IncomingMessage | undefined;
      request.setTimeout(idleTimeoutMs, () => (response ?? request).destroy(silence(url.href, idleTimeoutMs)));
      // That alone counts from when the connection is there; a firewall may let it wait for minutes.
      request.once('socket', (socket) => socket.setTimeout(idleTimeoutMs));
      request.once('response', (message) => {
        response = message;
        resolve(message);
      });
      request.once('close', () => signal.removeEventListener('abort', aborted));
      // Stays on: a connection that fails after the response must not bring the process down.
      request.on('error', (error) => reject(signal.aborted ? signal.reason : faultFrom(error, url.href, absolute)));
      request.end();
    });
  }
}

/** A part of the URL; one that was written without encoding a percent sign in it is meant as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function silence(url: string, idleTimeoutMs: number): HttpFault {
  return new HttpFault(`The server was silent for ${idleTimeoutMs} ms.`, { url, retryable: true, errno: 'ETIMEDOUT' });
}

/** Turns a failed connection, perhaps one to a proxy, into a fault. */
export function faultFrom(error: Error, url: string, toProxy = false): HttpFault {
  if (error instanceof HttpFault) return error;
  const errno = (error as NodeJS.ErrnoException).code ?? error.message;
  const retryable = !isCertificateFault(errno);
  const message = `The connection ${toProxy ? 'to the proxy ' : ''}failed: ${errno}.`;
  return new HttpFault(message, { url, errno, retryable });
}

function statusFault(url: URL, message: http.IncomingMessage): HttpFault {
  const status = message.statusCode ?? 0;
  const retryAfterMs = retryAfter(message.headers['retry-after'], message.headers.date);
  return new HttpFault(`The server answered with status ${status}.`, {
    url: url.href,
    status,
    retryable: status === 408 || status === 429 || status >= 500,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

/** Retry-After in milliseconds, whether it is given in seconds or as a date, which is read against the server's own. */
function retryAfter(value: string | undefined, serverDate: string | undefined): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(serverDate ?? '');
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}

function redirectTarget(from: URL, message: http.IncomingMessage, { checkRedirect, url }: HttpRequest): URL {
  // Node gives the bytes of a header as Latin-1; as a part of a URL they are what they are in percent-encoding.
  const location = message.headers.location?.replace(
    /[\u0080-\u00ff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16)}`,
  );
  const refuse = (why: string) =>
    new HttpFault(why, { url: from.href, status: message.statusCode ?? 0, retryable: false });
  if (!location || !URL.canParse(location, from.href)) throw refuse('The server redirects to no valid URL.');
  const to = new URL(location, from);
  if (to.origin === from.origin && to.username === '') {
    to.username = from.username;
    to.password = from.password;
  }
  if (to.protocol !== 'https:' && to.protocol !== 'http:') throw refuse(`The server redirects to ${to.protocol} URLs.`);
  if (from.protocol === 'https:' && to.protocol === 'http:') throw refuse('The server redirects from https to http.');
  const refusal = checkRedirect?.(new URL(url), to) ?? null;
  if (refusal !== null) throw refuse(refusal);
  return to;
}
