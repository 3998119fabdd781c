import http from 'node:http';
import https from 'node:https';
import type { Duplex, Readable } from 'node:stream';
import { decodedBody } from './content-encoding.js';
import { faultFrom, unexpectedStatus } from './faults.js';
import { Pace } from './pace.js';
import { hostOf, portOf } from './proxy.js';
import { brokeOff, type Exchange, type HttpResponse, silence, type TakePiece } from './response.js';
import { madeGarbage } from './young-collection.js';

/** By what connection a request goes. */
export type NodeConnection = { readonly agent: http.Agent } | { readonly createConnection: () => Duplex };

/** Makes a request with Node's own client, which reads every kind of answer. */
export function askNode(exchange: Exchange, connection: NodeConnection): Promise<HttpResponse> {
  const { url, method, target, headers, signal, idleTimeoutMs, toProxy } = exchange;
  const secure = url.protocol === 'https:';
  const options: http.RequestOptions = {
    method,
    signal,
    hostname: hostOf(url),
    port: portOf(url),
    path: target,
    headers,
    ...connection,
  };
  return new Promise((resolve, reject) => {
    // Node itself tells a request that waits for its connection only when that is there.
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    const request = secure ? https.request(options) : http.request(options);
    let response: http.IncomingMessage | undefined;
    request.setTimeout(idleTimeoutMs, () => (response ?? request).destroy(silence(exchange)));
    // That alone counts from when the connection is there; a firewall may let it wait for minutes.
    request.once('socket', (socket) => socket.setTimeout(idleTimeoutMs));
    const stopCounting = countHead(request, exchange);
    request.once('response', (message) => {
      stopCounting();
      response = message;
      resolve(new NodeResponse(exchange, message));
    });
    // Without a listener Node ends the connection, and tells nobody that no response will come.
    request.once('upgrade', ({ statusCode: status = 0 }, socket) => {
      socket.destroy();
      reject(unexpectedStatus(url.href, status));
    });
    request.once('close', () => {
      signal.removeEventListener('abort', aborted);
      reject(brokeOff(url.href));
    });
    // Stays on: a connection that fails after the response must not bring the process down.
    request.on('error', (error) => reject(signal.aborted ? signal.reason : faultFrom(error, url.href, toProxy)));
    request.end();
  });
}

/** Ends a request whose answer trickles before its body; to be stopped where that begins. */
function countHead(request: http.ClientRequest, exchange: Exchange): () => void {
  const pace = new Pace(exchange);
  let counts = true;
  request.once('socket', (socket) => {
    const arrived = (bytes: Buffer) => {
      if (!counts) {
        socket.off('data', arrived);
        return;
      }
      try {
        pace.arrived(bytes.length);
      } catch (error) {
        request.destroy(error as Error);
      }
    };
    // Beside Node's own listener, which is there by now.
    socket.on('data', arrived);
  });
  return () => {
    counts = false;
  };
}

class NodeResponse implements HttpResponse {
  constructor(
    readonly exchange: Exchange,
    readonly message: http.IncomingMessage,
  ) {
    // What goes wrong before the body is asked for shows when it is.
    message.on('error', () => undefined);
  }

  get url(): string {
    return this.exchange.url.href;
  }

  get status(): number {
    return this.message.statusCode ?? 0;
  }

  get headers(): http.IncomingHttpHeaders {
    return this.message.headers;
  }

  async receive(take: TakePiece): Promise<void> {
    const { message, url } = this;
    const { signal } = this.exchange;
    try {
      if (message.destroyed) throw message.errored ? faultFrom(message.errored, url) : brokeOff(url);
      await this.#read(decodedBody(message, url), take);
    } catch (error) {
      message.destroy();
      throw signal.aborted ? signal.reason : error;
    }
  }

  #read(body: Readable, take: TakePiece): Promise<void> {
    const { message, url } = this;
    const { signal, idleTimeoutMs } = this.exchange;
    return new Promise((resolve, reject) => {
      const stop = (error: unknown) => {
        reject(error);
        body.destroy();
        message.destroy();
      };
      const broken = (error: Error) => stop(faultFrom(error, url));
      const pace = new Pace(this.exchange);
      let taken: Promise<void> | null = null;
      const pause = async (until: Promise<void>) => {
        body.pause();
        pace.pause();
        // Silence that the taker asks for is not a broken transfer.
        message.socket.setTimeout(0);
        await until;
        taken = null;
        pace.resume();
        if (body.readableEnded) return;
        message.socket.setTimeout(idleTimeoutMs);
        body.resume();
      };
      // The end comes with the last piece, also while that is being taken.
      const ended = async () => {
        await taken;
        if (message.complete) resolve();
        else stop(brokeOff(url));
      };
      body.on('data', (piece: Buffer) => {
        if (signal.aborted || body.destroyed) return;
        madeGarbage(piece.length);
        try {
          pace.arrived(piece.length);
          const until = take(piece);
          if (until) {
            taken = pause(until);
            taken.catch(stop);
          }
        } catch (error) {
          stop(error);
        }
      });
      body.once('end', () => void ended().catch(stop));
      body.once('error', broken);
      message.once('error', broken);
      message.once('close', () => {
        if (!message.complete) stop(brokeOff(url));
      });
    });
  }

  discard(): void {
    // The connection of an answer without a body can serve the next request.
    if (this.exchange.method === 'HEAD') this.message.resume();
    else this.message.destroy();
  }
}
