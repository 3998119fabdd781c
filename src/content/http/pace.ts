import { HttpFault } from './faults.js';
import type { Exchange } from './response.js';

/** What a server sends at least, over the idle time: no line on which a file of Office arrives is as slow. */
const leastBytesPerSecond = 100;

/**
 * Tells a slow transfer from one that never ends: a byte now and then is not silence, and keeps everything waiting. Only the
 * time counts in which more was waited for.
 */
export class Pace {
  #since: number | null = null;
  #bytes = 0;
  #pausedAt = 0;

  constructor(
    readonly exchange: Pick<Exchange, 'url' | 'idleTimeoutMs'>,
    readonly now: () => number = () => performance.now(),
  ) {}

  /** Counts bytes behind which more must come. Throws HttpFault where they have been too few for the idle time. */
  arrived(bytes: number): void {
    const now = this.now();
    // Until the first of them a server may think, for as long as it may be silent.
    this.#since ??= now;
    this.#bytes += bytes;
    const { url, idleTimeoutMs } = this.exchange;
    const elapsedMs = now - this.#since;
    if (elapsedMs < idleTimeoutMs) return;
    if (this.#bytes * 1000 < leastBytesPerSecond * elapsedMs) {
      throw new HttpFault(`The server sent only ${this.#bytes} bytes in ${Math.round(elapsedMs)} ms.`, {
        url: url.href,
        retryable: true,
        errno: 'ETIMEDOUT',
      });
    }
    this.#since = now;
    this.#bytes = 0;
  }

  /** Nothing more is read for now. */
  pause(): void {
    this.#pausedAt = this.now();
  }

  resume(): void {
    if (this.#since !== null) this.#since += this.now() - this.#pausedAt;
  }
}
