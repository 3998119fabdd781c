import { validateHeaderValue } from 'node:http';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { faultFrom } from './faults.js';
import { askNode } from './node-exchange.js';
import { Pace } from './pace.js';
import { hostOf, type ProxyServer, portOf } from './proxy.js';
import { ProxySignIn } from './proxy-sign-in.js';
import { brokeOff, type Exchange, type HttpResponse, silence, type TakePiece } from './response.js';
import { maxHeadBytes, mayBePlainHead, readPlainHead } from './response-head.js';

/** So large that a read brings what the system has, and so small that it stays in the processor's cache. */
const blockBytes = 1024 * 1024;

let block: Buffer | undefined;
/** What every connection of this thread reads into: what is in it is taken before the next read. */
function sharedBlock(): Buffer {
  block ??= Buffer.allocUnsafeSlow(blockBytes);
  return block;
}

/** The connection ended before the first byte of an answer, as one does that the server had given up meanwhile. */
class StaleConnection extends Error {}

/**
 * Plain HTTP/1.1 over sockets that read into one buffer: five times as fast as Node's own client, which makes a new buffer
 * and several events of each read. It takes whole bodies of a known length; with every other answer Node's client is given
 * the connection, from the first byte of the answer on.
 */
export class PlainConnections {
  readonly #idle = new Map<string, PlainConnection[]>();
  readonly #open = new Set<PlainConnection>();
  /** Where every new connection begins with a sign-in. */
  readonly #signedIn = new Set<string>();
  #closed = false;

  /** Asks a server, or a proxy for it. */
  async ask(proxy: ProxyServer | null, exchange: Exchange): Promise<HttpResponse> {
    exchange.signal.throwIfAborted();
    if (this.#closed) throw brokeOff(exchange.url.href);
    const { url } = proxy ?? exchange;
    const place: Place = { key: JSON.stringify([url.host, proxy !== null]), host: hostOf(url), port: portOf(url) };
    const text = requestText(exchange);
    const answer = (await this.#askIdle(place, text, exchange)) ?? (await this.#askNew(place, text, exchange));
    if (answer && (answer.status !== 407 || !proxy)) return answer;
    return this.#signIn(proxy as ProxyServer, answer, place, exchange);
  }

  /** Closes every connection, also those that are not there yet. */
  close(): void {
    this.#closed = true;
    for (const connection of this.#open) connection.close();
  }

  /** Asks over a connection that is there; null where none of them lives. */
  async #askIdle({ key }: Place, text: string, exchange: Exchange): Promise<HttpResponse | null> {
    for (let connection = this.#idle.get(key)?.pop(); connection; connection = this.#idle.get(key)?.pop()) {
      try {
        return await connection.ask(text, exchange, true);
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
      }
    }
    return null;
  }

  /** Asks over a new connection; null where that must begin with a sign-in. */
  async #askNew(place: Place, text: string, exchange: Exchange): Promise<HttpResponse | null> {
    return this.#signedIn.has(place.key) ? null : this.#connection(place).ask(text, exchange);
  }

  #connection(place: Place): PlainConnection {
    const { key } = place;
    const connection: PlainConnection = new PlainConnection(place, {
      idle: () => this.#idle.set(key, [...(this.#idle.get(key) ?? []), connection]),
      closed: () => {
        this.#open.delete(connection);
        this.#idle.set(key, this.#idle.get(key)?.filter((each) => each !== connection) ?? []);
      },
    });
    this.#open.add(connection);
    return connection;
  }

  /**
   * Signs in to the proxy, over a connection that is signed in from then on. Gives the last answer, which is another 407
   * where the proxy is not to be convinced.
   */
  async #signIn(
    proxy: ProxyServer,
    refusal: HttpResponse | null,
    place: Place,
    exchange: Exchange,
  ): Promise<HttpResponse> {
    const signIn = new ProxySignIn(proxy);
    refusal?.discard();
    let connection = this.#connection(place).hold();
    try {
      let response = refusal ?? (await connection.ask(requestText(exchange), exchange));
      while (response.status === 407) {
        const authorization = await signIn.answerTo(response.headers['proxy-authenticate'], exchange.url.href);
        if (authorization === null) return response;
        if (response !== refusal) await response.receive(() => undefined);
        // Some proxies close the connection of the first refusal.
        if (connection.isClosed) connection = this.#connection(place).hold();
        const headers = { ...exchange.headers, 'proxy-authorization': authorization };
        response = await connection.ask(requestText({ ...exchange, headers }), exchange);
      }
      this.#signedIn.add(place.key);
      return response;
    } catch (error) {
      connection.close();
      throw error;
    } finally {
      signIn.end();
      connection.letGo();
    }
  }
}

/** Where connections lead; `key` tells those to a proxy from those to a server of the same address. */
interface Place {
  readonly key: string;
  readonly host: string;
  readonly port: number;
}

