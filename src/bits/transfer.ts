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
import { CopyFault, type OriginFile } from './origin.js';
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

/** What the transfer of a file tells while it goes on. */
export interface TransferEvents {
  sized(total: number): void;
  moved(bytes: number): void;
  /** Everything so far was for nothing: the source was replaced. */
  restarted(): void;
}

/** Says whether the whole of an opened file is what its hash says; asked before a part of it is used. */
export type Verify = (file: OriginFile, signal: AbortSignal) => Promise<void>;

/**
 * One file on its way to a temporary file. It can be run again after it was interrupted, and goes on where it was as long
 * as the source is the same version; the hash of what was written is kept over the pause.
 */
export class FileTransfer {
  #written = 0;
  #version: string | null = null;
  #hash: Hash | null = null;
  #created = false;

  constructor(
    readonly temporary: string,
    readonly ranges: readonly FileRange[] | null,
    private readonly notes: TemporaryFiles,
  ) {}

  /** Returns when the temporary file is complete and right; throws `CopyFault`, or the reason of the abort. */
  async run(file: OriginFile, verify: Verify, signal: AbortSignal, events: TransferEvents): Promise<void> {
    const segments = segmentsOf(file.size, this.ranges);
    const total = segments.reduce((sum, { length }) => sum + length, 0);
    events.sized(total);
    const whole = this.ranges === null;
    if (!whole && file.sha256 !== null) await verify(file, signal);
    if (this.#version !== file.version) {
      if (this.#written > 0) events.restarted();
      this.#written = 0;
      this.#version = file.version;
      this.#hash = whole && file.sha256 !== null ? createHash('sha256') : null;
    }
    const target = await this.#open();
    try {
      if (this.#written === 0) await onLocalFile(target.truncate(0));
      let passed = 0;
      for (const { offset, length } of segments) {
        const done = Math.min(length, Math.max(0, this.#written - passed));
        passed += length;
        for await (const block of file.read(offset + done, length - done, signal)) {
          await this.#write(target, block);
          events.moved(block.length);
        }
      }
    } catch (error) {
      const refusesRest = error instanceof CopyFault && error.hresult === BG_E_INSUFFICIENT_RANGE_SUPPORT;
      if (!whole || !refusesRest) throw error;
      // The rest alone cannot be had: the next attempt begins anew, and asks for the whole.
      this.#version = null;
      throw new CopyFault(error.context, error.hresult, error.message, true);
    } finally {
      await target.close();
    }
    if (!(await file.isUnchanged())) {
      this.#version = null;
      throw new CopyFault('remoteFile', BG_E_VALIDATION_FAILED, 'The source was changed while it was read.', true);
    }
    if (this.#hash && this.#hash.copy().digest('hex') !== file.sha256) {
      this.#version = null;
      throw corrupt();
    }
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

  async #open(): Promise<FileHandle> {
    if (!this.#created) await this.notes.note(this.temporary);
    const handle = await onLocalFile(open(this.temporary, this.#created ? 'r+' : 'wx+'));
    this.#created = true;
    return handle;
  }

  /** The hash is computed on this thread while the block is written on another. */
  async #write(target: FileHandle, block: Buffer): Promise<void> {
    const writing = writeWhole(target, block, this.#written);
    // Seen at once, so that a failure is not taken for one that nobody handles while the hash is computed.
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

export function corrupt(): CopyFault {
  return new CopyFault(
    'remoteFile',
    BG_E_VALIDATION_FAILED,
    'The source is not what the manifest says: its SHA-256 is another one.',
  );
}

async function writeWhole(target: FileHandle, block: Buffer, position: number): Promise<void> {
  for (let done = 0; done < block.length; ) {
    const { bytesWritten } = await target.write(block, done, block.length - done, position + done);
    done += bytesWritten;
  }
}

async function onLocalFile<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `The local file cannot be written: ${code}.`;
    throw new CopyFault('localFile', fromErrno(code, BG_E_ERROR_CONTEXT_LOCAL_FILE), message);
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
