import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { invalidParams } from '../../base/failure.js';
import type { ProxyChoice } from '../../contract/content.js';
import { HttpFault } from './faults.js';
import { trustMachineCertificates } from './machine-certificates.js';

/** An HTTP proxy to go through; `authorization` is the value of a Proxy-Authorization header, or null. */
export interface ProxyServer {
  readonly url: URL;
  readonly authorization: string | null;
}

/** Reads the `proxy` parameter. Its text is never part of an error: it may hold a password. */
export function proxyServer(proxy: ProxyChoice): ProxyServer {
  const given = typeof proxy === 'string' ? { url: proxy } : proxy;
  const url = URL.canParse(given.url) ? new URL(given.url) : null;
  if (!url?.hostname || !['http:', 'https:'].includes(url.protocol)) {
    throw invalidParams([{ path: 'proxy', message: 'must be an http or https URL such as http://proxy:8080' }]);
  }
  const [username, password] =
    'username' in given ? [given.username, given.password] : [decoded(url.username), decoded(url.password)];
  url.username = '';
  url.password = '';
  return { url, authorization: username === '' ? null : basicAuthorization(username, password) };
}

/** The value of an Authorization or Proxy-Authorization header. https://www.rfc-editor.org/rfc/rfc7617 */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

/** A part of the URL that a person may have written without encoding a percent sign in it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidParams([
      {
        path: 'proxy',
        message: 'user name and password must be percent-encoded (% as %25), or be given beside the URL',
      },
    ]);
  }
}

export const portOf = (url: URL) => Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
/** The host of a URL as a socket takes it: an IPv6 address without its brackets. */
export const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');

/** Opens a connection to the proxy itself. */
function connectToProxy({ url }: ProxyServer): net.Socket {
  const place = { host: hostOf(url), port: portOf(url) };
  if (url.protocol === 'http:') return net.connect(place);
  trustMachineCertificates();
  // An address is no name to ask for; the certificate is compared with the host either way.
  return tls.connect(net.isIP(place.host) === 0 ? { ...place, servername: place.host } : place);
}

/** An agent whose connections lead to the proxy; requests over it carry the absolute URL. */
export function plainProxyAgent(proxy: ProxyServer, options: http.AgentOptions): http.Agent {
  const agent = new http.Agent(options);
  return Object.assign(agent, { createConnection: () => connectToProxy(proxy) });
}

/**
 * An agent that opens a tunnel with CONNECT for each connection and speaks TLS with the server through it. Destroying it
 * ends the tunnels that the proxy has not opened yet.
 */
export function tunnelAgent(proxy: ProxyServer, options: https.AgentOptions, timeoutMs: number): https.Agent {
  const agent = new https.Agent(options);
  const ended = new AbortController();
  const createConnection = (
    target: tls.ConnectionOptions,
    done: (error: Error | null, socket?: Duplex) => void,
  ): undefined => {
    const host = net.isIPv6(target.host ?? '') ? `[${target.host}]` : target.host;
    tunnel(proxy, `${host}:${target.port}`, timeoutMs, ended.signal).then(
      (socket) => done(null, tls.connect({ ...target, socket })),
      (error: Error) => done(error),
    );
    return undefined;
  };
  const destroy = () => {
    ended.abort();
    https.Agent.prototype.destroy.call(agent);
  };
  return Object.assign(agent, { createConnection, destroy });
}

function tunnel(proxy: ProxyServer, authority: string, timeoutMs: number, signal: AbortSignal): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    // Without an agent, which would open the connection in its own way.
    const request = http.request({
      createConnection: () => connectToProxy(proxy),
      method: 'CONNECT',
      signal,
      path: authority,
      headers: {
        host: authority,
        ...(proxy.authorization === null ? {} : { 'proxy-authorization': proxy.authorization }),
      },
    });
    const fault = (message: string, details: { status?: number; errno?: string; retryable: boolean }) =>
      new HttpFault(message, { url: `https://${authority}`, ...details });
    request.setTimeout(timeoutMs, () => {
      request.destroy(fault('The proxy does not answer.', { retryable: true, errno: 'ETIMEDOUT' }));
    });
    // That alone counts from when the connection is there.
    request.once('socket', (socket) => socket.setTimeout(timeoutMs));
    request.once('error', (error: NodeJS.ErrnoException) => {
      if (error instanceof HttpFault) return reject(error);
      reject(
        fault(`The proxy cannot be reached: ${error.code ?? 'failed'}.`, { retryable: true, errno: error.code ?? '' }),
      );
    });
    const refuse = (response: http.IncomingMessage) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      reject(fault(`The proxy refused the connection with status ${status}.`, { status, retryable: status >= 500 }));
    };
    request.once('response', refuse);
    request.once('connect', (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        return refuse(response);
      }
      socket.setTimeout(0);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.end();
  });
}
