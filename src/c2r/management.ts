import type { ComManagement } from '../contract/c2r.js';
import { comManagement, isInstalled } from './installation.js';
import type { Office } from './port.js';
import { managementValue, policyKey } from './registry-keys.js';

/** What changing the setting did. */
export interface ManagementChange {
  readonly before: ComManagement;
  readonly after: ComManagement;
  readonly changed: boolean;
  readonly restartRequired: boolean;
}

/** Writes the policy value that turns the COM object on or off; null removes it. */
export async function setManagement(office: Office, enabled: boolean | null): Promise<ManagementChange> {
  const before = await comManagement(office);
  // Also where it says the same already: it may say so in another type, or nothing that anyone understands.
  if (enabled === null) await office.registry.deleteValue(policyKey, managementValue);
  else await office.registry.setValue(policyKey, managementValue, enabled ? 1 : 0);
  const after = await comManagement(office);
  return {
    before,
    after,
    changed: before.policy !== after.policy,
    restartRequired: (await isInstalled(office)) && awaitsRestart(after),
  };
}

/**
 * The service registers and unregisters the object when it starts. It unregisters only where the policy says so: taking the
 * policy away leaves a registered object alone.
 * https://learn.microsoft.com/microsoft-365-apps/updates/manage-microsoft-365-apps-updates-configuration-manager
 */
function awaitsRestart({ enabled, policy, registered }: ComManagement): boolean {
  return enabled ? !registered : registered && policy === false;
}
