import type { Readable, Writable } from 'node:stream';
import { type DataCallback, Event, type Message, type MessageReader, type MessageWriter } from 'vscode-jsonrpc';
import { Failure } from '../base/failure.js';
import { isDiskFull } from '../base/file-errors.js';
import type { Log } from '../base/log.js';
import { createFrameSplitter, LostFrameError } from './frames.js';
import { type IdText, type Incoming, invalidRequest, readBody } from './messages.js';
import { createOutbox, type JsonParts, jsonParts } from './outbox.js';
import { rpcError } from './service.js';

/** Why nothing more will be read. */
export type TransportEnd =
  | { readonly reason: 'input ended' }
  /** The client is gone where `closed`, else what it reads from takes no more. */
  | { readonly reason: 'output lost'; readonly closed: boolean }
  | { readonly reason: 'frame lost'; readonly error: LostFrameError };

/** The two halves that vscode-jsonrpc's connection needs, with everything of JSON-RPC 2.0 that its own halves lack. */
export interface Transport {
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
  /** How many requests have no reply yet. */
  readonly unanswered: number;
  /** Resolves as soon as no request is without a reply. */
  answered(): Promise<void>;
  /** Takes no further message; replies still go out. */
  stop(): void;
  /** Gives every request that has none this reply; a later one of its own is dropped. */
  answerAll(error: Failure): void;
  /** Resolves when all replies are out of this process, or can no longer be. */
  flushed(): Promise<void>;
}

/** Where a reply goes: out by itself, or to its place in the answer to a batch. */
type Destination = (reply: JsonParts) => void;

interface Pending {
  readonly id: IdText;
  readonly reply: Destination;
}

/** The requests that have no reply yet, by a key that no two of them share. */
class PendingRequests {
  readonly #byKey = new Map<string, Pending>();
  #anonymous = 0;
  #onNone: (() => void) | undefined;

  get size(): number {
    return this.#byKey.size;
  }

