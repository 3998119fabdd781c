import { fstatSync, fsync, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { contentInvalid } from '../../base/content-invalid.js';
import { withoutCredentials } from '../../base/credentials.js';
import { requireSpace } from '../../base/disk-space.js';
import { limit } from '../../base/limit.js';
import { moveIntoPlace } from '../../base/move-into-place.js';
import type { Clock } from '../../base/run.js';
import { HttpFault } from '../http/faults.js';
import type { HttpClient } from '../http/http.js';
import { RangeFault, readRange } from '../http/range-reader.js';
import type { RateLimit } from '../http/rate-limit.js';
import { inspectRemote, type RemoteFile, remoteFileOf } from '../http/remote-file.js';
import { Attempts, type RetryPolicy, withRetries } from '../http/retry.js';
import { cabinetFault, cabinetHeaderBytes } from '../image/cabinet.js';
import type { ImageFolders } from '../image/image-folders.js';
import { partialSuffix } from '../image/image-path.js';
import type { Sha256 } from '../image/published-hash.js';
import type { RunningHashes } from './running-hash.js';
import type { StagingState } from './staging-state.js';
import { type Segment, Transfer } from './transfer.js';

/** A file to download into an image. */
export interface Download {
  /** Path in the image. */
  readonly path: string;
  readonly url: string;
  readonly remote: RemoteFile;
  /** The published hash; null for files without one. */
  readonly expected: Sha256 | null;
}

/** A file that is complete, right, flushed and in its place. */
export interface Landed {
  readonly sha256: Sha256;
  readonly size: number;
  readonly modifiedMs: number;
  readonly validator: string | null;
}

export interface DownloadContext {
  readonly client: HttpClient;
  readonly limit: RateLimit;
  readonly clock: Clock;
  /** Its signal ends every connection of the run. */
  readonly policy: RetryPolicy;
  readonly state: StagingState;
  readonly folders: ImageFolders;
  readonly hashes: RunningHashes;
  /** Counts bytes as they arrive. */
  readonly onBytes: (count: number) => void;
  /** Counts bytes that were on disk from an earlier run, or (negative) that have to be fetched again. */
  readonly onKnownBytes: (count: number) => void;
  /** Counts bytes that a file turns out to be larger (or, negative, smaller) than it was planned with. */
  readonly onResized: (difference: number) => void;
  /** Called for each file that is in its place; records it as complete. */
  readonly onLanded: (download: Download, landed: Landed) => void;
  /** Bytes that all files together have received. */
  readonly received: () => number;
}

/** How often a file may change on the server, or turn out wrong after a resume, before the run gives up. */
const maxRestarts = 3;
/** An attempt that brought less than this does not count as progress. */
const progressBytes = 1024 * 1024;

/** What is remembered between the attempts for a part. */
interface Tries {
  readonly attempts: Attempts;
  /** Bytes that all connections together had received when the last attempt failed. */
  receivedBefore: number;
}

const flush = promisify(fsync);
/** One at a time, so that a slow disk never holds more than one thread of the pool. */
const oneFlush = limit(1);

/** One file on its way: its parts are fetched by several connections, and it is begun anew, checked and put in its place. */
export class FileDownload {
  readonly #transfer: Transfer;
  /** By what path it is written. */
  readonly #file: string;
  #restarts = 0;
  /** Set while the file is about to be begun anew. */
  #restarting: Promise<void> | null = null;
  #landing = false;

  /** Begins the file, or continues what an earlier run left of it. */
  constructor(
    readonly download: Download,
    readonly context: DownloadContext,
  ) {
    const { path, url, remote, expected } = download;
    const { state, folders, onKnownBytes } = context;
    const known = state.partial.get(path);
    // A file whose content nobody published cannot be checked as a whole: a part of it is never taken over.
    const record = known && known.url === withoutCredentials(url) && expected ? known : null;
    state.note(path, record);
    this.#file = folders.fileToWrite(path);
    this.#transfer = new Transfer(`${this.#file}${partialSuffix}`, remote, record, context.hashes);
    try {
      folders.requirePlace(`${path}${partialSuffix}`, this.#transfer.fd);
    } catch (error) {
      this.close();
      throw error;
    }
    onKnownBytes(this.#transfer.received);
  }

  /** Bytes that no connection fetches yet. */
  get unclaimedBytes(): number {
    return this.#transfer.unclaimedBytes;
  }

  /** Whether every byte is there and nobody lands the file yet. */
  get isReceived(): boolean {
    return !this.#landing && this.#transfer.isReceived;
  }

  /** A part for a connection to fetch; undefined where there is none. */
  claim(): Segment | undefined {
    return this.#transfer.claim();
  }

  close(): void {
    this.#transfer.close();
  }

  /**
   * Records how far the file is. It is not flushed for that, which would slow down everything else: what is lost in a power
   * failure shows in the hash of the whole file, and then it is begun anew.
   */
  checkpoint(): void {
    const { path, url } = this.download;
    if (!this.#landing) this.context.state.note(path, this.#transfer.record(withoutCredentials(url)));
  }

  /** Fetches a part, over several attempts; returns early where the file is begun anew. */
  async fetch(first: Segment): Promise<void> {
    const { policy, received } = this.context;
    const tries: Tries = { attempts: new Attempts(policy, this.download.path), receivedBefore: received() };
    for (let segment: Segment | undefined = first; segment; ) {
      const { epoch } = this.#transfer;
      if (await this.#attempt(segment, epoch, tries)) return;
      segment = this.#continued(segment);
    }
  }

  /** One exchange; gives whether nothing is left to do for the part. */
  async #attempt(segment: Segment, epoch: AbortSignal, tries: Tries): Promise<boolean> {
    const { policy } = this.context;
    const doneBefore = segment.done;
    try {
      await this.#read(segment, AbortSignal.any([policy.signal, epoch]));
      return true;
    } catch (error) {
      policy.signal.throwIfAborted();
      // Another connection found out that the file must be begun anew.
      if (epoch.aborted) return true;
      if (error instanceof RangeFault) {
        await this.#beginAnew(error);
        return true;
      }
      if (this.#madeProgress(error, segment.done - doneBefore, tries)) tries.attempts.progressed();
      await tries.attempts.failed(error);
      return epoch.aborted;
    }
  }

  /** Whether an attempt that failed brought enough for the count of failures to start again. */
  #madeProgress(error: unknown, done: number, tries: Tries): boolean {
    const received = this.context.received();
    const others = received - tries.receivedBefore;
    tries.receivedBefore = received;
    // A server that serves fewer connections than there are makes progress with the others.
    return (this.#isResumable && done >= progressBytes) || (isBusy(error) && others >= progressBytes);
  }

  async #read(segment: Segment, signal: AbortSignal): Promise<void> {
    const { client, limit, clock, onBytes } = this.context;
    const { url, path } = this.download;
    const transfer = this.#transfer;
    await readRange(client, {
      url,
      path,
      signal,
      known: transfer.remote,
      range: { start: segment.start + segment.done, end: segment.end },
      // From its first byte on it is one file, whatever another request, perhaps to another server, was told about it.
      begins: (answer, whole) => {
        if (whole && transfer.remote.size !== null) transfer.adopt(remoteFileOf(answer));
      },
      take(piece) {
        transfer.accept(segment, piece);
        onBytes(piece.length);
        const wait = limit.take(piece.length);
        return wait > 0 ? clock.sleep(wait, signal) : undefined;
      },
    });
    if (segment.end === Number.POSITIVE_INFINITY) transfer.endsHere(segment);
  }

  get #isResumable(): boolean {
    const { validator, size } = this.#transfer.remote;
    return validator !== null && size !== null;
  }

  /** What to fetch after a break: the rest of the part, or the file from its first byte. */
  #continued(segment: Segment): Segment | undefined {
    const transfer = this.#transfer;
    transfer.continued(segment);
    if (this.#isResumable) return segment;
    // Nobody could say whether the rest belongs to the same file, so that it comes in one piece or not at all.
    this.#restart(transfer.remote, false);
    return transfer.claim();
  }

  /** All connections of a file find out at about the same time, and one of them acts. */
  #beginAnew(reason: RangeFault): Promise<void> {
    this.#restarting ??= this.#askAndRestart(reason).finally(() => {
      this.#restarting = null;
    });
    return this.#restarting;
  }

  async #askAndRestart({ message, now, verdict }: RangeFault): Promise<void> {
    const { path, url } = this.download;
    const { client, policy, folders, onResized } = this.context;
    if (++this.#restarts > maxRestarts) {
      throw contentInvalid(`${path} cannot be downloaded in one piece: ${message}`, {
        file: path,
        url: withoutCredentials(url),
        recommendation: 'Run again when nobody changes the files on the server, or take them from another one.',
      });
    }
    policy.log.warn('beginning a file anew', { file: path, reason: message });
    const remote = now ?? (await withRetries(policy, path, () => inspectRemote(client, url, path, policy.signal)));
    const before = this.#transfer.remote;
    // It may be larger than what the plan knew of.
    await requireSpace(folders.root, (remote.size ?? 0) - this.#transfer.received);
    if (remote.size !== null && before.size !== null) onResized(remote.size - before.size);
    // Servers behind one name may not agree on validators: then only a file in one piece can be had from them.
    this.#restart(remote, verdict === 'changed' && this.#restarts < maxRestarts);
  }

  #restart(remote: RemoteFile, ranges: boolean): void {
    this.context.onKnownBytes(-this.#transfer.received);
    this.#transfer.restart(remote, ranges);
  }

  /** Checks the whole file, flushes it and moves it into its place; gives false where it must be fetched once more. */
  async land(): Promise<boolean> {
    this.#landing = true;
    const { path, expected } = this.download;
    const { policy } = this.context;
    const transfer = this.#transfer;
    const sha256 = await transfer.digest(policy.signal);
    if (expected !== null && sha256 !== expected) {
      if (!transfer.isPieced || ++this.#restarts > maxRestarts) {
        throw await this.#refused(`The SHA-256 of ${path} is not the published one.`, expected, sha256);
      }
      // What came before the break may be what is wrong: once more, from the first byte.
      policy.log.warn('the resumed file is wrong, beginning it anew', { file: path });
      this.#restart(transfer.remote, true);
      this.#landing = false;
      return false;
    }
    const fault = path.toLowerCase().endsWith('.cab') ? headerFault(transfer.fd, transfer.received) : null;
    if (fault) throw await this.#refused(`What came as ${path} ${fault}.`, 'a cabinet');
    await this.#putInPlace(sha256);
    return true;
  }

  async #putInPlace(sha256: Sha256): Promise<void> {
    const { path } = this.download;
    const { folders, clock, onLanded } = this.context;
    const transfer = this.#transfer;
    await oneFlush(() => flush(transfer.fd));
    const { validator } = transfer.remote;
    await moveIntoPlace(`${this.#file}${partialSuffix}`, this.#file, clock);
    folders.requirePlace(path, transfer.fd);
    const { size, mtimeMs } = fstatSync(transfer.fd);
    transfer.close();
    onLanded(this.download, { sha256, size, modifiedMs: mtimeMs, validator });
  }

  /** Content that is wrong is of no use to any later run. */
  async #refused(message: string, expected: string, actual?: string): Promise<Error> {
    const { path, url } = this.download;
    this.#transfer.close();
    await this.context.state.discard(path);
    const found = actual === undefined ? {} : { actual };
    return contentInvalid(message, { file: path, url: withoutCredentials(url), expected, ...found });
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof HttpFault && [429, 503].includes(error.details.status ?? 0);
}

function headerFault(fd: number, size: number): string | null {
  const header = Buffer.alloc(cabinetHeaderBytes);
  const count = readSync(fd, header, 0, header.length, 0);
  return cabinetFault(header.subarray(0, count), size);
}
