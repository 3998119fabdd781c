import { rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { absent } from '../../base/absent.js';
import { readJsonFile, replaceJsonFile } from '../../base/json-file.js';
import type { Clock } from '../../base/run.js';
import { isImagePath, partialSuffix, refuseLinks, stateName } from '../image/image-path.js';
import { type ManifestFile, manifestFile } from '../image/manifest.js';

/** A part of a file: `done` bytes from `start` on were written when this was recorded. */
const segment = z.object({
  start: z.int().check(z.minimum(0)),
  end: z.int().check(z.minimum(0)),
  done: z.int().check(z.minimum(0)),
});

const partialRecord = z.object({
  url: z.string(),
  size: z.int().check(z.minimum(0)),
  validator: z.string(),
  segments: z.array(segment),
});
/** What is known of a file that is not complete. */
export type PartialRecord = z.output<typeof partialRecord>;

const stagingState = z.object({
  schema: z.literal(1),
  partial: z.record(z.string(), z.nullable(partialRecord)),
  complete: z.array(manifestFile),
});

/**
 * What a run leaves behind for the next one if it does not reach its end: which files are complete, and how much of the
 * others has arrived. A `.partial` file exists only while the state names it.
 */
export class StagingState {
  /** By path in the image; null where nothing of the partial file can be used again. */
  readonly partial: Map<string, PartialRecord | null>;
  readonly complete: Map<string, ManifestFile>;
  #saving: Promise<void> | null = null;
  #again = false;

  private constructor(
    readonly root: string,
    readonly clock: Clock,
    found: z.output<typeof stagingState> | null,
  ) {
    // Whoever can write to the destination can write this file: it must not make us delete anything elsewhere.
    this.partial = new Map(Object.entries(found?.partial ?? {}).filter(([path]) => isImagePath(path)));
    this.complete = new Map((found?.complete ?? []).map((file) => [file.path, file]));
  }

  static async open(root: string, clock: Clock): Promise<StagingState> {
    return new StagingState(root, clock, await readJsonFile(join(root, stateName), stagingState));
  }

  /** Writes the state as it is when the write starts; calls meanwhile share one more write. */
  async save(): Promise<void> {
    if (this.#saving) {
      this.#again = true;
      return this.#saving;
    }
    this.#saving = this.#write();
    try {
      await this.#saving;
    } finally {
      this.#saving = null;
    }
  }

  async #write(): Promise<void> {
    do {
      this.#again = false;
      const next: z.output<typeof stagingState> = {
        schema: 1,
        partial: Object.fromEntries(this.partial),
        complete: [...this.complete.values()],
      };
      // Not flushed: after a power failure an older state, or none, costs time but misleads nobody.
      await replaceJsonFile(join(this.root, stateName), next, this.clock, false);
    } while (this.#again);
  }

  /** Removes the partial file of a path and forgets it. What lies behind a link is not ours and stays. */
  async discard(path: string): Promise<void> {
    const isOurs = await refuseLinks(this.root, dirname(path)).then(
      () => true,
      () => false,
    );
    this.partial.delete(path);
    if (!isOurs) return;
    await unlink(join(this.root, `${path}${partialSuffix}`)).catch(absent);
  }

  /** Removes every partial file and the state itself. */
  async remove(): Promise<void> {
    for (const path of [...this.partial.keys()]) await this.discard(path);
    await rm(join(this.root, stateName), { force: true });
    await rm(join(this.root, `${stateName}.new`), { force: true });
  }
}
