/*
 * What DSC v3 makes of a resource's output, by its documentation:
 * https://learn.microsoft.com/powershell/dsc/reference/schemas/resource/stdout/test and its neighbours.
 */

type Json = Readonly<Record<string, unknown>>;
export type ReturnKind = 'state' | 'stateAndDiff';

/** The top-level properties of `expected` that `actual` lacks or shows otherwise: arrays as sets, objects member by member. */
export function differing(expected: Json, actual: Json): string[] {
  // `_exist` is true where nobody says otherwise.
  const wanted: Json = { _exist: true, ...expected };
  const shown: Json = { _exist: true, ...actual };
  return Object.entries(wanted)
    .filter(([name]) => name !== '$schema')
    .filter(([name, value]) => !isSame(value, shown[name]))
    .map(([name]) => name);
}

function isSame(wanted: unknown, shown: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(shown) &&
      wanted.length === shown.length &&
      wanted.every((each) => shown.some((other) => isSame(each, other)))
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    return typeof shown === 'object' && shown !== null && differing(wanted as Json, shown as Json).length === 0;
  }
  return wanted === shown;
}

/** The states that a resource printed, one a line; with `stateAndDiff` the second line is a list of names. */
function linesOf(lines: readonly string[], kind: ReturnKind): { state: Json; names: readonly string[] | null } {
  const [first = '', second = ''] = lines;
  if (lines.length !== (kind === 'state' ? 1 : 2)) throw new Error(`DSC cannot read ${lines.length} lines.`);
  const names: unknown = kind === 'state' ? null : JSON.parse(second);
  if (names !== null && !(Array.isArray(names) && names.every((name) => typeof name === 'string'))) {
    throw new Error('The second line is not a list of names.');
  }
  return { state: JSON.parse(first), names: names as readonly string[] | null };
}

export interface TestResult {
  readonly inDesiredState: boolean;
  readonly differingProperties: readonly string[];
}

/** `dsc resource test`. */
export function dscTest(desired: Json, lines: readonly string[], kind: ReturnKind): TestResult {
  const { state, names } = linesOf(lines, kind);
  const differingProperties = names ?? differing(desired, state);
  const { _inDesiredState: said } = state;
  if (said !== undefined && typeof said !== 'boolean') throw new Error('_inDesiredState is not a boolean.');
  return { inDesiredState: said ?? differingProperties.length === 0, differingProperties };
}

/** The properties that `dsc resource set`, or its what-if, reports as changed; `before` is what `get` gave. */
export function dscChanged(before: Json, lines: readonly string[], kind: ReturnKind): readonly string[] {
  const { state, names } = linesOf(lines, kind);
  return names ?? differing(state, before);
}
