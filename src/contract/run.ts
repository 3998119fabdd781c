/** Time as a feature sees it: injected, so that tests and the simulated backend can drive it. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes backwards, whatever is done to the wall clock. */
  now(): number;
  /** Wall-clock time, for time stamps that people read. */
  date(): Date;
  /** Resolves after `ms`; rejects with `signal.reason` as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What every request carries besides its params. */
export interface Run<Progress = unknown> {
  /** Aborted by `$/cancelRequest` and when the connection ends. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Sends `$/progress` where the request has a `progressToken`; cheap and safe to call at any rate. */
  report(progress: Progress): void;
}
