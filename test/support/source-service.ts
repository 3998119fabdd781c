import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { HResultError } from '../../src/base/hresult-error.js';
import type { Clock } from '../../src/base/run.js';
import { folderReader } from '../../src/bits/folder-reader.js';
import type { CopyJob, JobChange, JobState } from '../../src/bits/job.js';
import { CopyQueue, type QueueEvents } from '../../src/bits/queue.js';
import type { SourceReader } from '../../src/bits/source-reader.js';
import { createVerifier } from '../../src/bits/verifier.js';
import { deadline } from './deadline.js';

/** Real time, except that waits are over at once and are counted. */
export function hastyClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => performance.now(),
    date: () => new Date(),
    sleep: async (ms, signal) => {
      slept.push(ms);
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    },
  };
}

export interface Bench {
  readonly folder: string;
  readonly root: string;
  readonly queue: CopyQueue;
  readonly clock: ReturnType<typeof hastyClock>;
  readonly served: { readonly path: string; readonly bytes: number }[];
  /** What was told of all jobs, in order. */
  readonly changes: JobChange[];
  local(name: string): string;
  /** Every file beside the local ones that is a temporary one. */
  temporaries(): string[];
  /** The temporary files that are noted, by their names. */
  noted(): string[];
  /** Puts a file into the image and into its manifest. */
  stage(path: string, bytes: Buffer, recorded?: { readonly sha256?: string }): void;
  /** Writes the manifest alone: with another hash than the file has, where one is given. */
  record(path: string, bytes: Buffer, sha256?: string): void;
  created(path: string, ranges?: readonly { offset: number; length: number | null }[]): CopyJob;
  reached(job: CopyJob, ...states: JobState[]): Promise<JobState>;
  close(): Promise<void>;
}

/** A queue over a folder with an image, which is content `img`. */
export function openBench(reader?: (root: string) => SourceReader, time?: Clock): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-bits-'));
  const root = join(folder, 'image');
  const out = join(folder, 'out');
  mkdirSync(root);
  mkdirSync(out);
  const clock = hastyClock();
  const served: { path: string; bytes: number }[] = [];
  const changes: JobChange[] = [];
  const watchers = new Set<() => void>();
  const content = { reader: (reader ?? folderReader)(root), verify: createVerifier() };
  const noted = new Set<string>();
  const events: QueueEvents = {
    changed: (_, change) => {
      changes.push(change);
      for (const watcher of watchers) watcher();
    },
    moved: (file, bytes) => served.push({ path: file.url.path, bytes }),
    transferred: () => undefined,
    failed: () => undefined,
  };
  const queue = new CopyQueue(async (id) => (id === 'img' ? content : null), 'S-1-5-18', time ?? clock, events, {
    note(path) {
      if (existsSync(path)) throw new Error(`${path} was made before it was noted`);
      noted.add(path);
    },
    forget(path) {
      if (existsSync(path)) throw new Error(`${path} was forgotten before it was gone`);
      noted.delete(path);
    },
  });
  const files = new Map<string, object>();
  function record(path: string, bytes: Buffer, sha256 = createHash('sha256').update(bytes).digest('hex')): void {
    const at = '2026-01-01T00:00:00Z';
    const none = { validator: null, lcid: null, hashLocation: null, hashAlgorithm: null };
    const entry = { path, size: bytes.length, sha256, modifiedMs: 0, url: 'https://example.invalid/', stagedAt: at };
    files.set(path, { ...entry, ...none });
    const manifest = { schema: 1, createdAt: at, updatedAt: at, sources: [], files: [...files.values()] };
    writeFileSync(join(root, 'manifest.json'), JSON.stringify(manifest));
  }
  return {
    folder,
    root,
    queue,
    clock,
    served,
    changes,
    local: (name) => join(out, name),
    noted: () => [...noted].map((path) => basename(path)),
    temporaries: () => readdirSync(out).filter((name) => name.endsWith('.tmp')),
    stage(path, bytes, recorded) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      if (recorded) record(path, bytes, recorded.sha256);
    },
    record,
    created(path, ranges) {
      const job = queue.createJob('test', 0);
      const remote = `cmbits://img/${path}`;
      const local = join(out, path.replaceAll('/', '_'));
      if (ranges) job.addFileWithRanges(remote, local, ranges);
      else job.addFile(remote, local);
      return job;
    },
    reached(job, ...states) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`still ${job.state}: ${job.error?.message}`)),
          deadline(10_000),
        );
        const look = () => {
          if (!states.includes(job.state)) return;
          clearTimeout(timer);
          watchers.delete(look);
          resolve(job.state);
        };
        watchers.add(look);
        look();
      });
    },
    async close() {
      await queue.close();
      content.reader.close();
      rmSync(folder, { recursive: true, force: true });
      if (noted.size > 0) throw new Error(`still noted: ${[...noted]}`);
    },
  };
}

export function bytes(length: number): Buffer {
  return randomBytes(length);
}

/** The HRESULT that a call is refused with, as hex; null where it is not refused. */
export function refusal(call: () => unknown): string | null {
  try {
    call();
    return null;
  } catch (error) {
    if (!(error instanceof HResultError)) throw error;
    return hex(error.hresult);
  }
}

export function hex(hresult: number | undefined): string {
  return `0x${((hresult ?? 0) >>> 0).toString(16).padStart(8, '0')}`;
}
