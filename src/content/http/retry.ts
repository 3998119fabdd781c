import { withoutCredentials } from '../../base/credentials.js';
import type { Log } from '../../base/log.js';
import type { Clock } from '../../base/run.js';
import { HttpFault, networkError } from './faults.js';

/** The longest Retry-After that is worth waiting for within one run. */
const maxRetryAfterMs = 30_000;
const firstDelayMs = 250;
const maxDelayMs = 4000;

/** The pause after so many failures, which every transfer of the bridge keeps: 0.25 s, doubling to 4 s. */
export function backoffMs(failures: number): number {
  return Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - 1));
}

export interface RetryPolicy {
  /** New attempts after the first, counted anew whenever there was progress. */
  readonly retries: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Counts the failures of one request and waits between its attempts. */
export class Attempts {
  #failures = 0;

  constructor(
    readonly policy: RetryPolicy,
    /** The path in the image, for errors. */
    readonly file?: string,
  ) {}

  /** The last attempt brought something: the count starts again. */
  progressed(): void {
    this.#failures = 0;
  }

  /** Waits before the next attempt; throws what ends the request where there is none. */
  async failed(error: unknown): Promise<void> {
    if (!(error instanceof HttpFault)) throw error;
    this.#failures++;
    const { retries, clock, signal, log } = this.policy;
    const { retryable, retryAfterMs = 0, url } = error.details;
    if (!retryable || this.#failures > retries || retryAfterMs > maxRetryAfterMs) {
      throw networkError(error, this.#failures, this.file);
    }
    // Between half and all of it, so that transfers that failed together do not come back together.
    const delayMs = Math.max(retryAfterMs, Math.round(backoffMs(this.#failures) * (0.5 + Math.random() / 2)));
    log.warn('trying again', { url: withoutCredentials(url), reason: error.message, delayMs });
    await clock.sleep(delayMs, signal);
  }
}

/** Runs `attempt` until it succeeds or its failures are worth no further attempt. */
export async function withRetries<T>(
  policy: RetryPolicy,
  file: string | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  const attempts = new Attempts(policy, file);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      await attempts.failed(error);
    }
  }
}
