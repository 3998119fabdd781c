import { setMaxListeners } from 'node:events';
import { copyFile, type FileHandle, lstat, mkdir, open, realpath, statfs } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { ContentFile, content, PlannedFile, StageProgress } from '../contract/content.js';
import { invalidParams } from '../contract/errors.js';
import type { Params, Result } from '../contract/method.js';
import type { Run } from '../contract/run.js';
import { ByteProgress, describeBytes } from './byte-progress.js';
import { type Download, type DownloadContext, downloadAll } from './download.js';
import { fromFileSystem, noSpace, withoutCredentials } from './errors.js';
import { parseFileList } from './file-list.js';
import { hashFile } from './hash-file.js';
import { HttpClient } from './http.js';
import { partialSuffix, refuseLinks } from './image-path.js';
import type { Log } from './log.js';
import { type Manifest, type ManifestFile, readManifest, writeManifest } from './manifest.js';
import { moveIntoPlace } from './move-into-place.js';
import { compareVersions, type ImageFile, imageFiles, versionCabinetCopies, versionInUrl } from './plan.js';
import { proxyServer } from './proxy.js';
import { readPublishedHash, type Sha256 } from './published-hash.js';
import { rateLimit } from './rate-limit.js';
import { requestFileList } from './release-service.js';
import { inspectRemote, type RemoteFile } from './remote-file.js';
import { type RetryPolicy, withRetries } from './retry.js';
import { acquireStagingLock } from './staging-lock.js';
import { StagingState } from './staging-state.js';
import { collectYoung } from './young-collection.js';

export type StageParams = Params<typeof content.stage>;
export type StageResult = Result<typeof content.stage>;

export interface StageRun extends Run<StageProgress> {
  readonly log: Log;
}

/** Builds or completes an image: list, cabinets, then the files whose hashes they hold, then the manifest. */
export async function stage(params: StageParams, run: StageRun): Promise<StageResult> {
  refuseBadParams(params);
  // Every connection of the run listens to it.
  setMaxListeners(0, run.signal);
  const progress = new Progress(run);
  const list = await fileList(params, run, progress);
  const files = imageFiles(list.files, params.baseUrl);
  const { log, signal, clock } = run;
  const { concurrency, idleTimeoutMs, retries } = params;
  const proxy = params.proxy === undefined ? null : proxyServer(params.proxy);
  const client = new HttpClient({ proxy, idleTimeoutMs, connections: concurrency, log });
  const policy = { retries, clock, signal, log };
  try {
    return await (params.dryRun ? dryRun : write)(new Staging(params, run, client, policy, progress), files, list.url);
  } catch (error) {
    throw signal.aborted ? signal.reason : fromFileSystem(error);
  } finally {
    client.close();
  }
}

function refuseBadParams(params: StageParams): void {
  const { destination, files, baseUrl, endpoint, channel, version, arch, languages, allLanguages } = params;
  const issues = [];
  if (!isAbsolute(destination)) issues.push({ path: 'destination', message: 'must be an absolute path' });
  const query = { endpoint, channel, version, arch, languages, allLanguages };
  const named = Object.entries(query).filter(([, value]) => value !== undefined);
  for (const [path] of files ? named : []) issues.push({ path, message: 'asks for a list although files are given' });
  if (baseUrl !== undefined && !(URL.canParse(baseUrl) && /^https?:/i.test(baseUrl))) {
    issues.push({ path: 'baseUrl', message: 'must be an http or https URL' });
  }
  if (issues.length > 0) throw invalidParams(issues);
}

async function fileList(
  params: StageParams,
  run: StageRun,
  progress: Progress,
): Promise<{ url: string | null; files: ContentFile[] }> {
  if (params.files) return { url: null, files: parseFileList(params.files) };
  progress.phase('list', 'Asking for the file list');
  return requestFileList(params, run);
}

/** Reports phases and figures together. */
class Progress {
  #phase: StageProgress['phase'] = 'list';
  #message = '';
  readonly bytes: ByteProgress;

