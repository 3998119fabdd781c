import { withoutCredentials } from '../base/credentials.js';
import type { Installation } from '../contract/c2r.js';
import { cloudPolicyKey, configurationManagerKey, managementValue, policyKey } from './registry-keys.js';
import type { Values } from './registry-values.js';
import { handedBack, type Settings } from './update-source.js';

type Manager = Installation['manager'];

/** The values of the administrative template that say where updates come from, when, and to which version. */
const policyValues = [
  'UpdatePath',
  'UpdateBranch',
  'updatetargetversion',
  'UpdateDeadline',
  'EnableAutomaticUpdates',
  'HideEnableDisableUpdates',
] as const;

/** Longer values are cut off: they are for people. */
const maxShown = 300;

/** What the cloud may set, in the same words. */
const cloudValues = ['UpdatePath', 'UpdateBranch', 'updatetargetversion', 'UpdateDeadline'] as const;

/**
 * Who manages the updates of this device, and the values that say so: of several managers the one whose settings win.
 * https://learn.microsoft.com/microsoft-365-apps/updates/choose-how-to-update
 */
export function managerOf(
  { configuration, configurationKey, policies, cloud }: Settings,
  hasConfigurationManager: boolean,
): Manager {
  const cloudOwns = cloud.flag('ignoregpo') === true;
  if (cloudOwns) {
    return { name: 'cloudUpdate', evidence: told(cloudPolicyKey, cloud, ['IgnoreGPO', ...cloudValues]) };
  }
  const fromCloud = handedBack(cloud) ? [] : told(cloudPolicyKey, cloud, cloudValues);
  if (fromCloud.length > 0) return { name: 'adminCenter', evidence: fromCloud };
  const fromPolicy = told(policyKey, policies, policyValues);
  if (fromPolicy.length > 0) return { name: 'policy', evidence: fromPolicy };
  if (policies.flag(managementValue) ?? configuration.flag(managementValue)) {
    const source = policies.flag(managementValue) === null ? configurationKey : policyKey;
    const client = hasConfigurationManager
      ? `HKLM\\${configurationManagerKey} exists`
      : 'no Configuration Manager client was found; this bridge may have set it';
    return {
      name: 'configurationManager',
      evidence: [...told(source, source === policyKey ? policies : configuration, [managementValue]), client],
    };
  }
  return { name: 'none', evidence: [] };
}

function told(key: string, values: Values, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const shown = values.shown(name);
    return shown === null ? [] : [`HKLM\\${key}: ${name} = ${withoutCredentials(shown).slice(0, maxShown)}`];
  });
}
