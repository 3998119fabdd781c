import { posix, win32 } from 'node:path';

/** Whether a path of an image leads nowhere else, on Windows and elsewhere. */
export function staysBelow(path: string): boolean {
  return (
    posix.resolve('/image', path).startsWith('/image/') && win32.resolve('C:\\image', path).startsWith('C:\\image\\')
  );
}
