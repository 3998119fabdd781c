import { E_ACCESSDENIED } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import type { Clock } from '../base/run.js';
import { type ComPlusFacts, comPlusApplication, comPlusFinding } from '../c2r/com-plus.js';
import type { Office, Registry, RegistryValue } from '../c2r/port.js';
import {
  clickToRunKey,
  cloudPolicyKey,
  configurationKey,
  configurationKey32,
  configurationManagerKey,
  managementValue,
  policyKey,
  targetVersionValue,
  updateNotifyClasses,
  updateScenarioKey,
  updatesKey,
  updateToVersionValue,
} from '../c2r/registry-keys.js';
import { restartMarkers } from '../c2r/restart-pending.js';
import { readUpdateSource } from '../c2r/update-source.js';
import type { Check } from '../contract/bridge.js';
import { channelBranches, channelUrl } from '../contract/channels.js';
import { MemoryRegistry, type RegistryContents } from './registry.js';
import type { OfficeScenario, Scenario } from './scenario.js';
import { MachineState } from './state.js';
import { UpdateService } from './update-service.js';

/** Where a simulated device is told to take its updates from, and finds nothing. */
const unreachableShare = '\\\\server.invalid\\office';

const dayMs = 86_400_000;

/** Click-to-Run in memory: the same port as the real one, driven by a scenario. */
export function simulatedOffice({ office: scenario, statePath }: Scenario, clock: Clock): Office {
  const state = new MachineState(statePath);
  const kept = state.take('registry');
  const configuration = configurationOf(scenario);
  let opened = false;
  const memory = new MemoryRegistry(kept ?? { ...initialRegistry(scenario) }, scenario.elevated, (contents) => {
    // Who only looks at a machine needs no right to write its state.
    if (opened) state.set('registry', contents);
  });
  if (!kept) memory.add(scenario.registry);
  const stamp = (at: number) => sinceFileTimeEpoch(clock.date().getTime() - (clock.now() - at));
  const { stagedDays, availableVersion } = scenario;
  if (!kept && stagedDays !== null) {
    const downloaded = { UpdatesReadyToApply: availableVersion, DownloadTime: stamp(clock.now() - stagedDays * dayMs) };
    memory.add({ [updatesKey]: downloaded });
  }
  opened = true;
  const updates = new UpdateService(scenario, clock, {
    staged: () => memory.text(updatesKey, 'UpdatesReadyToApply'),
    pinned: () => memory.text(policyKey, targetVersionValue) ?? memory.text(configuration, updateToVersionValue),
    downloaded(version, at) {
      if (version === memory.text(configuration, 'VersionToReport')) return;
      memory.add({ [updatesKey]: { UpdatesReadyToApply: version, DownloadTime: stamp(at) } });
    },
    applied(version, at) {
      memory.add({
        [configuration]: { VersionToReport: version, UpdateChannelChanged: 'False' },
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
  const looking = async <T>(look: () => Promise<T>): Promise<T> => {
    updates.settle();
    await task.settle();
    return look();
  };
  const writing = async <T>(write: () => Promise<T>): Promise<T> => {
    updates.settle();
    task.policyWritten();
    return write();
  };
  const registry: Registry = {
    values: (key) => looking(() => memory.values(key)),
    async keep(place) {
      const value = await looking(() => memory.keep(place));
      return value && { putInto: (elsewhere) => writing(() => value.putInto(elsewhere)) };
    },
    setValue: (key, name, value) => writing(() => memory.setValue(key, name, value)),
    deleteValue: (key, name) => writing(() => memory.deleteValue(key, name)),
  };
  const canReach = async (folder: string) => folder !== unreachableShare;
  const findings = async () => checks(scenario);
  return { backend: 'simulated', updates, registry, updateTask: task, canReach, checks: findings };
}

/** The task "Office Automatic Updates 2.0": it takes up a new channel, one after another, each with an update. */
function scheduledTask(memory: MemoryRegistry, scenario: OfficeScenario, clock: Clock, state: MachineState) {
  const { channelTaskMs, elevated, updateTask, detectMs } = scenario;
  const configuration = configurationOf(scenario);
  let due = Number.POSITIVE_INFINITY;
  let detectedAt: number | null = null;

  /** When the update task ends, also where another process has started it. */
  function detectionEnds(): number | null {
    const kept = state.take('detectionDue');
    if (kept !== undefined) detectedAt = kept && clock.now() + Math.min(kept - clock.date().getTime(), detectMs);
    return detectedAt;
  }

  function setDetectionEnds(at: number | null): void {
    detectedAt = at;
    state.set('detectionDue', at && clock.date().getTime() + (at - clock.now()));
  }

  async function takeUpChannel(): Promise<void> {
    if (memory.text(configuration, 'UpdateChannelChanged') === 'True') return;
    const { channel } = await readUpdateSource(memory);
    const url = channel && channelUrl(channel);
    if (url === null || url === memory.text(configuration, 'UpdateChannel')) return;
    memory.add({ [configuration]: { UpdateChannel: url, UpdateChannelChanged: 'True' } });
  }

  return {
    policyWritten(): void {
      if (channelTaskMs === null || !elevated) return;
      due = clock.now() + channelTaskMs;
      state.set('channelTaskDue', clock.date().getTime() + channelTaskMs);
    },
    /** Brings everything up to the present. */
    async settle(): Promise<void> {
      const ends = detectionEnds();
      if (ends !== null && clock.now() >= ends) {
        const at = sinceFileTimeEpoch(clock.date().getTime() - (clock.now() - ends));
        setDetectionEnds(null);
        memory.add({ [updatesKey]: { UpdateDetectionLastRunTime: at } });
        await takeUpChannel();
      }
      if (channelTaskMs === null) return;
      const kept = state.take('channelTaskDue');
      // It is further away only where the wall clock was set back since.
      if (kept !== undefined) due = clock.now() + Math.min(kept - clock.date().getTime(), channelTaskMs);
      if (clock.now() >= due) await takeUpChannel();
    },
    async state() {
      if (updateTask === 'missing' || !scenario.installed) return null;
      const ends = detectionEnds();
      return { enabled: updateTask === 'ready', running: ends !== null && clock.now() < ends };
    },
    async run(): Promise<void> {
      if (!elevated) throw new HResultError('IRegisteredTask::Run', E_ACCESSDENIED);
      if (detectionEnds() === null) setDetectionEnds(clock.now() + detectMs);
    },
  };
}

/** What the COM+ catalogue of the simulated machine says. */
function comPlusFacts(comPlus: OfficeScenario['comPlus']): ComPlusFacts | null {
  if (comPlus === 'missing') return null;
  const components = updateNotifyClasses.map((key) => key.slice(key.lastIndexOf('{')));
  return {
    identity: comPlus === 'otherIdentity' ? 'Interactive User' : comPlusApplication.identity,
    components: comPlus === 'componentMissing' ? components.slice(0, 1) : components,
  };
}

function checks({ elevated, installed: isThere, leftover, comRegistered, comPlus }: OfficeScenario): Check[] {
  const known = isThere && !leftover && comRegistered;
  return [
    ...(known
      ? [{ id: 'office.comPlusApplication', area: 'office', ...comPlusFinding(comPlusFacts(comPlus)) } as const]
      : []),
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

/** Where Click-to-Run keeps its configuration. */
const configurationOf = ({ wow64Only }: OfficeScenario) => (wow64Only ? configurationKey32 : configurationKey);

/** What the registry of a machine with this Office holds before anything is done. */
export function initialRegistry(scenario: OfficeScenario): RegistryContents {
  return merged([installed(scenario), registered(scenario), managed(scenario), pinned(scenario), ailing(scenario)]);
}

function installed(scenario: OfficeScenario): RegistryContents {
  const url = channelUrl(scenario.channel);
  if (scenario.leftover) return { [configurationKey]: { ClientFolder: 'C:\\Program Files\\Common Files' } };
  if (!scenario.installed) return {};
  return {
    [configurationOf(scenario)]: {
      VersionToReport: scenario.installedVersion,
      Platform: scenario.wow64Only ? 'x86' : 'x64',
      ProductReleaseIds: scenario.products.join(','),
      ClientCulture: 'en-us',
      CDNBaseUrl: url,
      UpdateChannel: url,
      UpdatesEnabled: 'True',
      UpdateChannelChanged: scenario.channelChangeStuck ? 'True' : 'False',
      ...(scenario.comRegistered ? { [managementValue]: 'True' } : {}),
    },
    [updatesKey]: {
      UpdatesReadyToApply: scenario.initialStatus === 'DOWNLOAD_SUCCEEDED' ? scenario.availableVersion : '',
    },
  };
}

function registered({ installed: isThere, leftover, comRegistered }: OfficeScenario): RegistryContents {
  if (!isThere || leftover || !comRegistered) return {};
  return Object.fromEntries(updateNotifyClasses.map((key) => [key, { '': 'UpdateNotify Class' }]));
}

/** The settings of a manager, and those that contradict each other. */
function managed(scenario: OfficeScenario): RegistryContents {
  const { manager, conflicts, channel } = scenario;
  const configuration = configurationOf(scenario);
  const branch = channelBranches[channel];
  const other = channelBranches[channel === 'SemiAnnual' ? 'Current' : 'SemiAnnual'];
  const settings: RegistryContents[] = [];
  if (manager === 'cloudUpdate') settings.push({ [cloudPolicyKey]: { IgnoreGPO: 1, UpdateBranch: branch } });
  if (manager === 'adminCenter') settings.push({ [cloudPolicyKey]: { UpdateBranch: branch } });
  if (manager === 'policy') settings.push({ [policyKey]: { UpdateBranch: branch } });
  if (manager === 'configurationManager') {
    settings.push({ [policyKey]: { [managementValue]: 1 }, [configurationManagerKey]: {} });
  }
  if (manager === 'none') settings.push({ [configuration]: { [managementValue]: 'False' } });
  if (conflicts.includes('channelMismatch')) {
    const url = channelUrl(channel === 'SemiAnnual' ? 'Current' : 'SemiAnnual');
    settings.push({ [configuration]: { UpdateChannel: url } });
  }
  if (conflicts.includes('staleCloudSetting'))
    settings.push({ [cloudPolicyKey]: { IgnoreGPO: 0, UpdateBranch: other } });
  if (conflicts.includes('shadowedPolicy')) {
    settings.push({ [policyKey]: { UpdatePath: channelUrl(channel), UpdateBranch: other } });
  }
  if (conflicts.includes('unreachableSource')) settings.push({ [configuration]: { UpdateUrl: unreachableShare } });
  if (conflicts.includes('licence')) {
    const product = channel.startsWith('Perpetual') ? 'O365ProPlusRetail' : 'ProPlus2024Volume';
    settings.push({ [configuration]: { ProductReleaseIds: product } });
  }
  return merged(settings);
}

function pinned(scenario: OfficeScenario): RegistryContents {
  const { targetVersion, leftoverTargetVersion, updateDeadline, enableDisableHidden } = scenario;
  const policies = {
    ...(targetVersion === null ? {} : { [targetVersionValue]: targetVersion }),
    ...(updateDeadline === null ? {} : { UpdateDeadline: updateDeadline }),
    ...(enableDisableHidden ? { HideEnableDisableUpdates: 1 } : {}),
  };
  return {
    ...(Object.keys(policies).length > 0 ? { [policyKey]: policies } : {}),
    ...(leftoverTargetVersion === null
      ? {}
      : { [configurationOf(scenario)]: { [updateToVersionValue]: leftoverTargetVersion } }),
  };
}

function ailing({ lastError, restartPending }: OfficeScenario): RegistryContents {
  return {
    ...(lastError === null
      ? {}
      : {
          [clickToRunKey]: { LastScenario: 'UPDATE', LastScenarioResult: 'Failure' },
          [updateScenarioKey]: { LastUpdateError: lastError },
        }),
    ...(restartPending ? { [restartMarkers[1]]: {} } : {}),
  };
}

/** Contents together; of two that have a value the later one counts. */
function merged(all: readonly RegistryContents[]): RegistryContents {
  const keys: Record<string, Record<string, RegistryValue>> = {};
  for (const contents of all) {
    for (const [key, values] of Object.entries(contents)) keys[key] = { ...keys[key], ...values };
  }
  return keys;
}
