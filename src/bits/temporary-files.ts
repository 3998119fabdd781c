import { lstat, unlink } from 'node:fs/promises';
import { basename } from 'node:path';

/** Where a server notes its temporary files, so that the next one can delete what it left when it was killed. */
export interface TemporaryFiles {
  /** When it returns the file may be made. Never throws: a note that cannot be kept stops no transfer. */
  note(path: string): void;
  /** The file is deleted, or has its own name. */
  forget(path: string): void;
}

/** A line of a server's notes: a file was noted (`+`) or forgotten (`-`). */
export function noteLine(sign: '+' | '-', path: string): string {
  return `${sign}${JSON.stringify(path)}\n`;
}

/** Notes that say no more than that these files are there. */
export function notesOf(paths: Iterable<string>): string {
  return [...paths].map((path) => noteLine('+', path)).join('');
}

/** The files that are noted and not forgotten. A line that was cut off is of a file that was not made yet, or just went. */
export function notedPaths(text: string): string[] {
  const paths = new Set<string>();
  for (const [, sign, path] of text.matchAll(/^([+-])(".*")$/gm)) {
    const noted = parsed(path as string);
    if (noted === null) continue;
    if (sign === '+') paths.add(noted);
    else paths.delete(noted);
  }
  return [...paths];
}

function parsed(text: string): string | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Part of a random GUID, so that no other file has the name by chance, or waits there for us. */
export function temporaryName(jobId: string, index: number): string {
  return `BIT${jobId.slice(1, 14)}-${index}.tmp`;
}

const temporaryNames = /^BIT[0-9A-F]{8}-[0-9A-F]{4}-\d+\.tmp$/;

/**
 * Deletes the noted files of a server that is gone; gives those that could not be deleted now. What is not a file
 * or has another name than ours is left alone; who may write the folder can put something else under our name, but only there.
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
