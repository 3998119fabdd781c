import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { limit } from '../../base/limit.js';
import { untilAborted } from '../../base/run.js';
import { HashThread } from './hash-thread.js';
import type { Sha256 } from './published-hash.js';

/** More threads than this find nothing to do: a disk is slower, and each takes memory. */
const mostThreads = 4;
/** So much is hashed sooner than a thread for it has started. */
const hereBytes = 32 * 1024 * 1024;

/** Hashes files, several at once: SHA-256 keeps one core busy, and verifying an image is hashing. Its threads end with their maker. */
export class HashPool {
  readonly #most = Math.min(mostThreads, availableParallelism());
  readonly #atATime = limit(this.#most);
  readonly #oneHere = limit(1);
  readonly #idle: HashThread[] = [];
  readonly #all: HashThread[] = [];
  #leftHere = hereBytes;

  /** Starts every thread that `bytes` are enough for, where the caller has something else to do before it needs them. */
  prepare(bytes: number): void {
    if (bytes <= this.#leftHere) return;
    while (this.#all.length < this.#most) this.#idle.unshift(this.#start());
  }

  /** The SHA-256 of a file of about `size` bytes; `onBytes` gets the count of what has been hashed since the last call. */
  hash(file: string, size: number, signal: AbortSignal, onBytes: (count: number) => void): Promise<Sha256> {
    if (size <= this.#leftHere) {
      this.#leftHere -= size;
      return this.#oneHere(() => hashHere(file, signal, onBytes), signal);
    }
    return this.#atATime(async () => {
      const thread = this.#idle.pop() ?? this.#start();
      const sha256 = await untilAborted(thread.hash(file, onBytes), signal);
      this.#idle.push(thread);
      return sha256;
    }, signal);
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

/** Hashes in this thread, which turns to others between two blocks. */
async function hashHere(file: string, signal: AbortSignal, onBytes: (count: number) => void): Promise<Sha256> {
  const hash = createHash('sha256');
  const block = Buffer.allocUnsafeSlow(128 * 1024);
  const handle = await open(file, 'r');
  try {
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(block, 0, block.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(block.subarray(0, bytesRead));
      onBytes(bytesRead);
    }
  } finally {
    await handle.close();
  }
}
