import { compareVersions } from '../base/version.js';
import type { Conditions, RunningMode } from '../contract/defender.js';

/** What the running mode is concluded from. */
export interface ModeFacts {
  /** Whether the service answers. */
  readonly reachable: boolean;
  /** What WDStatus says. */
  readonly enabled: boolean | null;
  /** The version of the platform, for example 4.18.25060.7. */
  readonly platform: string | null;
  readonly conditions: Conditions;
}

export interface Mode {
  readonly runningMode: RunningMode;
  readonly runningModeConfidence: 'high' | 'medium' | 'low';
  readonly runningModeReason: string;
}

/**
 * From this platform on, tamper protection keeps an active Defender active although ForceDefenderPassiveMode is set.
 * https://learn.microsoft.com/defender-endpoint/microsoft-defender-antivirus-compatibility
 */
const platformThatStaysActive = '4.18.2208.0';

/** The number of side-by-side passive mode in PassiveMode of Defender's own key; not documented. */
const sideBySideNote = 2;

const mode = (
  runningMode: RunningMode,
  runningModeConfidence: Mode['runningModeConfidence'],
  runningModeReason: string,
): Mode => ({ runningMode, runningModeConfidence, runningModeReason });

/** EDR in block mode is passive mode in which Defender still acts on what EDR finds. */
const passive = ({ edrBlockMode }: Conditions, reason: string): Mode =>
  edrBlockMode
    ? mode('edrBlock', 'medium', `${reason} The policy for EDR in block mode is set.`)
    : mode('passive', 'medium', reason);

/** The first that applies decides. */
const rules: readonly ((facts: ModeFacts) => Mode | false)[] = [
  ({ reachable }) => !reachable && mode('notRunning', 'high', 'The Defender service does not answer.'),
  ({ conditions: { passiveModeNote } }) =>
    passiveModeNote === sideBySideNote &&
    mode('sideBySidePassive', 'low', "Defender's own key says PassiveMode 2, whose meaning is not documented."),
  ({ conditions }) =>
    Boolean(conditions.passiveModeNote) &&
    passive(conditions, `Defender's own key says PassiveMode ${conditions.passiveModeNote}.`),
  ({ conditions, platform }) =>
    conditions.passiveModeForced &&
    conditions.tamperProtection === true &&
    platform !== null &&
    compareVersions(platform, platformThatStaysActive) >= 0 &&
    mode('normal', 'medium', 'ForceDefenderPassiveMode is set, but tamper protection keeps Defender active.'),
  ({ conditions }) => conditions.passiveModeForced && passive(conditions, 'ForceDefenderPassiveMode is set.'),
  ({ enabled }) => enabled === false && mode('disabled', 'high', 'WDStatus says that Defender is off.'),
  ({ conditions: { thirdPartyAntivirus } }) =>
    thirdPartyAntivirus.length > 0 &&
    mode('normal', 'low', 'The service answers, but another antivirus has registered, beside which it may be passive.'),
  ({ enabled }) => enabled === true && mode('normal', 'high', 'The service answers and WDStatus says that it is on.'),
];

/** How Defender runs, how well founded that is, and on what. */
export function modeOf(facts: ModeFacts): Mode {
  for (const rule of rules) {
    const concluded = rule(facts);
    if (concluded) return concluded;
  }
  return mode('normal', 'medium', 'The service answers, and nothing shows that it is passive or off.');
}
