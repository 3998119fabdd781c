import { withoutCredentials } from '../base/credentials.js';
import { type Installation, updateSourceRules } from '../contract/c2r.js';
import { channelByName, channelByUrl } from '../contract/channels.js';
import type { Registry } from './port.js';
import { cloudPolicyKey, configurationKey, policyKey } from './registry-keys.js';
import { read, type Values } from './registry-values.js';

export type UpdateSource = Installation['updateSource'];

/**
 * The first of seven settings decides where updates come from.
 * https://learn.microsoft.com/microsoft-365-apps/updates/change-update-channels
 */
export function updateSource(configuration: Values, policies: Values, cloud: Values): UpdateSource {
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
  const channel = rule.endsWith('Branch') ? channelByName(value) : channelByUrl(value);
  return { rule, value: withoutCredentials(value), channel };
}

/** The same, read from a registry. */
export async function readUpdateSource(registry: Registry): Promise<UpdateSource> {
  const [configuration, policies, cloud] = await Promise.all([
    read(registry, configurationKey),
    read(registry, policyKey),
    read(registry, cloudPolicyKey),
  ]);
  return updateSource(configuration, policies, cloud);
}
