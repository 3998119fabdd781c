import type { Clock } from '../../base/run.js';

/** Shares a rate among all transfers of a run. */
export interface RateLimit {
  /** Counts bytes that have arrived; gives the milliseconds to wait before more are read. */
  take(bytes: number): number;
}

/** A limit of `bytesPerSecond`; none where it is undefined. */
export function rateLimit(bytesPerSecond: number | undefined, clock: Clock): RateLimit {
  if (bytesPerSecond === undefined) return { take: () => 0 };
  let paidUntil = clock.now();
  return {
    take(bytes) {
      const now = clock.now();
      paidUntil = Math.max(paidUntil, now) + (bytes / bytesPerSecond) * 1000;
      return paidUntil - now;
    },
  };
}
