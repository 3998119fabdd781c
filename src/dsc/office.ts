import { Failure, invalidParams } from '../base/failure.js';
import { c2r, type Installation } from '../contract/c2r.js';
import { switchableChannel } from '../contract/channels.js';
import { mustBeElevated, type OfficeState as State, officeState as state } from './office-state.js';
import { updateSteps } from './office-updates.js';
import type { Machine, Resource, Step } from './resource.js';

/** Version, channel, COM management and staged updates of Microsoft 365 Apps. */
export const office: Resource<typeof state> = {
  type: 'C2RBridge/Office',
  description: 'Version, update channel, COM management and staged updates of Microsoft 365 Apps (Click-to-Run).',
  tags: ['Windows', 'Office', 'Microsoft365Apps'],
  state,
  wantedOnly: ['minimumVersion', 'maxStagedDays', 'onBlockingApps'],

  async get({ call }) {
    const facts = await call(c2r.installation, {});
    if (!facts.installed) return { installed: false };
    // Where CDNBaseUrl and UpdateChannel differ and no policy decides, Office follows UpdateChannel.
    const differ = facts.conflicts.some(({ kind }) => kind === 'channelMismatch');
    const channel = (differ ? null : facts.updateSource.channel) ?? facts.channel;
    const since = facts.lastUpdate?.downloadedAt ?? null;
    return {
      ...(channel === null ? {} : { channel: channel as State['channel'] }),
      ...(facts.version === null ? {} : { version: facts.version }),
      comManagement: facts.comManagement.enabled,
      updateStaged: facts.stagedVersion !== null,
      installed: true,
      ...(facts.stagedVersion === null ? {} : { stagedVersion: facts.stagedVersion }),
      ...(facts.stagedVersion === null || since === null ? {} : { stagedSince: since }),
      ...(facts.targetVersion.version === null ? {} : { heldAtVersion: facts.targetVersion.version }),
      ...(facts.updateSource.rule === null ? {} : { updateSourceRule: facts.updateSource.rule }),
      channelPending: (facts.channelSwitch?.pending ?? []).map(({ reason }) => reason),
    };
  },

  exists: ({ installed }) => installed === true,

  plan(desired, actual, machine) {
    refuseContradictions(desired, actual);
    if (actual.installed === false) return desired.installed === false ? [] : [notInstalled];
    const management = managementSteps(desired, actual, machine);
    const others = [...channelSteps(desired, actual, machine), ...updateSteps(desired, actual, machine)];
    // An update needs the management, so that it is turned on first and off last.
    return desired.comManagement ? [...management, ...others] : [...others, ...management];
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

const absent = () =>
  new Failure('NotAvailable', 'Microsoft 365 Apps (Click-to-Run) is not installed.', {
    reason: 'notInstalled',
    recommendation: 'Install Microsoft 365 Apps first, for example with the Office Deployment Tool.',
  });

const notInstalled: Step<State> = {
  property: 'installed',
  reason: { code: 'NotInstalled', phrase: absent().message },
  description: 'Nothing: Office is not installed',
  check: () => Promise.reject(absent()),
  predict: (before) => before,
  run: () => Promise.reject(absent()),
};

function managementSteps({ comManagement }: State, actual: State, machine: Machine): Step<State>[] {
  if (comManagement === undefined || comManagement === actual.comManagement) return [];
  const word = comManagement ? 'on' : 'off';
  return [
    {
      property: 'comManagement',
      reason: {
        code: 'ComManagement',
        phrase: `The management of updates through COM is ${comManagement ? 'off' : 'on'} and should be ${word}.`,
      },
      description: `Turn the management through COM ${word}`,
      check: () => mustBeElevated(machine),
      // The service registers the object as it starts.
      restartsService: async () =>
        comManagement && !(await machine.call(c2r.installation, {})).comManagement.registered,
      predict: (before) => ({ ...before, comManagement }),
      async run() {
        const { restartRequired } = await machine.call(c2r.setManagement, { enabled: comManagement });
        return {
          done: `management through COM turned ${word}`,
          ...(restartRequired ? { restartRequired: { service: 'ClickToRunSvc' } } : {}),
        };
      },
    },
  ];
}

function channelSteps({ channel }: State, actual: State, machine: Machine): Step<State>[] {
  if (channel === undefined || channel === actual.channel) return [];
  const change = async (whatIf: boolean) => {
    const wanted = { channel: switchableChannel.parse(channel), whatIf };
    const { changed, after } = await machine.call(c2r.setChannel, wanted);
    if (!changed) throw overruled(channel, after);
  };
  return [
    {
      property: 'channel',
      reason: {
        code: 'Channel',
        phrase: `The update channel is ${actual.channel ?? 'unknown'} and should be ${channel}.`,
      },
      description: `Change the update channel to ${channel}`,
      async check() {
        await mustBeElevated(machine);
        // Throws where another rule or the licence stands in the way.
        await change(true);
      },
      // What the change then waits for shows only when it has been made.
      predict: ({ channelPending: _, ...before }) => ({ ...before, channel, updateSourceRule: 'policyUpdateBranch' }),
      async run() {
        await change(false);
        return { done: `channel set to ${channel}` };
      },
    },
  ];
}

/** The channel was written before, and another rule goes before it since: writing it again would not help. */
function overruled(channel: string, { rule, value }: Installation['updateSource']): Failure {
  return new Failure(
    'Blocked',
    `The channel is not changed. ${rule} (${value}) decides, not the policy UpdateBranch for ${channel}.`,
    {
      apps: [],
      owner: rule?.startsWith('cloud') ? 'cloudUpdate' : 'policy',
      rule,
      value,
      recommendation: 'Change or remove that setting where it is managed.',
    },
  );
}
