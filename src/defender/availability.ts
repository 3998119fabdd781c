import { HResultError } from '../base/hresult-error.js';
import type { Conditions } from '../contract/defender.js';
import type { Defender, Manager } from './port.js';

interface Cause {
  readonly reason: string;
  /** One sentence for people. */
  readonly text: string;
}

/** What to do about an MpClient that is there and cannot be used. */
export const repairAdvice =
  'Repair Microsoft Defender Antivirus: install its latest platform through Windows Update, or run sfc /scannow.';

/**
 * What Windows shows of who keeps Defender off; the strongest cause wins, null where none shows. The policy comes last:
 * today's platforms ignore DisableAntiSpyware.
 */
function visibleCause(conditions: Conditions): Cause | null {
  const { disabledByPolicy, thirdPartyAntivirus, passiveMode, serviceDisabled } = conditions;
  if (thirdPartyAntivirus.length > 0) {
    const others = thirdPartyAntivirus.join(', ');
    return { reason: 'thirdPartyAntivirus', text: `Another antivirus is registered: ${others}.` };
  }
  if (passiveMode) return { reason: 'passiveMode', text: 'Microsoft Defender Antivirus is set to passive mode.' };
  if (serviceDisabled) return { reason: 'serviceDisabled', text: 'The service WinDefend is disabled.' };
  if (disabledByPolicy) {
    return {
      reason: 'policy',
      text: 'A policy asks to turn Microsoft Defender Antivirus off; older platforms follow it.',
    };
  }
  return null;
}

/** Why there is no MpClient that can be used. */
export function causeOfAbsence(conditions: Conditions): Cause {
  const visible = visibleCause(conditions);
  if (visible) return visible;
  return conditions.tamperProtection
    ? { reason: 'tamperProtection', text: 'Tamper protection is on and may refuse access.' }
    : { reason: 'absent', text: 'Microsoft Defender Antivirus is not installed or not set up.' };
}

/** Why the service does not answer. */
export function causeOfSilence(conditions: Conditions): Cause {
  return visibleCause(conditions) ?? { reason: 'serviceStopped', text: 'Nothing shows what keeps it from running.' };
}

/** Opens a manager for `body` and closes it, whatever happens. */
export async function withManager<T>(
  defender: Defender,
  signal: AbortSignal,
  body: (manager: Manager) => Promise<T>,
): Promise<T> {
  const manager = await defender.open(signal);
  try {
    return await body(manager);
  } finally {
    await manager.close();
  }
}

/**
 * RPC's ways to say that nobody answers. MpClient gives them in facility 1 (0x80010000 and the RPC status), other layers
 * in facility 7.
 */
const unreachable = new Set([0x800106ba, 0x800106be, 0x800706ba, 0x800706be]);

/** Whether the failure says that the Defender service does not answer. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof HResultError && unreachable.has(error.hresult >>> 0);
}
