import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How many bytes may arrive between two collections. */
const intervalBytes = 4 * 1024 * 1024;

/**
 * Frees the buffers that transfers leave behind early. Each read of a socket makes one of 64 KiB that is garbage at once,
 * but V8 collects none before 32 MB of them have piled up, which is a fifth of the memory that the bridge may use. Gives
 * the function that counts bytes; a collection takes about half a millisecond, because next to nothing survives it.
 */
export function collectYoung(): (bytes: number) => void {
  setFlagsFromString('--expose-gc');
  const collect: (options: { type: 'minor' }) => void = runInNewContext('gc');
  let waiting = 0;
  return (bytes) => {
    waiting += bytes;
    if (waiting < intervalBytes) return;
    waiting = 0;
    collect({ type: 'minor' });
  };
}
