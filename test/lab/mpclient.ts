import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bridge, startBridge } from '../bridge.js';
import type { Lab } from './provision.mjs';

/** What a bridge did to MpClient.dll of the lab, and what the DLL does: see mpclient/mpclient.c for the script. */
export interface MpClientControl {
  /** For `startBridge` and for everything else that runs a bridge. */
  readonly env: NodeJS.ProcessEnv;
  /** Holds for every manager that is opened from now on. */
  script(...lines: readonly string[]): void;
  /** The calls so far, one line each. */
  calls(): string[];
  /** The last count of what is open, as the DLL keeps it. */
  open(): Record<string, number>;
  dispose(): void;
}

export function controlMpClient({ driveC }: Lab): MpClientControl {
  const folder = mkdtempSync(join(driveC, 'lab', 'mpclient-'));
  const script = join(folder, 'script.txt');
  const log = join(folder, 'log.txt');
  const windowsPath = (path: string) => `C:${path.slice(driveC.length).replaceAll('/', '\\')}`;
  writeFileSync(log, '');
  const lines = () => readFileSync(log, 'utf8').split('\n').filter(Boolean);
  return {
    env: { ...process.env, MPCLIENT_SCRIPT: windowsPath(script), MPCLIENT_LOG: windowsPath(log) },
    script: (...given) => writeFileSync(script, `${given.join('\n')}\n`),
    calls: () => lines().filter((line) => !line.startsWith('open ')),
    open() {
      const last = lines().findLast((line) => line.startsWith('open ')) ?? '';
      return Object.fromEntries([...last.matchAll(/(\w+)=(-?\d+)/g)].map(([, name, value]) => [name, Number(value)]));
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const nothingOpen = { managers: 0, updates: 0, buffers: 0, texts: 0, misuse: 0 };

/** The bridge under the Node of the lab, talking to the scripted MpClient.dll. */
export function startLabBridge(lab: Lab, control: MpClientControl): Bridge {
  return startBridge({ command: lab.bridgeCommand, env: control.env });
}

/** Runs a program to its end, one of the lab by its name or any by its Windows path; gives what it printed. */
export function runInLab({ driveC, environment }: Lab, program: string, ...args: readonly string[]): string {
  return execFileSync('wine', [/^C:/.test(program) ? program : join(driveC, 'lab', program), ...args], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 30_000,
  });
}

/** Every notification of an update of two packages from a file share, by number. */
export const wholeUpdate = [
  'notify 0x8001 0',
  'notify 0x8002 0',
  'notify 0x8003 0 0 2 0 4 \\\\server\\share',
  'notify 0x8004 0',
  'notify 0x8005 0',
  'notify 0x8006 0 50 2 0 4 \\\\server\\share',
  'notify 0x8007 0 100 2 1 4 \\\\server\\share',
  'notify 0x8008 0',
  'notify 0x8009 0 50 2 0 4 -',
  'notify 0x800A 0 100 2 1 4 -',
] as const;
