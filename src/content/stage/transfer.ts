import { closeSync, constants, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import type { RemoteFile } from '../http/remote-file.js';
import type { Sha256 } from '../image/published-hash.js';
import type { RunningHash, RunningHashes } from './running-hash.js';
import type { PartialRecord } from './staging-state.js';

/**
 * How much one connection fetches of a large file at a time: so much that the time between two requests does not count,
 * and so little that the parts ahead of the hash are still in the system's cache when it gets there.
 */
const segmentBytes = 32 * 1024 * 1024;

/** Bounds what is remembered of one file, whatever size a server announces: 128 GiB in parts, forty times Office's largest. */
const maxSegments = 4096;

/** A part of a file that one connection fetches; `end` is infinite where the size is not known. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  /** Bytes from `start` on that are written. */
  done: number;
  claimed: boolean;
}

/** Links in the place of a partial file are not followed. Windows has no such flag; there the folder was checked. */
const noFollow = constants.O_NOFOLLOW ?? 0;

/**
 * The partial file of one download: takes the bytes of several connections and has the file hashed from its start to its
 * end while they arrive.
 */
export class Transfer {
  #fd: number;
  #remote: RemoteFile;
  #segments: Segment[] = [];
  #hash: RunningHash;
  /** Up to where every byte is there. */
  #reached = 0;
  #epoch = new AbortController();
  #pieced: boolean;

  constructor(
    readonly partialFile: string,
    remote: RemoteFile,
    record: PartialRecord | null,
    readonly hashes: RunningHashes,
  ) {
    const usable = record && isUsable(record, remote) ? openAgain(partialFile, record) : null;
    this.#remote = remote;
    if (usable !== null && record) {
      this.#fd = usable;
      this.#segments = record.segments.map((segment) => ({
        ...segment,
        claimed: segment.done === segmentSize(segment),
      }));
      this.#pieced = this.received > 0;
    } else {
      // Always a new file: what lies there may be a link, or a file that something else still has open.
      rmSync(partialFile, { force: true });
      this.#fd = openSync(partialFile, 'wx+');
      this.#pieced = false;
      this.#segments = cut(remote, true);
    }
    this.#hash = hashes.begin(this.#fd, remote.size);
  }

  get remote(): RemoteFile {
    return this.#remote;
  }

  get fd(): number {
    return this.#fd;
  }

  /** Whether a part of it was continued after a break, in this run or from an earlier one, on the server's word only. */
  get isPieced(): boolean {
    return this.#pieced;
  }

  get received(): number {
    return this.#segments.reduce((sum, { done }) => sum + done, 0);
  }

  /** Aborted when the transfer starts anew: what was claimed before is void. */
  get epoch(): AbortSignal {
    return this.#epoch.signal;
  }

  get isReceived(): boolean {
    return this.#segments.every((segment) => segment.done === segmentSize(segment));
  }

  /** Bytes that no connection fetches yet. */
  get unclaimedBytes(): number {
    return this.#segments.reduce(
      (sum, s) => (s.claimed ? sum : sum + Math.min(segmentSize(s), Number.MAX_SAFE_INTEGER)),
      0,
    );
  }

  /** The first part that nobody fetches, for the caller to fetch; undefined where there is none. */
  claim(): Segment | undefined {
    const segment = this.#segments.find(({ claimed }) => !claimed);
    if (segment) segment.claimed = true;
    return segment;
  }

  /** A part is continued after a break. */
  continued(segment: Segment): void {
    if (segment.done > 0) this.#pieced = true;
  }

  /** Writes the next bytes of a part. */
  accept(segment: Segment, bytes: Buffer): void {
    const position = segment.start + segment.done;
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(this.#fd, bytes, written, bytes.length - written, position + written);
    }
    segment.done += bytes.length;
    this.#hash.written(position, bytes, this.#reach());
  }

  /** What the server says of the file as it sends the whole of it. */
  adopt(remote: RemoteFile): void {
    this.#remote = remote;
  }

  /** The end of a file whose size was not known. */
  endsHere(segment: Segment): void {
    const size = segment.start + segment.done;
    this.#segments = [{ start: 0, end: size, done: size, claimed: true }];
    this.#remote = { ...this.#remote, size };
  }

  /** Forgets everything and begins at the first byte; in one piece where `ranges` is false. */
  restart(remote: RemoteFile, ranges: boolean): void {
    this.#epoch.abort();
    this.#epoch = new AbortController();
    ftruncateSync(this.#fd, 0);
    this.#remote = remote;
    this.#segments = cut(remote, ranges);
    this.#pieced = false;
    this.#reached = 0;
    this.#hash.close();
    this.#hash = this.hashes.begin(this.#fd, remote.size);
  }

  /** Gives the SHA-256 of the whole file. */
  digest(signal: AbortSignal): Promise<Sha256> {
    return this.#hash.digest(this.received, signal);
  }

  /** What a later run can continue from; null where it could not tell whether the file changed. */
  record(url: string): PartialRecord | null {
    const { size, validator } = this.#remote;
    if (size === null || validator === null) return null;
    const segments = this.#segments.map(({ start, end, done }) => ({ start, end, done }));
    return { url, size, validator, segments };
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#hash.close();
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #reach(): number {
    for (;;) {
      const at = this.#reached;
      const segment = this.#segments.find(({ start, end }) => start <= at && at < end);
      if (!segment || segment.start + segment.done === at) return at;
      this.#reached = segment.start + segment.done;
    }
  }
}

const segmentSize = ({ start, end }: { readonly start: number; readonly end: number }) => end - start;

function cut({ size, validator }: RemoteFile, ranges: boolean): Segment[] {
  if (size === null) return [{ start: 0, end: Number.POSITIVE_INFINITY, done: 0, claimed: false }];
  // Without a validator nobody could say whether two parts belong to the same file.
  const part = Math.max(segmentBytes, Math.ceil(size / maxSegments));
  const step = ranges && validator !== null ? part : Math.max(size, 1);
  const segments: Segment[] = [];
  for (let start = 0; start < size; start += step) {
    segments.push({ start, end: Math.min(start + step, size), done: 0, claimed: false });
  }
  return segments;
}

/** Whether an earlier run's bytes are of the file that the server has now, and its record adds up. */
function isUsable({ size, validator, segments }: PartialRecord, remote: RemoteFile): boolean {
  // None of ours has more; each would be a request.
  if (segments.length > maxSegments) return false;
  let at = 0;
  for (const { start, end, done } of segments) {
    if (start !== at || end < start || done > end - start) return false;
    at = end;
  }
  return at === size && size === remote.size && validator === remote.validator;
}

function openAgain(file: string, { segments }: PartialRecord): number | null {
  const needed = Math.max(0, ...segments.map(({ start, done }) => (done > 0 ? start + done : 0)));
  try {
    const fd = openSync(file, constants.O_RDWR | noFollow);
    const { size, nlink } = fstatSync(fd);
    // A second name of the file might be one outside the image.
    if (size >= needed && nlink === 1) return fd;
    closeSync(fd);
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
