import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { absent } from './absent.js';
import type { ImageFile } from './image-files.js';
import type { ManifestFile } from './manifest.js';

/** The version cabinet in the root of the data folder, under the name with the version or the one without. */
const versionCabinet = /^(office\/data\/v(?:64|32))(?:_(16\.0\.\d+\.\d+))?\.cab$/i;

/** A file that is made in the image as a copy of another, without a download. */
export interface Copy {
  readonly from: ImageFile;
  readonly path: string;
  readonly version: string;
}

/**
 * Office asks a folder for `v64.cab` to learn its newest version, and for `v64_<version>.cab` where a version is wanted; a
 * list often has one of them only. Gives the other as a copy.
 */
export function versionCabinetCopies(files: readonly ImageFile[]): Copy[] {
  const listed = new Set(files.map(({ path }) => path.toLowerCase()));
  return files.flatMap((from) => {
    const [, stem, named] = versionCabinet.exec(from.path) ?? [];
    if (!stem) return [];
    const version = named ?? /_(16\.0\.\d+\.\d+)\.cab$/i.exec(new URL(from.url).pathname)?.[1];
    if (!version) return [];
    const path = named ? `${stem}.cab` : `${stem}_${version}.cab`;
    return listed.has(path.toLowerCase()) ? [] : [{ from, path, version }];
  });
}

/**
 * The files of earlier runs that the image still answers for: not those of a version whose folder somebody deleted, which
 * is how old versions are removed. A file that is missing from a folder that is there stays: it was lost.
 */
export async function withoutDeletedVersions(
  root: string,
  files: readonly ManifestFile[],
): Promise<readonly ManifestFile[]> {
  const isThere = async (path: string) => (await lstat(join(root, path)).catch(absent)) !== null;
  const kept: ManifestFile[] = [];
  for (const file of files) {
    const [, , version] = versionCabinet.exec(file.path) ?? [];
    const folder = version === undefined ? dirname(file.path) : join(dirname(file.path), version);
    if ((await isThere(file.path)) || (await isThere(folder))) kept.push(file);
  }
  return kept;
}

/** Negative where the first version is the older one. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [a.split('.').map(Number), b.split('.').map(Number)];
  const at = first.findIndex((part, index) => part !== second[index]);
  return at < 0 ? 0 : (first[at] ?? 0) - (second[at] ?? 0);
}

/** The version in the URL of a version cabinet; null where it names none. */
export function versionInUrl(url: string): string | null {
  return /_(16\.0\.\d+\.\d+)\.cab(?:$|[?#])/i.exec(url)?.[1] ?? null;
}
