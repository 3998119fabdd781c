import { basename } from 'node:path/posix';
import { contentInvalid } from '../../base/content-invalid.js';
import type { ContentFile } from '../../contract/content.js';
import { collisionKey, hashPlace, imagePath, refuseCollisions, urlPath } from './image-path.js';

/** A file of the image and where it comes from. */
export interface ImageFile {
  /** Path in the image. */
  readonly path: string;
  readonly url: string;
  readonly lcid: string | null;
  readonly hashLocation: string | null;
  readonly hashAlgorithm: string | null;
  /** Where its hash is published; null for files without one. */
  readonly hash: { readonly cabinet: string; readonly member: string } | null;
}

/**
 * The files of an image: those of the list, and the hash cabinets that the list lacks, from beside the files they belong
 * to. With `baseUrl` everything comes from that mirror. Throws ContentInvalid for a list that makes no safe image.
 */
export function imageFiles(list: readonly ContentFile[], baseUrl: string | undefined): ImageFile[] {
  const files = list.map((listed): ImageFile => {
    const { relativePath, name, lcid, hashLocation, hashAlgorithm } = listed;
    const path = imagePath(relativePath, name, listed);
    if (hashLocation !== null && (hashAlgorithm ?? 'sha256').replace('-', '').toLowerCase() !== 'sha256') {
      throw contentInvalid(`${path} has an unknown hashAlgorithm: ${hashAlgorithm}.`, { file: listed });
    }
    const hash = hashLocation === null ? null : hashPlace(path, hashLocation, listed);
    return { path, url: downloadUrl(listed, baseUrl), lcid, hashLocation, hashAlgorithm, hash };
  });
  // Two lists in one name what belongs to no language twice.
  const all = withCabinets([...new Map(files.map((file) => [JSON.stringify(file), file])).values()]);
  refuseCollisions(all.map(({ path }) => path));
  return all;
}

function downloadUrl({ url, relativePath }: ContentFile, baseUrl: string | undefined): string {
  if (baseUrl === undefined) return url;
  const mirror = new URL(baseUrl);
  // The last part of the URL, not the name: a mirror of the CDN holds v64_16.0.1.1.cab, which is saved as v64.cab.
  mirror.pathname = `${mirror.pathname.replace(/\/+$/, '')}${urlPath(relativePath)}${basename(new URL(url).pathname)}`;
  return mirror.href;
}

/** Finds the cabinet of each hash among the files, in any case, or adds it. */
function withCabinets(files: readonly ImageFile[]): ImageFile[] {
  const listed = new Map(files.map(({ path }) => [collisionKey(path), path]));
  const added: ImageFile[] = [];
  const located = files.map((file) => {
    if (!file.hash) return file;
    const key = collisionKey(file.hash.cabinet);
    if (!listed.has(key)) {
      listed.set(key, file.hash.cabinet);
      added.push(cabinetBeside(file, file.hash.cabinet));
    }
    return { ...file, hash: { ...file.hash, cabinet: listed.get(key) ?? file.hash.cabinet } };
  });
  return [...added, ...located];
}

function cabinetBeside({ path, url, lcid }: ImageFile, cabinet: string): ImageFile {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const place = new URL(urlPath(cabinet.slice(folder.length)), url);
  place.search = new URL(url).search;
  return { path: cabinet, url: place.href, lcid, hashLocation: null, hashAlgorithm: null, hash: null };
}
