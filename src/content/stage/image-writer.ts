import { type FileHandle, lstat, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withoutCredentials } from '../../base/credentials.js';
import { requireSpace } from '../../base/disk-space.js';
import { moveIntoPlace } from '../../base/move-into-place.js';
import { together } from '../../base/together.js';
import type { HttpClient } from '../http/http.js';
import { rateLimit } from '../http/rate-limit.js';
import { inspectRemote } from '../http/remote-file.js';
import { type RetryPolicy, withRetries } from '../http/retry.js';
import type { HashPool } from '../image/hash-pool.js';
import type { ImageFile } from '../image/image-files.js';
import type { ImageFolders } from '../image/image-folders.js';
import { partialSuffix } from '../image/image-path.js';
import { type Manifest, type ManifestFile, writeManifest } from '../image/manifest.js';
import { readPublishedHash, type Sha256 } from '../image/published-hash.js';
import {
  isNewerThere,
  isNewestCabinet,
  leadsToNewer,
  versionCabinetCopies,
  versionInUrl,
} from '../image/version-cabinets.js';
import { downloadAll } from './download.js';
import type { Download } from './file-download.js';
import { checkSpace, knownFiles, planSteps, type Step } from './planning.js';
import type { StageParams, StageResult, StageRun } from './request.js';
import { RunningHashes } from './running-hash.js';
import type { PhaseProgress } from './stage-progress.js';
import type { StagingState } from './staging-state.js';

/** What a run works with. */
export interface StageTools {
  readonly params: StageParams;
  readonly run: StageRun;
  readonly client: HttpClient;
  readonly policy: RetryPolicy;
  readonly progress: PhaseProgress;
  readonly hashes: HashPool;
}

/** A step with what is known of it only once the cabinets are there. */
interface Wanted {
  readonly step: Step;
  /** The published hash; null for files without one. */
  readonly expected: Sha256 | null;
}

/** Carries out a plan in a locked destination. */
export class ImageWriter {
  readonly #landed: ManifestFile[] = [];
  #downloadedBytes = 0;
  #reused = 0;
  #verified = 0;

  constructor(
    readonly tools: StageTools,
    readonly folders: ImageFolders,
    readonly state: StagingState,
    readonly manifest: Manifest | null,
    readonly files: readonly ImageFile[],
  ) {}

  get root(): string {
    return this.folders.root;
  }

  async write(listUrl: string | null): Promise<StageResult> {
    const { progress } = this.tools;
    progress.phase('plan', 'Comparing the image with the list');
    const steps = await this.#plan();
    await this.state.begin();

    progress.phase('cabinets', 'Downloading the cabinets');
    const last = newestCabinets(steps);
    const plain = steps.filter((step) => !step.image.hash && !last.has(step));
    await this.#carryOut(plain.map((step) => ({ step, expected: null })));

    progress.phase('download', 'Downloading and verifying');
    const hashed: Wanted[] = [];
    // One after another: a cabinet is in memory while it is read.
    for (const step of steps) if (step.image.hash) hashed.push({ step, expected: await this.#published(step) });
    await this.#carryOut(hashed);
    await this.#carryOut(await this.#leadingFurther(last));

    progress.phase('finish', 'Writing the manifest');
    return this.#finish(listUrl);
  }

  /** The version cabinets of `last`, but for those that would take the image back to an older version. */
  async #leadingFurther(last: ReadonlySet<Step>): Promise<Wanted[]> {
    const wanted: Wanted[] = [];
    for (const step of last) {
      const { path, url } = step.image;
      if (!(await leadsToNewer(this.root, path, url))) {
        wanted.push({ step, expected: null });
        continue;
      }
      const recorded = this.manifest?.files.find((file) => file.path === path);
      if (recorded) this.#landed.push(recorded);
      this.#reused++;
      this.tools.progress.bytes.add(step.size ?? 0, false);
    }
    return wanted;
  }

  async #plan(): Promise<Step[]> {
    const { params, client, policy, progress } = this.tools;
    const { concurrency, force } = params;
    const known = knownFiles(this.manifest, this.state);
    const steps = await planSteps(this.root, this.files, known, this.state, { client, policy, concurrency, force });
    await checkSpace(this.root, steps);
    const sizes = steps.map(({ size }) => size);
    progress.bytes.total = sizes.includes(null) ? null : sum(sizes as number[]);
    return steps;
  }

