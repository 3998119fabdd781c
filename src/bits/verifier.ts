import { createHash } from 'node:crypto';
import { untilAborted } from '../base/run.js';
import { CopyFault, type SourceFile } from './source-reader.js';
import { changed, corrupt, type Verify } from './transfer.js';

/** Many times the files of one update. */
const maxRemembered = 1000;

/**
 * Checks whole files against their hash, once for each version: a part of a file says nothing about the rest, and the hash
 * that is published is that of the whole. Remembers what was right; jobs that want the same at once wait for one of them.
 */
export function createVerifier(): Verify {
  const right = new Set<string>();
  const running = new Map<string, Promise<void>>();
  return async (file, signal) => {
    const version = `${file.sha256} ${file.version}`;
    for (let other = running.get(version); other; other = running.get(version)) {
      await untilAborted(other, signal).catch((error) => {
        // A job that was stopped halfway says nothing about the file: the next one begins anew.
        if (signal.aborted || error instanceof CopyFault) throw error;
      });
    }
    if (right.has(version)) return;
    const hashing = hashWhole(file, signal)
      .then(() => {
        if (right.size >= maxRemembered) right.clear();
        right.add(version);
      })
      .finally(() => running.delete(version));
    running.set(version, hashing);
    await hashing;
  };
}

async function hashWhole(file: SourceFile, signal: AbortSignal): Promise<void> {
  const hash = createHash('sha256');
  await file.read(0, file.size, signal, (block) => {
    hash.update(block);
    return undefined;
  });
  const actual = hash.digest('hex');
  const isRight = actual === file.sha256 || actual === (await file.recordedHash(signal));
  if (!(await file.isUnchanged())) throw changed();
  if (!isRight) throw corrupt();
}
