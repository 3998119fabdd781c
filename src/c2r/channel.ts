import { Failure, invalidParams } from '../base/failure.js';
import type { Clock } from '../base/run.js';
import type { ChannelSwitch, c2r } from '../contract/c2r.js';
import { type ChannelName, channelBranches, channelByName, channelByUrl } from '../contract/channels.js';
import type { Params, Result } from '../contract/method.js';
import { timestamp } from '../contract/types.js';
import { readConfiguration } from './configuration.js';
import { notInstalled } from './errors.js';
import { licenceFault } from './licence.js';
import { type Noted, type NotedPolicy, noted, undoNoted, writeNoted } from './policy-note.js';
import type { Office, Registry } from './port.js';
import { branchValue, channelSwitchKey } from './registry-keys.js';
import { read } from './registry-values.js';
import { readUpdateSource, type UpdateSource } from './update-source.js';

type Choice = Params<typeof c2r.setChannel>;
type Change = Omit<Result<typeof c2r.setChannel>, 'backend'>;
type Pending = ChannelSwitch['pending'];

/** Further values of our own note. */
const note = {
  requestedAt: 'RequestedAt',
  /** Empty where the device followed the channel already, so that nothing has to move. */
  versionThen: 'VersionThen',
} as const;

const policy: NotedPolicy = {
  value: branchValue,
  noteKey: channelSwitchKey,
  label: 'UpdateBranch',
  further: Object.values(note),
};

/** Rules that decide before the policy UpdateBranch does. */
const higherRules: ReadonlySet<UpdateSource['rule']> = new Set([
  'cloudUpdatePath',
  'cloudUpdateBranch',
  'policyUpdatePath',
]);

/** Either a channel or `undo`; a rule that JSON Schema cannot say by name. */
export function refuseUnlessOneChoice({ channel, undo }: Choice): void {
  if ((channel !== undefined) === undo) {
    throw invalidParams([{ path: 'channel', message: 'give either channel or undo' }]);
  }
}

/**
 * Writes the policy UpdateBranch: of the rules that an administrator of the device may set, the highest that names a
 * channel. What it said before the first change is kept in the registry, for `undo`.
 */
export async function setChannel(office: Office, choice: Choice, clock: Clock): Promise<Change> {
  const { registry } = office;
  if (!(await readConfiguration(registry)).installed) throw notInstalled();
  const before = await readUpdateSource(registry);
  const changed =
    choice.channel === undefined
      ? await undo(registry, choice)
      : await switchTo(registry, choice.channel, before, choice, clock);
  const after = await readUpdateSource(registry);
  const current = await channelSwitch(registry);
  return { changed, before, after, pending: current?.pending ?? (await pendingWithoutNote(registry, after)) };
}

async function switchTo(
  registry: Registry,
  channel: ChannelName,
  decides: UpdateSource,
  { force, whatIf }: Choice,
  clock: Clock,
): Promise<boolean> {
  const now = await noted(registry, policy);
  const { followed, changing, version } = await followedNow(registry);
  // CDNBaseUrl alone decides nothing while Office follows another channel.
  const isDecided = decides.channel === channel && (decides.rule !== 'cdnBaseUrl' || followed === channel);
  // Decided so already, or written by us and overruled, which no second writing would change.
  const isSaid = isDecided || (now.isOurs && channelByName(now.policy ?? '') === channel);
  if (!now.cutOff && isSaid) return false;
  if (!force) {
    await refuseAgainstLicence(registry, channel);
    refuseWhenOverruled(channel, decides, now);
  }
  if (whatIf) return true;
  const there = followed === channel && !changing;
  await writeNoted(registry, policy, now, channelBranches[channel], {
    [note.requestedAt]: clock.date().toISOString(),
    [note.versionThen]: there ? '' : (version ?? ''),
  });
  return true;
}

/** Throws Blocked where the licence of what is installed has no updates from the channel. */
async function refuseAgainstLicence(registry: Registry, channel: ChannelName): Promise<void> {
  const products = (await readConfiguration(registry)).values.list('ProductReleaseIds');
  const fault = licenceFault(products, channel);
  if (fault === null) return;
  throw new Failure('Blocked', `The channel is not changed. ${fault}`, {
    apps: [],
    owner: 'licence',
    rule: null,
    value: products.join(','),
    recommendation: 'Choose a channel of the licence, or use force where the licence is about to change.',
  });
}

