import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from '../../base/absent.js';
import { removedName } from './image-path.js';

/**
 * The versions that are being removed from an image: pruning moves their folders here in one step, and then deletes them.
 * What a killed run left here no longer belongs to the image.
 */
export async function removedVersions(root: string): Promise<ReadonlySet<string>> {
  return new Set(await readdir(join(root, removedName)).catch(absent));
}

/** Deletes what an earlier run moved away. */
export async function clearRemoved(root: string): Promise<void> {
  await rm(join(root, removedName), { recursive: true, force: true });
}
