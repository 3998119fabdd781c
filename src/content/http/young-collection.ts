import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How many bytes may arrive between two collections. */
const intervalBytes = 4 * 1024 * 1024;

let collect: ((options: { type: 'minor' }) => void) | undefined;
let waiting = 0;

/**
 * Counts bytes that came in buffers of their own, and frees those buffers early. Each read of Node's client makes one of
 * 64 KiB that is garbage at once, but V8 collects none before 32 MB of them have piled up, which is a fifth of the memory
 * that the bridge may use. A collection takes about half a millisecond, because next to nothing survives it.
 */
export function madeGarbage(bytes: number): void {
  waiting += bytes;
  if (waiting < intervalBytes) return;
  waiting = 0;
  collect ??= minorCollection();
  collect({ type: 'minor' });
}

function minorCollection(): NonNullable<typeof collect> {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}
