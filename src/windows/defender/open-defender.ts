import { HResultError } from '../../base/hresult-error.js';
import type { Conditions } from '../../contract/defender.js';
import type { Defender, Setting, SourceFacts } from '../../defender/port.js';
import { readableSubkeys, readableValues } from '../system/registry.js';
import { serviceState } from '../system/service.js';
import { openManager } from './mpclient.js';
import { currentMpClient } from './mpclient-path.js';

/** Defender's own entry among the antivirus providers of Security Center. */
const defenderProvider = '{D68DDC3A-831F-4FAE-9E44-DA132C1ACF46}';
/** SERVICE_DISABLED. https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-query_service_configw */
const SERVICE_DISABLED = 4;

/** Defender of this machine. Nothing is loaded before the first use. */
export function openDefender(): Defender {
  return {
    backend: 'windows',
    async open(signal) {
      const { functions, path } = currentMpClient();
      return openManager(functions, path, signal);
    },
    conditions: async () => readConditions(),
    sources: async () => readSources(),
  };
}

function readConditions(): Conditions {
  // https://learn.microsoft.com/windows/client-management/mdm/policy-csp-admx-microsoftdefenderantivirus
  const policy = numbers('SOFTWARE\\Policies\\Microsoft\\Windows Defender');
  // https://learn.microsoft.com/defender-endpoint/microsoft-defender-antivirus-compatibility
  const endpoint = numbers('SOFTWARE\\Policies\\Microsoft\\Windows Advanced Threat Protection');
  // The values of Defender's own keys are not documented; these show what Get-MpComputerStatus calls AMRunningMode and
  // IsTamperProtected (confidence medium).
  const own = numbers('SOFTWARE\\Microsoft\\Windows Defender');
  const tamperProtection = numbers('SOFTWARE\\Microsoft\\Windows Defender\\Features').get('TamperProtection');
  const service = numbers('SYSTEM\\CurrentControlSet\\Services\\WinDefend');
  const features = numbers('SOFTWARE\\Policies\\Microsoft\\Windows Defender\\Features');
  const passiveModeForced = Boolean(endpoint.get('ForceDefenderPassiveMode'));
  const passiveModeNote = own.get('PassiveMode') ?? null;
  return {
    passiveMode: passiveModeForced || Boolean(passiveModeNote),
    passiveModeForced,
    passiveModeNote,
    // What the Defender CSP calls PassiveRemediation (confidence medium).
    edrBlockMode: Boolean(features.get('PassiveRemediation')),
    thirdPartyAntivirus: otherAntivirus(),
    disabledByPolicy: Boolean(policy.get('DisableAntiSpyware') || policy.get('DisableAntiVirus')),
    serviceDisabled: service.get('Start') === SERVICE_DISABLED,
    // Odd while it is on (1, 5), even while it is off (0, 4).
    tamperProtection: tamperProtection === undefined ? null : tamperProtection % 2 === 1,
  };
}

const startTypes: ReadonlyMap<number, 'automatic' | 'manual' | 'disabled'> = new Map([
  [2, 'automatic'],
  [3, 'manual'],
  [SERVICE_DISABLED, 'disabled'],
]);

function readSources(): SourceFacts {
  // https://learn.microsoft.com/windows/client-management/mdm/policy-csp-admx-microsoftdefenderantivirus
  const policy = readableValues('SOFTWARE\\Policies\\Microsoft\\Windows Defender\\Signature Updates');
  // Where Set-MpPreference keeps the same values (confidence medium).
  const preference = readableValues('SOFTWARE\\Microsoft\\Windows Defender\\Signature Updates');
  // Where Windows keeps what Intune sets through the Defender policies of the Policy CSP (confidence medium).
  const mdm = readableValues('SOFTWARE\\Policies\\Microsoft\\Windows Defender\\Policy Manager');
  const setting = (name: string, cspName: string): Setting => ({
    policy: text(policy.get(name)) ?? text(mdm.get(cspName)),
    preference: text(preference.get(name)),
  });
  // https://learn.microsoft.com/windows/deployment/update/waas-wu-settings
  const windowsUpdate = 'SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate';
  const automatic = numbers(`${windowsUpdate}\\AU`);
  return {
    fallbackOrder: setting('FallbackOrder', 'SignatureUpdateFallbackOrder'),
    fileShares: setting('DefinitionUpdateFileSharesSources', 'SignatureUpdateFileSharesSources'),
    sharedSignatures: setting('SharedSignatureRoot', 'SecurityIntelligenceLocation'),
    wsusServer: text(readableValues(windowsUpdate).get('WUServer')),
    useWsusServer: Boolean(automatic.get('UseWUServer')),
    automaticUpdates: {
      disabledByPolicy: Boolean(automatic.get('NoAutoUpdate')),
      startType: startTypes.get(numbers('SYSTEM\\CurrentControlSet\\Services\\wuauserv').get('Start') ?? -1) ?? null,
      state: windowsUpdateState(),
    },
  };
}

/** Null where the service is not there, or where nobody may ask for it: the rest of a status is still told. */
function windowsUpdateState(): SourceFacts['automaticUpdates']['state'] {
  try {
    return serviceState('wuauserv');
  } catch (error) {
    if (error instanceof HResultError) return null;
    throw error;
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The names under which antivirus products other than Defender have registered; servers have no Security Center. */
function otherAntivirus(): string[] {
  const providers = 'SOFTWARE\\Microsoft\\Security Center\\Provider\\Av';
  return readableSubkeys(providers)
    .filter((id) => id.toUpperCase() !== defenderProvider)
    .map((id) => String(readableValues(`${providers}\\${id}`).get('DISPLAYNAME') ?? id));
}

/** The DWORDs of a key. */
function numbers(key: string): ReadonlyMap<string, number> {
  return new Map([...readableValues(key)].filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}
