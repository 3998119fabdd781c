/**
 * How the fuzz tests run. A failure prints its seed and can be run again with C2R_FUZZ_SEED=… C2R_FUZZ_RUNS=…;
 * `npm run fuzz` asks for more runs than `usualRuns`.
 */
export function fuzzParameters(usualRuns: number) {
  const seed = Number(process.env.C2R_FUZZ_SEED ?? Date.now() % 2 ** 31);
  const numRuns = Number(process.env.C2R_FUZZ_RUNS ?? usualRuns);
  return { seed, numRuns };
}
