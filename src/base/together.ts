import { firstOf } from './run.js';

/**
 * What jobs that run side by side give, or the error of the first that fails. That one rejects only when all others have ended
 * too, which `signal` tells them to do: what they have open is closed by then, and nothing of theirs comes later.
 */
export async function together<T>(
  signal: AbortSignal,
  begin: (signal: AbortSignal) => readonly Promise<T>[],
): Promise<T[]> {
  const failed = new AbortController();
  const jobs = begin(firstOf([signal, failed.signal]));
  try {
    return await Promise.all(jobs);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(jobs);
    throw error;
  }
}
