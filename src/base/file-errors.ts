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

/** A refusal by the file system as a wire error; anything else is given back as it is. */
export function fromFileSystem(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error;
  const { code, path = 'the destination' } = error as NodeJS.ErrnoException;
  if (isDiskFull(error)) return noSpace(path, null, null);
  const [message, recommendation] =
    code === 'ENOENT'
      ? [`${path} does not exist`, 'Correct the path, or create what is missing.']
      : [`The file system refused ${path}`, 'Check that this account may read and write there.'];
  return new Failure('AccessDenied', `${message}: ${error.message}`, { path, errno: code, recommendation });
}
