import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { HttpFault } from './faults.js';
import { trustMachineCertificates } from './machine-certificates.js';
import { hostOf, type ProxyServer, portOf } from './proxy.js';
import { ProxySignIn } from './proxy-sign-in.js';

/** Opens a connection to the proxy itself. */
function connectToProxy({ url }: ProxyServer): net.Socket {
  const place = { host: hostOf(url), port: portOf(url) };
  if (url.protocol === 'http:') return net.connect(place);
  trustMachineCertificates();
  // An address is not a name to ask for; the certificate is compared with the host either way.
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
    new Tunnel(proxy, `${host}:${target.port}`, timeoutMs, ended.signal).open().then(
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

/** What a proxy answered to CONNECT. */
interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly socket: net.Socket;
  /** What came behind the head. */
  readonly head: Buffer;
}

/** How much of a refusal's page is read to keep the connection that a sign-in is bound to. */
const maxPageBytes = 1024 * 1024;

class Tunnel {
  constructor(
    readonly proxy: ProxyServer,
    readonly authority: string,
    readonly timeoutMs: number,
    readonly signal: AbortSignal,
  ) {}

  /** The socket through the proxy; rejects with HttpFault. */
  async open(): Promise<net.Socket> {
    const { proxy } = this;
    const signIn = new ProxySignIn(proxy);
    let socket = connectToProxy(proxy);
    try {
      for (let authorization = proxy.authorization; ; ) {
        const answer = await this.#connect(socket, authorization);
        const { status, headers } = answer;
        if (status === 200) return this.#opened(answer);
        const next = status === 407 ? await signIn.answerTo(headers['proxy-authenticate'], this.#url) : null;
        if (next === null) throw this.#refused(status);
        authorization = next;
        if (!(await this.#skipPage(answer))) {
          socket.destroy();
          socket = connectToProxy(proxy);
        }
      }
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      signIn.end();
    }
  }

  get #url(): string {
    return `https://${this.authority}`;
  }

  #fault(
    message: string,
    details: { status?: number; errno?: string; retryable: boolean; toProxy?: boolean },
  ): HttpFault {
    return new HttpFault(message, { url: this.#url, ...details });
  }

  #refused(status: number): HttpFault {
    const retryable = status >= 500;
    return this.#fault(`The proxy refused the connection with status ${status}.`, { status, retryable });
  }

  #opened({ socket, head }: Answer): net.Socket {
    socket.setTimeout(0);
    if (head.length > 0) socket.unshift(head);
    return socket;
  }

  /** Sends CONNECT over a connection. */
  #connect(socket: net.Socket, authorization: string | null): Promise<Answer> {
    const { authority, timeoutMs, signal } = this;
    return new Promise((resolve, reject) => {
      // Without an agent, which would open the connection in its own way.
      const request = http.request({
        createConnection: () => socket,
        method: 'CONNECT',
        signal,
        path: authority,
        headers: {
          host: authority,
          // A sign-in takes several requests, and one connection.
          connection: 'keep-alive',
          ...(authorization === null ? {} : { 'proxy-authorization': authorization }),
        },
      });
      request.setTimeout(timeoutMs, () => {
        request.destroy(
          this.#fault('The proxy does not answer.', { retryable: true, errno: 'ETIMEDOUT', toProxy: true }),
        );
      });
      // That alone counts from when the connection is there.
      request.once('socket', () => socket.setTimeout(timeoutMs));
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (error instanceof HttpFault) return reject(error);
        const { code = 'failed' } = error;
        reject(this.#fault(`The proxy cannot be reached: ${code}.`, { retryable: true, errno: code, toProxy: true }));
      });
      request.once('response', ({ statusCode = 0 }) => reject(this.#refused(statusCode)));
      request.once('connect', ({ statusCode = 0, headers }, _socket, head) =>
        resolve({ status: statusCode, headers, socket, head }),
      );
      request.end();
    });
  }

  /** Reads the page of a refusal to its end; gives whether the connection can carry the next attempt. */
  async #skipPage({ headers, socket, head }: Answer): Promise<boolean> {
    const length = Number(headers['content-length'] ?? 'unknown');
    const closes = /close/i.test(`${headers.connection ?? ''} ${headers['proxy-connection'] ?? ''}`);
    if (closes || headers['transfer-encoding'] !== undefined || !(length <= maxPageBytes)) return false;
    for (let left = length - head.length; left !== 0; ) {
      if (left < 0) return false;
      const piece = (socket.read(left) ?? socket.read()) as Buffer | null;
      if (piece) left -= piece.length;
      else if (!(await this.#readable(socket))) return false;
    }
    return true;
  }

  /** Waits until there is something to read; gives false where the connection ends instead. */
  #readable(socket: net.Socket): Promise<boolean> {
    return new Promise((resolve) => {
      if (socket.destroyed || socket.readableEnded) return resolve(false);
      const [more, over] = [() => settle(true), () => settle(false)];
      const settle = (readable: boolean) => {
        socket.off('readable', more).off('end', over).off('close', over).off('error', over).off('timeout', over);
        resolve(readable);
      };
      socket.on('readable', more).on('end', over).on('close', over).on('error', over).on('timeout', over);
      if (this.signal.aborted) socket.destroy();
    });
  }
}
