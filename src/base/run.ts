import { setMaxListeners } from 'node:events';
import type { Log } from './log.js';

/** Time as a feature sees it: injected, so that tests and the simulated backend can drive it. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes backwards, whatever is done to the wall clock. */
  now(): number;
  /** Wall-clock time, for time stamps that people read. */
  date(): Date;
  /** Resolves after `ms`; rejects with `signal.reason` as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Waits for `call`, but no longer than until `signal` aborts: then rejects with its reason. The call itself continues. */
export function untilAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    call.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Aborts with the first of `signals`, with its reason. Any number of jobs may listen to it without a warning of Node. */
export function firstOf(signals: AbortSignal[]): AbortSignal {
  const signal = AbortSignal.any(signals);
  setMaxListeners(0, signal);
  return signal;
}

/** What every request carries besides its params. */
export interface Run<Progress = unknown> {
  /** Aborted by `$/cancelRequest` and when the connection ends. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /** Sends `$/progress` where the request has a `progressToken`; cheap and safe to call at any rate. */
  report(progress: Progress): void;
}

/** A time limit within a run. */
export interface Deadline {
  /** Aborted when the run's own signal is, with its reason, and when the time has passed. */
  readonly signal: AbortSignal;
  /** Whether it was the time that ended it. */
  readonly passed: boolean;
  /** Ends the alarm; to be called when what was limited has ended. */
  end(): void;
}

/** Limits a part of a run to `timeoutMs`, or to the run's own end where that is undefined. */
export function deadline({ signal, clock }: Pick<Run, 'signal' | 'clock'>, timeoutMs: number | undefined): Deadline {
  const limit = new AbortController();
  const alarm = new AbortController();
  const timeUp = new Error('the time limit passed');
  const cancel = () => limit.abort(signal.reason);
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  if (timeoutMs !== undefined) {
    clock.sleep(timeoutMs, alarm.signal).then(
      () => limit.abort(timeUp),
      () => undefined,
    );
  }
  return {
    signal: limit.signal,
    get passed() {
      return limit.signal.reason === timeUp;
    },
    end() {
      alarm.abort();
      signal.removeEventListener('abort', cancel);
    },
  };
}
