/**
 * What a reader of the last lines of a run must know, as lines, the last of which counts; and the number of failures.
 * `results` is what test-report.mjs wrote, `missing` the lanes that could not run, with the reason.
 *
 * @param {{
 *   tests: { name: string, lane: string, state: string, reason?: string | null, retriedAfter?: string }[],
 *   broken: { file: string, message: string }[],
 * }} results
 * @param {Record<string, { reason?: string, expected?: boolean }>} missing
 */
export function summaryOf({ tests, broken }, missing) {
  const inState = (state) => tests.filter((test) => test.state === state);
  const skipped = inState('skipped');
  const unrun = Object.entries(missing);
  const unexpected = unrun.filter(([, { expected }]) => expected);
  const failed = inState('failed').length + broken.length + unexpected.length;
  const counts = new Map();
  for (const { reason, lane } of skipped) {
    const why = reason ?? missing[lane]?.reason ?? 'no reason given';
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  const retried = tests.filter((test) => test.retriedAfter);
  const lines = [
    '',
    ...broken.map(({ file, message }) => `BROKEN ${file}: ${message}`),
    ...retried.map(({ name, retriedAfter }) => `passed at the second try: ${name}: ${retriedAfter}`),
    ...unrun.map(([lane, { reason }]) => `SKIPPED the ${lane} lane: ${reason}`),
    ...[...counts].map(([reason, count]) => `skipped ${count}: ${reason}`),
    ...unexpected.map(([lane]) => `FAILED: the ${lane} lane can run on this machine and did not.`),
    '',
    `${inState('passed').length} passed, ${failed} failed, ${skipped.length} skipped`,
  ];
  return { lines, failed };
}
