import { lstat, unlink } from 'node:fs/promises';
import { basename } from 'node:path';
import * as z from 'zod/mini';

/** Where a server notes its temporary files, so that whoever comes after it can delete what it left when it was killed. */
export interface TemporaryFiles {
  /** Resolves when the note is kept, and the file may be made. Never rejects: a note that cannot be kept stops no transfer. */
  note(path: string): Promise<void>;
  /** The file is deleted, or has its own name. */
  forget(path: string): void;
}

/** The notes of one server, as a file. */
export const temporaryNotes = z.object({ schema: z.literal(1), paths: z.array(z.string()) });

/** Part of a GUID that nobody else knows, so that no other file is called so by chance or can be waiting there. */
export function temporaryName(jobId: string, index: number): string {
  return `BIT${jobId.slice(1, 14)}-${index}.tmp`;
}

const temporaryNames = /^BIT[0-9A-F]{8}-[0-9A-F]{4}-\d+\.tmp$/;

/**
 * Deletes the noted files of a server that is gone; gives those that could not be deleted now. What is no file or has
 * another name than ours is left alone; who may write the folder can put something else under our name, but only there.
 */
export async function deleteTemporaries(paths: readonly string[]): Promise<string[]> {
  const left: string[] = [];
  for (const path of paths.filter((each) => temporaryNames.test(basename(each)))) {
    try {
      if ((await lstat(path)).isFile()) await unlink(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') left.push(path);
    }
  }
  return left;
}
