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

/** The version in the URL of a version cabinet; null where it names none. */
export function versionInUrl(url: string): string | null {
  return /_(16\.0\.\d+\.\d+)\.cab(?:$|[?#])/i.exec(url)?.[1] ?? null;
}
