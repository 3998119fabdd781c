import { createHash, type Hash } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import {
  BG_E_ERROR_CONTEXT_LOCAL_FILE,
  BG_E_INSUFFICIENT_RANGE_SUPPORT,
  BG_E_INVALID_RANGE,
  BG_E_VALIDATION_FAILED,
  fromErrno,
} from './hresults.js';
import { CopyFault, type SourceFile } from './source-reader.js';
import type { TemporaryFiles } from './temporary-files.js';

/** A part of a remote file; `length` null runs to its end. */
export interface FileRange {
  readonly offset: number;
  readonly length: number | null;
}

interface Segment {
  readonly offset: number;
  readonly length: number;
}

/** What the transfer of a file tells while it runs. */
export interface TransferEvents {
  sized(total: number): void;
  moved(bytes: number): void;
  /** Everything so far was for nothing: the source was replaced. */
  restarted(): void;
}

/** The temporary file while it is open. */
interface Target {
  readonly handle: FileHandle;
  readonly isNew: boolean;
  /** Whether it stands where the next byte goes: to name a position costs two further calls a block on Windows. */
  readonly inOrder: boolean;
}

/** Says whether the whole of an opened file is what its hash says; asked before a part of it is used. */
export type Verify = (file: SourceFile, signal: AbortSignal) => Promise<void>;

/**
 * One file on its way to a temporary file. It can be run again after it was interrupted, and continues where it was as long
 * as the source is the same version; the hash of what was written is kept over the pause.
 */
export class FileTransfer {
  #written = 0;
  /** The version that the bytes so far are of; null where the next run begins anew. */
  #version: string | null = null;
  #hash: Hash | null = null;
  #created = false;

  constructor(
    readonly temporary: string,
    readonly ranges: readonly FileRange[] | null,
    private readonly notes: TemporaryFiles,
  ) {}

  /** Returns when the temporary file is complete and right; throws `CopyFault`, or the reason of the abort. */
  async run(file: SourceFile, verify: Verify, signal: AbortSignal, events: TransferEvents): Promise<void> {
    const segments = await this.#prepare(file, verify, signal, events);
    const target = await this.#open();
    try {
      await this.#copy(file, segments, target, signal, events);
      // As in BITS, whose files have the time of their source.
      if (file.modified) await onLocalFile(target.handle.utimes(file.modified, file.modified));
    } catch (error) {
      throw this.#asRepeatable(error);
    } finally {
      await target.handle.close();
    }
    await this.#prove(file, signal);
  }

