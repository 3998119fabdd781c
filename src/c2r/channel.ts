import { Failure, invalidParams } from '../base/failure.js';
import type { Clock } from '../base/run.js';
import type { ChannelSwitch, c2r } from '../contract/c2r.js';
import { channelBranches, channelByName, channelByUrl, switchableChannel } from '../contract/channels.js';
import type { Params, Result } from '../contract/method.js';
import { timestamp } from '../contract/types.js';
import { notInstalled } from './errors.js';
import type { Office, Registry } from './port.js';
import { branchValue, channelSwitchKey, configurationKey, policyKey } from './registry-keys.js';
import { read } from './registry-values.js';
import { readUpdateSource, type UpdateSource } from './update-source.js';

type Choice = Params<typeof c2r.setChannel>;
type Change = Omit<Result<typeof c2r.setChannel>, 'backend'>;
type Pending = ChannelSwitch['pending'];

/** The values of our own note, below `channelSwitchKey`. */
const note = {
  // First, since an undo removes this one first: without it the others say nothing.
  /** What we wrote; a policy value that differs by now is somebody else's. */
  written: 'WrittenUpdateBranch',
  /** What the policy still says, of ours too, where a second change was cut off before it wrote the policy. */
  replaced: 'ReplacedUpdateBranch',
  /** What the policy said before the first change; empty where it said nothing. */
  previous: 'PreviousUpdateBranch',
  requestedAt: 'RequestedAt',
  /** Empty where the device followed the channel already, so that nothing has to move. */
  versionThen: 'VersionThen',
} as const;

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
  if (!(await read(registry, configurationKey)).exists) throw notInstalled();
  const before = await readUpdateSource(registry);
  const changed =
    choice.channel === undefined
      ? await undo(registry, choice.force)
      : await switchTo(registry, choice.channel, before, choice.force, clock);
  const after = await readUpdateSource(registry);
  const current = await channelSwitch(registry);
  return { changed, before, after, pending: current?.pending ?? (await pendingWithoutNote(registry, after)) };
}

async function switchTo(
  registry: Registry,
  channel: keyof typeof channelBranches,
  decides: UpdateSource,
  force: boolean,
  clock: Clock,
): Promise<boolean> {
  const policy = (await read(registry, policyKey)).text(branchValue);
  const ours = await read(registry, channelSwitchKey);
  const written = ours.text(note.written);
  const cutOff = written !== null && policy !== null && policy === ours.text(note.replaced);
  const isOurs = cutOff || (written !== null && policy === written);
  // Decided so already, or written by us and overruled, which no second writing would change.
  if (!cutOff && (decides.channel === channel || (isOurs && channelByName(policy) === channel))) return false;
  if (!force) refuseWhenOverruled(channel, decides, policy, isOurs);

  const branch = channelBranches[channel];
  const { followed, changing, version } = await followedNow(registry);
  const there = followed === channel && !changing;
  // The note comes first: a policy without a note could not be undone.
  if (isOurs) await registry.setValue(channelSwitchKey, note.replaced, policy ?? '');
  else await registry.setValue(channelSwitchKey, note.previous, policy ?? '');
  await registry.setValue(channelSwitchKey, note.written, branch);
  await registry.setValue(channelSwitchKey, note.requestedAt, clock.date().toISOString());
  await registry.setValue(channelSwitchKey, note.versionThen, there ? '' : (version ?? ''));
  await registry.setValue(policyKey, branchValue, branch);
  await registry.deleteValue(channelSwitchKey, note.replaced);
  return true;
}

/** Throws Blocked where writing the policy would not help, or would take the device away from another manager. */
function refuseWhenOverruled(channel: string, decides: UpdateSource, policy: string | null, isOurs: boolean): void {
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
async function undo(registry: Registry, force: boolean): Promise<boolean> {
  const ours = await read(registry, channelSwitchKey);
  const written = ours.text(note.written);
  if (written === null) return false;
  const policy = (await read(registry, policyKey)).text(branchValue);
  const previous = ours.text(note.previous);
  // Where a change or an undo was cut off, the policy says what it said before it.
  const isKnown = [written, ours.text(note.replaced) ?? written, previous].includes(policy);
  if (!isKnown && !force) {
    throw blockedByRule(
      { rule: 'policyUpdateBranch', value: policy, channel: null },
      `The policy UpdateBranch is no longer the ${written} that was written here: somebody else manages it now.`,
    );
  }
  if (previous === null) await registry.deleteValue(policyKey, branchValue);
  else await registry.setValue(policyKey, branchValue, previous);
  for (const name of Object.values(note)) await registry.deleteValue(channelSwitchKey, name);
  return true;
}

/** The change that c2r/setChannel has made and what it still waits for; null where there is none. */
export async function channelSwitch(registry: Registry): Promise<ChannelSwitch | null> {
  const ours = await read(registry, channelSwitchKey);
  const channel = switchableChannel.safeParse(channelByName(ours.text(note.written) ?? '')).data;
  if (channel === undefined) return null;
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
  const configuration = await read(registry, configurationKey);
  const url = configuration.text('UpdateChannel') ?? configuration.text('CDNBaseUrl');
  return {
    followed: url === null ? null : channelByUrl(url),
    changing: configuration.flag('UpdateChannelChanged') ?? false,
    version: configuration.version('VersionToReport'),
  };
}
