import { Failure } from '../base/failure.js';
import { generalText } from '../base/hresult-error.js';
import { compareVersions } from '../base/version.js';
import { c2r, type UpdateStatus } from '../contract/c2r.js';
import { errorLabel } from '../contract/update-error.js';
import { havingDone } from './carry-out.js';
import { mustBeElevated, type OfficeState as State } from './office-state.js';
import type { Machine, Outcome, Reason, RunOptions, Step } from './resource.js';

const dayMs = 86_400_000;

/** What the state of the updates lacks, and what is then to be reached. */
interface Goal {
  readonly property: string;
  readonly reason: Reason;
  readonly description: string;
  predict(before: State): State;
  /** Throws where what its next step downloads would lead away from it. */
  requireUseful?(): void;
  /** Does all of it, and waits for its end. */
  finish(options: RunOptions): Promise<Outcome>;
  /** What the next step of it applies; null where that is a download, of `updateToVersion` or of the newest. */
  readonly staged: string | null;
  readonly updateToVersion?: string;
}

/** What has to be done about the version of Office and an update that waits: one step, or none. */
export function updateSteps(desired: State, actual: State, machine: Machine): Step<State>[] {
  const goal = versionGoal(desired, actual, machine) ?? stagingGoal(desired, actual, machine);
  if (!goal) return [];
  const { property, reason, description, predict } = goal;
  return [
    {
      property,
      reason,
      description,
      predict,
      async check({ wait }) {
        goal.requireUseful?.();
        await mustBeUpdatable(machine, desired.onBlockingApps === 'force' || onlyDownloads(goal, desired, wait));
      },
      run: (options) => carryOut(goal, desired, machine, options),
    },
  ];
}

/** What is not waited for ends with the start of its next step. */
const onlyDownloads = ({ property, staged }: Goal, { updateStaged }: State, wait: boolean) =>
  wait ? property === 'updateStaged' && updateStaged === true : staged === null;

/** An action that runs already is waited for, or left alone. */
async function carryOut(goal: Goal, desired: State, { call }: Machine, options: RunOptions): Promise<Outcome> {
  const last = await call(c2r.status, {});
  if (options.wait) {
    if (last.busy) await call(c2r.wait, limitOf(options));
    return goal.finish(options);
  }
  if (last.busy) return { done: `${last.status} continues`, continues: true };
  return { done: `${await begin(goal, desired, call)}${lastTry(goal, last)}`, continues: true };
}

/** How the same step ended the last time, which nobody has waited for; empty where that is not known. */
function lastTry({ staged, updateToVersion }: Goal, last: UpdateStatus): string {
  const downloads = staged === null;
  if (last.status === (downloads ? 'DOWNLOAD_FAILED' : 'APPLY_FAILED')) return `; the last try failed${reasonOf(last)}`;
  if (downloads && last.status === 'DOWNLOAD_CANCELLED') return '; the last one was cancelled';
  const broughtNothing = downloads && updateToVersion === undefined && last.status === 'DOWNLOAD_SUCCEEDED';
  return broughtNothing ? '; the last one brought no update to apply' : '';
}

function reasonOf(last: UpdateStatus): string {
  const label = errorLabel(last);
  const text = last.hresult === null ? null : generalText(last.hresult);
  return label === null ? '' : ` with ${label}${text ? ` (${text})` : ''}`;
}

const limitOf = ({ remainingMs }: RunOptions): { timeoutMs?: number } => {
  const timeoutMs = remainingMs();
  return timeoutMs === undefined ? {} : { timeoutMs };
};

function versionGoal(desired: State, actual: State, machine: Machine): Goal | null {
  const { version, minimumVersion } = desired;
  if (version !== undefined && version !== actual.version) return exactGoal(version, desired, actual, machine);
  if (minimumVersion === undefined || isAtLeast(actual.version, minimumVersion)) return null;
  return minimumGoal(minimumVersion, desired, actual, machine);
}

