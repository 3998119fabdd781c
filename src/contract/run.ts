/** Time as a feature sees it: injected, so that tests and the simulated backend can drive it. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes backwards, whatever is done to the wall clock. */
  now(): number;
  /** Wall-clock time, for time stamps that people read. */
  date(): Date;
  /** Resolves after `ms`; rejects with `signal.reason` as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Waits for `call`, but no longer than until `signal` aborts: then rejects with its reason. The call itself goes on. */
export function untilAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    call.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** What every request carries besides its params. */
export interface Run<Progress = unknown> {
  /** Aborted by `$/cancelRequest` and when the connection ends. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Sends `$/progress` where the request has a `progressToken`; cheap and safe to call at any rate. */
  report(progress: Progress): void;
}
