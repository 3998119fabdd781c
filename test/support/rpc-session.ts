import { PassThrough } from 'node:stream';
import { expect, onTestFinished } from 'vitest';
import * as z from 'zod/mini';
import { Failure } from '../../src/base/failure.js';
import { HResultError } from '../../src/base/hresult-error.js';
import type { Log } from '../../src/base/log.js';
import { type Handlers, method } from '../../src/contract/method.js';
import { createFrameSplitter } from '../../src/rpc/frames.js';
import { createService, servedArea } from '../../src/rpc/service.js';
import { serve } from '../../src/rpc/session.js';
import { ManualClock } from './manual-clock.js';

const area = {
  initialize: method('initialize', {
    summary: 'Opens the session.',
    params: z.strictObject({ parentProcessId: z.optional(z.int()) }),
    result: z.object({}),
  }),
  shutdown: method('shutdown', { summary: 'Ends the work.', params: z.strictObject({}), result: z.null() }),
  echo: method('test/echo', {
    summary: 'Gives back what it got.',
    params: z.strictObject({ value: z.unknown(), list: z.optional(z.array(z.strictObject({ n: z.number() }))) }),
    result: z.unknown(),
  }),
  fail: method('test/fail', {
    summary: 'Fails as it is told.',
    params: z.strictObject({ how: z.enum(['bug', 'rpc', 'hresult', 'bigint', 'bigint in an error']) }),
    result: z.unknown(),
  }),
  wait: method('test/wait', {
    summary: 'Ends when it is told, or when it is cancelled.',
    params: z.strictObject({ stubborn: z.optional(z.boolean()), late: z.optional(z.boolean()) }),
    result: z.string(),
    progress: z.object({ phase: z.string(), percent: z.nullable(z.number()) }),
  }),
} as const;

/** A session in this process with a client that sees raw JSON; `release` ends every `test/wait`. */
export function startSession() {
  const input = new PassThrough();
  const output = new PassThrough();
  const clock = new ManualClock();
  const logged: string[] = [];
  const replies: string[] = [];
  const left: number[] = [];
  const waiting: (() => void)[] = [];
  let parentExit: (() => void) | undefined;
  let aborted = 0;
  const log = Object.fromEntries(
    ['error', 'warn', 'info', 'debug'].map((level) => [
      level,
      (message: string, details: object) => logged.push(`${level} ${message} ${JSON.stringify(details)}`),
    ]),
  ) as unknown as Log;
  const handlers: Handlers<typeof area> = {
    initialize: async () => ({}),
    shutdown: async () => null,
    echo: async ({ value }) => value,
    async fail({ how }) {
      if (how === 'rpc') throw new Failure('Blocked', 'Word runs.', { apps: ['Word'], recommendation: 'Close Word.' });
      if (how === 'hresult') throw new HResultError('IUpdateNotify::Apply', 0x80070005);
      if (how === 'bigint') return 1n;
      if (how === 'bigint in an error')
        throw new Failure('NoSpace', 'The disk is full.', { free: 1n, recommendation: 'Free it.' });
      throw new Error('secret detail');
    },
    wait: ({ stubborn, late }, run) =>
      new Promise((resolve, reject) => {
        // One that asks only at its end whether it was cancelled.
        if (late) {
          waiting.push(() => resolve(run.signal.aborted ? 'cancelled' : 'done'));
          return;
        }
        const { signal, report } = run;
        report({ phase: 'a', percent: 1 });
        report({ phase: 'b', percent: 0 });
        waiting.push(() => resolve('done'));
        signal.addEventListener('abort', () => {
          aborted++;
          if (!stubborn) reject(signal.reason);
        });
      }),
  };
  const served = servedArea(
    async () => area,
    async () => ({ handlers }),
  );
  const client = createFrameSplitter({
    body: (bytes) => replies.push(bytes.toString()),
    refused: (error) => expect.unreachable(error.message),
  });
  output.on('data', (chunk: Buffer) => client.push(chunk));
  const session = serve(createService({ bridge: served, test: served }, log), {
    input,
    output,
    clock,
    log,
    watchParent: (_, onExit) => {
      parentExit = onExit;
    },
    leave: (exitCode) => left.push(exitCode),
  });
  onTestFinished(() => {
    input.destroy();
    output.destroy();
  });
  return {
    clock,
    logged,
    replies,
    left,
    input,
    output,
    session,
    aborted: () => aborted,
    parentExit: () => parentExit?.(),
    release: () => {
      for (const wake of waiting.splice(0)) wake();
    },
    /** Sends each text as a frame, all in one chunk, and returns what has been answered soon after. */
    async send(...bodies: readonly (string | object)[]): Promise<readonly string[]> {
      const before = replies.length;
      const texts = bodies.map((body) =>
        typeof body === 'string' ? body : JSON.stringify({ jsonrpc: '2.0', ...body }),
      );
      input.write(texts.map((text) => `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`).join(''));
      await clock.advance(0);
      await clock.advance(0);
      return replies.slice(before);
    },
  };
}
