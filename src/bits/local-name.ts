import { opendirSync } from 'node:fs';
import { posix } from 'node:path';
import { forbiddenOnWindows, isDeviceName } from '../base/windows-path.js';

/** A drive or a share, and something below it; no device path, which begins with `\\.\` or `\\?\`. */
const windowsRoot = /^(?:[a-z]:[\\/]|\\\\[^\\/.?][^\\/]*[\\/][^\\/]+[\\/])/i;

/** Whether a file can be put there: an absolute path that means the same in every folder, and that is not a folder itself. */
export function isLocalName(path: string, platform = process.platform): boolean {
  const isWindows = platform === 'win32';
  const [root] = isWindows ? (windowsRoot.exec(path) ?? []) : posix.isAbsolute(path) ? ['/'] : [];
  if (root === undefined || /[\\/]$/.test(path)) return false;
  const names = path.slice(root.length).split(/[\\/]/);
  if (isWindows && names.some((name) => forbiddenOnWindows.test(name) || isDeviceName(name))) return false;
  return !isFolder(path);
}

/** By opening it as one: all that a stat tells takes Windows ten times as long, and Wine longer. */
function isFolder(path: string): boolean {
  try {
    opendirSync(path).closeSync();
    return true;
  } catch {
    // What cannot be looked at now fails when it is written.
    return false;
  }
}
