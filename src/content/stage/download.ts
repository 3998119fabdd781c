import { setMaxListeners } from 'node:events';
import { fstatSync, fsync, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { withoutCredentials } from '../../base/credentials.js';
import { requireRoom } from '../../base/disk-space.js';
import { moveIntoPlace } from '../../base/move-into-place.js';
import { contentInvalid, HttpFault } from '../http/faults.js';
import { inspectRemote, type RemoteFile } from '../http/remote-file.js';
import { Attempts, type RetryPolicy, withRetries } from '../http/retry.js';
import { cabinetFault, cabinetHeaderBytes } from '../image/cabinet.js';
import type { ImageFolders } from '../image/image-folders.js';
import { partialSuffix } from '../image/image-path.js';
import type { Sha256 } from '../image/published-hash.js';
import { type FetchContext, fetchSegment, TransferVoid } from './fetch-segment.js';
import type { StagingState } from './staging-state.js';
import { type Segment, Transfer } from './transfer.js';
import { WorkQueue } from './work-queue.js';

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

export interface DownloadContext extends FetchContext {
  readonly policy: RetryPolicy;
  readonly concurrency: number;
  readonly state: StagingState;
  readonly folders: ImageFolders;
  readonly signal: AbortSignal;
  /** Counts bytes that were on disk from an earlier run, or (negative) that have to be fetched again. */
  readonly onKnownBytes: (count: number) => void;
  /** Counts bytes that a file turns out to be larger (or, negative, smaller) than it was planned with. */
  readonly onResized: (difference: number) => void;
  /** Called for each file, before the state forgets its partial file. */
  readonly onLanded: (download: Download, landed: Landed) => void;
}

/** How often it is recorded how far the files are. */
const checkpointMs = 1000;
/** How often a file may change on the server, or turn out wrong after a resume, before the run gives up. */
const maxRestarts = 3;
/** An attempt that brought less than this does not count as progress. */
const progressBytes = 1024 * 1024;

const flush = promisify(fsync);

interface Job {
  readonly download: Download;
  /** By what path it is written. */
  readonly file: string;
  readonly transfer: Transfer;
  restarts: number;
  /** Set while the transfer is about to begin anew. */
  restarting: Promise<void> | null;
  closing: boolean;
}

/**
 * Downloads files, several at once: the largest first, and once no file is left to begin, the idle connections fetch parts
 * of the large ones. Resolves when every file is in its place. However it ends, the state tells the next run what it can
 * rely on.
 */
export async function downloadAll(downloads: readonly Download[], context: DownloadContext): Promise<void> {
  await new DownloadRun(downloads, context).run();
}

class DownloadRun {
  readonly #waiting: Download[];
  readonly #jobs = new Set<Job>();
  readonly #landings: Promise<void>[] = [];
  readonly #flushes = new WorkQueue();
  /** Files that are about to be begun. */
  #beginning = 0;
  /** Connections that wait for something to do. */
  readonly #idle: (() => void)[] = [];
  /** Ends every connection of this run: when the caller cancels, and when one file fails. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly context: DownloadContext;
  /** Bytes that all connections together have brought. */
  #received = 0;

  constructor(downloads: readonly Download[], context: DownloadContext) {
    const onBytes = (count: number) => {
      this.#received += count;
      context.onBytes(count);
    };
    this.context = { ...context, onBytes };
    const size = ({ remote }: Download) => remote.size ?? Number.POSITIVE_INFINITY;
    this.#waiting = [...downloads].sort((a, b) => size(b) - size(a) || 0);
    this.#signal = AbortSignal.any([context.signal, this.#stop.signal]);
    // Every connection and every pause listens to it.
    setMaxListeners(0, this.#signal);
    this.#signal.addEventListener('abort', () => this.#notify(), { once: true });
  }

  async run(): Promise<void> {
    const ended = new AbortController();
    const checkpoints = this.#checkpoints(AbortSignal.any([ended.signal, this.#signal]));
    const runners = Array.from({ length: this.context.concurrency }, () => this.#guard(this.#runner()));
    try {
      await Promise.all(runners);
    } catch (error) {
      await Promise.allSettled(runners);
      await Promise.allSettled(this.#landings);
      // What ended the run may keep this from being written, too. The record before it holds as well.
      await this.#checkpoint().catch(() => undefined);
      throw error;
    } finally {
      ended.abort();
      await checkpoints;
      for (const { transfer } of this.#jobs) transfer.close();
    }
  }

  /** Lets one failure end everything. */
  async #guard(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#stop.abort(error);
      throw error;
    }
  }

  async #runner(): Promise<void> {
    let job: Job | undefined;
    for (;;) {
      this.#signal.throwIfAborted();
      // Going on with the same file keeps its bytes in order, so that they are hashed as they come.
      let segment = job?.transfer.claim();
      if (!segment) {
        job = (await this.#begin()) ?? this.#mostBehind();
        if (!job) {
          if (!this.#mayGetWork) return;
          await this.#change();
          // Without a word to the others: those that wake each other leave nothing else a turn.
          continue;
        }
        segment = job.transfer.claim();
      }
      if (job && segment) await this.#fetch(job, segment);
      if (job) this.#landWhenReceived(job);
      this.#notify();
    }
  }

  /** Whether a part may yet turn up for a connection that has nothing to do: a file is begun anew until it has landed. */
  get #mayGetWork(): boolean {
    return this.#beginning > 0 || this.#jobs.size > 0;
  }

  /** Resolves when another connection has done something. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #notify(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #begin(): Promise<Job | undefined> {
    const download = this.#waiting.shift();
    if (!download) return undefined;
    const { state, folders, onKnownBytes } = this.context;
    const known = state.partial.get(download.path);
    // A file whose content nobody published cannot be checked as a whole: a part of it is never taken over.
    const record = known && known.url === withoutCredentials(download.url) && download.expected ? known : null;
    state.partial.set(download.path, record);
    this.#beginning++;
    await state.save().finally(() => this.#beginning--);
    const file = folders.fileToWrite(download.path);
    const transfer = new Transfer(`${file}${partialSuffix}`, download.remote, record);
    const job = { download, file, transfer, restarts: 0, restarting: null, closing: false };
    this.#jobs.add(job);
    folders.requirePlace(`${download.path}${partialSuffix}`, transfer.fd);
    onKnownBytes(transfer.received);
    this.#notify();
    return job;
  }

  #mostBehind(): Job | undefined {
    const open = [...this.#jobs].filter(({ transfer }) => transfer.unclaimedBytes > 0);
    return open.sort((a, b) => b.transfer.unclaimedBytes - a.transfer.unclaimedBytes)[0];
  }

  /** Fetches a part, over several attempts; returns early where the file must be begun anew. */
  async #fetch(job: Job, first: Segment): Promise<void> {
    const { download, transfer } = job;
    const { path, url } = download;
    const { policy, onKnownBytes } = this.context;
    const attempts = new Attempts({ ...policy, signal: this.#signal }, path);
    let receivedBefore = this.#received;
    for (let segment: Segment | undefined = first; segment; ) {
      const { epoch } = transfer;
      const before = segment.done;
      try {
        const signal = AbortSignal.any([this.#signal, epoch]);
        return await fetchSegment(transfer, segment, { url, path, signal }, this.context);
      } catch (error) {
        this.#signal.throwIfAborted();
        // Another connection found out that the file must be begun anew.
        if (epoch.aborted) return;
        if (error instanceof TransferVoid) {
          // All connections of a file find out at about the same time.
          job.restarting ??= this.#restart(job, error).finally(() => {
            job.restarting = null;
          });
          return job.restarting;
        }
        const resumable = transfer.remote.validator !== null && transfer.remote.size !== null;
        if (resumable && segment.done - before >= progressBytes) attempts.progressed();
        // A server that serves fewer connections than there are gets on with the others.
        if (isBusy(error) && this.#received - receivedBefore >= progressBytes) attempts.progressed();
        receivedBefore = this.#received;
        await attempts.failed(error);
        if (epoch.aborted) return;
        transfer.continued(segment);
        if (!resumable) {
          // Nobody could say whether the rest belongs to the same file, so that it comes in one piece or not at all.
          onKnownBytes(-transfer.received);
          transfer.restart(transfer.remote, false);
          segment = transfer.claim();
        }
      }
    }
  }

  async #restart(job: Job, reason: TransferVoid): Promise<void> {
    const { download, transfer } = job;
    const { path, url } = download;
    const { client, policy, folders, onKnownBytes, onResized } = this.context;
    if (++job.restarts > maxRestarts) {
      throw contentInvalid(`${path} cannot be downloaded in one piece: ${reason.message}`, {
        file: path,
        url: withoutCredentials(url),
        recommendation: 'Run again when nobody changes the files on the server, or take them from another one.',
      });
    }
    policy.log.warn('beginning a file anew', { file: path, reason: reason.message });
    const remote =
      reason.remote ??
      (await withRetries({ ...policy, signal: this.#signal }, path, () =>
        inspectRemote(client, url, path, this.#signal),
      ));
    // It may be larger than what the plan knew of.
    await requireRoom(folders.root, (remote.size ?? 0) - transfer.received);
    onKnownBytes(-transfer.received);
    if (remote.size !== null && transfer.remote.size !== null) onResized(remote.size - transfer.remote.size);
    // Servers behind one name may not agree on validators: then only a file in one piece can be had from them.
    transfer.restart(remote, reason.ranges && job.restarts < maxRestarts);
  }

  #landWhenReceived(job: Job): void {
    if (job.closing || !job.transfer.isReceived) return;
    job.closing = true;
    const landing = this.#guard(this.#land(job)).finally(() => this.#notify());
    // Its failure ends the connections, which tell it.
    landing.catch(() => undefined);
    this.#landings.push(landing);
  }

  /** Checks the whole file, flushes it and moves it into its place. */
  async #land(job: Job): Promise<void> {
    const { download, file, transfer } = job;
    const { path, url, expected } = download;
    const { state, folders, onLanded, policy } = this.context;
    const sha256 = await transfer.digest(this.#signal);
    if (expected !== null && sha256 !== expected) {
      if (!transfer.isPieced || ++job.restarts > maxRestarts) {
        await this.#forget(job);
        throw contentInvalid(`The SHA-256 of ${path} is not the published one.`, {
          file: path,
          url: withoutCredentials(url),
          expected,
          actual: sha256,
        });
      }
      // What came before the break may be what is wrong: once more, from the first byte.
      policy.log.warn('the resumed file is wrong, beginning it anew', { file: path });
      this.context.onKnownBytes(-transfer.received);
      transfer.restart(transfer.remote, true);
      job.closing = false;
      return;
    }
    const fault = path.toLowerCase().endsWith('.cab') ? headerFault(transfer.fd, transfer.received) : null;
    if (fault) {
      await this.#forget(job);
      throw contentInvalid(`What came as ${path} ${fault}.`, {
        file: path,
        url: withoutCredentials(url),
        expected: 'a cabinet',
      });
    }
    await this.#flushes.run(() => flush(transfer.fd));
    const { validator } = transfer.remote;
    await moveIntoPlace(`${file}${partialSuffix}`, file, this.context.clock);
    folders.requirePlace(path, transfer.fd);
    const { size, mtimeMs } = fstatSync(transfer.fd);
    transfer.close();
    this.#jobs.delete(job);
    onLanded(download, { sha256, size, modifiedMs: mtimeMs, validator });
    state.partial.delete(path);
    await state.save();
  }

  /** Content that is wrong is of no use to any later run. */
  async #forget({ download, transfer }: Job): Promise<void> {
    transfer.close();
    await this.context.state.discard(download.path);
  }

  async #checkpoints(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await this.context.clock.sleep(checkpointMs, signal);
        await this.#checkpoint();
      }
    } catch (error) {
      if (!signal.aborted) this.#stop.abort(error);
    }
  }

  /**
   * Records how far each file is. It is not flushed for that, which would slow down everything else: what is lost in a
   * power failure shows in the hash of the whole file, and then it is begun anew.
   */
  async #checkpoint(): Promise<void> {
    const { state } = this.context;
    for (const { download, transfer, closing } of this.#jobs) {
      if (!closing) state.partial.set(download.path, transfer.record(withoutCredentials(download.url)));
    }
    await state.save();
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
