import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Clock } from '../contract/run.js';
import { timestamp } from '../contract/types.js';
import { manifestName } from './image-path.js';
import { readJsonFile, replaceJsonFile } from './json-file.js';
import { withoutDeletedVersions } from './version-cabinets.js';

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
    return manifest.parse(JSON.parse(text));
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
