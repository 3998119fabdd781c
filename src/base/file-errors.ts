import { Failure } from './failure.js';

/** There is not enough disk space, as computed beforehand or as the file system said while writing. */
export function noSpace(path: string, needed: number | null, free: number | null): Failure {
  const figures = needed === null ? '' : `: ${needed} bytes needed, ${free ?? 'an unknown number'} free`;
  return new Failure('NoSpace', `Not enough disk space in ${path}${figures}.`, {
    path,
    needed,
    free,
    recommendation:
      needed !== null && free !== null && free > needed
        ? 'Raise the quota, or the limit on the size of a file, of this account or file system, then run again.'
        : 'Free disk space or choose another destination, then run again.',
  });
}

/** Whether a write failed because a disk or a quota is used up, or because a file may not become that large. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** What to do where rights are not the reason. https://nodejs.org/api/errors.html#common-system-errors */
const advice: Readonly<Record<string, string>> = {
  ENOENT: 'Correct the path, or create what is missing.',
  ENOTDIR: 'Correct the path: a part of it is not a folder.',
  EISDIR: 'Correct the path: it is a folder, and should be a file.',
  EEXIST: 'Correct the path: something else is there already.',
  ENAMETOOLONG: 'Choose a shorter path.',
  ELOOP: 'Correct the path: its links lead back to themselves.',
  EROFS: 'Choose a place that can be written.',
  EBUSY: 'Close what uses it, then run again.',
  EMFILE: 'Do less at the same time, or raise the limit on open files, then run again.',
  EIO: 'Check the disk, then run again.',
  EXDEV: 'Run where all of it lies in one file system: for a folder in a container image, in the layer that brings it.',
};

/** What the file system said about a path, once: Node's own text has the path and the code again. */
export function fileFault(error: NodeJS.ErrnoException, path: string): string {
  const { code, syscall, message } = error;
  if (code === 'ENOENT') return `${path} does not exist.`;
  // "EACCES: permission denied, open '/folder/file'"
  const words = /^[A-Z][A-Z0-9_]*: (.+?)(?:, \w+(?: '.*)?)?$/s.exec(message)?.[1] ?? message;
  return `The file system refused ${path}: ${words} (${[code, syscall].filter(Boolean).join(', ')}).`;
}

/** A refusal by the file system as a wire error; anything else is given back as it is. */
export function fromFileSystem(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error;
  const { code, path = 'the destination' } = error as NodeJS.ErrnoException;
  if (isDiskFull(error)) return noSpace(path, null, null);
  return new Failure('AccessDenied', fileFault(error as NodeJS.ErrnoException, path), {
    path,
    errno: code,
    recommendation: advice[code as string] ?? 'Check that this account may read and write there.',
  });
}
