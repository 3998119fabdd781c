import { rename } from 'node:fs/promises';
import { whileHeld } from './held-files.js';
import type { Clock } from './run.js';

/** Renames a file over whatever has its name; on Windows several times, while somebody holds one of them open. */
export function moveIntoPlace(from: string, to: string, clock: Clock): Promise<void> {
  return whileHeld(() => rename(from, to), clock);
}
