import { invalidParams } from '../base/failure.js';
import { apply, download, refuseWhenAppsRun, refuseWhenOwned } from './actions.js';
import { knownBlockingApps } from './blocking-apps.js';
import { comNotRegistered, illegalState, notInstalled } from './errors.js';
import { installedVersion, isInstalled, versionMoved } from './installation.js';
import type { OfficeRequest, PhaseReport } from './office-request.js';
import type { ApplyOptions, DownloadOptions } from './parameters.js';
import { absentSince, awayMessage } from './waiting.js';

/** What to do about Office apps that run when the update is to be applied. */
export type OnBlockingApps = 'fail' | 'force' | 'wait';

export interface UpdateOptions extends DownloadOptions, ApplyOptions {
  readonly onBlockingApps: OnBlockingApps;
}

/** What an update did. `changed` is the installed version's own word, whatever the actions reported. */
export interface Updated {
  readonly changed: boolean;
  readonly versionBefore: string | null;
  readonly versionAfter: string | null;
  readonly phases: readonly PhaseReport[];
}

/** Throws InvalidParams where one param forbids what the other asks for: data is lost if we guess. */
export function refuseContradiction({ forceAppShutdown, onBlockingApps }: UpdateOptions): void {
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
  // A download takes long and disturbs nobody: what would stop the Apply is better known before it, and people who are
  // waited for can go on working meanwhile.
  if (!force && !wait) await refuseWhenAppsRun(request);

  request.enter('download');
  await download(request, options);

  if (wait) await untilAppsClosed(request);
  else if (!force) await refuseWhenAppsRun(request);

  request.enter('apply');
  const { displayLevel, forceAppShutdown } = options;
  const { versionAfter } = await apply(
    request,
    { displayLevel, forceAppShutdown: force ? true : forceAppShutdown },
    options.updateToVersion,
  );
  request.leave();
  const changed = versionMoved(versionBefore, versionAfter);
  return { changed, versionBefore, versionAfter, phases: request.phases };
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
      const apps = await request.within(knownBlockingApps(request.office));
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
