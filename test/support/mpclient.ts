import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab/provision.mjs';
import { type Bridge, startBridge } from './bridge.js';
import { deadline } from './deadline.js';

/** What bridges did to MpClient.dll of the lab, and what the DLL does: see lab/defender/mpclient.c for the script. */
export interface MpClientControl {
  readonly scriptPath: string;
  readonly logPath: string;
  /** Holds for every manager that is opened from now on. */
  script(...lines: readonly string[]): void;
  /** The calls so far, one line each. */
  calls(): string[];
  /** The last count of what is open, as the DLL keeps it. */
  open(): Record<string, number>;
  dispose(): void;
}

/** Takes the DLL over, for one test at a time. */
export function controlMpClient({ driveC }: Lab): MpClientControl {
  const folder = join(driveC, 'lab', 'mpclient');
  const script = join(folder, 'script.txt');
  const log = join(folder, 'log.txt');
  mkdirSync(folder, { recursive: true });
  // Not the folder itself: a bridge that was told to abort may still write its log, and makes it anew where it is gone.
  const clear = () => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
  };
  clear();
  writeFileSync(log, '');
  const lines = () => readFileSync(log, 'utf8').split('\n').filter(Boolean);
  return {
    scriptPath: script,
    logPath: log,
    script: (...given) => writeFileSync(script, `${given.join('\n')}\n`),
    calls: () => lines().filter((line) => !line.startsWith('open ')),
    open() {
      const last = lines().findLast((line) => line.startsWith('open ')) ?? '';
      return Object.fromEntries([...last.matchAll(/(\w+)=(-?\d+)/g)].map(([, name, value]) => [name, Number(value)]));
    },
    dispose: clear,
  };
}

export const nothingOpen = { managers: 0, updates: 0, buffers: 0, texts: 0, misuse: 0 };

/** The bridge under the Node of the lab. */
export function startLabBridge(lab: Lab): Bridge {
  return startBridge({ command: lab.bridgeCommand });
}

/** Runs a program to its end, one of the lab by its name or any by its Windows path; gives what it printed. */
export function runInLab({ driveC, environment }: Lab, program: string, ...args: readonly string[]): string {
  return execFileSync('wine', [/^C:/.test(program) ? program : join(driveC, 'lab', program), ...args], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: deadline(30_000),
  });
}
