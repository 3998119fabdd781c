import { lstat, open, readdir } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { absent } from '../../base/absent.js';
import { invalidParams } from '../../base/failure.js';
import { fromFileSystem } from '../../base/file-errors.js';
import type { Run } from '../../base/run.js';
import type { content, VerifiedFile, VerifyProgress } from '../../contract/content.js';
import type { Params, Result } from '../../contract/method.js';
import { contentInvalid } from '../http/faults.js';
import { ByteProgress, describeBytes } from './byte-progress.js';
import { CabinetFault, cabinetFault, cabinetHeaderBytes, readCabinet } from './cabinet.js';
import { hashFile } from './hash-file.js';
import { collisionKey, hashPlace, isImagePath, lockName, manifestName, stateName } from './image-path.js';
import { type Manifest, type ManifestFile, readManifest } from './manifest.js';
import { parsePublishedHash, type Sha256 } from './published-hash.js';

export type VerifyParams = Params<typeof content.verify>;
export type VerifyResult = Result<typeof content.verify>;

/** What a file must be. */
interface Expectation {
  readonly path: string;
  /** Null where only the hash is known. */
  readonly size: number | null;
  /** Null for a cabinet of which nothing is recorded: then it must be readable as one. */
  readonly sha256: Sha256 | null;
}

/**
 * Checks an image with nothing but the image: against its manifest where it has one, and always against the hashes in its
 * own cabinets, which decide where the two differ.
 */
export async function verify({ path: root }: VerifyParams, run: Run<VerifyProgress>): Promise<VerifyResult> {
  if (!isAbsolute(root)) throw invalidParams([{ path: 'path', message: 'must be an absolute path' }]);
  try {
    const present = await filesIn(root);
    const manifest = await readManifest(root);
    const promised = manifest ? await fromManifest(root, manifest) : await fromCabinets(root, present);
    const expectations = await asFound(root, promised, present);
    if (expectations.length === 0) {
      throw contentInvalid(`${root} holds no image of Office: neither a manifest nor a cabinet with hashes.`, {
        file: root,
        recommendation: 'Name the folder that holds `office`, as it was given to content/stage.',
      });
    }
    return await compare(root, present, expectations, manifest !== null, run);
  } catch (error) {
    throw run.signal.aborted ? run.signal.reason : fromFileSystem(error);
  }
}

async function compare(
  root: string,
  present: ReadonlyMap<string, number | null>,
  expectations: readonly Expectation[],
  manifest: boolean,
  run: Run<VerifyProgress>,
): Promise<VerifyResult> {
  const progress = new ByteProgress(run.clock, (figures) => {
    run.report({ phase: 'verify', message: `Verifying: ${describeBytes(figures)}`, ...figures });
  });
  const toHash = expectations.filter(({ path, size }) => size === null || present.get(path) === size);
  const total = toHash.reduce((sum, { path }) => sum + (present.get(path) ?? 0), 0);
  progress.total = total;
  const files: VerifiedFile[] = [];
  let bytes = 0;
  for (const expectation of expectations) {
    const size = present.get(expectation.path);
    files.push(
      await examine(root, expectation, size, run.signal, (count) => {
        bytes += count;
        progress.add(count);
      }),
    );
  }
  const expected = new Set(expectations.map(({ path }) => path));
  for (const path of present.keys()) {
    if (!expected.has(path)) files.push({ path, state: 'extra', expected: null, actual: null });
  }
  const counts = { ok: 0, missing: 0, corrupt: 0, extra: 0 };
  for (const { state } of files) counts[state]++;
  progress.finish(total);
  return { ok: counts.missing + counts.corrupt === 0, files, counts, bytes, manifest };
}

async function examine(
  root: string,
  { path, size: expectedSize, sha256 }: Expectation,
  size: number | null | undefined,
  signal: AbortSignal,
  onBytes: (count: number) => void,
): Promise<VerifiedFile> {
  const judged = (state: VerifiedFile['state'], expected: string | null, actual: string | null) => ({
    path,
    state,
    expected,
    actual,
  });
  if (size === undefined) return judged('missing', sha256, null);
  if (size === null) return judged('corrupt', 'a file', 'a link or something else');
  if (expectedSize !== null && size !== expectedSize) {
    return judged('corrupt', `${expectedSize} bytes`, `${size} bytes`);
  }
  const file = join(root, path);
  if (sha256 === null) {
    const fault = await cabinetFaultOf(file, size);
    return fault ? judged('corrupt', 'a cabinet', fault) : judged('ok', null, null);
  }
  const actual = await hashFile(file, signal, onBytes);
  return judged(actual === sha256 ? 'ok' : 'corrupt', sha256, actual);
}

