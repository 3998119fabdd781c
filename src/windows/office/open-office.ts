import { stat } from 'node:fs/promises';
import { limit } from '../../base/limit.js';
import { type Clock, deadline, untilAborted } from '../../base/run.js';
import type { Office } from '../../c2r/port.js';
import { windowsText } from '../native/failed-calls.js';
import { mappedDrive } from '../system/mapped-drive.js';
import { registry } from '../system/registry.js';
import { officeChecks } from './checks.js';
import { updateNotify } from './update-notify.js';
import { updateTask } from './update-task.js';

/** How long a share may take to answer. Windows itself gives up on a server only after half a minute or more. */
const reachMs = 5000;

/** One at a time: a share that does not answer holds a pool thread meanwhile. */
const looks = limit(1);

/** The Click-to-Run of this machine. */
export function openOffice(clock: Clock): Office {
  return {
    backend: 'windows',
    updates: updateNotify,
    registry,
    updateTask,
    canReach: (folder) => canReach(folder, clock),
    mappedDrive,
    errorText: (hresult) => windowsText(hresult) ?? null,
    checks: officeChecks,
  };
}

async function canReach(folder: string, clock: Clock): Promise<boolean> {
  const limited = deadline({ signal: new AbortController().signal, clock }, reachMs);
  try {
    return await untilAborted(
      looks(async () => (await stat(folder)).isDirectory()),
      limited.signal,
    );
  } catch {
    return false;
  } finally {
    limited.end();
  }
}
