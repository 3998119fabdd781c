import type { Installation } from '../contract/c2r.js';
import { bad, type Finding, good } from './finding.js';

const dayMs = 86_400_000;

/**
 * What the policy UpdateDeadline says: MM/DD/YYYY HH:MM in UTC (as `date`; with Local at its end, in the time of this
 * device), or days from the download of an update on. Null where it is neither.
 * https://admx.help/?Category=Office2016&Policy=office16.Office.Microsoft.Policies.Windows::L_UpdateDeadline
 */
function parseDeadline(text: string): { readonly date: Date } | { readonly days: number } | null {
  if (/^\d{1,4}$/.test(text)) return { days: Number(text) };
  const [, month = '', day = '', year = '', hour = '', minute = '', local] =
    /^(\d{1,2})\/(\d{1,2})\/(\d{4}) +(\d{1,2}):(\d{2})( +local)?$/i.exec(text) ?? [];
  const two = (part: string) => part.padStart(2, '0');
  const date = new Date(`${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:00${local ? '' : 'Z'}`);
  return Number.isNaN(date.getTime()) ? null : { date };
}

/** The doctor's view of the deadline: one that has passed while an update waits means that Office could not keep it. */
export function deadlineFinding(facts: Installation, now: Date): Finding {
  const { updateDeadline: text } = facts;
  if (text === null) return good('No policy sets a deadline for updates.');
  const deadline = parseDeadline(text);
  if (deadline === null) {
    return bad(
      `The policy UpdateDeadline is ${text}, which is neither a point in time nor a number of days.`,
      'Correct it where it is managed: MM/DD/YYYY HH:MM in UTC, or the days from the download of an update on.',
    );
  }
  const waiting = waitingUpdate(facts);
  const ends = endOf(deadline, facts);
  if (ends === null || ends > now) {
    return good(`The policy UpdateDeadline is ${text}: Office closes its apps then, and applies an update that waits.`);
  }
  const passed = `The deadline of the policy UpdateDeadline (${text}) has passed`;
  if (waiting === null) {
    return good(
      `${passed}, and no update waits.`,
      'Set a new one for the next update: a date holds for one update only.',
    );
  }
  return bad(
    `${passed} at ${ends.toISOString()}, and Office ${waiting} is still not applied.`,
    'Apply it with c2r/update; the findings about updates, the last error and running apps say what may keep Office from it.',
  );
}

/** The version that the deadline is for: the downloaded one, or the one that a setting holds this device at. */
function waitingUpdate({ stagedVersion, targetVersion, version }: Installation): string | null {
  if (stagedVersion !== null) return stagedVersion;
  return targetVersion.version === version ? null : targetVersion.version;
}

/** Null where days are counted from a download that there is not. */
function endOf(deadline: { date: Date } | { days: number }, { stagedVersion, lastUpdate }: Installation): Date | null {
  if ('date' in deadline) return deadline.date;
  const downloadedAt = lastUpdate?.downloadedAt ?? null;
  if (stagedVersion === null || downloadedAt === null) return null;
  return new Date(Date.parse(downloadedAt) + deadline.days * dayMs);
}
