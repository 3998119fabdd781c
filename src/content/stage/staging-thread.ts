import { Failure, type FailureData } from '../../base/failure.js';
import type { LogLevel } from '../../base/log.js';
import type { Clock } from '../../base/run.js';
import type { StageProgress, VerifyProgress } from '../../contract/content.js';
import { HashPool } from '../image/hash-pool.js';
import type { VerifyParams, VerifyResult } from '../image/verify.js';
import type { SystemNetwork } from '../port.js';
import type { StageParams, StageResult } from './request.js';

/**
 * What a thread of its own does: transfers, hashes and writes keep a thread busy for milliseconds at a time, and the main
 * thread has other requests to answer.
 */
export type ThreadTask =
  | { readonly task: 'stage'; readonly params: StageParams }
  | { readonly task: 'verify'; readonly params: VerifyParams };

/** What the thread tells the main thread. The last message is its ending. */
export type ThreadMessage =
  | { readonly progress: StageProgress | VerifyProgress }
  | { readonly log: { readonly level: LogLevel; readonly message: string; readonly details: object } }
  | ThreadEnding;

export type ThreadEnding =
  | { readonly result: StageResult | VerifyResult }
  | { readonly failure: { readonly message: string; readonly data: FailureData } }
  | { readonly cancelled: true }
  | { readonly bug: { readonly name: string; readonly message: string; readonly stack: string } };

/** The main thread's end of the connection. */
export interface ThreadPort {
  postMessage(message: ThreadMessage): void;
  /** The only message that comes to a task is the wish to cancel. */
  once(event: 'message', listener: () => void): unknown;
}

/** How long a cancelled task may take to leave everything in order. */
const cancelMs = 1500;

/** Carries out one task and gives how it ended; `explain` says what an error means, as the room's own does. */
export async function runStagingThread(
  data: ThreadTask,
  port: ThreadPort,
  clock: Clock,
  explain: (error: unknown) => unknown,
  network: SystemNetwork | null,
): Promise<ThreadEnding> {
  const cancellation = new AbortController();
  port.once('message', () => cancellation.abort());
  const logAt =
    (level: LogLevel) =>
    (message: string, details: object = {}) =>
      port.postMessage({ log: { level, message, details } });
  const run = {
    signal: cancellation.signal,
    clock,
    report: (progress: StageProgress | VerifyProgress) => port.postMessage({ progress }),
    log: { error: logAt('error'), warn: logAt('warn'), info: logAt('info'), debug: logAt('debug') },
  };
  const hashes = new HashPool();
  const task = async () =>
    data.task === 'stage'
      ? (await import('./stage.js')).stage(data.params, run, { hashes, network })
      : (await import('../image/verify.js')).verify(data.params, run, hashes);
  try {
    return { result: await Promise.race([task(), givenUp(run.signal, clock)]) };
  } catch (error) {
    return failed(explain(error), cancellation.signal);
  }
}

/** Fails some time after the signal. */
function givenUp(signal: AbortSignal, clock: Clock): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => void clock.sleep(cancelMs).then(() => reject(signal.reason)));
  });
}

function failed(error: unknown, signal: AbortSignal): ThreadEnding {
  if (signal.aborted) return { cancelled: true };
  if (error instanceof Failure) return { failure: { message: error.message, data: error.data } };
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return { bug: { name, message, stack } };
}
