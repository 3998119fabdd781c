import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from '../../base/absent.js';
import { contentInvalid } from '../../base/content-invalid.js';
import { invalidParams } from '../../base/failure.js';
import { limit } from '../../base/limit.js';
import type { Run } from '../../base/run.js';
import { together } from '../../base/together.js';
import { compareVersions } from '../../base/version.js';
import type { content, VerifiedFile, VerifyProgress } from '../../contract/content.js';
import type { Params, Result } from '../../contract/method.js';
import { ByteProgress, describeBytes } from './byte-progress.js';
import { CabinetFault, checkBlocks, readDirectory } from './cabinet-directory.js';
import { catalogFault } from './catalog.js';
import { type PublishedHashes, publishedHashes } from './hash-cabinets.js';
import type { HashPool } from './hash-pool.js';
import {
  type Arch,
  dataFolderIn,
  type ImagePart,
  isStream,
  neededFiles,
  partsIn,
  versionOfPath,
  versionsIn,
} from './image-layout.js';
import { collisionKey, isImagePath, lockName, manifestName, removedName, rootFault, stateName } from './image-path.js';
import { type Manifest, readManifest } from './manifest.js';
import type { Sha256 } from './published-hash.js';
import { removedVersions } from './removed-versions.js';
import { describedVersion, versionOfCabinet } from './version-cabinets.js';

/** How often an image is verified that other runs change meanwhile. */
const maxAttempts = 3;

export type VerifyParams = Params<typeof content.verify>;
export type VerifyResult = Result<typeof content.verify>;

/** The files of an image by their paths with slashes, with their sizes; null for what is not a regular file. */
export type PresentFiles = ReadonlyMap<string, number | null>;

/** What a file must be. */
interface Expectation {
  readonly path: string;
  /** Null where only the hash is known. */
  readonly size: number | null;
  /** Null for a file of which nothing is recorded: then its form is all that can be checked. */
  readonly sha256: Sha256 | null;
  /** Why nothing can prove what is in it. */
  readonly unproven?: string;
}

/**
 * Checks an image with nothing but the image: against its manifest where it has one, always against the hashes in its own
 * cabinets, which decide where the two differ, and for every file that its versions, architectures and languages need.
 */
export async function verify(params: VerifyParams, run: Run<VerifyProgress>, hashes: HashPool): Promise<VerifyResult> {
  const fault = rootFault(params.path);
  if (fault) throw invalidParams([{ path: 'path', message: fault }]);
  for (let attempt = 1; ; attempt++) {
    const before = await manifestStamp(params.path);
    const result = await verifyOnce(params, run, hashes);
    // Another run came to its end meanwhile: what was compared with one another is of different times.
    if (result.ok || attempt === maxAttempts || (await manifestStamp(params.path)) === before) return result;
  }
}

