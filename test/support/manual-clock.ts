import type { Clock } from '../../src/base/run.js';

interface Sleeper {
  readonly due: number;
  wake(): void;
}

/**
 * Lets everything that waits on promises, and nothing that waits on time, come to rest. Two turns of the loop: what a first one
 * does may wait for the end of its turn.
 */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A clock that stands still until it is told otherwise, so that hours of polling take a test no time. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #sleepers = new Set<Sleeper>();

  constructor(readonly epoch: Date = new Date('2026-01-01T00:00:00.000Z')) {}

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(this.epoch.getTime() + this.#now);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', abort);
      };
      const abort = () => {
        leave();
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        due: this.#now + Math.max(0, ms),
        wake() {
          leave();
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** How many sleeps are under way; none after a feature has cleaned up. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Moves on by `ms`, waking each sleeper at its own time and letting it act before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#earliest(); next && next.due <= end; next = this.#earliest()) {
      this.#now = Math.max(this.#now, next.due);
      next.wake();
      await settle();
    }
    this.#now = end;
  }

  /** Moves on from sleeper to sleeper until `promise` has settled, and gives its outcome. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = () => {
      settled = true;
    };
    promise.then(done, done);
    await settle();
    while (!settled) {
      const next = this.#earliest();
      if (next) {
        this.#now = Math.max(this.#now, next.due);
        next.wake();
      }
      await settle();
    }
    return promise;
  }

  #earliest(): Sleeper | undefined {
    return [...this.#sleepers].sort((a, b) => a.due - b.due)[0];
  }
}
