import { firstOf } from '../../base/run.js';
import { type Download, type DownloadContext, FileDownload } from './file-download.js';
import type { Segment } from './transfer.js';

/** How often it is recorded how far the files are. */
const checkpointMs = 1000;
/** Files that are checked and flushed at a time: each is open, and a disk may be slower than the network. */
const maxLandings = 32;

/**
 * Downloads files, several at once: the largest first, and once no file is left to begin, the idle connections fetch parts
 * of the large ones. Resolves when every file is in its place. However it ends, the state tells the next run what it can
 * rely on.
 */
export async function downloadAll(
  downloads: readonly Download[],
  connections: number,
  context: Omit<DownloadContext, 'received'>,
): Promise<void> {
  await new Scheduler(downloads, connections, context).run();
}

/** A part of a file for a connection to fetch; none where an earlier run left the file complete. */
interface Work {
  readonly file: FileDownload;
  readonly segment: Segment | undefined;
}

/** Gives each connection its next part, and lands the files that are received. */
class Scheduler {
  readonly #waiting: Download[];
  readonly #files = new Set<FileDownload>();
  readonly #landings = new Set<Promise<void>>();
  /** Connections that wait for something to do. */
  readonly #idle: (() => void)[] = [];
  /** Ends every connection of this run: when the caller cancels, and when one file fails. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #context: DownloadContext;
  #received = 0;

  constructor(
    downloads: readonly Download[],
    readonly connections: number,
    context: Omit<DownloadContext, 'received'>,
  ) {
    const { policy, onBytes } = context;
    // Every connection and every pause listens to it.
    this.#signal = firstOf([policy.signal, this.#stop.signal]);
    this.#signal.addEventListener('abort', () => this.#notify(), { once: true });
    this.#context = {
      ...context,
      policy: { ...policy, signal: this.#signal },
      onBytes: (count) => {
        this.#received += count;
        onBytes(count);
      },
      received: () => this.#received,
    };
    const size = ({ remote }: Download) => remote.size ?? Number.POSITIVE_INFINITY;
    this.#waiting = [...downloads].sort((a, b) => size(a) - size(b) || 0);
  }

  async run(): Promise<void> {
    const ended = new AbortController();
    const checkpoints = this.#checkpoints(AbortSignal.any([ended.signal, this.#signal]));
    const connections = Array.from({ length: this.connections }, () => this.#guard(this.#connection()));
    try {
      await Promise.all(connections);
    } catch (error) {
      await Promise.allSettled([...connections, ...this.#landings]);
      throw error;
    } finally {
      ended.abort();
      await checkpoints;
      this.#close();
    }
  }

  /** What ended the run may keep this from being recorded, too. The record before it holds as well. */
  #close(): void {
    for (const file of this.#files) {
      try {
        file.checkpoint();
      } catch {}
      file.close();
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

  async #connection(): Promise<void> {
    let file: FileDownload | undefined;
    for (;;) {
      this.#signal.throwIfAborted();
      const work = this.#landings.size < maxLandings ? this.#claim(file) : undefined;
      if (!work) {
        // A part may turn up for it yet: a file may be begun anew until it has landed.
        if (this.#files.size === 0) return;
        await new Promise<void>((resolve) => this.#idle.push(resolve));
        continue;
      }
      file = work.file;
      if (work.segment) await file.fetch(work.segment);
      this.#landReceived(file);
      this.#notify();
    }
  }

  /** The next part: of the same file, so that its bytes come in order and are hashed as they come, of a new one, or of another. */
  #claim(current: FileDownload | undefined): Work | undefined {
    const same = current?.claim();
    if (current && same) return { file: current, segment: same };
    const file = this.#begin() ?? this.#mostBehind();
    return file && { file, segment: file.claim() };
  }

  #begin(): FileDownload | undefined {
    const download = this.#waiting.pop();
    if (!download) return undefined;
    const file = new FileDownload(download, this.#context);
    this.#files.add(file);
    return file;
  }

  #mostBehind(): FileDownload | undefined {
    const open = [...this.#files].filter(({ unclaimedBytes }) => unclaimedBytes > 0);
    return open.sort((a, b) => b.unclaimedBytes - a.unclaimedBytes)[0];
  }

  #landReceived(file: FileDownload): void {
    if (!file.isReceived) return;
    const landing = this.#guard(this.#land(file)).finally(() => {
      this.#landings.delete(landing);
      this.#notify();
    });
    // Its failure ends the connections, which tell it.
    landing.catch(() => undefined);
    this.#landings.add(landing);
  }

  async #land(file: FileDownload): Promise<void> {
    if (await file.land()) this.#files.delete(file);
  }

  /** Wakes the connections that wait. */
  #notify(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #checkpoints(signal: AbortSignal): Promise<void> {
    const { clock, state } = this.#context;
    try {
      for (;;) {
        await clock.sleep(checkpointMs, signal);
        for (const file of this.#files) file.checkpoint();
        await state.compactWhereGrown();
      }
    } catch (error) {
      if (!signal.aborted) this.#stop.abort(error);
    }
  }
}
