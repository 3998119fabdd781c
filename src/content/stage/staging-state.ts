import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { absent } from '../../base/absent.js';
import { isDiskFull } from '../../base/file-errors.js';
import { fileText } from '../../base/file-text.js';
import { moveIntoPlace } from '../../base/move-into-place.js';
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

const head = z.object({ schema: z.literal(2) });
/** What a line of the journal after its head says. */
const entry = z.union([
  z.object({ partial: z.string(), record: z.nullable(partialRecord) }),
  z.object({ complete: manifestFile }),
  z.object({ forgotten: z.string() }),
]);
type Entry = z.output<typeof entry>;

/** How much may be appended before the journal is written anew, if that is more than it holds by then. */
const compactBytes = 1024 * 1024;
/** Empty lines at the journal's end, which changes replace: where a disk fills up, what has arrived can still be recorded. */
const reserveBytes = 8 * 1024;

/**
 * What a run leaves behind for the next one if it does not reach its end: which files are complete, and how much of the
 * others has arrived. A `.partial` file exists only while the state names it.
 *
 * It is a journal of JSON lines: a change appends one, and now and then the file is replaced by one that says the same in
 * as few lines as possible. Nothing is flushed: after a power failure an older state, or none, costs time but misleads
 * nobody, and a line that is damaged ends the journal.
 */
export class StagingState {
  readonly #partial = new Map<string, PartialRecord | null>();
  readonly #complete = new Map<string, ManifestFile>();
  /** The journal that is appended to; none before `begin`. */
  #fd: number | null = null;
  /** Where the next line goes, and where the empty lines behind it end. */
  #end = 0;
  #reservedTo = 0;
  #appended = 0;
  #compacted = 0;

  private constructor(
    readonly root: string,
    readonly clock: Clock,
  ) {}

  /** Reads what an earlier run left; writes nothing. */
  static async open(root: string, clock: Clock): Promise<StagingState> {
    const state = new StagingState(root, clock);
    for (const found of parse((await fileText(join(root, stateName)).catch(absent)) ?? '')) state.#apply(found);
    return state;
  }

  /** By path in the image; null where nothing of the partial file can be used again. */
  get partial(): ReadonlyMap<string, PartialRecord | null> {
    return this.#partial;
  }

  get complete(): ReadonlyMap<string, ManifestFile> {
    return this.#complete;
  }

  /** Begins to record: replaces the journal by one that holds what is known. */
  async begin(): Promise<void> {
    await this.#compact();
  }

  /** A partial file is about to be there, or has got so far. */
  note(path: string, record: PartialRecord | null): void {
    this.#record({ partial: path, record });
  }

  /** A file is complete and in its place, and its partial file is gone. */
  completed(file: ManifestFile): void {
    this.#record({ complete: file });
  }

  /** The partial file of a path is gone. */
  forget(path: string): void {
    this.#record({ forgotten: path });
  }

  /** Writes the journal anew where it has grown much longer than what it says. */
  async compactWhereGrown(): Promise<void> {
    if (this.#appended > Math.max(compactBytes, this.#compacted)) await this.#compact();
  }

  /** Removes the partial file of a path and forgets it. What lies behind a link is not ours and stays. */
  async discard(path: string): Promise<void> {
    const isOurs = await refuseLinks(this.root, dirname(path)).then(
      () => true,
      () => false,
    );
    if (isOurs) await unlink(join(this.root, `${path}${partialSuffix}`)).catch(absent);
    this.forget(path);
  }

  /** Removes every partial file and the state itself. */
  async remove(): Promise<void> {
    for (const path of [...this.#partial.keys()]) await this.discard(path);
    this.close();
    await rm(join(this.root, stateName), { force: true });
    await rm(join(this.root, `${stateName}.new`), { force: true });
  }

  /** Ends the recording; what is recorded stays for the next run. */
  close(): void {
    if (this.#fd === null) return;
    ftruncateSync(this.#fd, this.#end);
    closeSync(this.#fd);
    this.#fd = null;
  }

  #record(change: Entry): void {
    this.#apply(change);
    if (this.#fd === null) return;
    this.#appended += this.#append(this.#fd, `${JSON.stringify(change)}\n`);
  }

  /** Appends text; gives its length in bytes. */
  #append(fd: number, text: string): number {
    const bytes = Buffer.from(text, 'utf8');
    writeAll(fd, bytes, this.#end);
    this.#end += bytes.length;
    if (this.#reservedTo - this.#end < reserveBytes / 2) this.#reserve(fd);
    return bytes.length;
  }

  #reserve(fd: number): void {
    const from = Math.max(this.#reservedTo, this.#end);
    const to = this.#end + reserveBytes;
    try {
      writeAll(fd, Buffer.alloc(to - from, '\n'), from);
      this.#reservedTo = to;
    } catch (error) {
      // The next line may still fit.
      if (!isDiskFull(error as NodeJS.ErrnoException)) throw error;
    }
  }

  #apply(change: Entry): void {
    if ('partial' in change) {
      // Anyone who can write to the destination can write this file: it must not make us delete anything elsewhere.
      if (isImagePath(change.partial)) this.#partial.set(change.partial, change.record);
    } else if ('complete' in change) {
      this.#complete.set(change.complete.path, change.complete);
      this.#partial.delete(change.complete.path);
    } else this.#partial.delete(change.forgotten);
  }

  async #compact(): Promise<void> {
    const file = join(this.root, stateName);
    const next = `${file}.new`;
    // Always a new file: a link there would lead the write elsewhere.
    await rm(next, { force: true });
    // Windows replaces no file that is open.
    this.close();
    this.#fd = openSync(next, 'wx');
    this.#end = this.#reservedTo = 0;
    this.#compacted = this.#append(this.#fd, this.#text());
    this.#appended = 0;
    await moveIntoPlace(next, file, this.clock);
  }

  #text(): string {
    const lines: (z.output<typeof head> | Entry)[] = [{ schema: 2 }];
    for (const complete of this.#complete.values()) lines.push({ complete });
    for (const [partial, record] of this.#partial) lines.push({ partial, record });
    return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  }
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}

/** The entries of a journal, up to the first line that is not one; none where it is from another version of this program. */
function* parse(text: string): Generator<Entry> {
  const [first = '', ...lines] = text.split('\n');
  if (!head.safeParse(json(first)).success) return;
  for (const line of lines) {
    const { data } = entry.safeParse(json(line));
    if (!data) return;
    yield data;
  }
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
