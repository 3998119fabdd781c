import type { ComManagement, Installation } from '../contract/c2r.js';
import { channelByUrl } from '../contract/channels.js';
import { channelSwitch } from './channel.js';
import { readConfiguration } from './configuration.js';
import { conflictsOf } from './conflicts.js';
import { lastError } from './last-error.js';
import { managerOf } from './manager.js';
import type { Office } from './port.js';
import {
  cloudPolicyKey,
  configurationManagerKey,
  managementValue,
  policyKey,
  updateNotifyClasses,
  updatesKey,
} from './registry-keys.js';
import { read, readFact, type Values } from './registry-values.js';
import { restartPending } from './restart-pending.js';
import { readTargetVersion } from './target-version.js';
import { readSettings, updateSource } from './update-source.js';

/** The installed version as Click-to-Run reports it (VersionToReport); null where there is none. */
export async function installedVersion({ registry }: Office): Promise<string | null> {
  return (await readConfiguration(registry)).values.version('VersionToReport');
}

/** Whether the installed version is another than before. One that cannot be read now proves nothing. */
export function versionMoved(before: string | null, after: string | null): boolean {
  return after !== null && after !== before;
}

/** Whether Click-to-Run is there: without a version in its configuration Office is of another kind, absent, or left over. */
export async function isInstalled({ registry }: Pick<Office, 'registry'>): Promise<boolean> {
  return (await readConfiguration(registry)).installed;
}

/** The version that is downloaded and waits to be applied; null where nothing waits. */
export async function stagedVersion(office: Office): Promise<string | null> {
  return staged(await read(office.registry, updatesKey), await installedVersion(office));
}

/** Who decides whether the COM object exists: the policy before the local setting, and Cloud Update before both. */
export async function comManagement({ registry }: Office): Promise<ComManagement> {
  const [{ values: configuration }, policies, cloud, ...classes] = await Promise.all([
    readConfiguration(registry),
    read(registry, policyKey),
    read(registry, cloudPolicyKey),
    ...updateNotifyClasses.map((key) => read(registry, key)),
  ]);
  const policy = policies.flag(managementValue);
  const local = configuration.flag(managementValue);
  return {
    enabled: policy ?? local ?? false,
    policy,
    local,
    registered: classes.some(({ exists }) => exists),
    // Cloud Update sets this where it takes the device over from group policy.
    cloudUpdate: cloud.flag('ignoregpo') ?? false,
  };
}

/** Everything that the registry tells about the installed Office and its updates. */
export async function installation(office: Office): Promise<Installation> {
  const { registry } = office;
  const [{ values: configuration, installed, leftover, view }, settings, updates, client, management] =
    await Promise.all([
      readConfiguration(registry),
      readSettings(registry),
      read(registry, updatesKey),
      readFact(registry, configurationManagerKey),
      comManagement(office),
    ]);
  const { policies } = settings;
  const followed = configuration.text('UpdateChannel') ?? configuration.text('CDNBaseUrl');
  const products = configuration.list('ProductReleaseIds');
  return {
    installed,
    leftover,
    registryView: view,
    version: configuration.version('VersionToReport'),
    channel: followed === null ? null : channelByUrl(followed),
    platform: platform(configuration.text('Platform')),
    products,
    languages: configuration.list('ClientCulture'),
    updateSource: updateSource(settings),
    manager: managerOf(settings, client.exists),
    conflicts: installed ? await conflictsOf(office, settings, products) : [],
    updatesEnabled: policies.flag('EnableAutomaticUpdates') ?? configuration.flag('UpdatesEnabled'),
    targetVersion: await readTargetVersion(registry),
    updateDeadline: policies.shown('UpdateDeadline'),
    enableDisableHidden: policies.flag('HideEnableDisableUpdates'),
    comManagement: management,
    stagedVersion: staged(updates, configuration.version('VersionToReport')),
    channelChangePending: configuration.flag('UpdateChannelChanged'),
    channelSwitch: await channelSwitch(registry),
    lastError: await lastError(registry),
    restartPending: await restartPending(registry),
    lastUpdate: {
      detectedAt: updates.time('UpdateDetectionLastRunTime'),
      downloadedAt: updates.time('DownloadTime'),
      appliedAt: updates.time('UpdatesAppliedTime'),
    },
    backend: office.backend,
  };
}

/**
 * UpdatesReadyToApply is empty or 0 where nothing waits; where it names no version, UpdateToVersion does. One that is left of
 * an update that is installed by now does not wait: applying it would change nothing, time and again.
 */
function staged(updates: Values, installed: string | null): string | null {
  const ready = updates.text('UpdatesReadyToApply');
  if (ready === null || ready === '0') return null;
  const version = updates.version('UpdatesReadyToApply') ?? updates.version('UpdateToVersion');
  return version === installed ? null : version;
}

function platform(text: string | null): Installation['platform'] {
  const known = text?.toLowerCase();
  return known === 'x64' || known === 'x86' || known === 'arm64' ? known : null;
}