/** An Office without a known version has to be updated. */
const isAtLeast = (version: string | null | undefined, minimum: string) =>
  typeof version === 'string' && compareVersions(version, minimum) >= 0;

const installed = (actual: State) => (actual.version === undefined ? 'No known version' : `Version ${actual.version}`);

const nothingNewer = (version: string | null) => `the update source has nothing newer than ${version}`;

/** With a version that an update brought, which leaves none waiting. */
const withVersion = ({ stagedVersion: _, stagedSince: __, ...before }: State, version: string): State => ({
  ...before,
  version,
  updateStaged: false,
});

function exactGoal(version: string, desired: State, actual: State, { call }: Machine): Goal {
  return {
    property: 'version',
    reason: { code: 'Version', phrase: `${installed(actual)} is installed and should be ${version}.` },
    description: `Update Office to ${version}`,
    predict: (before) => withVersion(before, version),
    async finish(options) {
      const onBlockingApps = desired.onBlockingApps ?? 'fail';
      const wanted = { updateToVersion: version, onBlockingApps, ...limitOf(options) };
      const { changed, versionAfter } = await call(c2r.update, wanted);
      return { done: changed ? `updated to ${versionAfter}` : `the update did not bring ${version}` };
    },
    staged: actual.stagedVersion === version ? version : null,
    updateToVersion: version,
  };
}

function minimumGoal(minimum: string, desired: State, actual: State, { call }: Machine): Goal {
  return {
    property: 'minimumVersion',
    reason: { code: 'MinimumVersion', phrase: `${installed(actual)} is installed and should be at least ${minimum}.` },
    description: `Update Office to at least ${minimum}`,
    // What the update source has shows only when it is asked: this is the least that meets the wish.
    predict: (before) => {
      const { heldAtVersion } = before;
      if (heldAtVersion === undefined || isAtLeast(heldAtVersion, minimum)) return withVersion(before, minimum);
      // A setting holds the device below it: an update brings that.
      return isAtLeast(before.version, heldAtVersion) ? before : withVersion(before, heldAtVersion);
    },
    requireUseful() {
      if (actual.stagedVersion === undefined) refuseWayBack(actual.version, actual.heldAtVersion, minimum);
    },
    async finish(options) {
      const done: string[] = [];
      // Read anew: whatever ran before may have done it all.
      const staged = (await call(c2r.installation, {})).stagedVersion;
      if (staged !== null) {
        done.push(await applied(desired, call, options));
      }
      const { version, targetVersion } = await call(c2r.installation, {});
      if (!isAtLeast(version, minimum)) {
        refuseWayBack(version, targetVersion.version, minimum);
        const onBlockingApps = desired.onBlockingApps ?? 'fail';
        const wanted = { onBlockingApps, ...limitOf(options) };
        const { changed, versionAfter } = await call(c2r.update, wanted).catch((error) => {
          throw havingDone(error, done);
        });
        done.push(changed ? `updated to ${versionAfter}` : nothingNewer(version));
      }
      return { done: done.length > 0 ? done.join(', ') : null };
    },
    staged: actual.stagedVersion ?? null,
  };
}

/** Throws where a setting holds the device below what is installed, and that is not enough: an update would roll it back. */
function refuseWayBack(version: string | null | undefined, held: string | null | undefined, minimum: string): void {
  if (!version || !held || isAtLeast(held, minimum) || isAtLeast(held, version)) return;
  throw new Failure(
    'Blocked',
    `A setting holds Office at ${held}: an update would roll it back from ${version}, which should be at least ${minimum}.`,
    {
      apps: [],
      owner: null,
      recommendation: 'Change or remove that setting with c2r/setTargetVersion or where it is managed, or want less.',
    },
  );
}

