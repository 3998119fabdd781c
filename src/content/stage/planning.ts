import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from '../../base/absent.js';
import { withoutCredentials } from '../../base/credentials.js';
import { requireRoom } from '../../base/disk-space.js';
import type { PlannedFile } from '../../contract/content.js';
import type { HttpClient } from '../http/http.js';
import { inspectRemote, type RemoteFile } from '../http/remote-file.js';
import { type RetryPolicy, withRetries } from '../http/retry.js';
import type { ImageFile } from '../image/image-files.js';
import { partialSuffix, refuseLinks } from '../image/image-path.js';
import type { Manifest, ManifestFile } from '../image/manifest.js';
import type { StagingState } from './staging-state.js';

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
  const waiting = files.map((image, index) => ({ image, index }));
  const steps: Step[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      settings.policy.signal.throwIfAborted();
      steps[next.index] = await planStep(root, next.image, known.get(next.image.path) ?? null, state, settings);
    }
  };
  await Promise.all(Array.from({ length: settings.concurrency }, worker));
  return steps;
}

async function planStep(
  root: string,
  image: ImageFile,
  recorded: ManifestFile | null,
  state: StagingState,
  { client, policy, force }: PlanSettings,
): Promise<Step> {
  await refuseLinks(root, image.path);
  await refuseLinks(root, `${image.path}${partialSuffix}`);
  const stats = await lstat(join(root, image.path)).catch(absent);
  const untouched = recorded !== null && stats?.size === recorded.size && stats.mtimeMs === recorded.modifiedMs;
  const sameUrl = recorded?.url === withoutCredentials(image.url);
  const known = stats && recorded && sameUrl ? recorded : null;
  if (known && untouched && !force && image.hash) {
    return { image, action: 'reuse', known, remote: null, size: known.size, present: 0 };
  }
  const remote = await withRetries(policy, image.path, () =>
    inspectRemote(client, image.url, image.path, policy.signal),
  );
  const step = { image, known, remote, size: remote.size, present: 0 };
  // A file without a published hash may be replaced under its name: the server's validator says whether it was.
  const current =
    known !== null &&
    known.size === (remote.size ?? known.size) &&
    known.validator === remote.validator &&
    remote.validator !== null;
  if (current && untouched && !force) return { ...step, action: 'reuse' };
  if (stats?.isFile() && stats.size === (remote.size ?? stats.size) && (current || image.hash)) {
    return { ...step, action: 'check' };
  }
  const partial = state.partial.get(image.path);
  const resumable = partial && image.hash && partial.validator === remote.validator && partial.size === remote.size;
  if (!resumable) return { ...step, action: 'download', present: await allocatedBytes(root, image) };
  const present = partial.segments.reduce((sum, { done }) => sum + done, 0);
  return { ...step, action: 'resume', present };
}

/** What the partial file takes up; it has holes where parts of it are missing. */
async function allocatedBytes(root: string, { path }: ImageFile): Promise<number> {
  const stats = await lstat(join(root, `${path}${partialSuffix}`)).catch(absent);
  return stats?.isFile() ? Math.min(stats.size, stats.blocks * 512) : 0;
}

/** Throws NoSpace where what is to be downloaded does not fit. */
export async function checkSpace(root: string, steps: readonly Step[]): Promise<void> {
  const needed = steps.reduce((sum, { action, size, present }) => {
    return action === 'download' || action === 'resume' ? sum + (size ?? 0) - present : sum;
  }, 0);
  await requireRoom(root, needed);
}
