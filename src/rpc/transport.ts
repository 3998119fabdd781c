import type { Readable, Writable } from 'node:stream';
import { type DataCallback, Event, type Message, type MessageReader, type MessageWriter } from 'vscode-jsonrpc';
import { Failure } from '../base/failure.js';
import { isOutOfRoom } from '../base/file-errors.js';
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

/** A batch that waits for its replies; `replies` has one place a request. */
interface Batch {
  readonly replies: JsonParts[];
  missing: number;
}

interface Unanswered {
  readonly id: IdText;
  readonly batch: Batch | undefined;
  readonly place: number;
}

const sent = Promise.resolve();

/**
 * Reads and writes JSON-RPC 2.0 messages in frames. The connection above sees each request under a number of our own:
 * so ids of any kind are echoed as they were written, and neither 11 and "11" nor an id used twice can be mixed up.
 */
export function createTransport(
  input: Readable,
  output: Writable,
  log: Log,
  onEnd: (end: TransportEnd) => void,
): Transport {
  const unanswered = new Map<number, Unanswered>();
  const numbers = new Map<string, number>();
  let lastNumber = 0;
  let stopped = false;
  let deliver: DataCallback = () => undefined;
  let onAnswered: (() => void) | undefined;

  const outbox = createOutbox(output, (full) => (full ? input.pause() : input.resume()));
  const frames = createFrameSplitter({
    body(bytes) {
      if (stopped) return;
      try {
        const incoming = readBody(bytes);
        if (Array.isArray(incoming)) receiveBatch(incoming);
        else receive(incoming as Incoming, undefined);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        refuse(error);
      }
    },
    refused: refuse,
  });

  function refuse(error: Failure): void {
    log.info('a message was refused', { error: error.message });
    reply(errorBody('null', rpcError(error)), undefined, 0);
  }

  function receiveBatch(messages: readonly Incoming[]): void {
    const missing = messages.filter(({ kind }) => kind === 'request' || kind === 'invalid').length;
    const batch: Batch = { replies: [], missing };
    for (const message of messages) receive(message, batch);
  }

  function receive(message: Incoming, batch: Batch | undefined): void {
    switch (message.kind) {
      case 'request': {
        const place = batch ? batch.replies.push([]) - 1 : 0;
        const key = keyOf(message.id);
        if (key !== undefined && numbers.has(key)) {
          const error = invalidRequest(
            'A request with this id is still being answered.',
            'Give each request an id of its own.',
          );
          reply(errorBody('null', rpcError(error)), batch, place);
          return;
        }
        const number = ++lastNumber;
        if (key !== undefined) numbers.set(key, number);
        unanswered.set(number, { id: message.id, batch, place });
        deliver(requestOf(number, message.method, message.params));
        return;
      }
      case 'notification':
        deliver(notificationOf(message.method, message.params));
        return;
      case 'cancel': {
        // The connection above would throw at an id that it does not know.
        const number = numbers.get(keyOf(message.id ?? 'null') ?? '');
        if (number !== undefined) deliver(notificationOf('$/cancelRequest', { id: number }));
        return;
      }
      case 'invalid':
        log.info('a message was refused', { error: message.error.message });
        reply(errorBody(message.id, rpcError(message.error)), batch, batch ? batch.replies.push([]) - 1 : 0);
        return;
    }
  }

  function reply(body: JsonParts, batch: Batch | undefined, place: number): void {
    if (batch) {
      batch.replies[place] = body;
      batch.missing--;
      if (batch.missing > 0) return;
    }
    outbox.send(batch ? batchBody(batch.replies) : body, unanswered.size > 0);
  }

  function answer(number: number, bodyOf: (id: IdText) => JsonParts): void {
    const request = unanswered.get(number);
    if (!request) return;
    unanswered.delete(number);
    const key = keyOf(request.id);
    if (key !== undefined) numbers.delete(key);
    reply(sendable(bodyOf, request.id), request.batch, request.place);
    if (unanswered.size === 0) onAnswered?.();
  }

  function sendable(bodyOf: (id: IdText) => JsonParts, id: IdText): JsonParts {
    try {
      return bodyOf(id);
    } catch (error) {
      // Too long for one string, or a value that JSON does not have.
      log.error('a reply cannot be sent', { error: (error as Error).message });
      const recommendation = 'Ask for less at once; the log of the bridge has the details.';
      const failure = new Failure('InternalError', 'The reply cannot be sent.', { recommendation });
      return errorBody(id, rpcError(failure));
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
          end({ reason: 'output lost', closed: !isOutOfRoom(error) });
        });
        input.on('data', (chunk: Buffer) => {
          if (stopped) return;
          try {
            frames.push(chunk);
          } catch (error) {
            loseFrame(error);
          }
        });
        input.on('end', () => {
          if (stopped) return;
          try {
            frames.end();
            end({ reason: 'input ended' });
          } catch (error) {
            loseFrame(error);
          }
        });
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
        if (id === undefined) outbox.send([JSON.stringify(message)], unanswered.size > 0);
        else answer(id, (text) => (error ? errorBody(text, error) : resultBody(text, result)));
        return sent;
      },
      end: () => undefined,
      dispose: () => undefined,
    },
    get unanswered() {
      return unanswered.size;
    },
    answered: () =>
      new Promise((resolve) => {
        if (unanswered.size === 0) resolve();
        else onAnswered = resolve;
      }),
    stop() {
      stopped = true;
    },
    answerAll(error) {
      for (const number of [...unanswered.keys()]) answer(number, (id) => errorBody(id, rpcError(error)));
    },
    flushed: () => outbox.flushed(),
  };

  function loseFrame(error: unknown): void {
    if (!(error instanceof LostFrameError)) throw error;
    log.error('the frame boundary is lost', { error: error.message });
    reply(errorBody('null', rpcError(error.reply)), undefined, 0);
    end({ reason: 'frame lost', error });
  }
}

interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What the connection writes as a reply: `id` is a number of ours. */
interface Response extends Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: WireError;
}

function requestOf(id: number, method: string, params: object | undefined): Message {
  return { jsonrpc: '2.0', id, method, params } as Message;
}

function notificationOf(method: string, params: object | undefined): Message {
  return { jsonrpc: '2.0', method, params } as Message;
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
