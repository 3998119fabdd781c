import { statfs } from 'node:fs/promises';
import { fromFileSystem, isDiskFull, noSpace } from './file-errors.js';

/** Bytes that this account may still write into a folder; null where its file system does not tell. */
export async function freeBytes(folder: string): Promise<number | null> {
  const space = await statfs(folder).catch(() => null);
  return space && space.bavail * space.bsize;
}

/** Throws NoSpace where `needed` bytes do not fit into a folder. */
export async function requireSpace(folder: string, needed: number): Promise<void> {
  // Not every network share tells; then a full disk shows when it is full.
  const free = await freeBytes(folder);
  if (free !== null && needed > free) throw noSpace(folder, needed, free);
}

/**
 * What a failed write below `folder` becomes on the wire: NoSpace with both figures where `needed` bytes found no space, a
 * refusal by the file system otherwise. What is neither is given back as it is.
 */
export async function writeFailure(error: unknown, folder: string, needed: number | null): Promise<unknown> {
  return isDiskFull(error) ? noSpace(folder, needed, await freeBytes(folder)) : fromFileSystem(error);
}
