import { execFileSync } from 'node:child_process';
import { deadline } from '../support/deadline.js';

export const onWindows = process.platform === 'win32';

/** Whether this process has the rights of an administrator: only such may ask for the sessions of a server. */
export const elevated = onWindows && succeeds('net', ['session']);

/** For `skipIf`: a suite's name with the reason why it cannot run here. */
export function titled(name: string, runs: boolean, reason: string): string {
  return runs ? name : `${name} (${reason})`;
}

/** Whether a program is there and ends with 0. */
export function succeeds(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: deadline(60_000) });
    return true;
  } catch {
    return false;
  }
}