  constructor(run: StageRun) {
    this.bytes = new ByteProgress(run.clock, (figures) => {
      const moving = this.#phase === 'cabinets' || this.#phase === 'download';
      const message = moving ? `${this.#message}: ${describeBytes(figures)}` : this.#message;
      run.report({ phase: this.#phase, message, ...figures });
    });
  }

  phase(phase: StageProgress['phase'], message: string): void {
    this.#phase = phase;
    this.#message = message;
    this.bytes.flush();
  }
}

/** What is to be done about one file. */
interface Step {
  readonly image: ImageFile;
  readonly action: PlannedFile['action'];
  /** What is known of the file that is there already. */
  readonly known: ManifestFile | null;
  /** Null for a file that is reused unseen. */
  readonly remote: RemoteFile | null;
  readonly size: number | null;
  /** Bytes on disk that a resumed download builds on. */
  readonly present: number;
}

class Staging {
  constructor(
    readonly params: StageParams,
    readonly run: StageRun,
    readonly client: HttpClient,
    readonly policy: RetryPolicy,
    readonly progress: Progress,
  ) {}

  /** Looks at what is there and asks the servers for the rest; writes nothing. */
  async plan(root: string, files: readonly ImageFile[], known: ReadonlyMap<string, ManifestFile>, state: StagingState) {
    this.progress.phase('plan', 'Comparing the image with the list');
    const waiting = files.map((image, index) => ({ image, index }));
    const steps: Step[] = [];
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        this.run.signal.throwIfAborted();
        steps[next.index] = await this.#step(root, next.image, known.get(next.image.path) ?? null, state);
      }
    };
    await Promise.all(Array.from({ length: this.params.concurrency }, worker));
    return steps;
  }

  async #step(root: string, image: ImageFile, recorded: ManifestFile | null, state: StagingState): Promise<Step> {
    await refuseLinks(root, image.path);
    await refuseLinks(root, `${image.path}${partialSuffix}`);
    const stats = await lstat(join(root, image.path)).catch(absent);
    const untouched = recorded !== null && stats?.size === recorded.size && stats.mtimeMs === recorded.modifiedMs;
    const sameUrl = recorded?.url === withoutCredentials(image.url);
    const known = stats && recorded && sameUrl ? recorded : null;
    if (known && untouched && !this.params.force && image.hash) {
      return { image, action: 'reuse', known, remote: null, size: known.size, present: 0 };
    }
    const remote = await withRetries(this.policy, image.path, () =>
      inspectRemote(this.client, image.url, image.path, this.run.signal),
    );
    const step = { image, known, remote, size: remote.size, present: 0 };
    // A file without a published hash may be replaced under its name: the server's validator says whether it was.
    const current = known !== null && known.size === remote.size && known.validator === remote.validator;
    if (current && untouched && !this.params.force) return { ...step, action: 'reuse' };
    if (stats?.isFile() && stats.size === remote.size && (current || image.hash)) return { ...step, action: 'check' };
    const partial = state.partial.get(image.path);
    const resumable = partial && image.hash && partial.validator === remote.validator && partial.size === remote.size;
    if (!resumable) return { ...step, action: 'download' };
    const present = partial.segments.reduce((sum, { done }) => sum + done, 0);
    return { ...step, action: 'resume', present };
  }

  /** Throws NoSpace where what is to be downloaded does not fit. */
  async checkSpace(root: string, steps: readonly Step[]): Promise<void> {
    const needed = steps.reduce((sum, { action, size, present }) => {
      return action === 'download' || action === 'resume' ? sum + (size ?? 0) - present : sum;
    }, 0);
    // Not every network share tells; then a full disk shows when it is full.
    const room = await statfs(root).catch(() => null);
    const free = room ? room.bavail * room.bsize : Number.POSITIVE_INFINITY;
    if (needed > free) throw noSpace(root, needed, free);
  }
}

async function dryRun(staging: Staging, files: readonly ImageFile[]): Promise<StageResult> {
  const { params, progress } = staging;
  const root = await existing(params.destination);
  const state = await StagingState.open(params.destination, staging.run.clock);
  const manifest = await readManifest(params.destination);
  const steps = await staging.plan(params.destination, files, knownFiles(manifest, state), state);
  await staging.checkSpace(root, steps);
  const plan = steps.map(({ image, size, action }) => ({ path: image.path, size, action }));
  const bytes = sum(plan.map(({ size }) => size ?? 0));
  progress.bytes.finish(bytes);
  return {
    destination: params.destination,
    files: plan.length,
    bytes,
    downloadedBytes: 0,
    reused: plan.filter(({ action }) => action === 'reuse').length,
    verified: 0,
    seconds: progress.bytes.elapsedMs / 1000,
    manifest: null,
    plan,
  };
}

/** The nearest folder on the way to `path` that exists. */
async function existing(path: string): Promise<string> {
  const found = await realpath(path).catch(absent);
  return found ?? existing(dirname(path));
}

async function write(staging: Staging, files: readonly ImageFile[], listUrl: string | null): Promise<StageResult> {
  const { params, run } = staging;
  await mkdir(params.destination, { recursive: true });
  const root = await realpath(params.destination);
  const lock = await acquireStagingLock(root, run.clock);
  try {
    const state = await StagingState.open(root, run.clock);
    return await new ImageWriter(staging, root, state, await readManifest(root), files).write(listUrl);
  } finally {
    await lock.release();
  }
}

