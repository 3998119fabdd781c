import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type * as z from 'zod/mini';
import { writeFailure } from './disk-space.js';
import { fileText } from './file-text.js';
import { parseJsonText } from './json-text.js';
import { moveIntoPlace } from './move-into-place.js';
import type { Clock } from './run.js';

/** Reads a JSON file of our own, which somebody may have edited; null where it is missing or is not what `schema` describes. */
export async function readJsonFile<S extends z.ZodMiniType>(file: string, schema: S): Promise<z.output<S> | null> {
  try {
    // Damaged or from another version of this program: what it knew is found out again.
    return schema.safeParse(parseJsonText(await fileText(file))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Replaces a JSON file so that a reader sees the old or the new one, whole; after a power failure too where `flush`. Throws
 * NoSpace or AccessDenied where that cannot be, and leaves nothing of the new one.
 */
export function replaceJsonFile(file: string, value: unknown, clock: Clock, flush: boolean): Promise<void> {
  return replaceFile(file, `${JSON.stringify(value, null, 2)}\n`, clock, flush);
}

/** The same for any text. */
export async function replaceFile(file: string, text: string, clock: Clock, flush: boolean): Promise<void> {
  const next = `${file}.new`;
  try {
    // Always a new file: a link there would lead the write elsewhere.
    await rm(next, { force: true });
    const handle = await open(next, 'wx');
    try {
      await handle.writeFile(text);
      if (flush) await handle.sync();
    } finally {
      await handle.close();
    }
    await moveIntoPlace(next, file, clock);
  } catch (error) {
    await rm(next, { force: true }).catch(() => undefined);
    throw await writeFailure(error, dirname(file), Buffer.byteLength(text));
  }
}
