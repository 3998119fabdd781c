import type { ComManagement } from '../contract/c2r.js';
import { knownBlockingApps } from './blocking-apps.js';
import { blockedByApps, blockedByOwner, type Known, lostTrack, updateFailed } from './errors.js';
import { comManagement, installedVersion, stagedVersion, versionMoved } from './installation.js';
import { lastError } from './last-error.js';
import type { OfficeRequest } from './office-request.js';
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
export async function refuseWhenAppsRun(request: OfficeRequest): Promise<void> {
  const apps = await request.within(knownBlockingApps(request.office, request.signal));
  if (apps.length > 0) throw blockedByApps(apps);
}

/** Starts a download; gives the status from before. */
async function beginDownload(request: OfficeRequest, options: DownloadOptions): Promise<Status> {
  const before = await request.look();
  request.contentId = options.contentId ?? null;
  await request.begin('download', (call) => request.office.updates.download(downloadParameters(options), call));
  return before;
}

/** Starts an Apply; gives the status from before. */
async function beginApply(request: OfficeRequest, options: ApplyOptions): Promise<Status> {
  const before = await request.look();
  await request.begin('apply', (call) => request.office.updates.apply(applyParameters(options), call));
  return before;
}

/** Starts a download; what becomes of it is not waited for. */
export async function startDownload(request: OfficeRequest, options: DownloadOptions): Promise<Status> {
  return untilShown(request, await beginDownload(request, options));
}

/** Starts an Apply; what becomes of it is not waited for. */
export async function startApply(request: OfficeRequest, options: ApplyOptions): Promise<Status> {
  return untilShown(request, await beginApply(request, options));
}

/** Downloads, and returns when the content is there. Throws UpdateFailed where it ended in any other way. */
export async function download(request: OfficeRequest, options: DownloadOptions): Promise<Status> {
  const before = await beginDownload(request, options);
  const wanted = options.updateToVersion ? `Office ${options.updateToVersion}` : 'the newest Office of the channel';
  const { status, outcome, begun, unchangedMs } = await untilEnded(request, {
    kind: 'download',
    before,
    message: `Downloading ${wanted}.`,
  });
  request.ended();
  if (outcome === 'lost') throw lostTrack('download', status, begun, unchangedMs);
  if (status.status !== 'DOWNLOAD_SUCCEEDED') throw updateFailed('download', status, await known(request));
  if (request.percent !== null) request.tell('Downloaded.');
  return status;
}

/**
 * Applies, and returns when that has ended. Office calls an Apply without anything to apply a success, so the versions are
 * compared; where Office forgot the action over a restart, a version that moved is the proof that it was carried out.
 * `wanted` is the version that was asked for, where one was.
 */
export async function apply(request: OfficeRequest, options: ApplyOptions, wanted?: string): Promise<Applied> {
  const { office } = request;
  const [versionBefore, staged] = await Promise.all([installedVersion(office), stagedVersion(office)]);
  const before = await beginApply(request, options);
  const target = staged ?? wanted ?? null;
  const message = target ? `Applying Office ${target}.` : 'Applying the update.';
  const { status, outcome, begun, unchangedMs } = await untilEnded(request, { kind: 'apply', before, message });
  request.ended();
  if (outcome === 'ended' && status.status !== 'APPLY_SUCCEEDED') {
    const apps = options.forceAppShutdown ? [] : await appsNow(request);
    throw updateFailed('apply', status, { ...(await known(request)), apps });
  }
  const versionAfter = await versionAfterApply(request, versionBefore, target);
  const changed = versionMoved(versionBefore, versionAfter);
  if (outcome === 'lost' && !changed) throw lostTrack('apply', status, begun, unchangedMs);
  return { status, versionBefore, versionAfter, changed };
}

/**
 * The installed version once it has moved; where a move was due it may come a little after the status. A request whose time
 * is up by then still gets its result: Office has done what was asked.
 */
async function versionAfterApply(request: OfficeRequest, before: string | null, target: string | null) {
  const patienceEnds = request.clock.now() + versionPatienceMs;
  for (;;) {
    const version = await installedVersion(request.office);
    const moveDue = target !== null && target !== before;
    const away = version === null && before !== null;
    if (versionMoved(before, version) || !(moveDue || away) || request.clock.now() >= patienceEnds) return version;
    const inTime = await request.sleep(versionPollMs).then(
      () => true,
      () => false,
    );
    if (!inTime) return version;
  }
}

/** Which apps block, for an error that is worse off without knowing but must not be replaced by another. */
async function appsNow(request: OfficeRequest): Promise<string[]> {
  return request.within(knownBlockingApps(request.office, request.signal)).catch(() => []);
}

/** What else an error about a failed action can say: Click-to-Run's own last error, and Windows' own text. */
async function known({ office }: OfficeRequest): Promise<Known> {
  const own = await lastError(office.registry).catch(() => null);
  return { lastError: own, errorText: (hresult) => office.errorText?.(hresult) ?? null };
}
