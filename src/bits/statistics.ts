import { posix } from 'node:path';
import { hresultName } from '../base/hresult.js';
import type { Clock } from '../base/run.js';
import { collisionKey } from '../content/image/image-path.js';
import type { Manifest } from '../content/image/manifest.js';
import type { Served } from '../contract/bits.js';
import { contentKey } from '../contract/types.js';
import type { CopyFile } from './job.js';
import type { CopyFault } from './source-reader.js';

export const nothingServed: Served = {
  bytesServed: 0,
  files: 0,
  bytesPerSecond: 0,
  percent: null,
  versions: [],
  lastError: null,
};

/** How long no file may be asked for until the next one counts as another download. */
const pauseMs = 60_000;

interface Download {
  readonly startedAt: number;
  lastAt: number;
  /** Bytes in all. */
  moved: number;
  /** Bytes of files in the folders of versions. */
  bytes: number;
  /** Folders of versions that were asked for, by collision key. */
  readonly folders: Set<string>;
  /** Bytes of all files that are recorded in those folders; null while that is not known. */
  total: number | null;
}

/** Counts what a service gives, by content source. */
export class Statistics {
  readonly #served = new Map<string, Served>();
  readonly #downloads = new Map<string, Download>();

  constructor(
    private readonly clock: Clock,
    private readonly manifestOf: (contentId: string) => Promise<Manifest | null>,
  ) {}

  of(contentId: string): Served {
    return this.#served.get(contentKey(contentId)) ?? nothingServed;
  }

  /** What was counted so far; the same object for a source as long as nothing more was counted. */
  counted(): ReadonlyMap<string, Served> {
    return new Map(this.#served);
  }

  /** Ends the downloads that have paused for a while, or all of them. True where that changes anything. */
  settle(all: boolean): boolean {
    let changed = false;
    for (const [key, download] of this.#downloads) {
      if (!all && this.clock.now() - download.lastAt <= pauseMs) continue;
      this.#downloads.delete(key);
      this.#update(key, { percent: null, versions: [] });
      changed = true;
    }
    return changed;
  }

  moved({ url: { contentId, path } }: CopyFile, bytes: number): void {
    const folder = versionFolder(path);
    const download = this.#download(contentId, folder);
    download.moved += bytes;
    const seconds = Math.max(0.001, (this.clock.now() - download.startedAt) / 1000);
    // What lies beside the versions is not in the sum either.
    if (folder !== null) download.bytes += bytes;
    if (folder !== null && !download.folders.has(folder)) {
      download.folders.add(folder);
      void this.#learnTotal(download, contentId);
    }
    this.#update(contentId, {
      bytesServed: this.of(contentId).bytesServed + bytes,
      bytesPerSecond: Math.round(download.moved / seconds),
      percent: percentOf(download),
      versions: [...download.folders].map((folder) => posix.basename(folder)),
    });
  }

  transferred({ url: { contentId } }: CopyFile): void {
    this.#update(contentId, { files: this.of(contentId).files + 1 });
  }

  failed({ url: { contentId, path } }: CopyFile, { hresult, message }: CopyFault): void {
    const failedAt = this.clock.date().toISOString();
    this.#update(contentId, {
      lastError: { failedAt, file: path, message, hresult, hresultName: hresultName(hresult) },
    });
  }

  /** The download that runs. Office begins each with what lies beside the versions, which therefore begins another one. */
  #download(contentId: string, folder: string | null): Download {
    const key = contentKey(contentId);
    const now = this.clock.now();
    const running = this.#downloads.get(key);
    if (running && now - running.lastAt <= pauseMs && !(folder === null && running.bytes > 0)) {
      running.lastAt = now;
      return running;
    }
    const download: Download = { startedAt: now, lastAt: now, moved: 0, bytes: 0, folders: new Set(), total: null };
    this.#downloads.set(key, download);
    return download;
  }

  async #learnTotal(download: Download, contentId: string): Promise<void> {
    const manifest = await this.manifestOf(contentId).catch(() => null);
    if (!manifest) return;
    download.total = manifest.files
      .filter(({ path }) => download.folders.has(versionFolder(path) ?? ''))
      .reduce((sum, { size }) => sum + size, 0);
    this.#update(contentId, { percent: percentOf(download) });
  }

  #update(contentId: string, change: Partial<Served>): void {
    this.#served.set(contentKey(contentId), { ...this.of(contentId), ...change });
  }
}

/**
 * `before` with what a service counted since it had counted `told`. A service of another account may have counted of the same
 * content meanwhile; what is not a sum comes from the service that counted last.
 */
export function addedTo(before: Served, counted: Served, told: Served): Served {
  const moved = counted.bytesServed - told.bytesServed;
  return {
    bytesServed: before.bytesServed + moved,
    files: before.files + counted.files - told.files,
    bytesPerSecond: moved > 0 ? counted.bytesPerSecond : before.bytesPerSecond,
    percent: counted.percent,
    versions: counted.versions,
    lastError: counted.lastError === told.lastError ? before.lastError : counted.lastError,
  };
}

function percentOf({ bytes, total }: Download): number | null {
  return total === null || total === 0 ? null : Math.min(100, (bytes / total) * 100);
}

/** The folder of one version, `office/data/16.0.…`; null for what lies beside it. */
function versionFolder(path: string): string | null {
  const folder = posix.dirname(collisionKey(path));
  return /\/\d+\.\d+\.\d+\.\d+$/.test(folder) ? folder : null;
}
