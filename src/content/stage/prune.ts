import { mkdir, open, readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contentInvalid } from '../../base/content-invalid.js';
import { writeFailure } from '../../base/disk-space.js';
import { Failure, invalidParams } from '../../base/failure.js';
import { replaceJsonFile } from '../../base/json-file.js';
import { moveIntoPlace } from '../../base/move-into-place.js';
import type { Clock, Run } from '../../base/run.js';
import type { content, PruneProgress } from '../../contract/content.js';
import type { Params, Result } from '../../contract/method.js';
import { ImageFolders } from '../image/image-folders.js';
import { dataFolderIn, versionOfPath, versionsIn } from '../image/image-layout.js';
import { manifestName, partialSuffix, removedName, rootFault } from '../image/image-path.js';
import { type Manifest, type ManifestFile, readManifest } from '../image/manifest.js';
import { clearRemoved, deleteFolder, isFolderHeld, removedVersions } from '../image/removed-versions.js';
import { filesIn, type PresentFiles } from '../image/verify.js';
import { describedVersion } from '../image/version-cabinets.js';
import type { ContentSources } from '../port.js';
import { acquireStagingLock } from './staging-lock.js';

export type PruneParams = Params<typeof content.prune>;
export type PruneResult = Result<typeof content.prune>;

/** A version cabinet without a version in its name, and the one whose content it gets. */
interface NewestCabinet {
  readonly path: string;
  readonly from: string;
}

interface Plan {
  /** The oldest first. */
  readonly removed: readonly PruneResult['removed'][number][];
  readonly kept: readonly string[];
  readonly cabinets: readonly NewestCabinet[];
  readonly dataFolder: string;
}

/**
 * Removes versions from an image. Each leaves it in one step, so that what is left verifies whenever this ends: first the
 * version cabinets lead to a version that stays, then the folders are moved away, and only then are they deleted. Throws
 * InUse where a run stages into the image, or a content source serves one of the versions.
 */
export async function prune(
  params: PruneParams,
  sources: ContentSources,
  run: Run<PruneProgress>,
): Promise<PruneResult> {
  refuseBadParams(params);
  const root = await realpath(params.path);
  if (params.dryRun) return resultOf(root, await planned(root, params, sources));
  const lock = await acquireStagingLock(root, run);
  try {
    const plan = await planned(root, params, sources);
    const folders = ImageFolders.open(root);
    try {
      await new Pruning(root, plan, folders, run).carryOut();
    } catch (error) {
      throw await writeFailure(folders.named(error), root, null);
    } finally {
      folders.close();
    }
    return resultOf(root, plan);
  } finally {
    await lock.release();
  }
}

function refuseBadParams({ path, keep, versions }: PruneParams): void {
  const issues = [];
  const fault = rootFault(path);
  if (fault) issues.push({ path: 'path', message: fault });
  if ((keep === undefined) === (versions === undefined)) {
    issues.push({ path: 'keep', message: 'give either keep or versions' });
  }
  if (issues.length > 0) throw invalidParams(issues);
}

function resultOf(path: string, { removed, kept }: Plan): PruneResult {
  const freedBytes = removed.reduce((sum, { bytes }) => sum + bytes, 0);
  return { path, removed: [...removed], kept: [...kept], freedBytes };
}

async function planned(root: string, params: PruneParams, sources: ContentSources): Promise<Plan> {
  const present = await filesIn(root);
  const versions = versionsIn(present.keys());
  const [oldest] = versions;
  if (oldest === undefined) {
    throw contentInvalid(`${root} does not hold a version of Office.`, {
      file: root,
      recommendation: 'Name the folder that holds `office`, as it was given to content/stage.',
    });
  }
  const { keep, versions: named = [] } = params;
  const whole = wholeVersions(versions, await readManifest(root));
  const leaving = new Set(
    keep === undefined
      ? versions.filter((version) => named.includes(version))
      : versions.slice(0, versions.indexOf(whole.at(-keep) ?? oldest)),
  );
  const kept = versions.filter((version) => !leaving.has(version));
  if (kept.length === 0) {
    const message = 'would leave no version in the image; delete its folder instead';
    throw invalidParams([{ path: 'versions', message }]);
  }
  await refuseServed(root, leaving, sources);
  const dataFolder = dataFolderIn(present.keys());
  return {
    removed: versions.filter((version) => leaving.has(version)).map((version) => sizeOf(version, present)),
    kept,
    cabinets: await cabinetsToReplace(
      root,
      present,
      leaving,
      whole.filter((version) => !leaving.has(version)),
      dataFolder,
    ),
    dataFolder,
  };
}

/** Where there is a manifest, staging came to its end with the versions that it has. */
function wholeVersions(versions: readonly string[], manifest: Manifest | null): readonly string[] {
  const recorded = manifest && new Set(manifest.files.map(({ path }) => versionOfPath(path)));
  return versions.filter((version) => recorded?.has(version) ?? true);
}

function sizeOf(version: string, present: PresentFiles): PruneResult['removed'][number] {
  const own = [...present].filter(([path]) => versionOfPath(path) === version);
  return { version, files: own.length, bytes: own.reduce((sum, [, size]) => sum + (size ?? 0), 0) };
}

async function refuseServed(root: string, leaving: ReadonlySet<string>, sources: ContentSources): Promise<void> {
  if (leaving.size === 0) return;
  const served = (await sources.served(root)).find(({ versions }) => versions.some((version) => leaving.has(version)));
  if (!served) return;
  const versions = served.versions.filter((version) => leaving.has(version));
  throw new Failure('InUse', `The content source ${served.contentId} serves ${versions.join(', ')} from this image.`, {
    who: served.contentId,
    since: served.since,
    versions,
    recommendation: 'Run again when the download has ended, or keep that version.',
  });
}