/** What tells one manifest from the next, which takes its place. */
async function manifestStamp(root: string): Promise<string | null> {
  const stats = await lstat(join(root, manifestName)).catch(absent);
  return stats && `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
}

async function verifyOnce(params: VerifyParams, run: Run<VerifyProgress>, hashes: HashPool): Promise<VerifyResult> {
  const { path: root } = params;
  const present = await filesIn(root);
  hashes.prepare([...present.values()].reduce<number>((sum, size) => sum + (size ?? 0), 0));
  const removed = await removedVersions(root);
  const manifest = without(removed, await readManifest(root));
  const published = await publishedHashes(root, cabinetsIn(present), run.signal);
  const judged = partsToJudge(params, present, manifest);
  const promised = expectations(present, manifest, published, judged);
  if (promised.length === 0) {
    throw contentInvalid(`${root} is not an image of Office: it has neither a manifest nor a cabinet.`, {
      file: root,
      recommendation: 'Name the folder that holds `office`, as it was given to content/stage.',
    });
  }
  const expected = await asFound(root, promised, present);
  const { files, bytes } = await compare(root, present, expected, published, run, hashes);
  return { ...tally(files), files, bytes, manifest: manifest !== null, judged };
}

/** The manifest without versions that a killed run was removing. */
function without(removed: ReadonlySet<string>, manifest: Manifest | null): Manifest | null {
  if (!manifest || removed.size === 0) return manifest;
  return { ...manifest, files: manifest.files.filter(({ path }) => !removed.has(versionOfPath(path) ?? '')) };
}

/** How many files are in each state, and whether none of them is a fault. */
export function tally(files: readonly VerifiedFile[]): Pick<VerifyResult, 'ok' | 'counts'> {
  const counts = { ok: 0, missing: 0, corrupt: 0, unproven: 0, extra: 0 };
  for (const { state } of files) counts[state]++;
  return { ok: counts.missing + counts.corrupt + counts.unproven === 0, counts };
}

type JudgedPart = VerifyResult['judged'][number];

/**
 * What must be complete: what was asked for; else what the manifest has, version by version; else what lies there, in all
 * languages of which anything does.
 */
function partsToJudge(params: VerifyParams, present: PresentFiles, manifest: Manifest | null): JudgedPart[] {
  const recordedPaths = manifest?.files.map(({ path }) => path) ?? [];
  const recorded = partsIn(recordedPaths);
  const found = partsIn([...present.keys(), ...recordedPaths]);
  const isAsked = [params.version, params.arch, params.languages, params.proofingLanguages].some(Boolean);
  const parts = isAsked ? askedParts(params, found, present) : found;
  return [...parts]
    .sort((a, b) => compareVersions(a.version, b.version) || (a.arch < b.arch ? -1 : 1))
    .map((part) => {
      if (isAsked) return { ...part, basis: 'asked' };
      const known = recorded.find((other) => other.version === part.version && other.arch === part.arch);
      return known ? { ...known, basis: 'manifest' } : { ...part, basis: 'found' };
    });
}

/** What was asked for of what lies there; where nothing does, what was asked for alone, which is then missing. */
function askedParts(params: VerifyParams, found: readonly ImagePart[], present: PresentFiles): ImagePart[] {
  const { version, arch, languages, proofingLanguages } = params;
  const chosen = found.filter(
    (part) => (version === undefined || part.version === version) && (arch === undefined || part.arch === arch),
  );
  const versions = version === undefined ? versionsIn(present.keys()) : [version];
  const absent = versions.map((each) => emptyPart(each, arch ?? 'x64'));
  if (chosen.length + absent.length === 0) {
    throw contentInvalid(`${params.path} does not hold a version of Office.`, {
      file: params.path,
      recommendation: 'Name the folder that holds `office`, as it was given to content/stage.',
    });
  }
  return (chosen.length > 0 ? chosen : absent).map((part) => ({
    ...part,
    ...(languages === undefined ? {} : { languages: lowerCase(languages) }),
    ...(proofingLanguages === undefined ? {} : { proofingLanguages: lowerCase(proofingLanguages) }),
  }));
}

const emptyPart = (version: string, arch: Arch): ImagePart => ({ version, arch, languages: [], proofingLanguages: [] });

const lowerCase = (languages: readonly string[]) => languages.map((language) => language.toLowerCase());

/** Every file that is promised by anything, once, with the strongest promise: a published hash, then the manifest. */
function expectations(
  present: PresentFiles,
  manifest: Manifest | null,
  { hashes, unreadable }: PublishedHashes,
  judged: readonly JudgedPart[],
): Expectation[] {
  const recorded = (manifest?.files ?? []).filter(({ path }) => isImagePath(path));
  const dataFolder = dataFolderIn(present.keys());
  // What a manifest promises is complete with its files.
  const needed = judged.flatMap((part) => (part.basis === 'manifest' ? [] : neededFiles(part, dataFolder)));
  const paths = [...present.keys()];
  const promised: Expectation[] = [
    ...recorded.map(({ path, size, sha256 }) => {
      return { path, size, sha256: hashes.get(collisionKey(path))?.sha256 ?? sha256 };
    }),
    ...[...hashes.values()].map(({ path, sha256 }) => ({ path, size: null, sha256 })),
    ...[...unreadable.values()].map(({ path, reason }) => ({ ...unknown(path), unproven: reason })),
    ...paths.filter((path) => /\.(?:cab|cat)$/i.test(path)).map(unknown),
    ...paths
      .filter(isStream)
      .map((path) => ({ ...unknown(path), unproven: 'no cabinet beside it publishes its hash' })),
    ...needed.map(unknown),
  ];
  const strongest = new Map([...promised].reverse().map((each) => [collisionKey(each.path), each]));
  return promised.filter((each) => strongest.get(collisionKey(each.path)) === each);
}

const unknown = (path: string): Expectation => ({ path, size: null, sha256: null });

async function compare(
  root: string,
  present: PresentFiles,
  expected: readonly Expectation[],
  published: PublishedHashes,
  run: Run<VerifyProgress>,
  hashes: HashPool,
): Promise<{ files: VerifiedFile[]; bytes: number }> {
  const progress = new ByteProgress(run.clock, (figures) => {
    run.report({ phase: 'verify', message: `Verifying: ${describeBytes(figures)}`, ...figures });
  });
  const toRead = expected.filter(({ path, size }) => size === null || present.get(path) === size);
  const total = toRead.reduce((sum, { path }) => sum + (present.get(path) ?? 0), 0);
  progress.total = total;
  const versions = new Set(partsIn(present.keys()).map(({ version }) => version));
  let bytes = 0;
  const oneAtATime = limit(1);
  const examinedWith = (signal: AbortSignal): Examination => ({
    root,
    published,
    versions,
    hashes,
    oneAtATime: (job) => oneAtATime(job, signal),
    signal,
    onBytes: (count) => {
      bytes += count;
      progress.add(count);
    },
  });
  const sizeOf = ({ path }: Expectation) => present.get(path) ?? 0;
  // All at once, the largest first: the pool takes as many as it has threads for, and none is left alone with a large one.
  const inTurn = [...expected].sort((a, b) => sizeOf(b) - sizeOf(a));
  const judged = await together(run.signal, (signal) => {
    const examination = examinedWith(signal);
    return inTurn.map(async (each) => {
      // Another run may replace or remove it meanwhile.
      const verdict = await examine(each, present.get(each.path), examination).catch(absent);
      return [each.path, verdict ?? missing(each)] as const;
    });
  });
  const verdicts = new Map(judged);
  const files = expected.map(({ path }): VerifiedFile => ({ path, ...(verdicts.get(path) as Verdict) }));
  const known = new Set(expected.map(({ path }) => path));
  for (const path of present.keys()) {
    if (!known.has(path)) files.push({ path, state: 'extra', expected: null, actual: null });
  }
  progress.finish(total);
  return { files, bytes };
}

interface Examination {
  readonly root: string;
  readonly published: PublishedHashes;
  /** The versions of which there are files. */
  readonly versions: ReadonlySet<string>;
  readonly hashes: HashPool;
  /** For what this thread reads itself: a cabinet may be in memory meanwhile. */
  readonly oneAtATime: ReturnType<typeof limit>;
  readonly signal: AbortSignal;
  readonly onBytes: (count: number) => void;
}

type Verdict = Omit<VerifiedFile, 'path'>;

async function examine(
  expectation: Expectation,
  size: number | null | undefined,
  examination: Examination,
): Promise<Verdict> {
  const { path, sha256, size: expectedSize, unproven } = expectation;
  if (size === undefined) return missing(expectation);
  if (size === null) return { state: 'corrupt', expected: 'a file', actual: 'a link or something else' };
  if (expectedSize !== null && size !== expectedSize) {
    return { state: 'corrupt', expected: `${expectedSize} bytes`, actual: `${size} bytes` };
  }
  if (unproven !== undefined) return { state: 'unproven', expected: 'a published hash', actual: unproven };
  const { root, hashes, oneAtATime, signal, onBytes } = examination;
  if (sha256 === null) return oneAtATime(() => formVerdict(path, size, examination));
  const actual = await hashes.hash(join(root, path), size, signal, onBytes);
  if (actual !== sha256) return { state: 'corrupt', expected: sha256, actual };
  const version = await oneAtATime(() => versionVerdict(path, examination));
  return version ?? { state: 'ok', expected: sha256, actual };
}

/** Judges a file that has no hash by its form alone. */
async function formVerdict(path: string, size: number, examination: Examination): Promise<Verdict> {
  const { root, published, signal, onBytes } = examination;
  const handle = await open(join(root, path), 'r');
  try {
    if (/\.cat$/i.test(path)) {
      const fault = await catalogFault(handle, size);
      return fault ? { state: 'corrupt', expected: 'a catalog', actual: fault } : intact;
    }
    const known = published.faults.get(path);
    if (known) throw known;
    await checkBlocks(handle, await readDirectory(handle, size), signal, onBytes);
  } catch (error) {
    if (!(error instanceof CabinetFault)) throw error;
    const state = error.kind === 'unsupported' ? 'unproven' : 'corrupt';
    return { state, expected: 'a cabinet', actual: error.message };
  } finally {
    await handle.close();
  }
  return (await versionVerdict(path, examination)) ?? intact;
}

const missing = ({ sha256 }: Expectation): Verdict => ({ state: 'missing', expected: sha256, actual: null });

const intact: Verdict = { state: 'ok', expected: null, actual: null };

/** What is wrong with the version that a version cabinet leads Click-to-Run to; null where nothing is, or for another file. */
async function versionVerdict(path: string, { root, versions }: Examination): Promise<Verdict | null> {
  const described = await describedVersion(root, path);
  if (described === null) return null;
  const named = versionOfCabinet(path);
  if (named !== null && named !== described) return { state: 'corrupt', expected: named, actual: described };
  if (named !== null || versions.has(described)) return null;
  return { state: 'corrupt', expected: `a version that is there: ${[...versions].join(', ')}`, actual: described };
}

/**
 * Takes the files by the names under which they were found. A file system that takes no notice of case may have them in
 * other letters, such as the folders `Office\\Data` of the Office Deployment Tool.
 */
async function asFound(root: string, expected: readonly Expectation[], present: PresentFiles): Promise<Expectation[]> {
  const spellings = new Map([...present.keys()].map((path) => [collisionKey(path), path]));
  const found: Expectation[] = [];
  for (const expectation of expected) {
    const { path } = expectation;
    const isOtherwiseSpelled = !present.has(path) && (await lstat(join(root, path)).catch(absent)) !== null;
    found.push(isOtherwiseSpelled ? { ...expectation, path: spellings.get(collisionKey(path)) ?? path } : expectation);
  }
  return found;
}

function cabinetsIn(present: PresentFiles): string[] {
  return [...present].filter(([path, size]) => size !== null && /\.cab$/i.test(path)).map(([path]) => path);
}

/** Every file below `root`, but for those that staging keeps for itself. */
export async function filesIn(root: string): Promise<Map<string, number | null>> {
  const files = new Map<string, number | null>();
  await collect(root, '', files);
  return files;
}

const ownNames = [manifestName, stateName, lockName, removedName];

async function collect(root: string, folder: string, files: Map<string, number | null>): Promise<void> {
  for (const name of await namesIn(root, folder, files)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (ownNames.includes(path)) continue;
    // Not what readdir has to say of it: that takes files which Windows keeps deduplicated for links.
    const stats = await lstat(join(root, path)).catch(absent);
    // Another run completed it, or removed its version, since the folder was read.
    if (!stats) continue;
    if (stats.isDirectory()) await collect(root, path, files);
    else files.set(path, stats.isFile() ? stats.size : null);
  }
}

async function namesIn(root: string, folder: string, files: Map<string, number | null>): Promise<string[]> {
  try {
    return await readdir(join(root, folder));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // The root of a drive holds folders that not even an administrator may read; others are removed meanwhile.
    if (folder === '' || !['EACCES', 'EPERM', 'ENOENT'].includes(code)) throw error;
    if (code !== 'ENOENT') files.set(folder, null);
    return [];
  }
}
