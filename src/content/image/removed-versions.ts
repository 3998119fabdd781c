import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from '../../base/absent.js';
import { Failure } from '../../base/failure.js';
import type { Clock } from '../../base/run.js';
import { removedName } from './image-path.js';

/**
 * The versions that are being removed from an image: pruning moves their folders here in one step, and then deletes them.
 * What a killed run left here no longer belongs to the image.
 */
export async function removedVersions(root: string): Promise<ReadonlySet<string>> {
  return new Set(await readdir(join(root, removedName)).catch(absent));
}

/** Together two seconds: scanners let go sooner. */
const pausesMs = [50, 100, 250, 600, 1000];

/** Deletes a folder with all that is in it, several times where Windows does not let go of it. */
export async function deleteFolder(path: string, clock: Clock): Promise<void> {
  // Node's own `maxRetries` begins anew for each folder within.
  for (const pause of pausesMs) {
    try {
      return await rm(path, { recursive: true, force: true });
    } catch (error) {
      if (!isHeld(error as NodeJS.ErrnoException)) throw error;
      await clock.sleep(pause);
    }
  }
  await rm(path, { recursive: true, force: true });
}

/** Whether it is what Windows says where a program has a file open. */
export function isHeld({ code = '' }: NodeJS.ErrnoException): boolean {
  return process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY', 'ENOTEMPTY'].includes(code);
}

/** Deletes what was moved away. Throws InUse where Windows does not let go of it. */
export async function clearRemoved(root: string, clock: Clock): Promise<void> {
  await deleteFolder(join(root, removedName), clock).catch((error) => {
    if (!isHeld(error)) throw error;
    throw new Failure('InUse', `A file of a version that was removed is still open: ${error.message}`, {
      who: 'a program that reads from the image',
      recommendation: 'Run again when no program reads from the image.',
    });
  });
}
