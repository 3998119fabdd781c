const factor = Number(process.env.C2R_TIME_FACTOR ?? 1);
if (!(factor >= 1 && factor <= 100)) throw new Error('C2R_TIME_FACTOR is a number from 1 to 100.');

/**
 * A deadline in milliseconds. C2R_TIME_FACTOR stretches them all, for a machine that is that many times as busy as an idle
 * one; no test becomes slower by it, and none measures time.
 */
export function deadline(ms: number): number {
  return ms * factor;
}
