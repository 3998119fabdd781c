import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { untilAborted } from '../../base/run.js';
import type { HashPool } from '../image/hash-pool.js';
import type { HashThread } from '../image/hash-thread.js';
import type { Sha256 } from '../image/published-hash.js';

/** The SHA-256 of a file that is being written: of its first byte, and on as far as it has come in one piece. */
export interface RunningHash {
  /** Bytes were written at `position`; in one piece, the file now reaches to `reached`. */
  written(position: number, bytes: Buffer, reached: number): void;
  /** The hash of the whole file of `size` bytes, all of which are written. */
  digest(size: number, signal: AbortSignal): Promise<Sha256>;
  /** Nobody asks for it any more. */
  close(): void;
}

/** How much is read back and hashed between two turns of the event loop. */
const catchUpBytes = 4 * 1024 * 1024;
/** A file that is smaller is hashed sooner than a thread is told to. */
const besideBytes = 4 * 1024 * 1024;
/** How much is written between two messages to a thread. */
const messageBytes = 1024 * 1024;

const scratch = Buffer.allocUnsafe(1024 * 1024);

/** Begins hashes: of one half of the large files in this thread, of the other in one beside it. */
export class RunningHashes {
  readonly #open = { here: 0, beside: 0 };

  constructor(readonly pool: Pick<HashPool, 'beside'>) {}

  /** A hash of the file behind `fd`, whose size is null where nobody knows it. */
  begin(fd: number, size: number | null): RunningHash {
    const isLarge = size !== null && size >= besideBytes;
    const thread = isLarge && this.#open.beside <= this.#open.here ? this.pool.beside() : null;
    if (thread) return new HashBeside(thread, fd, this.#counted('beside'));
    return new HashHere(fd, this.#counted('here'));
  }

  #counted(where: 'here' | 'beside'): () => void {
    this.#open[where]++;
    return () => {
      this.#open[where]--;
    };
  }
}

/** Hashes bytes that come in order as they come; those that came before their turn are read back. */
class HashHere implements RunningHash {
  readonly #hash = createHash('sha256');
  #hashed = 0;

  constructor(
    readonly fd: number,
    readonly close: () => void,
  ) {}

  written(position: number, bytes: Buffer, reached: number): void {
    if (position === this.#hashed) {
      this.#hash.update(bytes);
      this.#hashed += bytes.length;
    } else this.#catchUp(Math.min(reached, this.#hashed + scratch.length));
  }

  async digest(size: number, signal: AbortSignal): Promise<Sha256> {
    while (this.#hashed < size) {
      this.#catchUp(Math.min(size, this.#hashed + catchUpBytes));
      await nextTurn();
      signal.throwIfAborted();
    }
    return this.#hash.digest('hex');
  }

  #catchUp(to: number): void {
    while (this.#hashed < to) {
      const count = readSync(this.fd, scratch, 0, Math.min(to - this.#hashed, scratch.length), this.#hashed);
      if (count === 0) throw new Error('The file became shorter while it was written.');
      this.#hash.update(scratch.subarray(0, count));
      this.#hashed += count;
    }
  }
}

/** Lets another thread read the file back and hash it; what was written a moment ago is still in the system's cache. */
class HashBeside implements RunningHash {
  readonly #hash: ReturnType<HashThread['follow']>;
  #told = 0;

  constructor(
    thread: HashThread,
    fd: number,
    readonly close: () => void,
  ) {
    this.#hash = thread.follow(fd);
  }

  written(_position: number, _bytes: Buffer, reached: number): void {
    if (reached - this.#told < messageBytes) return;
    this.#hash.reached(reached);
    this.#told = reached;
  }

  digest(size: number, signal: AbortSignal): Promise<Sha256> {
    return untilAborted(this.#hash.digest(size), signal);
  }
}
