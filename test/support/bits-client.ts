import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { bridgeClsid } from '../../src/bits/handlers.js';
import type { Lab } from '../lab/provision.mjs';
import { deadline } from './deadline.js';
import { labProcesses } from './processes.js';

/** What a run of bits-client.exe printed, and how it ended. */
export interface ClientRun {
  readonly code: number | null;
  readonly output: string;
}

/** Starts bits-client.exe, which the first lines of bits/bits-client.c describe. */
export function startClient(lab: Lab, ...args: string[]): ChildProcess {
  return spawn('wine', ['C:\\lab\\bits-client.exe', ...args], {
    env: { ...process.env, ...lab.environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

export async function runClient(lab: Lab, ...args: string[]): Promise<ClientRun> {
  const child = startClient(lab, ...args);
  const [output, [code]] = await Promise.all([text(child.stdout as NodeJS.ReadableStream), once(child, 'exit')]);
  return { code, output: output.replaceAll('\r', '') };
}

/** What a class of the bridge says to start, with an idle time that a test can wait for. */
export function shortenIdle(lab: Lab, idleMs: number, clsid = bridgeClsid): void {
  const key = `HKLM\\SOFTWARE\\Classes\\CLSID\\${clsid}\\LocalServer32`;
  const command = `"C:\\Program Files\\nodejs\\node.exe" "C:\\Program Files\\c2r-bridge\\c2r-bridge.cjs" --com-server --com-idle-ms ${idleMs}`;
  runWine(lab, 'reg', 'add', key, '/ve', '/d', command, '/f');
}

export function runWine(lab: Lab, ...args: string[]): string {
  const env = { ...process.env, ...lab.environment };
  return execFileSync('wine', args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: deadline(30_000),
  });
}

/** A key of the registry with all that is in it, as text; null where it is not there. */
export function registryTree(lab: Lab, key: string): string | null {
  try {
    return runWine(lab, 'reg', 'query', key, '/s');
  } catch {
    return null;
  }
}

/** The processes of the lab that serve COM, by their ids on this machine. */
export function comServers(lab: Lab): number[] {
  return labProcesses(lab)
    .filter(({ command }) => command.includes('--com-server') && !command.startsWith('/bin/sh'))
    .map(({ pid }) => pid);
}