  /** Decides what to read, and whether what lies there already is of the same version. */
  async #prepare(
    file: SourceFile,
    verify: Verify,
    signal: AbortSignal,
    events: TransferEvents,
  ): Promise<readonly Segment[]> {
    const segments = segmentsOf(file.size, this.ranges);
    events.sized(segments.reduce((sum, { length }) => sum + length, 0));
    const whole = this.ranges === null;
    // A part says nothing about the rest, and the hash is that of the whole.
    if (!whole && file.sha256 !== null) await verify(file, signal);
    if (this.#version !== file.version) {
      if (this.#written > 0) events.restarted();
      this.#written = 0;
      this.#version = file.version;
      this.#hash = whole && file.sha256 !== null ? createHash('sha256') : null;
    }
    return segments;
  }

  /** Reads what is not written yet. */
  async #copy(
    file: SourceFile,
    segments: readonly Segment[],
    target: Target,
    signal: AbortSignal,
    events: TransferEvents,
  ): Promise<void> {
    if (this.#written === 0 && !target.isNew) await onLocalFile(target.handle.truncate(0));
    let passed = 0;
    for (const { offset, length } of segments) {
      const done = Math.min(length, Math.max(0, this.#written - passed));
      passed += length;
      await file.read(offset + done, length - done, signal, async (block) => {
        await this.#write(target, block);
        events.moved(block.length);
      });
    }
  }

  /** Throws where the bytes are not what the manifest says, or nobody can say and the source was changed meanwhile. */
  async #prove(file: SourceFile, signal: AbortSignal): Promise<void> {
    const actual = this.#hash?.copy().digest('hex');
    if (actual !== undefined && actual === file.sha256) return;
    if (!(await file.isUnchanged())) {
      this.#version = null;
      throw changed();
    }
    if (actual === undefined || actual === (await file.recordedHash(signal))) return;
    this.#version = null;
    throw corrupt();
  }

  /** Where the rest alone cannot be read, the next attempt asks for the whole. */
  #asRepeatable(error: unknown): unknown {
    const refusesRest = error instanceof CopyFault && error.hresult === BG_E_INSUFFICIENT_RANGE_SUPPORT;
    if (this.ranges !== null || !refusesRest) return error;
    this.#version = null;
    return new CopyFault(error.context, error.hresult, error.message, true);
  }

  /** Deletes the temporary file; not while it is being written. Throws what the file system says. */
  remove(): void {
    if (this.#created) rmSync(this.temporary, { force: true });
    this.notes.forget(this.temporary);
    this.#created = false;
    this.#version = null;
    this.#written = 0;
  }

  /** Gives the complete temporary file its own name. Throws what the file system says. */
  moveTo(localName: string): void {
    renameSync(this.temporary, localName);
    this.notes.forget(this.temporary);
  }

  async #open(): Promise<Target> {
    const isNew = !this.#created;
    if (isNew) this.notes.note(this.temporary);
    // A new file that has no place to be in: it is the folder that is missing.
    const handle = await onLocalFile(open(this.temporary, isNew ? 'wx+' : 'r+'), isNew);
    this.#created = true;
    return { handle, isNew, inOrder: this.#written === 0 };
  }

  /** The hash is computed on this thread while the block is written on another. */
  async #write({ handle, inOrder }: Target, block: Buffer): Promise<void> {
    const writing = writeWhole(handle, block, inOrder ? null : this.#written);
    // Handled at once, so that a failure is not taken for an unhandled one while the hash is computed.
    writing.catch(() => undefined);
    this.#hash?.update(block);
    try {
      await onLocalFile(writing);
    } catch (error) {
      // The hash is ahead of the file now.
      this.#version = null;
      throw error;
    }
    this.#written += block.length;
  }
}

/** What is there now may be right. */
export function changed(): CopyFault {
  return new CopyFault('remoteFile', BG_E_VALIDATION_FAILED, 'The source was changed while it was read.', true);
}

export function corrupt(): CopyFault {
  return new CopyFault(
    'remoteFile',
    BG_E_VALIDATION_FAILED,
    'The source does not match its manifest: its SHA-256 is different.',
  );
}

/** `position` null writes on where the file stands. */
async function writeWhole(target: FileHandle, block: Buffer, position: number | null): Promise<void> {
  for (let done = 0; done < block.length; ) {
    const at = position === null ? null : position + done;
    const { bytesWritten } = await target.write(block, done, block.length - done, at);
    done += bytesWritten;
  }
}

/** `creating` says that a missing name is that of a folder. */
async function onLocalFile<T>(work: Promise<T>, creating = false): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const meant = creating && code === 'ENOENT' ? 'ENOTDIR' : code;
    const message = `The local file cannot be written: ${code}.`;
    throw new CopyFault('localFile', fromErrno(meant, BG_E_ERROR_CONTEXT_LOCAL_FILE), message);
  }
}

function segmentsOf(size: number, ranges: readonly FileRange[] | null): Segment[] {
  if (ranges === null) return [{ offset: 0, length: size }];
  return ranges.map(({ offset, length }) => {
    const end = length === null ? size : offset + length;
    if (offset >= size || end > size) {
      const message = `Bytes ${offset} to ${end - 1} were asked for; the file has ${size}.`;
      throw new CopyFault('remoteFile', BG_E_INVALID_RANGE, message);
    }
    return { offset, length: end - offset };
  });
}
