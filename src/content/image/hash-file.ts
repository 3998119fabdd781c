import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sha256 } from './published-hash.js';

/** Large enough that a read costs less than its hash, small enough to stay in the processor's cache. */
const blockBytes = 1024 * 1024;
/** How many blocks are hashed between two turns of the event loop, about ten milliseconds. */
const blocksPerTurn = 16;

/**
 * The SHA-256 of a file, for a thread that has nothing else to do: it reads synchronously, because the system reads ahead
 * by itself, and a handover of each block between threads costs more than it saves. `onBytes` gets the count of each block.
 */
export async function hashFile(file: string, signal: AbortSignal, onBytes: (count: number) => void): Promise<Sha256> {
  const fd = openSync(file, 'r');
  try {
    const hash = createHash('sha256');
    const block = Buffer.allocUnsafe(blockBytes);
    for (let blocks = 1; ; blocks++) {
      const count = readSync(fd, block, 0, blockBytes, null);
      if (count === 0) return hash.digest('hex');
      hash.update(block.subarray(0, count));
      onBytes(count);
      if (blocks % blocksPerTurn === 0) await nextTurn();
      signal.throwIfAborted();
    }
  } finally {
    closeSync(fd);
  }
}
