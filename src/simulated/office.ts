import type { Clock } from '../base/run.js';
import type { Office, Registry } from '../c2r/port.js';
import { configurationKey, managementValue, updateNotifyClasses, updatesKey } from '../c2r/registry-keys.js';
import { readUpdateSource } from '../c2r/update-source.js';
import type { Check } from '../contract/bridge.js';
import { channelUrl } from '../contract/channels.js';
import { MemoryRegistry, type RegistryContents } from './registry.js';
import type { OfficeScenario, Scenario } from './scenario.js';
import { MachineState } from './state.js';
import { UpdateService } from './update-service.js';

/** Click-to-Run in memory: the same port as the real one, driven by a scenario. */
export function simulatedOffice({ office: scenario, statePath }: Scenario, clock: Clock): Office {
  const state = new MachineState(statePath);
  const kept = state.take('registry');
  let opened = false;
  const memory = new MemoryRegistry(kept ?? { ...initialRegistry(scenario) }, scenario.elevated, (contents) => {
    // Who only looks at a machine needs no right to write its state.
    if (opened) state.set('registry', contents);
  });
  if (!kept) memory.add(scenario.registry);
  opened = true;
  const stamp = (at: number) => sinceFileTimeEpoch(clock.date().getTime() - (clock.now() - at));
  const updates = new UpdateService(scenario, clock, {
    staged: () => memory.text(updatesKey, 'UpdatesReadyToApply'),
    downloaded(version, at) {
      if (version === memory.text(configurationKey, 'VersionToReport')) return;
      memory.add({ [updatesKey]: { UpdatesReadyToApply: version, DownloadTime: stamp(at) } });
    },
    applied(version, at) {
      memory.add({
        [configurationKey]: { VersionToReport: version, UpdateChannelChanged: 'False' },
        [updatesKey]: { UpdatesReadyToApply: '', UpdatesAppliedTime: stamp(at) },
      });
    },
    save: (service) => state.set('service', service),
    saved() {
      const contents = state.take('registry');
      if (contents) memory.load(contents);
      return state.take('service') ?? null;
    },
  });
  const task = scheduledTask(memory, scenario, clock, state);
  // The service writes to the registry when its actions end, so it is brought up to the present before anyone looks.
  const registry: Registry = {
    async values(key) {
      updates.settle();
      await task.run();
      return memory.values(key);
    },
    async setValue(key, name, value) {
      updates.settle();
      task.policyWritten();
      await memory.setValue(key, name, value);
    },
    async deleteValue(key, name) {
      updates.settle();
      task.policyWritten();
      return memory.deleteValue(key, name);
    },
  };
  return { backend: 'simulated', updates, registry, checks: async () => checks(scenario) };
}

/** The task "Office Automatic Updates 2.0", as far as it takes over a new channel: one after another, each with an update. */
function scheduledTask(
  memory: MemoryRegistry,
  { channelTaskMs, elevated }: OfficeScenario,
  clock: Clock,
  state: MachineState,
) {
  let due = Number.POSITIVE_INFINITY;
  return {
    policyWritten(): void {
      if (channelTaskMs === null || !elevated) return;
      due = clock.now() + channelTaskMs;
      state.set('channelTaskDue', clock.date().getTime() + channelTaskMs);
    },
    async run(): Promise<void> {
      if (channelTaskMs === null) return;
      const kept = state.take('channelTaskDue');
      // It is further away only where the wall clock was set back since.
      if (kept !== undefined) due = clock.now() + Math.min(kept - clock.date().getTime(), channelTaskMs);
      if (clock.now() < due || memory.text(configurationKey, 'UpdateChannelChanged') === 'True') return;
      const { channel } = await readUpdateSource(memory);
      const url = channel && channelUrl(channel);
      if (url === null || url === memory.text(configurationKey, 'UpdateChannel')) return;
      memory.add({ [configurationKey]: { UpdateChannel: url, UpdateChannelChanged: 'True' } });
    },
  };
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
