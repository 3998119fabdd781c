import { withoutCredentials } from '../base/credentials.js';
import { type Installation, updateSourceRules } from '../contract/c2r.js';
import { channelByName, channelByUrl } from '../contract/channels.js';
import { readConfiguration } from './configuration.js';
import type { Registry } from './port.js';
import { cloudPolicyKey, policyKey } from './registry-keys.js';
import { read, type Values } from './registry-values.js';

export type UpdateSource = Installation['updateSource'];
export type UpdateSourceRule = (typeof updateSourceRules)[number];

/** What the keys say that decide about updates. */
export interface Settings {
  readonly configuration: Values;
  /** Where the configuration stands. */
  readonly configurationKey: string;
  readonly policies: Values;
  readonly cloud: Values;
}

/** What each of the seven rules says, credentials included; null where it is not set. */
export function updateSourceValues({
  configuration,
  policies,
  cloud,
}: Settings): Record<UpdateSourceRule, string | null> {
  return {
    cloudUpdatePath: cloud.text('UpdatePath'),
    cloudUpdateBranch: cloud.text('UpdateBranch'),
    policyUpdatePath: policies.text('UpdatePath'),
    policyUpdateBranch: policies.text('UpdateBranch'),
    updateUrl: configuration.text('UpdateUrl') ?? configuration.text('UpdatePath'),
    unmanagedUpdateUrl: configuration.text('UnmanagedUpdateUrl'),
    cdnBaseUrl: configuration.text('CDNBaseUrl'),
  };
}

/**
 * Whether the cloud has handed the device back: IgnoreGPO is 0, and what it has set besides counts no longer. One script of
 * Microsoft's and one of the field read it so; the documentation does not say it. Confidence low.
 */
export function handedBack(cloud: Values): boolean {
  return cloud.flag('ignoregpo') === false;
}

/** The channel that the value of a rule names; null where it names a source of another kind. */
export function channelOf(rule: UpdateSourceRule, value: string) {
  return rule.endsWith('Branch') ? channelByName(value) : channelByUrl(value);
}

/**
 * The first of seven settings decides where updates come from; the two of the cloud only until it hands the device back.
 * https://learn.microsoft.com/microsoft-365-apps/updates/change-update-channels
 */
export function updateSource(settings: Settings): UpdateSource {
  const values = updateSourceValues(settings);
  const counts = (rule: UpdateSourceRule) => !(rule.startsWith('cloud') && handedBack(settings.cloud));
  const rule = updateSourceRules.find((name) => values[name] !== null && counts(name)) ?? null;
  const value = rule && values[rule];
  if (rule === null || value === null) return { rule: null, value: null, channel: null };
  return { rule, value: withoutCredentials(value), channel: channelOf(rule, value) };
}

/** The keys that decide about updates, read from a registry. */
export async function readSettings(registry: Registry): Promise<Settings> {
  const [configuration, policies, cloud] = await Promise.all([
    readConfiguration(registry),
    read(registry, policyKey),
    read(registry, cloudPolicyKey),
  ]);
  return { configuration: configuration.values, configurationKey: configuration.key, policies, cloud };
}

/** Where updates come from, read from a registry. */
export async function readUpdateSource(registry: Registry): Promise<UpdateSource> {
  return updateSource(await readSettings(registry));
}
