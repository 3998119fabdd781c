// Finds a PowerShell, or gets one the official way.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cache } from './packages.mjs';

const windows = process.platform === 'win32';
const executable = windows ? 'pwsh.exe' : 'pwsh';

/** The path of a pwsh: C2R_PWSH, else PATH, else Windows PowerShell where `desktop` allows it; undefined where there is none. */
export function findPowerShell({ desktop = false } = {}) {
  if (process.env.C2R_PWSH) return process.env.C2R_PWSH;
  const names = desktop && windows ? [executable, 'powershell.exe'] : [executable];
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** `{ path }`, or `{ reason }` where neither this machine nor `dotnet tool install` gives a PowerShell. */
export function ensurePowerShell() {
  const found = findPowerShell();
  if (found) return { path: found };
  const folder = join(cache, 'powershell');
  const tool = join(folder, executable);
  if (existsSync(tool)) return { path: tool };
  console.log('No pwsh on PATH or in C2R_PWSH; trying: dotnet tool install --tool-path .cache/powershell PowerShell');
  const { status, error, stdout, stderr } = spawnSync(
    'dotnet',
    ['tool', 'install', '--tool-path', folder, 'PowerShell'],
    { encoding: 'utf8', timeout: 300_000 },
  );
  if (status === 0 && existsSync(tool)) return { path: tool };
  const detail = error?.code === 'ENOENT' ? 'there is no dotnet' : `${stderr}${stdout}`.trim().split('\n').at(-1);
  return { reason: `no pwsh on PATH or in C2R_PWSH, and "dotnet tool install PowerShell" failed: ${detail}` };
}
