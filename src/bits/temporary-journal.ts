import { closeSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { noteLine, notesOf, type TemporaryFiles } from './temporary-files.js';

/** Lines after which the file begins anew with what is still noted. */
const maxLines = 1000;

/** The notes of one server, until they are closed. */
export interface TemporaryJournal extends TemporaryFiles {
  /** Leaves nothing but what is still noted. */
  close(): void;
}

/**
 * Keeps notes in `file`, which nobody else writes, and which is there only while there is something to note. A note is a line
 * at the end of an open file, which costs no more than the call itself. `failed` hears what kept one from being written.
 */
export function temporaryJournal(file: string, failed: (error: unknown) => void): TemporaryJournal {
  const paths = new Set<string>();
  let journal: number | null = null;
  let lines = 0;

  function append(sign: '+' | '-', path: string): void {
    attempt(() => {
      journal ??= openSync(file, 'ax');
      writeSync(journal, noteLine(sign, path));
      lines++;
      if (lines <= maxLines) return;
      if (paths.size === 0) remove();
      // A job may keep its file for months, while others come and go.
      else if (lines > 2 * paths.size) rewrite();
    });
  }

  function attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      failed(error);
    }
  }

  function remove(): void {
    if (journal === null) return;
    closeSync(journal);
    journal = null;
    lines = 0;
    if (paths.size === 0) rmSync(file, { force: true });
  }

  /** A server that is killed meanwhile leaves the old notes or the new ones. */
  function rewrite(): void {
    const next = `${file}.new`;
    // Where it fails it is tried again after as many lines.
    lines = paths.size;
    rmSync(next, { force: true });
    writeFileSync(next, notesOf(paths), { flag: 'wx' });
    // Windows does not replace a file that is open.
    closeSync(journal as number);
    journal = null;
    try {
      renameSync(next, file);
    } finally {
      journal = openSync(file, 'a');
    }
  }

  return {
    note(path) {
      paths.add(path);
      append('+', path);
    },
    forget(path) {
      if (paths.delete(path)) append('-', path);
    },
    close: () => attempt(remove),
  };
}
