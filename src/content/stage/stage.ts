import { setMaxListeners } from 'node:events';
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { absent } from '../../base/absent.js';
import { writeFailure } from '../../base/disk-space.js';
import { invalidParams } from '../../base/failure.js';
import { makeFolder } from '../../base/make-folder.js';
import type { ContentFile, PlannedFile } from '../../contract/content.js';
import { HttpClient } from '../http/http.js';
import { type ProxyRoutes, proxyRoutes } from '../http/proxy.js';
import type { HashPool } from '../image/hash-pool.js';
import { type ImageFile, imageFiles } from '../image/image-files.js';
import { ImageFolders } from '../image/image-folders.js';
import { newRootFault } from '../image/image-path.js';
import { readManifest } from '../image/manifest.js';
import { clearRemoved } from '../image/removed-versions.js';
import { leadsToNewer } from '../image/version-cabinets.js';
import { parseFileList } from '../list/file-list.js';
import { requestFileList } from '../list/release-service.js';
import type { SystemNetwork } from '../port.js';
import { ImageWriter, type StageTools } from './image-writer.js';
import { checkSpace, knownFiles, planSteps } from './planning.js';
import type { StageParams, StageResult, StageRun } from './request.js';
import { PhaseProgress } from './stage-progress.js';
import { acquireStagingLock } from './staging-lock.js';
import { StagingState } from './staging-state.js';

/** What a run has besides its params. */
export interface StageMeans {
  readonly hashes: HashPool;
  /** Null where Windows is missing. */
  readonly network: SystemNetwork | null;
}

/** Builds or completes an image: list, cabinets, then the files whose hashes they hold, then the manifest. */
export async function stage(params: StageParams, run: StageRun, { hashes, network }: StageMeans): Promise<StageResult> {
  refuseBadParams(params);
  // Every connection of the run listens to it.
  setMaxListeners(0, run.signal);
  const progress = new PhaseProgress(run);
  const proxy = proxyRoutes(params.proxy, network);
  const list = await fileList(params, proxy, run, progress);
  const files = imageFiles(list.files, params.baseUrl);
  const { log, signal, clock } = run;
  const { concurrency, idleTimeoutMs, retries } = params;
  const client = new HttpClient({ proxy, idleTimeoutMs, connections: concurrency, log });
  const policy = { retries, clock, signal, log };
  try {
    const tools = { params, run, client, policy, progress, hashes };
    return await (params.dryRun ? dryRun(tools, files) : write(tools, files, list.url));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw await writeFailure(error, params.destination, progress.bytes.remaining);
  } finally {
    client.close();
  }
}

function refuseBadParams(params: StageParams): void {
  const { destination, files, baseUrl, endpoint, channel, version, arch } = params;
  const { languages, allLanguages, proofingLanguages } = params;
  const issues = [];
  const fault = newRootFault(destination);
  if (fault) issues.push({ path: 'destination', message: fault });
  const query = { endpoint, channel, version, arch, languages, allLanguages, proofingLanguages };
  const named = Object.entries(query).filter(([, value]) => value !== undefined);
  for (const [path] of files ? named : []) issues.push({ path, message: 'asks for a list although files are given' });
  if (baseUrl !== undefined && !(URL.canParse(baseUrl) && /^https?:/i.test(baseUrl))) {
    issues.push({ path: 'baseUrl', message: 'must be an http or https URL' });
  }
  if (issues.length > 0) throw invalidParams(issues);
}

async function fileList(
  params: StageParams,
  proxy: ProxyRoutes | null,
  run: StageRun,
  progress: PhaseProgress,
): Promise<{ url: string | null; files: ContentFile[] }> {
  if (params.files) return { url: null, files: parseFileList(params.files) };
  progress.phase('list', 'Asking for the file list');
  return requestFileList({ ...params, proxy }, run, params);
}

async function dryRun(tools: StageTools, files: readonly ImageFile[]): Promise<StageResult> {
  const { params, run, client, policy, progress } = tools;
  const { concurrency, force } = params;
  progress.phase('plan', 'Comparing the image with the list');
  const root = await existing(params.destination);
  const state = await StagingState.open(params.destination, run.clock);
  const manifest = await readManifest(params.destination);
  const known = knownFiles(manifest, state);
  const settings = { client, policy, concurrency, force };
  const steps = await planSteps(params.destination, files, known, state, settings);
  await checkSpace(root, steps);
  const plan: PlannedFile[] = [];
  for (const { image, size, action } of steps) {
    const stays = await leadsToNewer(params.destination, image.path, image.url);
    plan.push({ path: image.path, size, action: stays ? 'reuse' : action });
  }
  const bytes = plan.reduce((sum, { size }) => sum + (size ?? 0), 0);
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
  const parent = dirname(path);
  // A drive or a share has no folder above it.
  const found = await (parent === path ? realpath(path) : realpath(path).catch(absent));
  return found ?? existing(parent);
}

async function write(tools: StageTools, files: readonly ImageFile[], listUrl: string | null): Promise<StageResult> {
  const { params, run } = tools;
  await makeFolder(params.destination).catch((error: NodeJS.ErrnoException) => {
    // For a share that is not there, Node names `\\?` only.
    throw Object.assign(error, { path: params.destination });
  });
  const root = await realpath(params.destination);
  const lock = await acquireStagingLock(root, run);
  try {
    await clearRemoved(root, run.clock);
    const folders = ImageFolders.open(root);
    try {
      const state = await StagingState.open(root, run.clock);
      try {
        return await new ImageWriter(tools, folders, state, await readManifest(root), files).write(listUrl);
      } finally {
        state.close();
      }
    } catch (error) {
      throw folders.named(error);
    } finally {
      folders.close();
    }
  } finally {
    await lock.release();
  }
}
