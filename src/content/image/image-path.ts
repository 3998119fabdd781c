import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from '../../base/absent.js';
import { absoluteFault } from '../../base/absolute-path.js';
import { contentInvalid } from '../../base/content-invalid.js';
import { isDeviceName, windowsPathFault } from '../../base/windows-path.js';

/** What is wrong with the path of an image, as a caller gives it; null where nothing is. */
export function rootFault(path: string, platform = process.platform): string | null {
  // Node takes none, and says so by an error that looks like a bug.
  return absoluteFault(path, platform) ?? (path.includes('\0') ? 'must not contain the character NUL' : null);
}

/** What Windows forbids in a name, the path separators, and the colon that opens a stream or a drive. */
const forbidden = /[<>:"/\\|?*\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * What is wrong with the path of an image that is to be made; null where nothing is. Node makes what Windows forbids, and
 * nothing else can open or delete such a folder.
 */
export function newRootFault(path: string, platform = process.platform): string | null {
  return rootFault(path, platform) ?? (platform === 'win32' ? windowsPathFault(path) : null);
}

/** What is wrong with one name of a path for any file system that an image may lie on; null where nothing is. */
export function nameFault(name: string): string | null {
  if (name === '') return 'has an empty name';
  if (name === '.' || name === '..') return `contains "${name}"`;
  if (forbidden.test(name)) return 'contains a character that is not allowed in a file name';
  if (/[. ]$/.test(name)) return 'has a name that ends with a dot or a space';
  if (name.startsWith(' ')) return 'has a name that starts with a space';
  if (isDeviceName(name)) return `names the device ${name}`;
  if (Buffer.byteLength(name) > 255) return 'has a name of more than 255 bytes';
  return null;
}

/** The names that staging itself uses in the root of an image. */
export const manifestName = 'manifest.json';
export const stateName = '.c2r-stage.json';
export const lockName = '.c2r-stage.lock';
/** The folder that versions are moved to before they are deleted. */
export const removedName = '.c2r-removed';
/** What the name of a file that is not complete yet ends with. */
export const partialSuffix = '.partial';

function pathFault(path: string): string | null {
  if (path.length > 1024) return 'is longer than 1024 characters';
  for (const name of path.split('/')) {
    const fault = nameFault(name);
    if (fault) return fault;
  }
  const folded = path.toLowerCase();
  const [first = ''] = folded.split('/');
  if ([manifestName, stateName, lockName].includes(folded) || first === removedName || folded.endsWith(partialSuffix)) {
    return 'is a name that staging uses for itself';
  }
  return null;
}

/** Whether a path that was read from a file in the image is one that staging may have put there. */
export function isImagePath(path: string): boolean {
  return pathFault(path) === null;
}

/** Checks a path below an image that came from outside; throws ContentInvalid that names `file`. */
function checkImagePath(path: string, file: unknown): string {
  const fault = pathFault(path);
  if (fault) throw contentInvalid(`The path ${JSON.stringify(path)} ${fault}.`, { file });
  return path;
}

/**
 * The path below the image of a file that the service lists. `relativePath` starts and ends with one slash: that is its
 * form. Throws ContentInvalid for whatever could leave the image or could not lie on a Windows file system.
 */
export function imagePath(relativePath: string, name: string, file: unknown): string {
  if (!relativePath.startsWith('/') || !relativePath.endsWith('/')) {
    throw contentInvalid(`relativePath ${JSON.stringify(relativePath)} must start and end with a slash.`, { file });
  }
  if (name.includes('/')) throw contentInvalid(`The name ${JSON.stringify(name)} contains a slash.`, { file });
  return checkImagePath(`${relativePath.slice(1)}${name}`, file);
}

/** The cabinet, as a path below the image, and the member in it that hold the hash of the file at `path`. */
export function hashPlace(path: string, hashLocation: string, file: unknown): { cabinet: string; member: string } {
  const fault = pathFault(hashLocation) ?? (hashLocation.includes('/') ? null : 'does not name a member of a cabinet');
  if (fault) throw contentInvalid(`hashLocation ${JSON.stringify(hashLocation)} ${fault}.`, { file });
  const end = hashLocation.lastIndexOf('/');
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return { cabinet: `${folder}${hashLocation.slice(0, end)}`, member: hashLocation.slice(end + 1) };
}

/** A path in an image as part of a URL. */
export function urlPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** Two paths with the same key are one file on Windows. */
export function collisionKey(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase();
}

/** Throws ContentInvalid where two paths are one file on Windows, or one is a folder of the other. */
export function refuseCollisions(paths: readonly string[]): void {
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const path of paths) {
    const key = collisionKey(path);
    const other = files.get(key);
    if (other === path) {
      throw contentInvalid(`${path} is listed more than once, and the entries differ.`, { file: path });
    }
    if (other !== undefined) throw contentInvalid(`${other} and ${path} are the same file on Windows.`, { file: path });
    files.set(key, path);
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end);
      const known = folders.get(collisionKey(folder));
      if (known !== undefined && known !== folder) {
        throw contentInvalid(`The folders ${known} and ${folder} are the same on Windows.`, { file: path });
      }
      folders.set(collisionKey(folder), folder);
    }
  }
  for (const [key, path] of files) {
    if (folders.has(key)) throw contentInvalid(`${path} is listed both as a file and as a folder.`, { file: path });
  }
}

/**
 * Throws ContentInvalid where a symbolic link (or a junction) lies on the way from `root` to the file, or in its place:
 * through it a write would leave the image.
 */
export async function refuseLinks(root: string, path: string): Promise<void> {
  let at = root;
  for (const name of path.split('/')) {
    at = join(at, name);
    const stats = await lstat(at).catch(absent);
    if (!stats) return;
    if (stats.isSymbolicLink()) {
      throw contentInvalid(`${at} is a symbolic link; staging does not write through links.`, {
        file: path,
        recommendation: 'Remove the link, or name another folder, then run again.',
      });
    }
  }
}
