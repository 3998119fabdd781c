/**
 * Runs at most `most` of the jobs that are given to it at a time, in the order in which they came. A job whose signal aborts
 * before its turn is given up: it rejects with the reason, and is never begun.
 */
export function limit(most: number): <T>(job: () => Promise<T>, signal?: AbortSignal) => Promise<T> {
  let running = 0;
  const waiting = new Set<() => void>();

  const turn = (signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        waiting.delete(begin);
        reject(signal?.reason);
      };
      const begin = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      waiting.add(begin);
      signal?.addEventListener('abort', giveUp, { once: true });
    });

  return async (job, signal) => {
    signal?.throwIfAborted();
    if (running < most) running++;
    else await turn(signal);
    try {
      return await job();
    } finally {
      // The place goes straight to the next, so that nobody who comes in between can take it.
      const [next] = waiting;
      if (next) {
        waiting.delete(next);
        next();
      } else running--;
    }
  };
}
