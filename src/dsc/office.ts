import * as z from 'zod/mini';
import { invalidParams } from '../base/failure.js';
import { c2r, channelSwitchStates } from '../contract/c2r.js';
import { channelName, switchableChannel } from '../contract/channels.js';
import { officeVersion } from '../contract/types.js';
import type { Resource, Step } from './resource.js';
import { canonicalProperties, readOnly } from './schema.js';

const state = z.strictObject({
  channel: z
    .optional(channelName)
    .check(
      z.describe(
        'The update channel that the rules for the update source decide for. The perpetual ones cannot be set.',
      ),
    ),
  version: z.optional(officeVersion).check(z.describe('Exactly this version; an older one than installed rolls back.')),
  minimumVersion: z
    .optional(officeVersion)
    .check(z.describe('This version or a newer one; not together with version.')),
  comManagement: z
    .optional(z.boolean())
    .check(z.describe('Whether updates are managed through COM, by policy or local setting.')),
  updateStaged: z
    .optional(z.boolean())
    .check(z.describe('Whether a downloaded update waits: true downloads one, false applies the one that waits.')),
  onBlockingApps: z
    .optional(z.enum(['fail', 'force']))
    .check(z.describe('What applying does about running Office apps: fail (the default), or force them to close.')),
  installed: z.optional(z.boolean()).check(z.meta(readOnly('Whether Click-to-Run is there.'))),
  stagedVersion: z
    .optional(z.string())
    .check(z.meta(readOnly('The version that is downloaded and waits to be applied.'))),
  updateSourceRule: z.optional(z.string()).check(z.meta(readOnly('The rule that decides about the update source.'))),
  channelPending: z
    .optional(z.array(z.enum(channelSwitchStates)))
    .check(z.meta(readOnly('What a change of the channel still waits for; empty when the version has moved.'))),
  ...canonicalProperties,
});
type State = z.output<typeof state>;

/** Version, channel, COM management and staged updates of Microsoft 365 Apps. */
export const office: Resource<typeof state> = {
  type: 'C2RBridge/Office',
  description: 'Version, update channel, COM management and staged updates of Microsoft 365 Apps (Click-to-Run).',
  tags: ['Windows', 'Office', 'Microsoft365Apps'],
  state,

  async get({ call }) {
    const facts = await call(c2r.installation, {});
    if (!facts.installed) return { installed: false };
    const channel = facts.updateSource.channel ?? facts.channel;
    return {
      ...(channel === null ? {} : { channel: channel as State['channel'] }),
      ...(facts.version === null ? {} : { version: facts.version }),
      comManagement: facts.comManagement.enabled,
      updateStaged: facts.stagedVersion !== null,
      installed: true,
      ...(facts.stagedVersion === null ? {} : { stagedVersion: facts.stagedVersion }),
      ...(facts.updateSource.rule === null ? {} : { updateSourceRule: facts.updateSource.rule }),
      channelPending: (facts.channelSwitch?.pending ?? []).map(({ reason }) => reason),
    };
  },

  exists: ({ installed }) => installed === true,

  plan(desired, actual, { call }) {
    refuseContradictions(desired, actual);
    const steps: Step[] = [];
    const { channel, comManagement } = desired;
    if (comManagement !== undefined && comManagement !== actual.comManagement) {
      steps.push({
        property: 'comManagement',
        description: `Turn the management through COM ${comManagement ? 'on' : 'off'}`,
        async run() {
          const { restartRequired } = await call(c2r.setManagement, { enabled: comManagement });
          return restartRequired ? { restartRequired: { service: 'ClickToRunSvc' } } : {};
        },
      });
    }
    if (channel !== undefined && channel !== actual.channel) {
      steps.push({
        property: 'channel',
        description: `Change the update channel to ${channel}`,
        async run() {
          await call(c2r.setChannel, { channel: switchableChannel.parse(channel) });
          return {};
        },
      });
    }
    const apply = { forceAppShutdown: desired.onBlockingApps === 'force' };
    const target = versionToMoveTo(desired, actual.version);
    if (target) {
      steps.push({
        property: target.property,
        description: `Update Office to ${target.exact ? '' : 'at least '}${target.version}`,
        async run() {
          const wanted = target.exact ? { updateToVersion: target.version } : {};
          await call(c2r.update, { ...wanted, onBlockingApps: desired.onBlockingApps ?? 'fail' });
          return {};
        },
      });
    } else if (desired.updateStaged !== undefined && desired.updateStaged !== actual.updateStaged) {
      const stage = desired.updateStaged;
      steps.push({
        property: 'updateStaged',
        description: stage ? 'Download the newest update' : `Apply the downloaded update ${actual.stagedVersion}`,
        async run() {
          if (stage) await call(c2r.download, { wait: true });
          else await call(c2r.apply, { ...apply, wait: true });
          return {};
        },
      });
    }
    return steps;
  },
};

function refuseContradictions({ channel, version, minimumVersion }: State, actual: State): void {
  const issues = [];
  if (version !== undefined && minimumVersion !== undefined) {
    issues.push({ path: 'minimumVersion', message: 'give either version or minimumVersion' });
  }
  // One that is there already needs no switch: what export gives is a state that can be wanted.
  if (channel !== undefined && channel !== actual.channel && !switchableChannel.safeParse(channel).success) {
    issues.push({ path: 'channel', message: `${channel} is a perpetual channel, which no device can be switched to` });
  }
  if (issues.length > 0) throw invalidParams(issues);
}

/** The version that is wanted and not there. An Office without a known version has to be updated. */
function versionToMoveTo({ version, minimumVersion }: State, actual: string | undefined) {
  if (version !== undefined && version !== actual) return { property: 'version', version, exact: true } as const;
  if (minimumVersion !== undefined && (actual === undefined || compareVersions(actual, minimumVersion) < 0)) {
    return { property: 'minimumVersion', version: minimumVersion, exact: false } as const;
  }
  return undefined;
}

/** Below zero where `left` is older. */
function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number));
  const index = a?.findIndex((part, position) => part !== b?.[position]) ?? -1;
  return index < 0 ? 0 : (a?.[index] ?? 0) - (b?.[index] ?? 0);
}
