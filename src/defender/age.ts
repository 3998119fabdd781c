import { doubtsClock, type SignatureAge, type Versions } from '../contract/defender.js';

const hourMs = 3_600_000;
/** How far an update may lie ahead before the clock is doubted: clocks are set right by some minutes all the time. */
const clockSlackMs = 5 * 60_000;

/**
 * The one rule for the age of signatures: never updated, ahead of the clock, too old, or current. Everything that shows or
 * judges an age asks `defender/status` for it.
 */
export function signatureAge(
  { version, updatedAt }: Versions['antivirusSignature'],
  maxHours: number,
  now: Date,
): SignatureAge {
  if (version === null || updatedAt === null) {
    return {
      state: 'never',
      hours: null,
      maxHours,
      detail: 'The antivirus signatures were never updated.',
      recommendation: adviceFor('never', 0),
    };
  }
  const elapsedMs = now.getTime() - Date.parse(updatedAt);
  if (elapsedMs < -clockSlackMs) {
    return {
      state: 'clockAhead',
      hours: null,
      maxHours,
      detail: `The antivirus signatures were updated at ${updatedAt}, which is ahead of the clock of this device.`,
      recommendation: adviceFor('clockAhead', 0),
    };
  }
  const hours = Math.round((Math.max(0, elapsedMs) / hourMs) * 10) / 10;
  const tooOld = elapsedMs > maxHours * hourMs;
  const [age, limit] = [spoken(hours), spoken(maxHours)];
  return {
    state: tooOld ? 'tooOld' : 'current',
    hours,
    maxHours,
    detail: tooOld
      ? `The antivirus signatures are ${age === limit ? 'more than ' : ''}${age} old, at most ${limit} are allowed.`
      : `The antivirus signatures are ${age} old.`,
    recommendation: tooOld ? adviceFor('tooOld', hours) : null,
  };
}

const adviceFor = (state: SignatureAge['state'], hours: number) =>
  doubtsClock(state, hours) ? 'Check the clock of this device, then update the signatures.' : 'Update the signatures.';

/** Hours, and days from two of them on. */
function spoken(hours: number): string {
  if (hours >= 48) return `${Math.round((hours / 24) * 10) / 10} days`;
  return hours === 1 ? '1 hour' : `${hours} hours`;
}
