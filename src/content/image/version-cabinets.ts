import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { absent } from '../../base/absent.js';
import { compareVersions } from '../../base/version.js';
import { readCabinet } from './cabinet.js';
import { CabinetFault } from './cabinet-directory.js';
import type { ImageFile } from './image-files.js';

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

/** The version that a version cabinet's path names; null where it is not one, or is the one without a version. */
export function versionOfCabinet(path: string): string | null {
  return versionCabinet.exec(path)?.[2] ?? null;
}

/** Whether a path is that of the version cabinet that Office asks for its newest version. */
export function isNewestCabinet(path: string): boolean {
  const [match, , version] = versionCabinet.exec(path) ?? [];
  return match !== undefined && version === undefined;
}

/** The version in the URL of a version cabinet; null where it does not name one. */
export function versionInUrl(url: string): string | null {
  return /_(16\.0\.\d+\.\d+)\.cab(?:$|[?#])/i.exec(url)?.[1] ?? null;
}

/**
 * The version that a version cabinet tells Click-to-Run to install: its VersionDescriptor.xml names it for each bitness,
 * beside a `Build` that may be the last one for older Windows. Null where it does not name one, or for another file.
 */
export async function describedVersion(root: string, path: string): Promise<string | null> {
  if (!versionCabinet.test(path)) return null;
  const descriptor = await versionDescriptor(join(root, path));
  const [available] = /<Available\b[^>]*>/i.exec(descriptor ?? '') ?? [];
  if (!available) return null;
  const attribute = (name: string) =>
    new RegExp(`\\b${name}\\s*=\\s*"(16\\.0\\.\\d+\\.\\d+)"`, 'i').exec(available)?.[1];
  return attribute(/v32(?:_[\d.]+)?\.cab$/i.test(path) ? 'I320Version' : 'I640Version') ?? attribute('Build') ?? null;
}

/** Whether a version cabinet of the image leads to a version that is there and newer than the one at the URL. */
export async function leadsToNewer(root: string, path: string, url: string): Promise<boolean> {
  const version = versionInUrl(url);
  if (version === null) return false;
  return isNewerThere(root, path, await describedVersion(root, path).catch(absent), version);
}

/** Whether the version that a version cabinet names is newer than `version`, and is in the image. */
export async function isNewerThere(
  root: string,
  path: string,
  named: string | null,
  version: string,
): Promise<boolean> {
  if (named === null || compareVersions(named, version) <= 0) return false;
  return (await lstat(join(root, dirname(path), named)).catch(absent)) !== null;
}

async function versionDescriptor(file: string): Promise<string | null> {
  try {
    const [bytes] = (await readCabinet(file, (name) => /^VersionDescriptor\.xml$/i.test(name))).values();
    return bytes?.toString('utf8') ?? null;
  } catch (error) {
    // That it cannot be read is told elsewhere.
    if (error instanceof CabinetFault) return null;
    throw error;
  }
}