interface Owner {
  /** The connection can carry the next exchange. */
  idle(): void;
  closed(): void;
}

/** What a connection tells the exchange that it carries. */
interface Listener {
  /** Takes bytes, which are valid during the call only; gives whether more may be read at once. */
  arrived(bytes: Buffer): boolean;
  silent(): void;
  ended(error: Error | null): void;
}

class PlainConnection {
  readonly #socket: net.Socket;
  #listener: Listener | null = null;
  #error: Error | null = null;
  /** Whether the next exchange is that of the caller alone. */
  #held = false;
  #kept: Buffer | null = null;

  constructor(
    place: Place,
    readonly owner: Owner,
  ) {
    const buffer = sharedBlock();
    const callback = (count: number) => this.#arrived(buffer.subarray(0, count));
    this.#socket = net.connect({ ...place, onread: { buffer, callback } });
    this.#socket.setNoDelay(true);
    this.#socket.on('error', (error) => {
      this.#error = error;
    });
    this.#socket.on('timeout', () => (this.#listener ? this.#listener.silent() : this.close()));
    this.#socket.once('close', () => {
      owner.closed();
      const listener = this.#listener;
      this.#listener = null;
      listener?.ended(this.#error);
    });
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  /** Keeps the connection for a further exchange, until it is let go. */
  hold(): this {
    this.#held = true;
    return this;
  }

  letGo(): void {
    this.#held = false;
    if (!this.#listener && !this.isClosed) this.release(true);
  }

  /** A copy of what came with a head, which is valid until the next one. */
  keep(bytes: Buffer): Buffer {
    if (bytes.length === 0) return bytes;
    // One block for the life of the connection: as garbage, such blocks would pile up.
    this.#kept ??= Buffer.allocUnsafeSlow(blockBytes);
    return this.#kept.subarray(0, bytes.copy(this.#kept));
  }

  /** Sends the text of a request. Rejects with StaleConnection where a reused connection ends before an answer begins. */
  ask(text: string, exchange: Exchange, reused = false): Promise<HttpResponse> {
    const request = new PlainExchange(exchange, this, reused);
    if (this.isClosed) {
      request.ended(this.#error);
      return request.answer;
    }
    this.#listener = request;
    this.#socket.ref();
    this.silenceAfter(exchange.idleTimeoutMs);
    this.#socket.write(text, 'latin1');
    return request.answer;
  }

  /** The exchange is over; `reusable` is whether its answer has come to its end and another may follow. */
  release(reusable: boolean): void {
    this.#listener = null;
    if (!reusable || this.#socket.destroyed) {
      this.close();
      return;
    }
    this.#socket.unref();
    this.resume();
    if (!this.#held) this.owner.idle();
  }

  resume(): void {
    this.#socket.resume();
  }

  silenceAfter(ms: number): void {
    this.#socket.setTimeout(ms);
  }

  close(): void {
    this.#socket.destroy();
  }

  #arrived(bytes: Buffer): boolean {
    if (this.#listener) return this.#listener.arrived(bytes);
    // Nobody asked for it.
    this.close();
    return false;
  }
}

function requestText({ method, target, headers }: Exchange): string {
  const lines = Object.entries(headers).map(([name, value]) => {
    // A validator may come from a file that others can write.
    validateHeaderValue(name, String(value));
    return `${name}: ${value}\r\n`;
  });
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}connection: keep-alive\r\n\r\n`;
}

/** One exchange over a plain connection, and its answer. */
class PlainExchange implements Listener, HttpResponse {
  readonly answer: Promise<HttpResponse>;
  status = 0;
  headers: HttpResponse['headers'] = {};
  #answered: (response: HttpResponse | Promise<HttpResponse>) => void = () => undefined;
  #failed: (error: unknown) => void = () => undefined;
  /** What has come of the head so far. */
  #head: Buffer = Buffer.alloc(0);
  /** What has come of the body before it is asked for. */
  #early: Buffer = Buffer.alloc(0);
  #left = 0;
  #keepsAlive = false;
  /** Takes the bytes that come now. */
  #arrived: (bytes: Buffer) => boolean = (bytes) => this.#readHead(bytes);
  #take: TakePiece = () => undefined;
  #handedOver: HandedOver | null = null;
  #over = false;
  #fault: unknown;
  readonly #pace: Pace;

  constructor(
    readonly exchange: Exchange,
    readonly connection: PlainConnection,
    readonly reused: boolean,
  ) {
    this.#pace = new Pace(exchange);
    this.answer = new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
    });
    exchange.signal.addEventListener('abort', this.#aborted, { once: true });
  }

  get url(): string {
    return this.exchange.url.href;
  }

  receive(take: TakePiece): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#fault) {
        reject(this.#fault);
        return;
      }
      this.#answered = () => resolve();
      this.#failed = reject;
      this.#take = take;
      this.#arrived = (bytes) => this.#deliver(bytes);
      const early = this.#early;
      this.#early = Buffer.alloc(0);
      if (this.#over) resolve();
      else if (early.length === 0 || this.#deliver(early)) this.connection.resume();
    });
  }

  discard(): void {
    if (!this.#over) this.#fail(brokeOff(this.url));
  }

  arrived(bytes: Buffer): boolean {
    return this.#arrived(bytes);
  }

  silent(): void {
    if (this.#handedOver) this.#handedOver.emit('timeout');
    else this.#fail(silence(this.exchange));
  }

  ended(error: Error | null): void {
    if (this.#handedOver) {
      this.#handedOver.finish(error);
      return;
    }
    const { url, toProxy } = this.exchange;
    const reset = Object.assign(new Error('The connection was closed.'), { code: 'ECONNRESET' });
    if (this.status > 0) this.#fail(error ? faultFrom(error, url.href, toProxy) : brokeOff(url.href));
    else if (this.reused && this.#head.length === 0) this.#fail(new StaleConnection('ended'));
    else this.#fail(faultFrom(error ?? reset, url.href, toProxy));
  }

  readonly #aborted = () => this.#fail(this.exchange.signal.reason);

  #readHead(bytes: Buffer): boolean {
    const seen = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const end = seen.subarray(0, maxHeadBytes).indexOf('\r\n\r\n');
    if (end < 0 && mayBePlainHead(seen)) {
      this.#head = Buffer.from(seen);
      return this.#keepsPace(bytes);
    }
    const head = end < 0 ? null : readPlainHead(seen.toString('latin1', 0, end), this.exchange.method);
    if (!head) return this.#handOver(Buffer.from(seen));
    this.status = head.status;
    this.headers = head.headers;
    this.#left = head.length;
    this.#keepsAlive = head.keepsAlive;
    this.#early = this.connection.keep(seen.subarray(end + 4));
    this.#answered(this);
    if (this.#left === 0) this.#end(this.#early.length === 0);
    // Where there is a body, nothing more is read until it is asked for.
    return this.#over;
  }

  #deliver(bytes: Buffer): boolean {
    const body = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
    this.#left -= body.length;
    const exact = body.length === bytes.length;
    try {
      if (this.#left > 0) this.#pace.arrived(body.length);
      const taken = this.#take(body);
      if (taken) return this.#await(taken, exact);
    } catch (error) {
      this.#fail(error);
      return false;
    }
    if (this.#left === 0) this.#end(exact);
    return true;
  }

  /** Whether the server sends fast enough; ends the exchange where it does not. */
  #keepsPace({ length }: Buffer): boolean {
    try {
      this.#pace.arrived(length);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /** Reads on once a piece is taken. */
  #await(taken: Promise<void>, exact: boolean): boolean {
    const { connection, exchange } = this;
    // Silence that the taker asks for is not a broken transfer.
    connection.silenceAfter(0);
    this.#pace.pause();
    taken.then(
      () => {
        if (this.#over) return;
        this.#pace.resume();
        connection.silenceAfter(exchange.idleTimeoutMs);
        if (this.#left === 0) this.#end(exact);
        else connection.resume();
      },
      (error) => this.#fail(error),
    );
    return false;
  }

  /** Gives the connection, and what has come, to Node's client. */
  #handOver(seen: Buffer): boolean {
    const { exchange, connection } = this;
    this.#settle();
    const handedOver = new HandedOver(connection);
    this.#handedOver = handedOver;
    this.#arrived = (bytes) => handedOver.push(Buffer.from(bytes));
    handedOver.push(seen);
    this.#answered(askNode(exchange, { createConnection: () => handedOver }));
    return true;
  }

  #end(exact: boolean): void {
    this.#settle();
    // More than was announced: where one answer ends and the next begins is anybody's guess.
    this.connection.release(exact && this.#keepsAlive);
    this.#answered(this);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#settle();
    this.#fault = error;
    this.connection.release(false);
    this.#failed(error);
  }

  #settle(): void {
    this.#over = true;
    this.exchange.signal.removeEventListener('abort', this.#aborted);
  }
}

/** A connection as Node's client sees it: the request has gone out, and the answer begins with what has come of it. */
class HandedOver extends Duplex {
  constructor(readonly connection: PlainConnection) {
    super();
  }

  finish(error: Error | null): void {
    if (error) this.destroy(error);
    else this.push(null);
  }

  setTimeout(ms: number, listener?: () => void): this {
    if (listener) this.once('timeout', listener);
    this.connection.silenceAfter(ms);
    return this;
  }

  destroySoon(): void {
    this.destroy();
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  override _read(): void {
    this.connection.resume();
  }

  override _write(_bytes: Buffer, _encoding: string, written: () => void): void {
    written();
  }

  override _destroy(error: Error | null, destroyed: (error: Error | null) => void): void {
    this.connection.close();
    destroyed(error);
  }
}
