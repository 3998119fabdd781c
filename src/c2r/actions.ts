import type { ComManagement } from '../contract/c2r.js';
import { knownBlockingApps } from './blocking-apps.js';
import { blockedByApps, blockedByOwner, lostTrack, updateFailed } from './errors.js';
import { comManagement, installedVersion, stagedVersion, versionMoved } from './installation.js';
import type { Attempt } from './office-request.js';
import { type ApplyOptions, applyParameters, type DownloadOptions, downloadParameters } from './parameters.js';
import type { Office } from './port.js';
import type { Status } from './status.js';
import { untilEnded, untilShown } from './waiting.js';

/** How long VersionToReport is given to follow an Apply that was to move it. */
const versionPatienceMs = 10_000;
const versionPollMs = 500;

/** How an Apply ended, and what it did to the installed version. */
export interface Applied {
  readonly status: Status;
  readonly versionBefore: string | null;
  readonly versionAfter: string | null;
  readonly changed: boolean;
}

/** Throws Blocked where Cloud Update or a policy owns the updates, so that two managers do not fight over a device. */
export async function refuseWhenOwned(office: Office): Promise<ComManagement> {
  const management = await comManagement(office);
  if (management.cloudUpdate) throw blockedByOwner('cloudUpdate');
  if (management.policy === false) throw blockedByOwner('policy');
  return management;
}

/** Throws Blocked with the apps that run. */
export async function refuseWhenAppsRun(attempt: Attempt): Promise<void> {
  const apps = await attempt.within(knownBlockingApps(attempt.office));
  if (apps.length > 0) throw blockedByApps(apps);
}

/** Starts a download; what becomes of it is not waited for. */
export async function startDownload(attempt: Attempt, options: DownloadOptions): Promise<Status> {
  const before = await attempt.look();
  await attempt.begin('download', () => attempt.office.updates.download(downloadParameters(options)));
  return untilShown(attempt, before);
}

/** Starts an Apply; what becomes of it is not waited for. */
export async function startApply(attempt: Attempt, options: ApplyOptions): Promise<Status> {
  const before = await attempt.look();
  await attempt.begin('apply', () => attempt.office.updates.apply(applyParameters(options)));
  return untilShown(attempt, before);
}

/** Downloads, and returns when the content is there. Throws UpdateFailed where it ended in any other way. */
export async function download(attempt: Attempt, options: DownloadOptions): Promise<Status> {
  const before = await attempt.look();
  attempt.contentId = options.contentId ?? null;
  await attempt.begin('download', () => attempt.office.updates.download(downloadParameters(options)));
  const wanted = options.updateToVersion ? `Office ${options.updateToVersion}` : 'the newest Office of the channel';
  const { status, outcome, begun, unchangedMs } = await untilEnded(attempt, {
    kind: 'download',
    before,
    message: `Downloading ${wanted}.`,
  });
  attempt.ended();
  if (outcome === 'lost') throw lostTrack('download', status, begun, unchangedMs);
  if (status.status !== 'DOWNLOAD_SUCCEEDED') throw updateFailed('download', status);
  if (attempt.percent !== null) attempt.tell('Downloaded.');
  return status;
}

/**
 * Applies, and returns when that has ended. Office calls an Apply without anything to apply a success, so the versions are
 * compared; where Office forgot the action over a restart, a version that moved is the proof that it was carried out.
 * `wanted` is the version that was asked for, where one was.
 */
export async function apply(attempt: Attempt, options: ApplyOptions, wanted?: string): Promise<Applied> {
  const { office } = attempt;
  const [before, versionBefore, staged] = await Promise.all([
    attempt.look(),
    installedVersion(office),
    stagedVersion(office),
  ]);
  await attempt.begin('apply', () => office.updates.apply(applyParameters(options)));
  const target = staged ?? wanted ?? null;
  const message = target ? `Applying Office ${target}.` : 'Applying the update.';
  const { status, outcome, begun, unchangedMs } = await untilEnded(attempt, { kind: 'apply', before, message });
  attempt.ended();
  if (outcome === 'ended' && status.status !== 'APPLY_SUCCEEDED') {
    throw updateFailed('apply', status, options.forceAppShutdown ? [] : await appsNow(attempt));
  }
  const versionAfter = await versionAfterApply(attempt, versionBefore, target);
  const changed = versionMoved(versionBefore, versionAfter);
  if (outcome === 'lost' && !changed) throw lostTrack('apply', status, begun, unchangedMs);
  return { status, versionBefore, versionAfter, changed };
}

/**
 * The installed version once it has moved; where a move was due it may come a little after the status. A request whose time
 * is up by then still gets its result: Office has done what was asked.
 */
async function versionAfterApply(attempt: Attempt, before: string | null, target: string | null) {
  const patienceEnds = attempt.clock.now() + versionPatienceMs;
  for (;;) {
    const version = await installedVersion(attempt.office);
    const moveDue = target !== null && target !== before;
    const away = version === null && before !== null;
    if (versionMoved(before, version) || !(moveDue || away) || attempt.clock.now() >= patienceEnds) return version;
    const inTime = await attempt.sleep(versionPollMs).then(
      () => true,
      () => false,
    );
    if (!inTime) return version;
  }
}

/** Which apps block, for an error that is worse off without knowing but must not be replaced by another. */
async function appsNow(attempt: Attempt): Promise<string[]> {
  return attempt.within(knownBlockingApps(attempt.office)).catch(() => []);
}
