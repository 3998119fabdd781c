import { Failure, invalidParams } from '../base/failure.js';
import type { c2r, TargetVersion } from '../contract/c2r.js';
import type { Params, Result } from '../contract/method.js';
import { readConfiguration } from './configuration.js';
import { notInstalled } from './errors.js';
import { type NotedPolicy, noted, undoNoted, writeNoted } from './policy-note.js';
import type { Office, Registry } from './port.js';
import { targetVersionKey, targetVersionValue, updateToVersionValue } from './registry-keys.js';
import { copyValue } from './registry-values.js';
import { handedBack, readSettings, type Settings } from './update-source.js';

type Choice = Params<typeof c2r.setTargetVersion>;
type Change = Omit<Result<typeof c2r.setTargetVersion>, 'backend'>;

/** https://learn.microsoft.com/microsoft-365-apps/updates/configure-update-settings-microsoft-365-apps: "Target Version" */
const policy: NotedPolicy = {
  value: targetVersionValue,
  noteKey: targetVersionKey,
  label: 'TargetVersion',
  further: [],
};

const channelChanged = 'UpdateChannelChanged';

/** What `clearLeftover` removes from the configuration. */
const leftover = (key: string) => ({
  updateToVersion: { key, name: updateToVersionValue },
  channelChanged: { key, name: channelChanged },
});

/** Our note of what it removed. */
const cleared = {
  updateToVersion: { key: targetVersionKey, name: 'ClearedUpdateToVersion' },
  channelChanged: { key: targetVersionKey, name: 'ClearedUpdateChannelChanged' },
} as const;

/** What holds a device at a version. `written` is what our own note says. */
function targetVersionOf({ configuration, policies, cloud }: Settings, written: string | null): TargetVersion {
  const rules = [
    ['cloudTargetVersion', handedBack(cloud) ? null : cloud.text(targetVersionValue)],
    ['policyTargetVersion', policies.text(targetVersionValue)],
    ['updateToVersion', configuration.text(updateToVersionValue)],
  ] as const;
  const [rule, version] = rules.find(([, value]) => value !== null) ?? [null, null];
  return { rule, version, policy: rules[1][1], leftover: rules[2][1], written };
}

/** The same, read from a registry. */
export async function readTargetVersion(registry: Registry): Promise<TargetVersion> {
  const { written } = await noted(registry, policy);
  return targetVersionOf(await readSettings(registry), written);
}

/** Exactly one of a version, `clearLeftover` and `undo`; a rule that JSON Schema cannot say by name. */
export function refuseUnlessOneTarget({ version, clearLeftover, undo }: Choice): void {
  if ([version !== undefined, clearLeftover, undo].filter(Boolean).length !== 1) {
    throw invalidParams([{ path: 'version', message: 'give one of version, clearLeftover and undo' }]);
  }
}

/** Pins a version, removes what is left over of a pin, or puts back what was there before. */
export async function setTargetVersion({ registry }: Pick<Office, 'registry'>, choice: Choice): Promise<Change> {
  if (!(await readConfiguration(registry)).installed) throw notInstalled();
  const before = await readTargetVersion(registry);
  const changed = await carryOut(registry, choice);
  const after = await readTargetVersion(registry);
  return { changed, before, after, pending: await pendingFor(registry, after) };
}

function carryOut(registry: Registry, { version, clearLeftover, force }: Choice): Promise<boolean> {
  if (version !== undefined) return pin(registry, version, force);
  return clearLeftover ? clear(registry) : undo(registry, force);
}

/** Throws Blocked where a pin would not count, or would take the decision away from another manager. */
export async function refuseUnlessPinnable(registry: Registry, version: string): Promise<void> {
  const { rule, version: pinned } = await readTargetVersion(registry);
  if (rule === 'cloudTargetVersion' && pinned !== version) {
    throw blocked(rule, pinned, `The cloud holds the device at ${pinned}, which goes before the policy.`);
  }
  const now = await noted(registry, policy);
  if (now.policy !== null && !now.isOurs && now.policy !== version) {
    throw blocked(
      'policyTargetVersion',
      now.policy,
      `The policy already holds it at ${now.policy}, and what set it would set it again.`,
    );
  }
}

/** Pins a version that `refuseUnlessPinnable` has let pass before. */
export async function pinVersion({ registry }: Pick<Office, 'registry'>, version: string): Promise<void> {
  await pin(registry, version, true);
}

async function pin(registry: Registry, version: string, force: boolean): Promise<boolean> {
  if (!force) await refuseUnlessPinnable(registry, version);
  const now = await noted(registry, policy);
  if (now.policy === version && !now.cutOff) return false;
  await writeNoted(registry, policy, now, version);
  return true;
}

/** Removes values that keep updates away although they are left over, and notes them for the undo. */
async function clear(registry: Registry): Promise<boolean> {
  const { key, values: configuration } = await readConfiguration(registry);
  const { updateToVersion: version, channelChanged: change } = leftover(key);
  const isLeftover = configuration.shown(updateToVersionValue) !== null;
  const isChanging = configuration.flag(channelChanged) === true;
  if (isLeftover) {
    await copyValue(registry, version, cleared.updateToVersion);
    await registry.deleteValue(key, version.name);
  }
  if (isChanging) {
    await copyValue(registry, change, cleared.channelChanged);
    // Click-to-Run itself writes these words. That writing False once helps is from Microsoft's support in Japan.
    await registry.setValue(key, change.name, 'False');
  }
  return isLeftover || isChanging;
}

async function undo(registry: Registry, force: boolean): Promise<boolean> {
  const now = await noted(registry, policy);
  if (now.written !== null) {
    if (!now.isKnown && !force) {
      throw blocked(
        'policyTargetVersion',
        now.policy,
        `The policy is no longer the ${now.written} that was written here: another program manages it now.`,
      );
    }
    await undoNoted(registry, policy);
  }
  const { updateToVersion, channelChanged: change } = leftover((await readConfiguration(registry)).key);
  const isPutBack = [
    await copyValue(registry, cleared.updateToVersion, updateToVersion),
    await copyValue(registry, cleared.channelChanged, change),
  ];
  for (const { key, name } of Object.values(cleared)) await registry.deleteValue(key, name);
  return now.written !== null || isPutBack.includes(true);
}

function blocked(rule: NonNullable<TargetVersion['rule']>, value: string | null, why: string): Failure {
  return new Failure('Blocked', `The target version is not changed. ${why}`, {
    apps: [],
    owner: rule === 'cloudTargetVersion' ? 'cloudUpdate' : 'policy',
    rule,
    value,
    recommendation: 'Change or remove that setting where it is managed, or use force to write the policy all the same.',
  });
}

async function pendingFor(registry: Registry, { rule, version, written }: TargetVersion): Promise<Change['pending']> {
  const pending: Change['pending'] = [];
  if (written !== null && (rule !== 'policyTargetVersion' || version !== written)) {
    pending.push({
      reason: 'otherRuleDecides',
      detail: `${rule ?? 'No rule'} decides (${version ?? 'no version'}), not ${written}.`,
    });
  }
  const { values } = await readConfiguration(registry);
  if (version !== null && values.text('VersionToReport') !== version) {
    pending.push({ reason: 'update', detail: `Office ${version} has to be downloaded and applied.` });
  }
  if (values.flag(channelChanged)) {
    pending.push({ reason: 'channelChange', detail: 'A change of the channel waits for its first update.' });
  }
  return pending;
}
