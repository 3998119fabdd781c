import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { absent } from '../../base/absent.js';
import { readJsonFile, replaceJsonFile } from '../../base/json-file.js';
import { parseJsonText } from '../../base/json-text.js';
import type { Clock } from '../../base/run.js';
import { timestamp } from '../../contract/types.js';
import { isImagePath, manifestName } from './image-path.js';
import { versionOfCabinet } from './version-cabinets.js';

/** A file that lies in the image, complete and right when it was put there. */
export const manifestFile = z.object({
  path: z.string(),
  size: z.int().check(z.minimum(0)),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  modifiedMs: z.number().check(z.describe('The file time that a later run compares instead of hashing again.')),
  url: z.string(),
  validator: z.nullable(z.string()).check(z.describe('ETag or Last-Modified of the download.')),
  lcid: z.nullable(z.string()),
  hashLocation: z.nullable(z.string()),
  hashAlgorithm: z.nullable(z.string()),
  stagedAt: timestamp,
});
export type ManifestFile = z.output<typeof manifestFile>;

const manifest = z.object({
  schema: z.literal(1),
  createdAt: timestamp,
  updatedAt: timestamp,
  sources: z
    .array(
      z.object({
        stagedAt: timestamp,
        list: z.nullable(z.string()).check(z.describe('The request for the list; null where the files were given.')),
        baseUrl: z.nullable(z.string()),
        files: z.int(),
      }),
    )
    .check(z.describe('The runs that built the image, the newest last.')),
  files: z.array(manifestFile),
});
/** What `manifest.json` in the root of an image records: which files, their hashes, when and from where. */
export type Manifest = z.output<typeof manifest>;

/** How many runs a manifest remembers. */
const maxSources = 50;

/** A manifest that came from elsewhere; null where it is none. */
export function parseManifest(text: string): Manifest | null {
  try {
    return manifest.parse(parseJsonText(text));
  } catch {
    return null;
  }
}

/** The manifest of an image; null where there is none that can be read. */
export function readManifest(root: string): Promise<Manifest | null> {
  return readJsonFile(join(root, manifestName), manifest);
}

/**
 * Adds a run to the manifest of an image, which keeps what earlier runs put there, but for versions that were deleted. Gives
 * the path of the manifest.
 */
export async function writeManifest(
  root: string,
  before: Manifest | null,
  source: Manifest['sources'][number],
  files: readonly ManifestFile[],
  clock: Clock,
): Promise<string> {
  const earlier = await withoutDeletedVersions(root, before?.files ?? []);
  const byPath = new Map([...earlier, ...files].map((file) => [file.path, file]));
  const file = join(root, manifestName);
  const next: Manifest = {
    schema: 1,
    createdAt: before?.createdAt ?? source.stagedAt,
    updatedAt: source.stagedAt,
    sources: [...(before?.sources ?? []), source].slice(-maxSources),
    files: [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
  await replaceJsonFile(file, next, clock, true);
  return file;
}

/**
 * The files of earlier runs that the image still answers for: not those of a version whose folder somebody deleted, which
 * is how old versions are removed. A file that is missing from a folder that is there stays: it was lost.
 */
async function withoutDeletedVersions(root: string, files: readonly ManifestFile[]): Promise<readonly ManifestFile[]> {
  const isThere = async (path: string) => (await lstat(join(root, path)).catch(absent)) !== null;
  const kept: ManifestFile[] = [];
  for (const file of files) {
    // Somebody edited it: there is no such file, and asking for it may fail.
    if (!isImagePath(file.path)) continue;
    const version = versionOfCabinet(file.path);
    const folder = version === null ? dirname(file.path) : join(dirname(file.path), version);
    if ((await isThere(file.path)) || (await isThere(folder))) kept.push(file);
  }
  return kept;
}