function stagingGoal(desired: State, actual: State, machine: Machine): Goal | null {
  const { updateStaged, maxStagedDays } = desired;
  if (updateStaged !== undefined && updateStaged !== actual.updateStaged) {
    return updateStaged ? downloadGoal(machine) : applyGoal('updateStaged', desired, actual, machine);
  }
  const { stagedVersion } = actual;
  if (maxStagedDays === undefined || stagedVersion === undefined) return null;
  const stagedSince = knownSince(actual, machine);
  // Where nobody knows since when: as long as can be.
  const waitedMs = stagedSince === undefined ? Infinity : machine.now().getTime() - Date.parse(stagedSince);
  if (waitedMs < maxStagedDays * dayMs) return null;
  return applyGoal('maxStagedDays', desired, { ...actual, stagedSince }, machine);
}

/** A day that is still to come is from a clock that was set back since, and says nothing. */
function knownSince({ stagedSince }: State, { now }: Machine): string | undefined {
  return stagedSince !== undefined && Date.parse(stagedSince) - now().getTime() < dayMs ? stagedSince : undefined;
}

function downloadGoal({ call }: Machine): Goal {
  return {
    property: 'updateStaged',
    reason: { code: 'UpdateStaged', phrase: 'No update is staged.' },
    description: 'Download the newest update',
    predict: (before) => ({ ...before, updateStaged: true }),
    async finish(options) {
      await call(c2r.download, { wait: true, ...limitOf(options) });
      const { stagedVersion, version } = await call(c2r.installation, {});
      if (stagedVersion !== null) return { done: 'update downloaded' };
      return { done: nothingNewer(version), nothingNewerFor: 'updateStaged' };
    },
    staged: null,
  };
}

function applyGoal(
  property: string,
  desired: State,
  { stagedVersion = '', stagedSince }: State,
  { call }: Machine,
): Goal {
  const since = stagedSince === undefined ? 'an unknown day' : stagedSince.slice(0, 10);
  return {
    property,
    reason: {
      code: property === 'updateStaged' ? 'UpdateStaged' : 'MaxStagedDays',
      phrase: `The update ${stagedVersion} has waited to be applied since ${since}.`,
    },
    description: `Apply the downloaded update ${stagedVersion}`,
    predict: (before) => withVersion(before, stagedVersion),
    async finish(options) {
      return { done: await applied(desired, call, options) };
    },
    staged: stagedVersion,
  };
}

/** Applies what waits. Office calls an Apply a success that changed nothing. */
async function applied(desired: State, call: Machine['call'], options: RunOptions): Promise<string> {
  const wanted = { wait: true, ...forced(desired), ...limitOf(options) };
  const { changed, versionAfter } = await call(c2r.apply, wanted);
  return changed ? `applied ${versionAfter}` : 'the Apply changed nothing';
}

const forced = ({ onBlockingApps }: State) => ({ forceAppShutdown: onBlockingApps === 'force' });

/** Applies what waits, or downloads. */
async function begin(goal: Goal, desired: State, call: Machine['call']): Promise<string> {
  const { staged, updateToVersion } = goal;
  if (staged === null) {
    goal.requireUseful?.();
    await call(c2r.download, updateToVersion === undefined ? {} : { updateToVersion });
    return 'download started';
  }
  await call(c2r.apply, forced(desired));
  return `applying ${staged}`;
}

/** Throws what an update would be refused with: no rights, no object, another owner, running apps. */
async function mustBeUpdatable(machine: Machine, appsMayRun: boolean): Promise<void> {
  await mustBeElevated(machine);
  const { comManagement } = await machine.call(c2r.installation, {});
  if (comManagement.cloudUpdate || comManagement.policy === false) {
    const owner = comManagement.cloudUpdate ? 'cloudUpdate' : 'policy';
    throw new Failure('Blocked', `Somebody else manages the updates of this device (${owner}).`, {
      apps: [],
      owner,
      recommendation: 'Look at c2r/installation for who it is, and exclude the device there first.',
    });
  }
  // Throws where the COM object is not registered.
  const { apps } = await machine.call(c2r.blockingApps, {});
  if (apps.length === 0 || appsMayRun) return;
  throw new Failure('Blocked', `Running Office apps block the update: ${apps.join(', ')}.`, {
    apps,
    owner: null,
    recommendation: 'Close these apps, or set onBlockingApps to force.',
  });
}
