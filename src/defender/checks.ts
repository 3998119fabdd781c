import type { Check } from '../contract/bridge.js';
import type { Conditions } from '../contract/defender.js';
import { causeOfAbsence, causeOfSilence, repairAdvice, withManager } from './availability.js';
import { type Defender, MpClientMissing } from './port.js';
import { readStatus, type Status } from './status.js';

/** From this age on the doctor calls signatures too old: Defender's own default (AVSignatureDue). */
const maxAgeHours = 168;

/** The doctor's view of Defender; never throws. */
export async function defenderChecks(defender: Defender, now: Date, signal: AbortSignal): Promise<Check[]> {
  const client = await clientCheck(defender, signal);
  if (!client.ok) return [client];
  try {
    const status = await readStatus(defender, { maxAgeHours, now, lastDelivered: null, signal });
    return [client, serviceCheck(status), modeCheck(status), signaturesCheck(status), sourcesCheck(status)];
  } catch (error) {
    return [client, failed('defender.service', (error as Error).message, 'Look at the service WinDefend.')];
  }
}

const passed = (id: string, detail: string): Check => ({
  id,
  area: 'defender',
  ok: true,
  detail,
  recommendation: null,
});
const failed = (id: string, detail: string, recommendation: string): Check => ({
  id,
  area: 'defender',
  ok: false,
  detail,
  recommendation,
});

async function clientCheck(defender: Defender, signal: AbortSignal): Promise<Check> {
  const id = 'defender.client';
  try {
    return passed(id, await withManager(defender, signal, async ({ library }) => `MpClient answers: ${library}`));
  } catch (error) {
    const missing = error instanceof MpClientMissing ? error : null;
    if (missing?.found) return failed(id, missing.message, repairAdvice);
    const conditions = await defender.conditions();
    const cause = missing ? ` ${causeOfAbsence(conditions).text}` : '';
    return failed(
      id,
      `${(error as Error).message}${cause}`,
      unlessProtected(
        conditions,
        'Install or re-enable Microsoft Defender Antivirus; without it defender/* cannot work.',
      ),
    );
  }
}

function serviceCheck({ flags, conditions, runningMode }: Status): Check {
  const id = 'defender.service';
  if (runningMode !== 'notRunning') return passed(id, `The service answers: ${flags.join(', ') || 'no flags set'}.`);
  return failed(
    id,
    `The service WinDefend does not answer. ${causeOfSilence(conditions).text}`,
    unlessProtected(conditions, 'Start the service WinDefend, after undoing what keeps it off.'),
  );
}

/** Windows itself turns Defender off where another antivirus has registered. */
function unlessProtected({ thirdPartyAntivirus }: Conditions, advice: string): string {
  if (thirdPartyAntivirus.length === 0) return advice;
  return `Nothing, if ${thirdPartyAntivirus.join(', ')} is to protect this device. Otherwise remove it first. ${advice}`;
}

function modeCheck({ runningMode, runningModeConfidence, runningModeReason, conditions }: Status): Check {
  const tamper = { true: 'on', false: 'off', null: 'not shown' }[String(conditions.tamperProtection)];
  const others = conditions.thirdPartyAntivirus.join(', ') || 'none';
  const detail =
    `Running mode ${runningMode} (confidence ${runningModeConfidence}): ${runningModeReason} ` +
    `Other antivirus: ${others}. Tamper protection: ${tamper}.`;
  return { ...passed('defender.mode', detail), ok: runningMode === 'normal' ? true : null };
}

function signaturesCheck({ versions, due, signatureAge }: Status): Check {
  const id = 'defender.signatures';
  if (!versions || !due || !signatureAge) return { ...passed(id, 'The versions cannot be read now.'), ok: null };
  const detail = `${signatureAge.detail} Version: ${versions.antivirusSignature.version ?? 'none'}.`;
  if (signatureAge.recommendation) {
    return failed(id, detail, `${signatureAge.recommendation.slice(0, -1)}: run defender/update.`);
  }
  const late = due.antivirus || due.antispyware;
  return late ? failed(id, `${detail} Defender says that they are due.`, 'Run defender/update.') : passed(id, detail);
}

function sourcesCheck({ updateSettings: { order, orderSetBy, problems } }: Status): Check {
  const id = 'defender.sources';
  const detail = `Sources in turn: ${order.join(', ')} (${orderSetBy}).`;
  if (problems.length === 0) return passed(id, detail);
  return failed(
    id,
    `${detail} ${problems.join(' ')}`,
    'Correct the policy or preference, or name a source in defender/update.',
  );
}
