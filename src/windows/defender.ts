import type { Conditions } from '../contract/defender.js';
import type { Defender } from '../defender/port.js';
import { openManager } from './mpclient.js';
import { type LoadedMpClient, loadMpClient } from './mpclient-path.js';
import { registry, subkeys } from './registry.js';

/** Defender's own entry among the antivirus providers of Security Center. */
const defenderProvider = '{D68DDC3A-831F-4FAE-9E44-DA132C1ACF46}';
/** SERVICE_DISABLED. https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-query_service_configw */
const SERVICE_DISABLED = 4;

/** Defender of this machine. Nothing is loaded before the first use, and a failed search is made again at the next. */
export function openDefender(): Defender {
  let loaded: LoadedMpClient | null = null;
  return {
    backend: 'windows',
    async open() {
      loaded ??= await loadMpClient();
      return openManager(loaded.functions, loaded.path);
    },
    conditions: readConditions,
  };
}

async function readConditions(): Promise<Conditions> {
  // https://learn.microsoft.com/windows/client-management/mdm/policy-csp-admx-microsoftdefenderantivirus
  const policy = await numbers('SOFTWARE\\Policies\\Microsoft\\Windows Defender');
  // https://learn.microsoft.com/defender-endpoint/microsoft-defender-antivirus-compatibility
  const endpoint = await numbers('SOFTWARE\\Policies\\Microsoft\\Windows Advanced Threat Protection');
  // The values of Defender's own keys are not documented; these show what Get-MpComputerStatus calls AMRunningMode and
  // IsTamperProtected (confidence medium).
  const own = await numbers('SOFTWARE\\Microsoft\\Windows Defender');
  const tamperProtection = (await numbers('SOFTWARE\\Microsoft\\Windows Defender\\Features')).get('TamperProtection');
  const service = await numbers('SYSTEM\\CurrentControlSet\\Services\\WinDefend');
  return {
    passiveMode: Boolean(endpoint.get('ForceDefenderPassiveMode') || own.get('PassiveMode')),
    thirdPartyAntivirus: await otherAntivirus(),
    disabledByPolicy: Boolean(policy.get('DisableAntiSpyware') || policy.get('DisableAntiVirus')),
    serviceDisabled: service.get('Start') === SERVICE_DISABLED,
    // Odd while it is on (1, 5), even while it is off (0, 4).
    tamperProtection: tamperProtection === undefined ? null : tamperProtection % 2 === 1,
  };
}

/** The names under which antivirus products other than Defender have registered; servers have no Security Center. */
async function otherAntivirus(): Promise<string[]> {
  const providers = 'SOFTWARE\\Microsoft\\Security Center\\Provider\\Av';
  const others = subkeys(providers).filter((id) => id.toUpperCase() !== defenderProvider);
  const names = others.map(async (id) => (await registry.values(`${providers}\\${id}`))?.get('DISPLAYNAME') ?? id);
  return (await Promise.all(names)).map(String);
}

/** The DWORDs of a key; none where it does not exist. */
async function numbers(key: string): Promise<ReadonlyMap<string, number>> {
  const values = (await registry.values(key)) ?? new Map();
  return new Map([...values].filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}
