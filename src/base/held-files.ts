import type { Clock } from './run.js';

/** What Windows answers while a virus scanner, or another program, has a file open. */
const heldByOthers = ['EPERM', 'EACCES', 'EBUSY'];
/** Together two seconds: scanners let go sooner, and what is refused for another reason is told without much delay. */
const pausesMs = [50, 100, 250, 600, 1000];

/** Whether it is what Windows says where others have a file open; `codes` are further ones that an action is refused with. */
export function isHeld(error: unknown, codes: readonly string[] = []): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return process.platform === 'win32' && [...heldByOthers, ...codes].includes(code);
}

/** Does it; on Windows several times, while others have one of the files open. `codes` as for `isHeld`. */
export async function whileHeld<T>(work: () => Promise<T>, clock: Clock, codes: readonly string[] = []): Promise<T> {
  for (const pause of pausesMs) {
    try {
      return await work();
    } catch (error) {
      if (!isHeld(error, codes)) throw error;
      await clock.sleep(pause);
    }
  }
  return work();
}
