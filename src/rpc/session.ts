import type { Readable, Writable } from 'node:stream';
import { type CancellationToken, createMessageConnection, RAL, ResponseError } from 'vscode-jsonrpc';
import type { Failure } from '../base/failure.js';
import type { Log } from '../base/log.js';
import type { Clock } from '../base/run.js';
import { invalidRequest } from './messages.js';
import { createProgress, type Progress } from './progress.js';
import { type Context, requestCancelled, rpcError, type Service } from './service.js';
import { createTransport, type TransportEnd } from './transport.js';

/** How long requests may continue by themselves once the client is gone or has sent `exit`. */
const finishMs = 2_500;
/** How long they have, after they were cancelled then, to end what runs in Windows. Together less than 5 s. */
const cancelMs = 2_000;
/** How long the client has to read the last replies. */
const flushMs = 1_000;

export interface SessionOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly clock: Clock;
  readonly log: Log;
  /** Calls `onExit` once when the process with this id has ended. */
  watchParent(processId: number, onExit: () => void): void;
  /** Called once, when all replies are out or can no longer be: lets the process end with this code. */
  leave(exitCode: number): void;
}

export interface Session {
  /** Gives every request its reply and then leaves; `reason` is for the log. Does nothing when called again. */
  close(reason: string, exitCode: number): Promise<void>;
}

/**
 * What a connection asks of its runtime. vscode-jsonrpc's flavour for Node takes one message a turn of the event loop,
 * where a microtask takes all that have arrived; it would also load net, child_process and crypto.
 */
const runtime: Pick<ReturnType<typeof RAL>, 'console' | 'timer'> = {
  console: { info: console.error, log: console.error, warn: console.error, error: console.error },
  timer: {
    setTimeout: (callback, ms, ...args) => disposable(clearTimeout, setTimeout(callback, ms, ...args)),
    setInterval: (callback, ms, ...args) => disposable(clearInterval, setInterval(callback, ms, ...args)),
    setImmediate: (callback, ...args) => {
      queueMicrotask(() => callback(...args));
      return { dispose: () => undefined };
    },
  },
};
RAL.install(runtime as ReturnType<typeof RAL>);

function disposable(clear: (timer: NodeJS.Timeout) => void, timer: NodeJS.Timeout) {
  return { dispose: () => clear(timer) };
}

/** What a session has been asked to do, and which requests it therefore refuses. */
class Lifecycle {
  /** `exit` has come: what stands behind it in the same chunk is in the connection's queue already. */
  exiting = false;
  readonly #begun = new Set<string>();

  get shutDown(): boolean {
    return this.#begun.has('shutdown');
  }

  refusal(method: string): Failure | undefined {
    if (this.exiting || this.shutDown) return invalidRequest('The session is shut down.', 'Start a new bridge.');
    if (method !== 'initialize' || !this.#begun.has(method)) return undefined;
    return invalidRequest('The session is initialized already.', 'Send initialize once, first.');
  }

  /** To be called before anything is awaited: the next message may be in the same chunk. */
  begin(method: string): void {
    if (method === 'initialize' || method === 'shutdown') this.#begun.add(method);
  }

  /** What failed may be tried again. */
  fail(method: string): void {
    this.#begun.delete(method);
  }
}

/** A request that runs: what the service needs to carry it out, and what cancels it. */
class RunningRequest implements Context {
  readonly clock: Clock;
  readonly #token: CancellationToken;
  readonly #send: (progress: object) => void;
  #controller: AbortController | undefined;
  #progress: Progress | undefined;
  #ended = false;

  constructor(clock: Clock, token: CancellationToken, send: (progress: object) => void) {
    this.clock = clock;
    this.#token = token;
    this.#send = send;
  }

  /** Most requests never look at it, and a controller costs more than the rest of a ping. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.cancelled) this.cancel();
      else this.#token.onCancellationRequested(() => this.cancel());
    }
    return this.#controller.signal;
  }

  /** By the client or by the end of the session. */
  get cancelled(): boolean {
    return this.#ended || this.#token.isCancellationRequested;
  }