/**
 * Takes the files by the names under which they were found. A file system that takes no notice of case may have them in
 * other letters, such as the folders `Office\\Data` of the Office Deployment Tool.
 */
async function asFound(
  root: string,
  expectations: readonly Expectation[],
  present: ReadonlyMap<string, number | null>,
): Promise<Expectation[]> {
  const spellings = new Map([...present.keys()].map((path) => [collisionKey(path), path]));
  const found: Expectation[] = [];
  for (const expectation of expectations) {
    const { path } = expectation;
    const isOtherwiseSpelled = !present.has(path) && (await lstat(join(root, path)).catch(absent)) !== null;
    found.push(isOtherwiseSpelled ? { ...expectation, path: spellings.get(collisionKey(path)) ?? path } : expectation);
  }
  return found;
}

/** What a manifest promises; where a cabinet of the image publishes another hash, that one counts. */
async function fromManifest(root: string, { files }: Manifest): Promise<Expectation[]> {
  const expectations: Expectation[] = [];
  // One after another: a cabinet is in memory while it is read.
  for (const file of files.filter(({ path }) => isImagePath(path))) {
    const { path, size } = file;
    expectations.push({ path, size, sha256: (await published(root, file)) ?? file.sha256 });
  }
  return expectations;
}

/** The hash in the image's own cabinet; null where there is none, which the check of the cabinet itself then shows. */
async function published(root: string, { path, hashLocation }: ManifestFile): Promise<Sha256 | null> {
  if (hashLocation === null) return null;
  const { cabinet, member } = hashPlace(path, hashLocation, path);
  const hashes = await hashesIn(join(root, cabinet));
  return hashes.get(member.toLowerCase()) ?? null;
}

/** Hash members by name in lower case; none where the cabinet cannot be read. */
async function hashesIn(cabinet: string): Promise<ReadonlyMap<string, Sha256>> {
  try {
    const members = await readCabinet(cabinet, (name) => name.toLowerCase().endsWith('.hash'));
    const hashes = [...members].map(([name, bytes]) => [name.toLowerCase(), parsePublishedHash(bytes)] as const);
    return new Map(hashes.filter((entry): entry is readonly [string, Sha256] => entry[1] !== null));
  } catch (error) {
    if (error instanceof CabinetFault || (error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
}

/** Without a manifest: every cabinet must be one, and each `stream….hash` in it stands for the `.dat` file beside it. */
async function fromCabinets(root: string, present: ReadonlyMap<string, number | null>): Promise<Expectation[]> {
  const cabinets = [...present.keys()].filter((path) => path.toLowerCase().endsWith('.cab'));
  const found: Expectation[] = [];
  for (const path of cabinets) {
    found.push({ path, size: null, sha256: null });
    // The hash cabinets are s64*.cab and s32*.cab; the others are large and hold no stream hashes.
    if (present.get(path) === null || !/^s(?:64|32)/i.test(basename(path))) continue;
    for (const [member, sha256] of await hashesIn(join(root, path))) {
      const name = member.replace(/\.hash$/, '.dat');
      const folder = path.slice(0, path.lastIndexOf('/') + 1);
      const spelled = [...present.keys()].find((other) => other.toLowerCase() === `${folder}${name}`.toLowerCase());
      found.push({ path: spelled ?? `${folder}${name}`, size: null, sha256 });
    }
  }
  return found;
}

async function cabinetFaultOf(file: string, size: number): Promise<string | null> {
  const handle = await open(file, 'r');
  try {
    const header = Buffer.alloc(cabinetHeaderBytes);
    const { bytesRead } = await handle.read(header, 0, header.length, 0);
    return cabinetFault(header.subarray(0, bytesRead), size);
  } finally {
    await handle.close();
  }
}

/** Every file below `root` by its path with slashes, with its size; null for what is no regular file. */
async function filesIn(root: string): Promise<Map<string, number | null>> {
  const files = new Map<string, number | null>();
  const own = [manifestName, stateName, lockName];
  const entriesOf = (folder: string) =>
    readdir(join(root, folder)).catch((error: NodeJS.ErrnoException) => {
      // The root of a drive holds folders that not even an administrator may read.
      if (folder === '' || !['EACCES', 'EPERM'].includes(error.code ?? '')) throw error;
      files.set(folder, null);
      return [];
    });
  const walk = async (folder: string): Promise<void> => {
    for (const name of await entriesOf(folder)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      // Not what readdir has to say of it: that takes files which Windows keeps deduplicated for links.
      const stats = await lstat(join(root, path));
      if (stats.isDirectory()) await walk(path);
      else if (!own.includes(path)) files.set(path, stats.isFile() ? stats.size : null);
    }
  };
  await walk('');
  return files;
}
