import { fstatSync, writeFileSync } from 'node:fs';
import { fromFileSystem } from '../base/file-errors.js';

/**
 * Writes all of `text` to stdout; rejects with a `Failure` where it found no room. Where nobody reads it any more, as in
 * `call ... | head`, the process ends with 1 and says nothing, as other commands do. A stream of Node's gives a file what
 * fits on its disk, and says nothing of the rest.
 */
export async function writeResult(text: string): Promise<void> {
  try {
    if (fstatSync(1).isFile()) writeFileSync(1, text);
    else {
      await new Promise<void>((resolve, reject) => {
        process.stdout.once('error', reject).write(text, (error) => (error ? reject(error) : resolve()));
      });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(1);
    throw fromFileSystem(Object.assign(error as Error, { path: 'stdout' }));
  }
}
