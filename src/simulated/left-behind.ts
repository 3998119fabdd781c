import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Removes what processes that were killed have left in a folder; `pidOf` tells from a name whose it is, null for no one's. */
export function removeLeftBehind(folder: string, pidOf: (name: string) => number | null): void {
  for (const name of readdirSync(folder)) {
    const pid = pidOf(name);
    if (pid !== null && !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
