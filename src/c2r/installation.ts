import { type ComManagement, type Installation, updateSourceRules } from '../contract/c2r.js';
import { channelByName, channelByUrl } from '../contract/channels.js';
import { officeVersion } from '../contract/types.js';
import {
  cloudPolicyKey,
  configurationKey,
  managementValue,
  policyKey,
  updateNotifyClasses,
  updatesKey,
} from './registry-keys.js';
import type { Office, Registry, RegistryValue } from './update-notify.js';

/**
 * The values of one key, read without trust: whatever type or text lies there, a reader gives a value of its own type or
 * null. Names are compared without case, as Windows does.
 */
class Values {
  readonly #values: ReadonlyMap<string, RegistryValue>;

  constructor(
    values: ReadonlyMap<string, RegistryValue> | null,
    readonly exists = values !== null,
  ) {
    this.#values = new Map([...(values ?? [])].map(([name, data]) => [name.toLowerCase(), data]));
  }

  /** Text with something in it. */
  text(name: string): string | null {
    const data = this.#values.get(name.toLowerCase());
    return typeof data === 'string' && data.trim() !== '' ? data.trim() : null;
  }

  /** DWORD 1 and 0, or the words that Click-to-Run writes: True and False. */
  flag(name: string): boolean | null {
    const data = this.#values.get(name.toLowerCase());
    const word = data === undefined ? '' : String(data).trim().toLowerCase();
    if (word === '1' || word === 'true') return true;
    return word === '0' || word === 'false' ? false : null;
  }

  version(name: string): string | null {
    const text = this.text(name);
    return text !== null && officeVersion.safeParse(text).success ? text : null;
  }

  list(name: string): string[] {
    return (this.text(name) ?? '')
      .split(/[,;|]/)
      .map((entry) => entry.trim())
      .filter(Boolean);
  }

  /** A time as Click-to-Run writes it: milliseconds since 1601, as text. Null where it was never set. */
  time(name: string): string | null {
    const data = this.#values.get(name.toLowerCase());
    const digits = /^\d{1,18}$/.exec(String(data ?? '').trim())?.[0];
    const date = new Date(Number(digits ?? 0) + Date.UTC(1601, 0, 1));
    const year = date.getUTCFullYear();
    return year >= 1990 && year <= 9999 ? date.toISOString() : null;
  }
}

async function read(registry: Registry, key: string): Promise<Values> {
  return new Values(await registry.values(key));
}

/** The installed version as Click-to-Run reports it (VersionToReport); null where there is none. */
export async function installedVersion({ registry }: Office): Promise<string | null> {
  return (await read(registry, configurationKey)).version('VersionToReport');
}

/** Whether Click-to-Run is there: without its configuration key Office is another kind, or absent. */
export async function isInstalled({ registry }: Office): Promise<boolean> {
  return (await read(registry, configurationKey)).exists;
}

/** The version that is downloaded and waits to be applied; null where nothing waits. */
export async function stagedVersion({ registry }: Office): Promise<string | null> {
  return staged(await read(registry, updatesKey));
}

/** Who decides whether the COM object exists: the policy before the local setting, and Cloud Update before both. */
export async function comManagement({ registry }: Office): Promise<ComManagement> {
  const [configuration, policies, cloud, ...classes] = await Promise.all(
    [configurationKey, policyKey, cloudPolicyKey, ...updateNotifyClasses].map((key) => read(registry, key)),
  );
  const policy = policies?.flag(managementValue) ?? null;
  const local = configuration?.flag(managementValue) ?? null;
  return {
    enabled: policy ?? local ?? false,
    policy,
    local,
    registered: classes.some(({ exists }) => exists),
    // Cloud Update sets this where it takes the device over from group policy.
    cloudUpdate: cloud?.flag('ignoregpo') ?? false,
  };
}

/** Everything that the registry tells about the installed Office and its updates. */
export async function installation(office: Office): Promise<Installation> {
  const { registry } = office;
  const [configuration, updates, policies, cloud, management] = await Promise.all([
    read(registry, configurationKey),
    read(registry, updatesKey),
    read(registry, policyKey),
    read(registry, cloudPolicyKey),
    comManagement(office),
  ]);
  const followed = configuration.text('UpdateChannel') ?? configuration.text('CDNBaseUrl');
  return {
    installed: configuration.exists,
    version: configuration.version('VersionToReport'),
    channel: followed === null ? null : channelByUrl(followed),
    platform: platform(configuration.text('Platform')),
    products: configuration.list('ProductReleaseIds'),
    languages: configuration.list('ClientCulture'),
    updateSource: updateSource(configuration, policies, cloud),
    updatesEnabled: policies.flag('EnableAutomaticUpdates') ?? configuration.flag('UpdatesEnabled'),
    comManagement: management,
    stagedVersion: staged(updates),
    channelChangePending: configuration.flag('UpdateChannelChanged'),
    lastUpdate: {
      detectedAt: updates.time('UpdateDetectionLastRunTime'),
      downloadedAt: updates.time('DownloadTime'),
      appliedAt: updates.time('UpdatesAppliedTime'),
    },
    backend: office.backend,
  };
}

/** UpdatesReadyToApply is empty or 0 where nothing waits; where it names no version, UpdateToVersion does. */
function staged(updates: Values): string | null {
  const ready = updates.text('UpdatesReadyToApply');
  if (ready === null || ready === '0') return null;
  return updates.version('UpdatesReadyToApply') ?? updates.version('UpdateToVersion');
}

function platform(text: string | null): Installation['platform'] {
  const known = text?.toLowerCase();
  return known === 'x64' || known === 'x86' || known === 'arm64' ? known : null;
}

type UpdateSource = Installation['updateSource'];

/**
 * The first of seven settings decides where updates come from.
 * https://learn.microsoft.com/microsoft-365-apps/updates/change-update-channels
 */
function updateSource(configuration: Values, policies: Values, cloud: Values): UpdateSource {
  const values: Readonly<Record<(typeof updateSourceRules)[number], string | null>> = {
    cloudUpdatePath: cloud.text('UpdatePath'),
    cloudUpdateBranch: cloud.text('UpdateBranch'),
    policyUpdatePath: policies.text('UpdatePath'),
    policyUpdateBranch: policies.text('UpdateBranch'),
    updateUrl: configuration.text('UpdateUrl') ?? configuration.text('UpdatePath'),
    unmanagedUpdateUrl: configuration.text('UnmanagedUpdateUrl'),
    cdnBaseUrl: configuration.text('CDNBaseUrl'),
  };
  const rule = updateSourceRules.find((name) => values[name] !== null) ?? null;
  const value = rule && values[rule];
  if (rule === null || value === null) return { rule: null, value: null, channel: null };
  return { rule, value, channel: rule.endsWith('Branch') ? channelByName(value) : channelByUrl(value) };
}