  async #finish(listUrl: string | null): Promise<StageResult> {
    const { root, state, files } = this;
    const { params, run, progress } = this.tools;
    await this.#copyVersionCabinets();
    await flushFolders(this.#landed.map(({ path }) => join(root, dirname(path))));
    const source = {
      stagedAt: run.clock.date().toISOString(),
      list: listUrl,
      baseUrl: params.baseUrl === undefined ? null : withoutCredentials(params.baseUrl),
      files: files.length,
    };
    const manifest = await writeManifest(root, this.manifest, source, this.#landed, run.clock);
    // Only now: until the manifest holds them, the state is what knows the files that are complete.
    await state.remove();
    const bytes = sum(this.#landed.map(({ size }) => size));
    progress.bytes.finish(bytes);
    return {
      destination: root,
      files: this.#landed.length,
      bytes,
      downloadedBytes: this.#downloadedBytes,
      reused: this.#reused,
      verified: this.#verified,
      seconds: progress.bytes.elapsedMs / 1000,
      manifest,
    };
  }

  #published({ image: { path, hash, url } }: Step): Promise<Sha256> {
    const { cabinet, member } = hash as NonNullable<ImageFile['hash']>;
    const cabinetFile = join(this.root, cabinet);
    return readPublishedHash({ file: path, cabinet, cabinetFile, member, url: withoutCredentials(url) });
  }

  /** Reuses, checks or downloads each file. */
  async #carryOut(wanted: readonly Wanted[]): Promise<void> {
    const right = await together(this.tools.run.signal, (signal) => wanted.map((each) => this.#isRight(each, signal)));
    const missing = wanted.filter((_, index) => !right[index]);
    // Among them may be files that seemed to be there and right when the plan was made.
    const downloads: Download[] = [];
    for (const each of missing) downloads.push(await this.#downloadOf(each));
    const present = sum(missing.map(({ step }) => step.present));
    await requireSpace(this.root, sum(downloads.map(({ remote }) => remote.size ?? 0)) - present);
    await this.#download(downloads, new Map(missing.map(({ step: { image } }) => [image.path, image])));
  }

  async #downloadOf({ step: { image, remote }, expected }: Wanted): Promise<Download> {
    const { client, policy } = this.tools;
    const { path, url } = image;
    const asked = () => withRetries(policy, path, () => inspectRemote(client, url, path, policy.signal));
    return { path, url, remote: remote ?? (await asked()), expected };
  }

  async #download(downloads: readonly Download[], images: ReadonlyMap<string, ImageFile>): Promise<void> {
    const { params, run, client, policy, progress, hashes } = this.tools;
    await downloadAll(downloads, params.concurrency, {
      client,
      policy,
      state: this.state,
      folders: this.folders,
      hashes: new RunningHashes(hashes),
      clock: run.clock,
      limit: rateLimit(params.maxBytesPerSecond, run.clock),
      onBytes: (count) => {
        this.#downloadedBytes += count;
        progress.bytes.add(count);
      },
      onKnownBytes: (count) => progress.bytes.add(count, false),
      onResized: (difference) => progress.bytes.resize(difference),
      onLanded: ({ path }, landed) => {
        this.#verified++;
        this.#record(images.get(path) as ImageFile, { ...landed, stagedAt: run.clock.date().toISOString() });
      },
    });
  }

  /** Whether the file that is there can stay; hashes it where nothing else says so. */
  async #isRight({ step, expected }: Wanted, signal: AbortSignal): Promise<boolean> {
    const { image, action, known } = step;
    if (action === 'reuse' && known && (expected === null || known.sha256 === expected)) {
      this.tools.progress.bytes.add(known.size, false);
      this.#reused++;
      this.#record(image, known);
      return true;
    }
    const right = expected ?? known?.sha256;
    return action === 'check' && right !== undefined && this.#hashes(step, right, signal);
  }

