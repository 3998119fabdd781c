/** The same for every fuzz test of a run, and for a second try of one. */
const seed = Number(process.env.C2R_FUZZ_SEED ?? Date.now() % 2 ** 31);
const asked = Number(process.env.C2R_FUZZ_RUNS ?? 0);

/**
 * How the fuzz tests run: `usualRuns` times, or as often as C2R_FUZZ_RUNS asks where that is more, as `npm run fuzz` does.
 * A test whose single run takes long does a `share` of that. A failure prints its seed and can be run again with C2R_FUZZ_SEED.
 */
export function fuzzParameters(usualRuns: number, share = 1) {
  return { seed, numRuns: Math.max(usualRuns, Math.round(asked * share)) };
}
