import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonFile, replaceJsonFile } from '../../base/json-file.js';
import type { Clock } from '../../base/run.js';
import { deleteTemporaries, type TemporaryFiles, temporaryNotes } from '../../bits/temporary-files.js';
import { type PipeLock, takePipe } from '../system/pipe-lock.js';

/** A server's notes; the pipe of the same id says that it lives. */
const fileName = (id: string) => `temporaries-${id}.json`;
const fileNames = /^temporaries-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.json(?:\.new)?$/;
const pipeName = (id: string) => `c2r-bridge-server-${id}`;

/** The notes of this process. */
export interface TemporaryNotes extends TemporaryFiles {
  /** Waits until what was forgotten is, and leaves nothing in the folder. */
  close(): Promise<void>;
}

/** Opens notes in `folder`, where only administrators may write; nothing is in it until there is something to note. */
export function openTemporaryNotes(folder: string, clock: Clock, failed: (error: unknown) => void): TemporaryNotes {
  const id = randomUUID();
  let lives: PipeLock;
  try {
    lives = requirePipe(pipeName(id));
  } catch (error) {
    // Others would take this server for dead, and delete what it writes.
    failed(error);
    return { note: async () => undefined, forget: () => undefined, close: async () => undefined };
  }
  const file = join(folder, fileName(id));
  const paths = new Set<string>();
  let last = Promise.resolve();
  let next: Promise<void> | null = null;

  async function write(): Promise<void> {
    next = null;
    try {
      if (paths.size === 0) await rm(file, { force: true });
      else await replaceJsonFile(file, { schema: 1, paths: [...paths] }, clock, false);
    } catch (error) {
      failed(error);
    }
  }
  /** One write at a time; all that is noted meanwhile shares the next one. */
  function save(): Promise<void> {
    if (next === null) last = next = last.then(write);
    return next;
  }

  return {
    note(path) {
      paths.add(path);
      return save();
    },
    forget(path) {
      if (paths.delete(path)) void save();
    },
    async close() {
      await save();
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
      const notes = await readJsonFile(file, temporaryNotes);
      const left = await deleteTemporaries(notes?.paths ?? []);
      if (left.length > 0) await replaceJsonFile(file, { schema: 1, paths: left }, clock, false);
      else for (const each of [file, `${file}.new`]) await rm(each, { force: true });
    } finally {
      lock.close();
    }
  }
}