  /** Whether a file that is there has this hash; then it is recorded. */
  async #hashes({ image, known }: Step, right: Sha256, signal: AbortSignal): Promise<boolean> {
    const { progress, run, hashes } = this.tools;
    const file = join(this.root, image.path);
    const { size, mtimeMs } = await lstat(file);
    let hashed = 0;
    const sha256 = await hashes.hash(file, size, signal, (count) => {
      hashed += count;
      progress.bytes.add(count);
    });
    if (sha256 !== right) {
      progress.bytes.add(-hashed);
      return false;
    }
    this.#reused++;
    this.#verified++;
    this.#record(image, {
      sha256,
      size,
      modifiedMs: mtimeMs,
      validator: known?.validator ?? null,
      stagedAt: known?.stagedAt ?? run.clock.date().toISOString(),
    });
    return true;
  }

  #record(image: ImageFile, facts: Pick<ManifestFile, 'sha256' | 'size' | 'modifiedMs' | 'validator' | 'stagedAt'>) {
    const { path, lcid, hashLocation, hashAlgorithm } = image;
    const { sha256, size, modifiedMs, validator, stagedAt } = facts;
    const url = withoutCredentials(image.url);
    const file = { path, size, sha256, modifiedMs, url, validator, lcid, hashLocation, hashAlgorithm, stagedAt };
    this.#landed.push(file);
    this.state.completed(file);
  }

  /** Gives the version cabinets the second of their two names, unless that would take an image back to an older version. */
  async #copyVersionCabinets(): Promise<void> {
    const { manifest, root } = this;
    for (const { from, path, version } of versionCabinetCopies(this.files)) {
      const source = this.#landed.find((file) => file.path === from.path) as ManifestFile;
      const before = manifest?.files.find((file) => file.path === path);
      const newest = before ? versionInUrl(before.url) : null;
      if (await isNewerThere(root, path, newest, version)) continue;
      this.state.note(path, null);
      const mtimeMs = await this.#copy(from.path, path);
      this.state.forget(path);
      this.#landed.push({ ...source, path, modifiedMs: mtimeMs });
    }
  }

  /** Gives a small file of the image a second name; and the time that the copy has. */
  async #copy(from: string, path: string): Promise<number> {
    const { folders, root } = this;
    const file = folders.fileToWrite(path);
    const partial = `${file}${partialSuffix}`;
    await rm(partial, { force: true });
    const handle = await open(partial, 'wx');
    try {
      folders.requirePlace(`${path}${partialSuffix}`, handle.fd);
      await handle.writeFile(await readFile(join(root, from)));
      await handle.sync();
      await moveIntoPlace(partial, file, this.tools.run.clock);
      folders.requirePlace(path, handle.fd);
      return (await handle.stat()).mtimeMs;
    } finally {
      await handle.close();
    }
  }
}

/** What leads Office to a version: it must not come before the version is whole, which may take hours or fail. */
function newestCabinets(steps: readonly Step[]): ReadonlySet<Step> {
  const cabinets = new Set(steps.map(({ image }) => image.hash?.cabinet));
  return new Set(steps.filter(({ image: { path, hash } }) => isNewestCabinet(path) && !hash && !cabinets.has(path)));
}

async function flushed(path: string, flags: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, flags);
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

/** Makes the names of new files survive a power failure, where the system flushes folders at all. */
async function flushFolders(folders: readonly string[]): Promise<void> {
  if (process.platform === 'win32') return;
  for (const folder of new Set(folders)) {
    await flushed(folder, 'r').catch((error: NodeJS.ErrnoException) => {
      // Some network file systems have no such thing.
      if (!['EINVAL', 'ENOTSUP', 'EISDIR'].includes(error.code ?? '')) throw error;
    });
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
