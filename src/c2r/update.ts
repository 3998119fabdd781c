import { invalidParams } from '../base/failure.js';
import type { TargetVersion } from '../contract/c2r.js';
import { apply, download, refuseWhenAppsRun, refuseWhenOwned } from './actions.js';
import { knownBlockingApps } from './blocking-apps.js';
import { comNotRegistered, illegalState, notInstalled, notPinned } from './errors.js';
import { installedVersion, isInstalled, versionMoved } from './installation.js';
import type { OfficeRequest, PhaseReport } from './office-request.js';
import type { ApplyOptions, DownloadOptions } from './parameters.js';
import { pinVersion, readTargetVersion, refuseUnlessPinnable } from './target-version.js';
import { absentSince, awayMessage } from './waiting.js';

/** What to do about Office apps that run when the update is to be applied. */
export type OnBlockingApps = 'fail' | 'force' | 'wait';

export interface UpdateOptions extends DownloadOptions, ApplyOptions {
  readonly onBlockingApps: OnBlockingApps;
  /** Whether the device is to stay at `updateToVersion`. */
  readonly pin: boolean;
}

/** What an update did. `changed` is the installed version's own word, whatever the actions reported. */
export interface Updated {
  readonly changed: boolean;
  readonly versionBefore: string | null;
  readonly versionAfter: string | null;
  /** What holds the device at a version, after the update. */
  readonly targetVersion: TargetVersion;
  readonly phases: readonly PhaseReport[];
}

/** Throws InvalidParams where one param forbids what the other asks for: data is lost if we guess. */
export function refuseContradiction({ forceAppShutdown, onBlockingApps, pin, updateToVersion }: UpdateOptions): void {
  if (pin && updateToVersion === undefined) {
    throw invalidParams([{ path: 'updateToVersion', message: 'pin needs the version to stay at' }]);
  }
  if (forceAppShutdown === false && onBlockingApps === 'force') {
    throw invalidParams([{ path: 'forceAppShutdown', message: 'false contradicts onBlockingApps "force"' }]);
  }
}

/** Downloads and applies an update, and sees whether the installed version moved. */
export async function update(request: OfficeRequest, options: UpdateOptions): Promise<Updated> {
  const force = options.forceAppShutdown === true || options.onBlockingApps === 'force';
  const wait = options.onBlockingApps === 'wait';

  request.enter('preflight');
  request.tell('Checking Click-to-Run.');
  const versionBefore = await preflight(request);
  const pinned = options.pin ? (options.updateToVersion ?? null) : null;
  if (pinned !== null) await refuseUnlessPinnable(request.office.registry, pinned);
  else await tellOfPin(request, options);
  // A download takes long and does not disturb people: what would stop the Apply is better known before it, and users who
  // are waited for can continue to work meanwhile.
  if (!force && !wait) await refuseWhenAppsRun(request);

  request.enter('download');
  await download(request, options);

  if (wait) await untilAppsClosed(request);
  else if (!force) await refuseWhenAppsRun(request);

  request.enter('apply');
  const { displayLevel, forceAppShutdown } = options;
  const { status, versionAfter } = await apply(
    request,
    { displayLevel, forceAppShutdown: force ? true : forceAppShutdown },
    options.updateToVersion,
  );
  request.leave();
  if (pinned !== null) {
    // Only what is installed is held: a pin before a failed update would let Office move there by itself.
    if (versionAfter !== pinned) throw notPinned(pinned, versionAfter, status);
    await pinVersion(request.office, pinned);
  }
  const targetVersion = await readTargetVersion(request.office.registry);
  const changed = versionMoved(versionBefore, versionAfter);
  return { changed, versionBefore, versionAfter, targetVersion, phases: request.phases };
}

/** A version that is asked for goes before a pin; without one, people should know that a pin decides. */
async function tellOfPin(request: OfficeRequest, { updateToVersion }: UpdateOptions): Promise<void> {
  const { rule, version } = await readTargetVersion(request.office.registry);
  if (rule !== null && updateToVersion === undefined) {
    request.tell(`${rule} holds this device at ${version}: Office may not move to a newer version.`);
  }
}

/** Throws where an update cannot begin; gives the version from before it. */
async function preflight(request: OfficeRequest): Promise<string | null> {
  const { office } = request;
  if (!(await isInstalled(office))) throw notInstalled();
  const { registered } = await refuseWhenOwned(office);
  if (!registered) throw comNotRegistered();
  const status = await request.look();
  if (status.busy) throw illegalState('Download', status);
  return installedVersion(office);
}

async function untilAppsClosed(request: OfficeRequest): Promise<void> {
  let awaySince: number | null = null;
  for (let blocked = false; ; await request.sleep(request.pollMs)) {
    try {
      const apps = await request.within(knownBlockingApps(request.office, request.signal));
      awaySince = null;
      if (apps.length === 0) return;
      if (!blocked) request.enter('blocked');
      blocked = true;
      request.tell(`Waiting until these apps are closed: ${apps.join(', ')}.`);
    } catch (error) {
      awaySince = absentSince(awaySince, error, request.clock.now(), request.last);
      request.tell(awayMessage);
    }
  }
}
