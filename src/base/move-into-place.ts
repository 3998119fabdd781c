import { rename } from 'node:fs/promises';
import type { Clock } from './run.js';

/** What Windows answers while a virus scanner, or a client that reads the old file, still has one of the two open. */
const heldByOthers = ['EPERM', 'EACCES', 'EBUSY'];
/** Together two seconds: scanners let go sooner, and what is refused for another reason is told without much delay. */
const pausesMs = [50, 100, 250, 600, 1000];

/** Renames a file over whatever has its name; on Windows several times, while somebody holds one of them open. */
export async function moveIntoPlace(from: string, to: string, clock: Clock): Promise<void> {
  for (const pause of process.platform === 'win32' ? pausesMs : []) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (!heldByOthers.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await clock.sleep(pause);
    }
  }
  await rename(from, to);
}
