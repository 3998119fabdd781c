import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, where they are missing. Node's own recursive mkdir has no end on some file systems, and no
 * process can end meanwhile.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const parent = dirname(path);
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT' && parent !== path;
    if (!missing) return requireFolder(path, error);
    await makeFolder(parent);
    // Somebody else may make it at the same time.
    await mkdir(path).catch((again) => requireFolder(path, again));
  }
}

/** Throws `error`, for which a folder was not made, unless it is there. */
async function requireFolder(path: string, error: unknown): Promise<void> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw error;
}