/** Carries out a plan in a locked destination. */
class ImageWriter {
  readonly #landed: ManifestFile[] = [];
  #downloadedBytes = 0;
  #reused = 0;
  #verified = 0;

  constructor(
    readonly staging: Staging,
    readonly root: string,
    readonly state: StagingState,
    readonly manifest: Manifest | null,
    readonly files: readonly ImageFile[],
  ) {}

  async write(listUrl: string | null): Promise<StageResult> {
    const { staging, root, state, files } = this;
    const { params, run, progress } = staging;
    const steps = await staging.plan(root, files, knownFiles(this.manifest, state), state);
    await staging.checkSpace(root, steps);
    const sizes = steps.map(({ size }) => size);
    progress.bytes.total = sizes.includes(null) ? null : sum(sizes as number[]);

    progress.phase('cabinets', 'Downloading the cabinets');
    const plain = steps.filter(({ image }) => !image.hash);
    await this.#carryOut(plain.map((step) => ({ step, expected: null })));
    progress.phase('download', 'Downloading and verifying');
    const hashed = steps.filter(({ image }) => image.hash);
    await this.#carryOut(
      await Promise.all(hashed.map(async (step) => ({ step, expected: await this.#published(step) }))),
    );

    progress.phase('finish', 'Writing the manifest');
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
  async #carryOut(wanted: readonly { readonly step: Step; readonly expected: Sha256 | null }[]): Promise<void> {
    const { staging, state } = this;
    const { params, run, client, policy, progress } = staging;
    const downloads: Download[] = [];
    const images = new Map<string, ImageFile>();
    for (const { step, expected } of wanted) {
      if (await this.#isRight(step, expected)) continue;
      const { image } = step;
      const remote =
        step.remote ??
        (await withRetries(policy, image.path, () => inspectRemote(client, image.url, image.path, run.signal)));
      const file = join(this.root, image.path);
      await mkdir(dirname(file), { recursive: true });
      images.set(image.path, image);
      downloads.push({ path: image.path, file, url: image.url, remote, expected });
    }
    const collect = collectYoung();
    const context: DownloadContext = {
      client,
      policy,
      state,
      clock: run.clock,
      signal: run.signal,
      concurrency: params.concurrency,
      limit: rateLimit(params.maxBytesPerSecond, run.clock),
      onBytes: (count) => {
        this.#downloadedBytes += count;
        collect(count);
        progress.bytes.add(count);
      },
      onKnownBytes: (count) => progress.bytes.add(count, false),
      onLanded: ({ path }, landed) => {
        this.#verified++;
        this.#record(images.get(path) as ImageFile, { ...landed, stagedAt: run.clock.date().toISOString() });
      },
    };
    await downloadAll(downloads, context);
  }

  /** Whether the file that is there can stay; hashes it where nothing else says so. */
  async #isRight({ image, action, known }: Step, expected: Sha256 | null): Promise<boolean> {
    const { progress, run } = this.staging;
    if (action === 'download' || action === 'resume') return false;
    if (action === 'reuse' && known && (expected === null || known.sha256 === expected)) {
      progress.bytes.add(known.size, false);
      this.#reused++;
      this.#record(image, known);
      return true;
    }
    const right = expected ?? known?.sha256;
    if (action === 'reuse' || right === undefined) return false;
    const file = join(this.root, image.path);
    const { size, mtimeMs } = await lstat(file);
    let hashed = 0;
    const sha256 = await hashFile(file, run.signal, (count) => {
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
    this.state.complete.set(path, file);
  }

  /** Gives the version cabinets the second of their two names, unless that would take an image back to an older version. */
  async #copyVersionCabinets(): Promise<void> {
    const { root, manifest } = this;
    for (const { from, path, version } of versionCabinetCopies(this.files)) {
      const source = this.#landed.find((file) => file.path === from.path) as ManifestFile;
      const before = manifest?.files.find((file) => file.path === path);
      const newest = before ? versionInUrl(before.url) : null;
      if (newest !== null && compareVersions(newest, version) > 0) continue;
      await refuseLinks(root, path);
      const partial = join(root, `${path}${partialSuffix}`);
      this.state.partial.set(path, null);
      await this.state.save();
      await copyFile(join(root, from.path), partial);
      await flushed(partial, 'r+');
      await moveIntoPlace(partial, join(root, path), this.staging.run.clock);
      this.state.partial.delete(path);
      const { mtimeMs } = await lstat(join(root, path));
      this.#landed.push({ ...source, path, modifiedMs: mtimeMs });
    }
  }
}

/** What is known of the files in an image, from the last complete run and from one that did not reach its end. */
function knownFiles(manifest: Manifest | null, state: StagingState): ReadonlyMap<string, ManifestFile> {
  return new Map([...(manifest?.files ?? []), ...state.complete.values()].map((file) => [file.path, file]));
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

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
