import type { Installation, TargetVersion } from '../contract/c2r.js';

/** What holds a device at a version, for people. */
const holders: Readonly<Record<NonNullable<TargetVersion['rule']>, string>> = {
  cloudTargetVersion: 'The cloud',
  policyTargetVersion: 'The policy updatetargetversion',
  updateToVersion: 'The leftover setting UpdateToVersion',
};

/**
 * What may explain that a device does not get where it should be. Settings that contradict each other are told of one that
 * is as wanted, too.
 */
export function officeNotes(facts: Installation, inDesiredState: boolean): string[] {
  if (!facts.installed) return [];
  const { conflicts, targetVersion, lastError, restartPending } = facts;
  const contradictions = conflicts.map(({ detail, recommendation }) => `${detail} ${recommendation}`);
  const notes = contradictions.length > 0 ? [`Its settings contradict each other: ${contradictions.join(' ')}`] : [];
  if (inDesiredState) return notes;
  if (lastError !== null) {
    const { code, text } = lastError;
    notes.unshift(`Last error of Click-to-Run: ${code === null ? text : `${code} ${text}`}`);
  }
  if (restartPending.length > 0) notes.push('Windows waits for a restart.');
  if (targetVersion.rule !== null)
    notes.unshift(`${holders[targetVersion.rule]} holds it at ${targetVersion.version}.`);
  return notes;
}
