// How every bench says what it measured: `name: figure (limit)`. The process ends with code 1 where a figure passes its limit.

/** Whether `figure` is no more than `limit`. */
export function atMost(name, figure, limit, unit = '') {
  return show(name, figure, limit, unit, figure <= limit);
}

/** Whether `figure` is no less than `limit`. */
export function atLeast(name, figure, limit, unit = '') {
  return show(name, figure, `at least ${limit}`, unit, figure >= limit);
}

/** For comparison: a figure that nothing depends on. */
export function noLimit(name, figure, unit = '') {
  return show(name, figure, 'no limit', '', true, unit);
}

function show(name, figure, limit, limitUnit, passed, unit = limitUnit) {
  const digits = Math.abs(figure) < 100 ? 2 : 0;
  console.log(`${name}: ${figure.toFixed(digits)}${unit} (${limit}${limitUnit})${passed ? '' : ' PAST ITS LIMIT'}`);
  if (!passed) process.exitCode = 1;
  return passed;
}

/** The value that `share` of the values lie below. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (values) => percentile(values, 0.5);
