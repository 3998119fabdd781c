import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../base/json-file.js';
import type { Clock } from '../../base/run.js';
import { deleteTemporaries, notedPaths, notesOf } from '../../bits/temporary-files.js';
import { type TemporaryJournal, temporaryJournal } from '../../bits/temporary-journal.js';
import { type PipeLock, takePipe } from '../system/pipe-lock.js';

/** A server's notes; the pipe of the same id says that it lives. */
const fileName = (id: string) => `temporaries-${id}.txt`;
const fileNames = /^temporaries-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.txt(?:\.new)?$/;
const pipeName = (id: string) => `c2r-bridge-server-${id}`;

/** Opens the notes of this process in `folder`, where only administrators may write. */
export function openTemporaryNotes(folder: string, failed: (error: unknown) => void): TemporaryJournal {
  const id = randomUUID();
  let lives: PipeLock;
  try {
    lives = requirePipe(pipeName(id));
  } catch (error) {
    // Others would take this server for dead, and delete what it writes.
    failed(error);
    return { note: () => undefined, forget: () => undefined, close: () => undefined };
  }
  const journal = temporaryJournal(join(folder, fileName(id)), failed);
  return {
    ...journal,
    close() {
      journal.close();
      lives.close();
    },
  };
}

function requirePipe(name: string): PipeLock {
  const lock = takePipe(name);
  if (lock === null) throw new Error(`The pipe ${name} is taken.`);
  return lock;
}

/** Deletes the temporary files that killed servers left, with the notes about them. What a living server has stays. */
export async function sweepTemporaries(folder: string, clock: Clock): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const id of new Set(names.flatMap((name) => fileNames.exec(name)?.[1] ?? []))) {
    const lock = takePipe(pipeName(id));
    if (lock === null) continue;
    try {
      const file = join(folder, fileName(id));
      const left = await deleteTemporaries(notedPaths(await readFile(file, 'utf8').catch(nothing)));
      if (left.length > 0) await replaceFile(file, notesOf(left), clock, false);
      else for (const each of [file, `${file}.new`]) await rm(each, { force: true });
    } finally {
      lock.close();
    }
  }
}

/** Where a server was killed before its notes had their name. */
function nothing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