  cancel(): void {
    this.#ended = true;
    this.#controller?.abort(requestCancelled());
  }

  progress(label: string | number): Progress['report'] {
    this.#progress = createProgress(this.clock, (value) => this.#send({ token: label, value }));
    return this.#progress.report;
  }

  /** Sends the progress that still waits; to be called before the response is sent. */
  close(): void {
    this.#progress?.finish();
  }
}

/** Serves one client until it says `exit` or goes away. */
export function serve(service: Service, options: SessionOptions): Session {
  const { input, output, clock, log } = options;
  const lifecycle = new Lifecycle();
  const running = new Set<RunningRequest>();
  let closing = false;

  const transport = createTransport(input, output, log, (end) => void close(end.reason, exitCodeOf(end)));
  const connection = createMessageConnection(transport.reader, transport.writer, {
    error: log.error,
    warn: log.warn,
    info: log.info,
    log: log.debug,
  });
  const sendProgress = (progress: object) => void connection.sendNotification('$/progress', progress);

  async function answer(method: string, params: unknown, token: CancellationToken): Promise<unknown> {
    const refusal = lifecycle.refusal(method) ?? (token.isCancellationRequested ? requestCancelled() : undefined);
    if (refusal) return responseError(refusal);
    lifecycle.begin(method);
    const request = new RunningRequest(clock, token, sendProgress);
    running.add(request);
    try {
      const result = await service.call(method, params, request);
      if (method === 'initialize') watchParent(params);
      return result;
    } catch (error) {
      lifecycle.fail(method);
      return responseError(cancelledOr(error as Failure, request));
    } finally {
      request.close();
      running.delete(request);
    }
  }

  /** What a failed request is answered with: once cancelled, that is what counts. */
  function cancelledOr(error: Failure, { cancelled }: RunningRequest): Failure {
    if (!cancelled || error.data.type === 'RequestCancelled') return error;
    log.info('a cancelled request failed', { error: error.message });
    return requestCancelled();
  }

  function watchParent(params: unknown): void {
    const parentProcessId = (params as { parentProcessId?: number } | undefined)?.parentProcessId;
    if (parentProcessId !== undefined) options.watchParent(parentProcessId, () => void close('parent ended', 0));
  }

  /** The one way in which a session ends, whatever the reason: every request gets its reply, then the process its end. */
  async function close(reason: string, exitCode: number): Promise<void> {
    if (closing) return;
    closing = true;
    transport.stop();
    log.info('the session ends', { reason, exitCode, unanswered: transport.unanswered });
    const finish = reason === 'output lost' ? 0 : finishMs;
    if (!(await within(finish, transport.answered()))) {
      for (const request of running) request.cancel();
      if (!(await within(cancelMs, transport.answered()))) transport.answerAll(requestCancelled());
    }
    await within(flushMs, transport.flushed());
    connection.dispose();
    options.leave(exitCode);
  }

  /** Whether `done` came within `ms`. */
  async function within(ms: number, done: Promise<void>): Promise<boolean> {
    const early = new AbortController();
    const late = clock.sleep(ms, early.signal).then(
      () => false,
      () => false,
    );
    const result = await Promise.race([done.then(() => true), late]);
    early.abort();
    return result;
  }

  connection.onRequest(answer);
  connection.onNotification('exit', () => {
    lifecycle.exiting = true;
    void close('exit', lifecycle.shutDown ? 0 : 1);
  });
  connection.onUnhandledNotification(({ method }) => log.info('a notification was ignored', { method }));
  connection.listen();
  return { close };
}

function exitCodeOf(end: TransportEnd): number {
  if (end.reason === 'frame lost') return 2;
  return end.reason === 'output lost' && !end.closed ? 1 : 0;
}

function responseError(failure: Failure): ResponseError<unknown> {
  const { code, message, data } = rpcError(failure);
  return new ResponseError(code, message, data);
}
