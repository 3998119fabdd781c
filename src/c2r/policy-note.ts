import type { Registry, ValuePlace } from './port.js';
import { policyKey } from './registry-keys.js';
import { copyValue, read } from './registry-values.js';

/** A policy value that this program may write, and the key where it notes what stood there before, for the undo. */
export interface NotedPolicy {
  /** The value in the policy key. */
  readonly value: string;
  /** The key of the note, which only administrators can write. */
  readonly noteKey: string;
  /** What the value is called in the names of the note, for example `UpdateBranch`. */
  readonly label: string;
  /** Further values of the note, which go with it. */
  readonly further: readonly string[];
}

/** What stands in a policy now, and whose it is. */
export interface Noted {
  readonly policy: string | null;
  /** What we wrote; null where we wrote nothing. */
  readonly written: string | null;
  /** Whether a change of ours was cut off before it wrote the policy, which then still says what it said before. */
  readonly cutOff: boolean;
  readonly isOurs: boolean;
  /** Whether the policy says something that we know of: ours, or what was there before. */
  readonly isKnown: boolean;
}

const names = ({ label }: NotedPolicy) => ({
  written: `Written${label}`,
  replaced: `Replaced${label}`,
  previous: `Previous${label}`,
});

export async function noted(registry: Registry, to: NotedPolicy): Promise<Noted> {
  const [policies, note] = [await read(registry, policyKey), await read(registry, to.noteKey)];
  const { written, replaced, previous } = names(to);
  const policy = policies.text(to.value);
  const [ours, before, earlier] = [note.text(written), note.text(replaced), note.text(previous)];
  const cutOff = ours !== null && policy !== null && policy === before;
  return {
    policy,
    written: ours,
    cutOff,
    isOurs: cutOff || (ours !== null && policy === ours),
    isKnown: ours !== null && [ours, before ?? ours, earlier].includes(policy),
  };
}

/** Writes the policy, and first the note: a policy without a note could not be undone. */
export async function writeNoted(
  registry: Registry,
  to: NotedPolicy,
  now: Noted,
  value: string,
  further: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { written, replaced, previous } = names(to);
  await putAs(registry, policyPlace(to), { key: to.noteKey, name: now.isOurs ? replaced : previous });
  await registry.setValue(to.noteKey, written, value);
  for (const [name, text] of Object.entries(further)) await registry.setValue(to.noteKey, name, text);
  await registry.setValue(policyKey, to.value, value);
  await registry.deleteValue(to.noteKey, replaced);
}

/** Puts back what stood in the policy before our first change. */
export async function undoNoted(registry: Registry, to: NotedPolicy): Promise<void> {
  const { written, replaced, previous } = names(to);
  await putAs(registry, { key: to.noteKey, name: previous }, policyPlace(to));
  // What we wrote goes first: without it the rest of the note says nothing.
  for (const name of [written, replaced, previous, ...to.further]) await registry.deleteValue(to.noteKey, name);
}

const policyPlace = ({ value }: NotedPolicy): ValuePlace => ({ key: policyKey, name: value });

/** Makes `to` what `from` is: its type and data, or nothing. */
async function putAs(registry: Registry, from: ValuePlace, to: ValuePlace): Promise<void> {
  if (!(await copyValue(registry, from, to))) await registry.deleteValue(to.key, to.name);
}
