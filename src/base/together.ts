import { setMaxListeners } from 'node:events';

/**
 * What jobs that run side by side give, or the error of the first that fails. That one rejects only when all others have ended
 * too, which `signal` tells them to do: what they have open is closed by then, and nothing of theirs comes later.
 */
export async function together<T>(
  signal: AbortSignal,
  begin: (signal: AbortSignal) => readonly Promise<T>[],
): Promise<T[]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  // Every job listens to it.
  setMaxListeners(0, either);
  const jobs = begin(either);
  try {
    return await Promise.all(jobs);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(jobs);
    throw error;
  }
}
