import { withoutCredentials } from '../base/credentials.js';
import { type Conflict, updateSourceRules } from '../contract/c2r.js';
import { channelByUrl } from '../contract/channels.js';
import { licenceFault } from './licence.js';
import type { Office } from './port.js';
import { cloudPolicyKey } from './registry-keys.js';
import {
  channelOf,
  handedBack,
  type Settings,
  type UpdateSource,
  updateSource,
  updateSourceValues,
} from './update-source.js';

/** Where the settings of a device contradict each other, the one that explains most first. */
export async function conflictsOf(
  office: Pick<Office, 'canReach'>,
  settings: Settings,
  products: readonly string[],
): Promise<Conflict[]> {
  const decides = updateSource(settings);
  const found = [
    licenceConflict(decides, products),
    staleCloudSetting(settings),
    channelMismatch(settings, decides),
    ...shadowedPolicies(settings, decides),
    await unreachableSource(office, settings, decides),
  ];
  return found.filter((conflict) => conflict !== null);
}

function licenceConflict({ channel, rule }: UpdateSource, products: readonly string[]): Conflict | null {
  const fault = channel && licenceFault(products, channel);
  if (!fault) return null;
  return {
    kind: 'licence',
    detail: `The update channel ${channel}, which ${rule} decides for, does not fit the licence: ${fault}`,
    recommendation: 'Remove that setting, or use c2r/setChannel to set the channel of the licence.',
    confidence: 'medium',
  };
}

/** https://learn.microsoft.com/microsoft-365-apps/admin-center/cloud-update; what follows from IgnoreGPO 0 is from scripts. */
function staleCloudSetting({ cloud }: Settings): Conflict | null {
  const left = ['UpdatePath', 'UpdateBranch'].filter((name) => cloud.text(name) !== null);
  if (!handedBack(cloud) || left.length === 0) return null;
  return {
    kind: 'staleCloudSetting',
    detail: `Cloud Update has handed the device back (IgnoreGPO is 0), but its ${left.join(' and ')} is still there; group policy and the local settings decide.`,
    recommendation: `If the device does not follow them, remove ${left.join(' and ')} from HKLM\\${cloudPolicyKey}.`,
    confidence: 'low',
  };
}

/** Without a rule that goes before CDNBaseUrl, Click-to-Run follows UpdateChannel: seen by several administrators. */
function channelMismatch({ configuration }: Settings, { rule }: UpdateSource): Conflict | null {
  const [base, followed] = [configuration.text('CDNBaseUrl'), configuration.text('UpdateChannel')];
  if (rule !== 'cdnBaseUrl' || base === null || followed === null || sameUrl(base, followed)) return null;
  const name = (url: string) => channelByUrl(url) ?? withoutCredentials(url);
  return {
    kind: 'channelMismatch',
    detail: `CDNBaseUrl names ${name(base)}, but UpdateChannel names ${name(followed)}, which Office follows as no policy decides.`,
    recommendation: `Use c2r/setChannel to say which of the two it should be.`,
    confidence: 'medium',
  };
}

function sameUrl(a: string, b: string): boolean {
  const plain = (url: string) =>
    url
      .toLowerCase()
      .replace(/^https?:/, '')
      .replace(/\/+$/, '');
  const [first, second] = [channelByUrl(a), channelByUrl(b)];
  return plain(a) === plain(b) || (first !== null && first === second);
}

/** Policies that are set and overruled; one that says the same as the rule that decides is not a conflict. */
function shadowedPolicies(settings: Settings, { rule, value, channel }: UpdateSource): Conflict[] {
  const values = updateSourceValues(settings);
  const below = rule === null ? [] : updateSourceRules.slice(updateSourceRules.indexOf(rule) + 1);
  return below.flatMap((name): Conflict[] => {
    const shadowed = values[name];
    if (!name.startsWith('policy') || shadowed === null) return [];
    if (shadowed === value || (channel !== null && channelOf(name, shadowed) === channel)) return [];
    return [
      {
        kind: 'shadowedPolicy',
        detail: `The policy ${name === 'policyUpdatePath' ? 'UpdatePath' : 'UpdateBranch'} says ${withoutCredentials(shadowed)}, but ${rule} (${value}) goes before it.`,
        recommendation: 'Remove one of the two settings where it is managed.',
        confidence: 'high',
      },
    ];
  });
}

async function unreachableSource(
  office: Pick<Office, 'canReach'>,
  settings: Settings,
  { rule, value }: UpdateSource,
): Promise<Conflict | null> {
  const raw = rule && updateSourceValues(settings)[rule];
  const folder = raw === null ? null : shareOf(raw);
  if (folder === null || (await office.canReach(folder))) return null;
  return {
    kind: 'unreachableSource',
    detail: `Updates come from ${value}, which ${rule} decides for and which cannot be reached from this device.`,
    recommendation: 'Check the path of the share and that the computer account may read it, or remove the setting.',
    confidence: 'high',
  };
}

/** A UNC path, also as a file URL; null for a web server or a local folder. */
function shareOf(value: string): string | null {
  if (/^\\\\[^\\?.]/.test(value)) return value;
  const [, path] = /^file:\/\/([^/].*)$/i.exec(value) ?? [];
  return path === undefined ? null : `\\\\${path.replaceAll('/', '\\')}`;
}
