import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from '../../base/absent.js';
import { withoutCredentials } from '../../base/credentials.js';
import { requireSpace } from '../../base/disk-space.js';
import { limit } from '../../base/limit.js';
import type { PlannedFile } from '../../contract/content.js';
import type { HttpClient } from '../http/http.js';
import { inspectRemote, type RemoteFile } from '../http/remote-file.js';
import { type RetryPolicy, withRetries } from '../http/retry.js';
import type { ImageFile } from '../image/image-files.js';
import { partialSuffix, refuseLinks } from '../image/image-path.js';
import type { Manifest, ManifestFile } from '../image/manifest.js';
import type { PartialRecord, StagingState } from './staging-state.js';

/** What is to be done about one file. */
export interface Step {
  readonly image: ImageFile;
  readonly action: PlannedFile['action'];
  /** What is known of the file that is there already. */
  readonly known: ManifestFile | null;
  /** Null for a file that is reused unseen. */
  readonly remote: RemoteFile | null;
  readonly size: number | null;
  /** Bytes on disk that a resumed download builds on, or that one from the first byte gives back before it begins. */
  readonly present: number;
}

/** What is known of the files in an image, from the last complete run and from one that did not reach its end. */
export function knownFiles(manifest: Manifest | null, state: StagingState): ReadonlyMap<string, ManifestFile> {
  return new Map([...(manifest?.files ?? []), ...state.complete.values()].map((file) => [file.path, file]));
}

/** How the plan of a run is made. */
interface PlanSettings {
  readonly client: HttpClient;
  readonly policy: RetryPolicy;
  readonly concurrency: number;
  /** Takes nothing for granted that lies in the destination. */
  readonly force: boolean;
}

/** Looks at what is there and asks the servers for the rest; writes nothing. Gives a step for each file, in their order. */
export async function planSteps(
  root: string,
  files: readonly ImageFile[],
  known: ReadonlyMap<string, ManifestFile>,
  state: StagingState,
  settings: PlanSettings,
): Promise<Step[]> {
  const { concurrency, policy } = settings;
  const atATime = limit(concurrency);
  const plan = (image: ImageFile) => {
    policy.signal.throwIfAborted();
    return planStep(root, image, known.get(image.path) ?? null, state, settings);
  };
  return Promise.all(files.map((image) => atATime(() => plan(image))));
}

/** What is known about one file before anything is done. */
export interface Facts {
  /** Whether its hash is published. */
  readonly hashed: boolean;
  /** The caller takes nothing for granted. */
  readonly force: boolean;
  /** What lies in its place; null for nothing, and no size for what is not a file. */
  readonly present: { readonly size: number | null; readonly modifiedMs: number } | null;
  /** What an earlier run recorded of the file from the same URL. */
  readonly recorded: Pick<ManifestFile, 'size' | 'modifiedMs' | 'validator'> | null;
  /** What an earlier run left of it. */
  readonly partial: Pick<PartialRecord, 'size' | 'validator'> | null;
}

/** Whether the file in its place is the one that was recorded, as far as its size and time tell. */
function isUntouched({ present, recorded }: Facts): boolean {
  return recorded !== null && present?.size === recorded.size && present.modifiedMs === recorded.modifiedMs;
}

/** Decides whether a file can stay without the server being asked. */
export function isReusedUnseen(facts: Facts): boolean {
  return facts.hashed && !facts.force && isUntouched(facts);
}

/** Decides what is to be done about a file, of which the server says `remote`. */
export function decide(facts: Facts, remote: RemoteFile): PlannedFile['action'] {
  const { hashed, force, present, recorded, partial } = facts;
  // A file without a published hash may be replaced under its name: the server's validator says whether it was.
  const isCurrent =
    recorded !== null &&
    recorded.size === (remote.size ?? recorded.size) &&
    recorded.validator === remote.validator &&
    remote.validator !== null;
  if (isCurrent && !force && isUntouched(facts)) return 'reuse';
  const isSameSize = typeof present?.size === 'number' && present.size === (remote.size ?? present.size);
  if (isSameSize && (isCurrent || hashed)) return 'check';
  return hashed && partial?.validator === remote.validator && partial.size === remote.size ? 'resume' : 'download';
}

async function planStep(
  root: string,
  image: ImageFile,
  recorded: ManifestFile | null,
  state: StagingState,
  { client, policy, force }: PlanSettings,
): Promise<Step> {
  const { path, url } = image;
  await refuseLinks(root, path);
  await refuseLinks(root, `${path}${partialSuffix}`);
  const stats = await lstat(join(root, path)).catch(absent);
  const known = stats && recorded?.url === withoutCredentials(url) ? recorded : null;
  const partial = state.partial.get(path) ?? null;
  const present = stats && { size: stats.isFile() ? stats.size : null, modifiedMs: stats.mtimeMs };
  const facts = { hashed: image.hash !== null, force, present, recorded: known, partial };
  if (known && isReusedUnseen(facts)) {
    return { image, action: 'reuse', known, remote: null, size: known.size, present: 0 };
  }
  const remote = await withRetries(policy, path, () => inspectRemote(client, url, path, policy.signal));
  const action = decide(facts, remote);
  return { image, action, known, remote, size: remote.size, present: await bytesPresent(root, path, action, partial) };
}

/** Bytes on disk that count for a download: those that it builds on, or those that it gives back before it begins. */
async function bytesPresent(
  root: string,
  path: string,
  action: PlannedFile['action'],
  partial: PartialRecord | null,
): Promise<number> {
  if (action === 'resume') return (partial?.segments ?? []).reduce((sum, { done }) => sum + done, 0);
  return action === 'download' ? allocatedBytes(root, path) : 0;
}

/** What the partial file takes up; it has holes where parts of it are missing. */
async function allocatedBytes(root: string, path: string): Promise<number> {
  const stats = await lstat(join(root, `${path}${partialSuffix}`)).catch(absent);
  return stats?.isFile() ? Math.min(stats.size, stats.blocks * 512) : 0;
}

/** Throws NoSpace where what is to be downloaded does not fit. */
export async function checkSpace(root: string, steps: readonly Step[]): Promise<void> {
  const needed = steps.reduce((sum, { action, size, present }) => {
    return action === 'download' || action === 'resume' ? sum + (size ?? 0) - present : sum;
  }, 0);
  await requireSpace(root, needed);
}
