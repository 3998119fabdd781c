import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from '../../base/absent.js';
import { Failure } from '../../base/failure.js';
import { isHeld, whileHeld } from '../../base/held-files.js';
import type { Clock } from '../../base/run.js';
import { removedName } from './image-path.js';

/**
 * The versions that are being removed from an image: pruning moves their folders here in one step, and then deletes them.
 * What a killed run left here no longer belongs to the image.
 */
export async function removedVersions(root: string): Promise<ReadonlySet<string>> {
  return new Set(await readdir(join(root, removedName)).catch(absent));
}

/** What a folder cannot be deleted with as long as a file in it is open. */
const notEmpty = ['ENOTEMPTY'];

/** Deletes a folder with all that is in it, several times where Windows does not let go of it. */
export function deleteFolder(path: string, clock: Clock): Promise<void> {
  // Node's own `maxRetries` begins anew for each folder within.
  return whileHeld(() => rm(path, { recursive: true, force: true }), clock, notEmpty);
}

/** Whether it is what Windows says where a program has a file of the folder open. */
export function isFolderHeld(error: unknown): boolean {
  return isHeld(error, notEmpty);
}

/** Deletes what was moved away. Throws InUse where Windows does not let go of it. */
export async function clearRemoved(root: string, clock: Clock): Promise<void> {
  await deleteFolder(join(root, removedName), clock).catch((error) => {
    if (!isFolderHeld(error)) throw error;
    throw new Failure('InUse', `A file of a version that was removed is still open: ${error.message}`, {
      who: 'a program that reads from the image',
      recommendation: 'Run again when no program reads from the image.',
    });
  });
}
