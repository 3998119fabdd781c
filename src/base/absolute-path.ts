import { posix } from 'node:path';

/**
 * How a path begins that means the same wherever it is read: with a drive or a share, also behind `\\?\`. Node's own
 * `isAbsolute` takes `\folder` and `\\server`, too, and completes them with the current drive.
 * https://learn.microsoft.com/dotnet/standard/io/file-path-formats
 */
export const windowsRoot =
  /^(?:[a-z]:[\\/]|[\\/]{2}[^\\/.?][^\\/]*[\\/]+[^\\/]+|\\\\\?\\(?:[a-z]:\\|UNC\\[^\\]+\\[^\\]+|Volume\{[^\\]+\}\\))/i;

/** What keeps a path from meaning the same in every folder and on every drive; null where nothing does. */
export function absoluteFault(path: string, platform = process.platform): string | null {
  if (platform !== 'win32') return posix.isAbsolute(path) ? null : 'must be an absolute path';
  if (windowsRoot.test(path)) return null;
  return 'must be an absolute path that begins with a drive or a share: C:\\folder or \\\\server\\share\\folder';
}