  /** The key of a new request; undefined where its id is still in use. */
  add(id: IdText, reply: Destination): string | undefined {
    const key = keyOf(id) ?? `null ${++this.#anonymous}`;
    if (this.#byKey.has(key)) return undefined;
    this.#byKey.set(key, { id, reply });
    return key;
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  keys(): readonly string[] {
    return [...this.#byKey.keys()];
  }

  /** Forgets a request, which is to be replied to at once; undefined where that was done before. */
  take(key: string): Pending | undefined {
    const request = this.#byKey.get(key);
    this.#byKey.delete(key);
    if (this.#byKey.size === 0) this.#onNone?.();
    return request;
  }

  /** Resolves as soon as there are none. */
  none(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#byKey.size === 0) resolve();
      else this.#onNone = resolve;
    });
  }
}

const sent = Promise.resolve();

/**
 * Reads and writes JSON-RPC 2.0 messages in frames. The connection above sees each request under a key of our own: so ids
 * of any kind are echoed as they were written, and neither 11 and "11" nor an id used twice can be mixed up.
 */
export function createTransport(
  input: Readable,
  output: Writable,
  log: Log,
  onEnd: (end: TransportEnd) => void,
): Transport {
  const pending = new PendingRequests();
  const outbox = createOutbox(output, (full) => (full ? input.pause() : input.resume()));
  const frames = createFrameSplitter({ body: receiveBody, refused: refuse });
  let stopped = false;
  let deliver: DataCallback = () => undefined;

  const send: Destination = (body) => outbox.send(body, pending.size > 0);

  function receiveBody(bytes: Buffer): void {
    if (stopped) return;
    try {
      const incoming = readBody(bytes);
      if (Array.isArray(incoming)) receiveBatch(incoming);
      else receive(incoming as Incoming, () => send);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      refuse(error);
    }
  }

  function receiveBatch(messages: readonly Incoming[]): void {
    const replies: JsonParts[] = [];
    let missing = messages.filter(({ kind }) => kind === 'request' || kind === 'invalid').length;
    const nextPlace = (): Destination => {
      const place = replies.push([]) - 1;
      return (reply) => {
        replies[place] = reply;
        missing--;
        if (missing === 0) send(batchBody(replies));
      };
    };
    for (const message of messages) receive(message, nextPlace);
  }

  function receive(message: Incoming, nextPlace: () => Destination): void {
    switch (message.kind) {
      case 'request':
        receiveRequest(message, nextPlace());
        break;
      case 'invalid':
        refuse(message.error, message.id, nextPlace());
        break;
      case 'cancel':
        receiveCancel(message.id);
        break;
      case 'notification':
        deliver({ jsonrpc: '2.0', method: message.method, params: message.params } as Message);
    }
  }

  function receiveRequest({ id, method, params }: Request, reply: Destination): void {
    const key = pending.add(id, reply);
    if (key === undefined) {
      const recommendation = 'Give each request an id of its own.';
      refuse(invalidRequest('A request with this id is still being answered.', recommendation), 'null', reply);
    } else deliver({ jsonrpc: '2.0', id: key, method, params } as Message);
  }

  function receiveCancel(id: IdText | undefined): void {
    const key = id === undefined ? undefined : keyOf(id);
    // The connection above would keep an id that it does not know.
    if (key === undefined || !pending.has(key)) return;
    deliver({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: key } } as Message);
  }

  function refuse(error: Failure, id: IdText = 'null', reply: Destination = send): void {
    log.info('a message was refused', { error: error.message });
    reply(errorBody(id, rpcError(error)));
  }

  function settle(key: string, bodyOf: (id: IdText) => JsonParts): void {
    const request = pending.take(key);
    if (request) request.reply(sendable(bodyOf, request.id));
  }

  function sendable(bodyOf: (id: IdText) => JsonParts, id: IdText): JsonParts {
    try {
      return bodyOf(id);
    } catch (error) {
      // Too long for one string, or a value that JSON does not have.
      log.error('a reply cannot be sent', { error: (error as Error).message });
      const recommendation = 'Ask for less at once; the log of the bridge has the details.';
      return errorBody(id, rpcError(new Failure('InternalError', 'The reply cannot be sent.', { recommendation })));
    }
  }

  /** Does one step of reading; where the frame boundary is lost, that ends it. */
  function read(step: () => void): void {
    if (stopped) return;
    try {
      step();
    } catch (error) {
      if (!(error instanceof LostFrameError)) throw error;
      log.error('the frame boundary is lost', { error: error.message });
      send(errorBody('null', rpcError(error.reply)));
      end({ reason: 'frame lost', error });
    }
  }

  function end(reason: TransportEnd): void {
    if (stopped) return;
    stopped = true;
    onEnd(reason);
  }

  return {
    reader: {
      onError: Event.None,
      onClose: Event.None,
      onPartialMessage: Event.None,
      listen(callback) {
        deliver = callback;
        output.on('error', (error: NodeJS.ErrnoException) => {
          log.info('stdout is gone', { error: error.message });
          end({ reason: 'output lost', closed: !isDiskFull(error) });
        });
        input.on('data', (chunk: Buffer) => read(() => frames.push(chunk)));
        input.on('end', () =>
          read(() => {
            frames.end();
            end({ reason: 'input ended' });
          }),
        );
        input.on('error', () => end({ reason: 'input ended' }));
        return { dispose: () => undefined };
      },
      dispose: () => undefined,
    },
    writer: {
      onError: Event.None,
      onClose: Event.None,
      write(message) {
        const { id, result, error } = message as Response;
        if (id === undefined) send([JSON.stringify(message)]);
        else settle(id, (text) => (error ? errorBody(text, error) : resultBody(text, result)));
        return sent;
      },
      end: () => undefined,
      dispose: () => undefined,
    },
    get unanswered() {
      return pending.size;
    },
    answered: () => pending.none(),
    stop() {
      stopped = true;
    },
    answerAll(error) {
      for (const key of pending.keys()) settle(key, (id) => errorBody(id, rpcError(error)));
    },
    flushed: () => outbox.flushed(),
  };
}

type Request = Extract<Incoming, { readonly kind: 'request' }>;

interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What the connection writes as a reply: `id` is a key of ours. */
interface Response extends Message {
  readonly id?: string;
  readonly result?: unknown;
  readonly error?: WireError;
}

/** What makes two ids the same one; undefined for null, which any number of requests may carry at once. */
function keyOf(id: IdText): string | undefined {
  if (id === 'null') return undefined;
  if (id.startsWith('"')) return id;
  // 11 and 11.0 are one number; beyond 2^53 only the text can tell two apart.
  const value = Number(id);
  return Number.isSafeInteger(value) ? String(value) : id;
}

function errorBody(id: IdText, { code, message, data }: WireError): JsonParts {
  return [`{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify({ code, message, data })}}`];
}

function resultBody(id: IdText, result: unknown): JsonParts {
  return [`{"jsonrpc":"2.0","id":${id},"result":`, ...jsonParts(result), '}'];
}

function batchBody(replies: readonly JsonParts[]): JsonParts {
  return ['[', ...replies.flatMap((body, index) => (index === 0 ? body : [',', ...body])), ']'];
}