/** Throws Blocked where writing the policy would not help, or would take the device away from another manager. */
function refuseWhenOverruled(channel: string, decides: UpdateSource, { policy, isOurs }: Noted): void {
  if (higherRules.has(decides.rule)) {
    throw blockedByRule(decides, `${decides.rule} goes before the policy UpdateBranch and would still win.`);
  }
  if (policy !== null && !isOurs) {
    throw blockedByRule(
      { ...decides, rule: 'policyUpdateBranch', value: policy },
      `The policy UpdateBranch already says ${policy}, and what set it would set it again.`,
    );
  }
  const ownSource = decides.rule === 'updateUrl' || decides.rule === 'unmanagedUpdateUrl';
  if (ownSource && decides.channel === null) {
    throw blockedByRule(
      decides,
      `Updates come from ${decides.value}, a source of your own; ${channel} would take the device to the Office CDN.`,
    );
  }
}

function blockedByRule({ rule, value }: UpdateSource, why: string): Failure {
  return new Failure('Blocked', `The channel is not changed. ${why}`, {
    apps: [],
    owner: rule?.startsWith('cloud') ? 'cloudUpdate' : 'policy',
    rule,
    value,
    recommendation: 'Change or remove that setting where it is managed, or use force to write the policy all the same.',
  });
}

/** Puts the policy back to what it was before our first change, where it is still ours; says whether it was. */
async function undo(registry: Registry, { force, whatIf }: Choice): Promise<boolean> {
  const now = await noted(registry, policy);
  if (now.written === null) return false;
  if (!now.isKnown && !force) {
    throw blockedByRule(
      { rule: 'policyUpdateBranch', value: now.policy, channel: null },
      `The policy UpdateBranch is no longer the ${now.written} that was written here: another program manages it now.`,
    );
  }
  if (!whatIf) await undoNoted(registry, policy);
  return true;
}

/** The change that c2r/setChannel has made and what it still waits for; null where there is none. */
export async function channelSwitch(registry: Registry): Promise<ChannelSwitch | null> {
  const ours = await read(registry, channelSwitchKey);
  const { written } = await noted(registry, policy);
  const channel = channelByName(written ?? '');
  if (channel === null) return null;
  const versionThen = ours.text(note.versionThen);
  const requestedAt = timestamp.safeParse(ours.text(note.requestedAt)).data ?? new Date(0).toISOString();
  const decides = await readUpdateSource(registry);
  const pending =
    decides.channel === channel ? await pendingFor(registry, channel, versionThen) : [otherRule(decides, channel)];
  return { channel, requestedAt, versionThen, pending };
}

async function pendingWithoutNote(registry: Registry, { channel }: UpdateSource): Promise<Pending> {
  const { followed, version } = await followedNow(registry);
  return channel === null || channel === followed ? [] : pendingFor(registry, channel, version);
}

async function pendingFor(registry: Registry, channel: string, versionThen: string | null): Promise<Pending> {
  const { followed, changing, version } = await followedNow(registry);
  const pending: Pending = [];
  if (followed !== channel) {
    if (changing) {
      const detail = `Office is still changing to ${followed ?? 'another channel'}: apply one update first.`;
      pending.push({ reason: 'earlierChange', detail });
    }
    const detail =
      'The scheduled task "Office Automatic Updates 2.0" takes the channel over, at the earliest 24 hours after its last try.';
    pending.push({ reason: 'scheduledTask', detail });
  }
  if (changing || followed !== channel || (versionThen !== null && version === versionThen)) {
    pending.push({ reason: 'update', detail: `An update from ${channel} has to be downloaded and applied.` });
  }
  return pending;
}

function otherRule({ rule, value }: UpdateSource, channel: string): Pending[number] {
  return {
    reason: 'otherRuleDecides',
    detail: `${rule} (${value}) decides, not the policy UpdateBranch for ${channel}.`,
  };
}

/** What Office itself follows by now: its own registry, not what it has been told to follow. */
async function followedNow(registry: Registry) {
  const { values: configuration } = await readConfiguration(registry);
  const url = configuration.text('UpdateChannel') ?? configuration.text('CDNBaseUrl');
  return {
    followed: url === null ? null : channelByUrl(url),
    changing: configuration.flag('UpdateChannelChanged') ?? false,
    version: configuration.version('VersionToReport'),
  };
}
