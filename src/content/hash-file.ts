import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Sha256 } from './published-hash.js';

/** Large enough that a read costs less than its hash, small enough to stay in the processor's cache. */
const blockBytes = 1024 * 1024;

/** The SHA-256 of a file. While one block is hashed the next is read. `onBytes` gets the count of each block. */
export async function hashFile(file: string, signal: AbortSignal, onBytes: (count: number) => void): Promise<Sha256> {
  const handle = await open(file, 'r');
  try {
    const hash = createHash('sha256');
    let [filled, spare] = [Buffer.allocUnsafe(blockBytes), Buffer.allocUnsafe(blockBytes)];
    let count = await readBlock(handle, filled);
    while (count > 0) {
      signal.throwIfAborted();
      const next = readBlock(handle, spare);
      hash.update(filled.subarray(0, count));
      onBytes(count);
      count = await next;
      [filled, spare] = [spare, filled];
    }
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

async function readBlock(handle: FileHandle, block: Buffer): Promise<number> {
  return (await handle.read(block, 0, block.length)).bytesRead;
}
