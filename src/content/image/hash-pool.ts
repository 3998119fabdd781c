import { availableParallelism } from 'node:os';
import { limit } from '../../base/limit.js';
import { untilAborted } from '../../base/run.js';
import { HashThread } from './hash-thread.js';
import type { Sha256 } from './published-hash.js';

/** More threads than this find nothing to do: a disk is slower, and each takes memory. */
const mostThreads = 4;

/** Hashes files, several at once: SHA-256 keeps one core busy, and verifying an image is hashing. Its threads end with their maker. */
export class HashPool {
  readonly #most = Math.min(mostThreads, availableParallelism());
  readonly #atATime = limit(this.#most);
  readonly #idle: HashThread[] = [];
  readonly #all: HashThread[] = [];

  /** Starts every thread, for a caller that has something else to do before it needs them. */
  prepare(): void {
    while (this.#all.length < this.#most) this.#idle.unshift(this.#start());
  }

  /** The SHA-256 of a file; `onBytes` gets the count of what has been hashed since the last call. */
  hash(file: string, signal: AbortSignal, onBytes: (count: number) => void): Promise<Sha256> {
    return this.#atATime(async () => {
      signal.throwIfAborted();
      const thread = this.#idle.pop() ?? this.#start();
      const sha256 = await untilAborted(thread.hash(file, onBytes), signal);
      this.#idle.push(thread);
      return sha256;
    });
  }

  /** A thread beside the caller's own; null where there is only one core. */
  beside(): HashThread | null {
    if (this.#most === 1) return null;
    if (this.#all.length === 0) this.#idle.push(this.#start());
    return this.#all[0] ?? null;
  }

  #start(): HashThread {
    const thread = new HashThread();
    this.#all.push(thread);
    return thread;
  }
}
