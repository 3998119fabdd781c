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

/**
 * What a class of the bridge says to start, with times that a test can wait for: Wine, unlike Windows, never lets go of what
 * a dead client held, so that silence must end the server.
 */
export function shortenIdle(lab: Lab, idleMs: number, clsid = bridgeClsid): void {
  const key = `HKLM\\SOFTWARE\\Classes\\CLSID\\${clsid}\\LocalServer32`;
  const command = `"C:\\Program Files\\nodejs\\node.exe" "C:\\Program Files\\c2r-bridge\\c2r-bridge.cjs" --com-server --com-idle-ms ${idleMs} --com-silent-ms ${idleMs * 20}`;
  runWine(lab, 'reg', 'add', key, '/ve', '/d', command, '/f');
}

/** As provision.mjs builds it into BitsProxy.dll. */
const proxyClass = '{7E1C0B56-6A5D-4C0B-9C1E-0F4B7B0A11C3}';
/** IBackgroundCopyError and IBackgroundCopyJobHttpOptions. */
const proxied = ['{19C613A0-FCB8-4F28-81AE-897C3D078F81}', '{F1BD1079-9F01-4BDC-8036-F09B70095066}'];

/** Lets the lab's own proxy carry the interfaces whose strings that of Wine 8 cannot carry between processes. */
export function registerBitsProxy(lab: Lab): void {
  const server = `HKLM\\SOFTWARE\\Classes\\CLSID\\${proxyClass}\\InprocServer32`;
  runWine(lab, 'reg', 'add', server, '/ve', '/d', 'C:\\lab\\BitsProxy.dll', '/f');
  runWine(lab, 'reg', 'add', server, '/v', 'ThreadingModel', '/d', 'Both', '/f');
  for (const iid of proxied) {
    const stub = `HKLM\\SOFTWARE\\Classes\\Interface\\${iid}\\ProxyStubClsid32`;
    runWine(lab, 'reg', 'add', stub, '/ve', '/d', proxyClass, '/f');
  }
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
    .filter(({ command }) => command.includes('--com-process') && !command.startsWith('/bin/sh'))
    .map(({ pid }) => pid);
}
