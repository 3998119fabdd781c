import http from 'node:http';
import https from 'node:https';
import { withoutCredentials } from '../../base/credentials.js';
import type { Log } from '../../base/log.js';
import { percentDecoded } from '../../base/percent-encoding.js';
import { untilAborted } from '../../base/run.js';
import { HttpFault } from './faults.js';
import { trustMachineCertificates } from './machine-certificates.js';
import { askNode } from './node-exchange.js';
import { PlainConnections } from './plain-connection.js';
import { basicAuthorization, type ProxyRoutes, type ProxyServer } from './proxy.js';
import type { Exchange, HttpResponse } from './response.js';
import { serviceReason } from './service-reason.js';
import { plainProxyAgent, tunnelAgent } from './tunnel.js';

export interface HttpSettings {
  /** Null for no proxy. */
  readonly proxy: ProxyRoutes | null;
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

/** What keeps the connections that lead somewhere by way of one proxy, or of none. */
interface Agents {
  readonly plain: http.Agent;
  readonly secure: https.Agent;
}

/** How many redirects one request follows. */
const maxRedirects = 5;

/** HTTP with keep-alive connections, proxies, limited and logged redirects, and faults that say whether to try again. */
export class HttpClient {
  readonly #agents = new Map<string, Agents>();
  readonly #connections = new PlainConnections();
  /** Proxies that could not be reached, which are tried last. */
  readonly #unreachable = new Set<string>();
  #closed = false;

  constructor(readonly settings: HttpSettings) {}

  /**
   * Sends a request and follows redirects; resolves with a response of status 2xx or 416 whose body the caller must
   * receive or discard. Throws HttpFault for everything else.
   */
  async send(request: HttpRequest): Promise<HttpResponse> {
    let url = new URL(request.url);
    for (let redirects = 0; ; redirects++) {
      const response = await this.#ask(url, request);
      const { status } = response;
      if ((status >= 200 && status < 300) || status === 416) return response;
      if (![301, 302, 303, 307, 308].includes(status)) {
        throw statusFault(response, await serviceReason(response, request.signal));
      }
      response.discard();
      const next = redirectTarget(url, response, request);
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
    this.#closed = true;
    for (const { plain, secure } of this.#agents.values()) {
      plain.destroy();
      secure.destroy();
    }
    this.#connections.close();
  }

  /** Asks by the first way that leads anywhere. */
  async #ask(url: URL, request: HttpRequest): Promise<HttpResponse> {
    const routes = await this.#routes(url, request.signal);
    for (let index = 0; ; index++) {
      const proxy = routes[index] ?? null;
      try {
        return await this.#askThrough(proxy, url, request);
      } catch (error) {
        const isLast = index >= routes.length - 1;
        if (!this.#ledNowhere(proxy, error, isLast) || isLast) throw error;
        const { message } = error as HttpFault;
        this.settings.log.warn('trying the next way', { failed: proxy?.url.host ?? 'direct', reason: message });
      }
    }
  }

  /** Notes a way by which neither the server nor a proxy was reached; says whether another one may lead further. */
  #ledNowhere(proxy: ProxyServer | null, error: unknown, isLast: boolean): boolean {
    if (!(error instanceof HttpFault) || error.details.status !== undefined) return false;
    this.settings.proxy?.forget?.();
    if (proxy && !error.details.toProxy) return false;
    if (proxy) this.#unreachable.add(proxy.url.host);
    // The next attempt begins with the first way again: what was down may be up by then.
    if (isLast) this.#unreachable.clear();
    return true;
  }

  async #routes(url: URL, signal: AbortSignal): Promise<readonly (ProxyServer | null)[]> {
    const { proxy } = this.settings;
    if (!proxy) return [null];
    const routes = await untilAborted(proxy(url), signal);
    const isUp = (route: ProxyServer | null) => !route || !this.#unreachable.has(route.url.host);
    return [...routes.filter(isUp), ...routes.filter((route) => !isUp(route))];
  }

  #askThrough(proxy: ProxyServer | null, url: URL, request: HttpRequest): Promise<HttpResponse> {
    const { method, headers, signal } = request;
    const secure = url.protocol === 'https:';
    const toProxy = proxy !== null && !secure;
    if (secure) trustMachineCertificates();
    const exchange: Exchange = {
      url,
      method,
      target: `${toProxy ? `${url.protocol}//${url.host}` : ''}${url.pathname}${url.search}`,
      headers: {
        host: url.host,
        'accept-encoding': 'identity',
        'user-agent': 'c2r-bridge',
        ...(url.username === ''
          ? {}
          : { authorization: basicAuthorization(decoded(url.username), decoded(url.password)) }),
        ...(toProxy && proxy.authorization !== null ? { 'proxy-authorization': proxy.authorization } : {}),
        ...headers,
      },
      signal,
      idleTimeoutMs: this.settings.idleTimeoutMs,
      toProxy,
    };
    if (secure) return askNode(exchange, { agent: this.#agentsFor(proxy).secure });
    // A proxy of https takes requests over TLS.
    return proxy?.url.protocol === 'https:'
      ? askNode(exchange, { agent: this.#agentsFor(proxy).plain })
      : this.#connections.ask(proxy ?? null, exchange);
  }

  #agentsFor(proxy: ProxyServer | null): Agents {
    const key = proxy?.url.href ?? '';
    const known = this.#agents.get(key);
    if (known) return known;
    const { connections, idleTimeoutMs } = this.settings;
    const options = { keepAlive: true, maxSockets: connections };
    const agents = {
      plain: proxy ? plainProxyAgent(proxy, options) : new http.Agent(options),
      secure: proxy ? tunnelAgent(proxy, options, idleTimeoutMs) : new https.Agent(options),
    };
    this.#agents.set(key, agents);
    if (this.#closed) this.close();
    return agents;
  }
}

/** A part of the URL; one that was written without encoding a percent sign in it is meant as it is. */
function decoded(text: string): string {
  return percentDecoded(text) ?? text;
}

function statusFault({ url, status, headers }: HttpResponse, reason: string | null): HttpFault {
  const retryAfterMs = retryAfter(headers['retry-after'], headers.date);
  return new HttpFault(`The server answered with status ${status}${reason === null ? '' : `: ${reason}`}.`, {
    url,
    status,
    ...(reason === null ? {} : { reason }),
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

function redirectTarget(from: URL, { status, headers }: HttpResponse, { checkRedirect, url }: HttpRequest): URL {
  // Node gives the bytes of a header as Latin-1; as a part of a URL they are what they are in percent-encoding.
  const location = headers.location?.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  const refuse = (why: string) => new HttpFault(why, { url: from.href, status, retryable: false });
  if (!location || !URL.canParse(location, from.href))
    throw refuse('The server redirects to something that is not a URL.');
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
