import { configurationKey, managementValue, updateNotifyClasses, updatesKey } from '../c2r/registry-keys.js';
import type { Office, Registry } from '../c2r/update-notify.js';
import type { Check } from '../contract/bridge.js';
import { channelUrl } from '../contract/channels.js';
import type { Clock } from '../contract/run.js';
import { MemoryRegistry, type RegistryContents } from './registry.js';
import type { OfficeScenario, Scenario } from './scenario.js';
import { UpdateService } from './update-service.js';

/** Click-to-Run in memory: the same port as the real one, driven by a scenario. Its state lives as long as it does. */
export function simulatedOffice({ office: scenario }: Scenario, clock: Clock): Office {
  const memory = new MemoryRegistry(initialRegistry(scenario), scenario.elevated);
  memory.add(scenario.registry);
  let installed = scenario.installedVersion;
  let staged = scenario.initialStatus === 'DOWNLOAD_SUCCEEDED' ? scenario.availableVersion : null;
  const stamp = (at: number) => sinceFileTimeEpoch(clock.date().getTime() - (clock.now() - at));
  const updates = new UpdateService(scenario, clock, {
    staged: () => staged,
    downloaded(version, at) {
      if (version === installed) return;
      staged = version;
      memory.add({ [updatesKey]: { UpdatesReadyToApply: version, DownloadTime: stamp(at) } });
    },
    applied(version, at) {
      installed = version;
      staged = null;
      memory.add({
        [configurationKey]: { VersionToReport: version },
        [updatesKey]: { UpdatesReadyToApply: '', UpdatesAppliedTime: stamp(at) },
      });
    },
  });
  // The service writes to the registry when its actions end, so it is brought up to the present before anyone looks.
  const registry: Registry = {
    async values(key) {
      updates.settle();
      return memory.values(key);
    },
    setValue: (key, name, value) => memory.setValue(key, name, value),
    deleteValue: (key, name) => memory.deleteValue(key, name),
  };
  return { backend: 'simulated', updates, registry, checks: async () => checks(scenario) };
}

function checks({ elevated }: OfficeScenario): Check[] {
  return [
    {
      id: 'bridge.backend',
      area: 'bridge',
      ok: null,
      detail: 'Windows is simulated: nothing here says anything about this machine.',
      recommendation: 'Run the bridge on Windows for the real state.',
    },
    {
      id: 'bridge.elevation',
      area: 'bridge',
      ok: elevated,
      detail: elevated ? 'The bridge runs elevated.' : 'The bridge does not run elevated.',
      recommendation: elevated ? null : 'Run elevated: as an administrator or as SYSTEM.',
    },
  ];
}

/** What Office writes as a time: milliseconds since 1601, in decimal. */
function sinceFileTimeEpoch(unixMs: number): string {
  return String(Math.round(unixMs) - Date.UTC(1601, 0, 1));
}

/** What the registry of a machine with this Office holds before anything is done. */
export function initialRegistry(scenario: OfficeScenario): RegistryContents {
  const url = channelUrl(scenario.channel);
  const installed: RegistryContents = {
    [configurationKey]: {
      VersionToReport: scenario.installedVersion,
      Platform: 'x64',
      ProductReleaseIds: 'O365ProPlusRetail',
      ClientCulture: 'en-us',
      CDNBaseUrl: url,
      UpdateChannel: url,
      UpdatesEnabled: 'True',
      UpdateChannelChanged: 'False',
      ...(scenario.comRegistered ? { [managementValue]: 'True' } : {}),
    },
    [updatesKey]: {
      UpdatesReadyToApply: scenario.initialStatus === 'DOWNLOAD_SUCCEEDED' ? scenario.availableVersion : '',
    },
  };
  const registered = scenario.comRegistered
    ? Object.fromEntries(updateNotifyClasses.map((key) => [key, { '': 'UpdateNotify Class' }]))
    : {};
  return scenario.installed ? { ...installed, ...registered } : {};
}