/** Office asks `v64.cab` for the newest version: it must lead to one that stays and is whole. */
async function cabinetsToReplace(
  root: string,
  present: PresentFiles,
  leaving: ReadonlySet<string>,
  kept: readonly string[],
  dataFolder: string,
): Promise<NewestCabinet[]> {
  const replaced: NewestCabinet[] = [];
  for (const bits of ['64', '32']) {
    const path = `${dataFolder}/v${bits}.cab`;
    if (!present.has(path)) continue;
    const described = await describedVersion(root, path);
    if (described === null || !leaving.has(described)) continue;
    const named = kept.map((version) => `${dataFolder}/v${bits}_${version}.cab`);
    const from = named.filter((candidate) => present.has(candidate)).at(-1);
    if (from === undefined) {
      throw contentInvalid(`${path} leads to ${described}, and no whole version that stays has a version cabinet.`, {
        file: path,
        recommendation: `Keep ${described}, or stage a version that stays again, which brings its version cabinet.`,
      });
    }
    replaced.push({ path, from });
  }
  return replaced;
}

/** Carries a plan out in a locked image. */
class Pruning {
  constructor(
    readonly root: string,
    readonly plan: Plan,
    readonly folders: ImageFolders,
    readonly run: Run<PruneProgress>,
  ) {}

  async carryOut(): Promise<void> {
    const { root, plan, run } = this;
    const started = run.clock.now();
    const total = plan.removed.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    const report = (message: string) =>
      run.report({
        phase: 'prune',
        message,
        percent: total === 0 ? null : Math.floor((1000 * done) / total) / 10,
        elapsedMs: Math.round(run.clock.now() - started),
      });
    await this.#replaceCabinets();
    for (const { version, bytes } of plan.removed) {
      run.signal.throwIfAborted();
      report(`Removing ${version}`);
      await this.#takeOut(version);
      done += bytes;
    }
    await this.#forget();
    report('Deleting what was removed');
    await clearRemoved(root, run.clock).catch((error) => {
      // It does not belong to the image any more, and the next run deletes it.
      if (!(error instanceof Failure)) throw error;
      run.log.warn(error.message, { path: root });
    });
  }

  /** Through a manifest that does not have them meanwhile: what they are then is for their content to say. */
  async #replaceCabinets(): Promise<void> {
    const { root, plan, run } = this;
    const manifest = await readManifest(root);
    if (plan.cabinets.length === 0) return;
    const replaced = new Set(plan.cabinets.map(({ path }) => path));
    if (manifest) await this.#write(manifest, ({ path }) => !replaced.has(path));
    const copies: ManifestFile[] = [];
    for (const { path, from } of plan.cabinets) {
      const modifiedMs = await this.#copy(from, path);
      const source = manifest?.files.find((file) => file.path === from);
      if (source) copies.push({ ...source, path, modifiedMs, stagedAt: run.clock.date().toISOString() });
    }
    if (manifest) await this.#write(manifest, ({ path }) => !replaced.has(path), copies);
  }

  async #copy(from: string, path: string): Promise<number> {
    const file = this.folders.fileToWrite(path);
    const partial = `${file}${partialSuffix}`;
    await rm(partial, { force: true });
    const handle = await open(partial, 'wx');
    try {
      await handle.writeFile(await readFile(join(this.root, from)));
      await handle.sync();
      await moveIntoPlace(partial, file, this.run.clock);
      this.folders.requirePlace(path, handle.fd);
      return (await handle.stat()).mtimeMs;
    } finally {
      await handle.close();
    }
  }

  /** From here on the version does not belong to the image. Others cannot get at what is deleted later. */
  async #takeOut(version: string): Promise<void> {
    const { root, plan, folders } = this;
    await mkdir(join(root, removedName), { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const target = folders.fileToWrite(`${removedName}/${version}`);
    await deleteFolder(target, this.run.clock);
    const moved = await movedAway(
      folders.fileToWrite(`${plan.dataFolder}/${version}`),
      target,
      version,
      this.run.clock,
    );
    // A version of which nothing but a version cabinet is there leaves by its name alone.
    if (!moved) await mkdir(target);
    for (const bits of ['64', '32']) {
      await rm(folders.fileToWrite(`${plan.dataFolder}/v${bits}_${version}.cab`), { force: true });
    }
  }

  /** Takes what has left out of the manifest, also what a killed run moved away. */
  async #forget(): Promise<void> {
    const manifest = await readManifest(this.root);
    const removed = await removedVersions(this.root);
    if (manifest && removed.size > 0) {
      await this.#write(manifest, ({ path }) => !removed.has(versionOfPath(path) ?? ''));
    }
  }

  #write(
    manifest: Manifest,
    stays: (file: ManifestFile) => boolean,
    added: readonly ManifestFile[] = [],
  ): Promise<void> {
    const files = [...manifest.files.filter(stays), ...added].sort((a, b) => (a.path < b.path ? -1 : 1));
    const next = { ...manifest, updatedAt: this.run.clock.date().toISOString(), files };
    return replaceJsonFile(join(this.root, manifestName), next, this.run.clock, true);
  }
}

/** Whether there was a folder to move; throws InUse where Windows does not let go of it. */
async function movedAway(from: string, to: string, version: string, clock: Clock): Promise<boolean> {
  try {
    await moveIntoPlace(from, to, clock);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    if (!isFolderHeld(error)) throw error;
    throw new Failure('InUse', `A file of ${version} is open: the version cannot be removed.`, {
      who: 'a program that has a file of the version open',
      versions: [version],
      recommendation: 'Run again when no program reads from the image; what was removed so far is gone.',
    });
  }
}
