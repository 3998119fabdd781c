import { invalidParams } from '../base/failure.js';
import { apply, download, refuseWhenAppsRun, refuseWhenOwned } from './actions.js';
import { knownBlockingApps } from './blocking-apps.js';
import { comNotRegistered, illegalState, isServerGone, notInstalled } from './errors.js';
import { installedVersion, isInstalled, versionMoved } from './installation.js';
import type { Attempt, PhaseReport } from './office-request.js';
import type { ApplyOptions, DownloadOptions } from './parameters.js';
import { absence } from './waiting.js';

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
export async function update(attempt: Attempt, options: UpdateOptions): Promise<Updated> {
  const force = options.forceAppShutdown === true || options.onBlockingApps === 'force';
  const wait = options.onBlockingApps === 'wait';

  attempt.enter('preflight');
  attempt.tell('Checking Click-to-Run.');
  const versionBefore = await preflight(attempt);
  // A download takes long and disturbs nobody: what would stop the Apply is better known before it, and people who are
  // waited for can go on working meanwhile.
  if (!force && !wait) await refuseWhenAppsRun(attempt);

  attempt.enter('download');
  await download(attempt, options);

  if (wait) await untilAppsClosed(attempt);
  else if (!force) await refuseWhenAppsRun(attempt);

  attempt.enter('apply');
  const { displayLevel, forceAppShutdown } = options;
  const { versionAfter } = await apply(
    attempt,
    { displayLevel, forceAppShutdown: force ? true : forceAppShutdown },
    options.updateToVersion,
  );
  attempt.leave();
  const changed = versionMoved(versionBefore, versionAfter);
  return { changed, versionBefore, versionAfter, phases: attempt.phases };
}

/** Throws where an update cannot begin; gives the version from before it. */
async function preflight(attempt: Attempt): Promise<string | null> {
  const { office } = attempt;
  if (!(await isInstalled(office))) throw notInstalled();
  const { registered } = await refuseWhenOwned(office);
  if (!registered) throw comNotRegistered();
  const status = await attempt.look();
  if (status.busy) throw illegalState('Download', status);
  return installedVersion(office);
}

async function untilAppsClosed(attempt: Attempt): Promise<void> {
  const away = absence(attempt);
  for (let blocked = false; ; await attempt.sleep(attempt.pollMs)) {
    try {
      const apps = await attempt.within(knownBlockingApps(attempt.office));
      away.over();
      if (apps.length === 0) return;
      if (!blocked) attempt.enter('blocked');
      blocked = true;
      attempt.tell(`Waiting until these apps are closed: ${apps.join(', ')}.`);
    } catch (error) {
      away.bear(error, isServerGone(error));
    }
  }
}
