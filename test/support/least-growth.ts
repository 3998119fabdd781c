import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Makes V8's collector callable; call the result to free all that is garbage. */
export function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}

/**
 * The least that one of `rounds` adds to each figure that `round` gives, in its unit. A leak shows in every round; what Node
 * itself takes at some time does not. Ends with the first round by which all are below what is `allowed`.
 */
export async function leastGrowth<K extends string>(
  rounds: number,
  allowed: Readonly<Record<K, number>>,
  round: () => Promise<Record<K, number>> | Record<K, number>,
): Promise<Record<K, number>> {
  const names = Object.keys(allowed) as K[];
  const least = Object.fromEntries(names.map((name) => [name, Number.POSITIVE_INFINITY])) as Record<K, number>;
  let before = await round();
  for (let done = 0; done < rounds; done++) {
    const after = await round();
    for (const name of names) least[name] = Math.min(least[name], after[name] - before[name]);
    if (names.every((name) => least[name] < allowed[name])) break;
    before = after;
  }
  return least;
}
