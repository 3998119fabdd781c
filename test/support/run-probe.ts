import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { bundleInto } from '../../.scripts/build.mjs';
import type { Lab } from '../lab/provision.mjs';

/** What a Windows primitive gave, or the error that it threw. */
export interface Outcome {
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly [detail: string]: unknown };
}

export interface Probe {
  /** Runs one function of probe.ts in the Windows build of Node, in a process of its own. */
  (name: string, ...args: unknown[]): Promise<Outcome>;
  /** The same with its streams in hand. */
  start(name: string, ...args: unknown[]): ReturnType<typeof spawn>;
}

/** Builds probe.ts and puts it where the primitives themselves let it load from. */
export async function openProbe(lab: Lab): Promise<Probe> {
  const folder = join(lab.driveC, 'Program Files', 'c2r-probe');
  await bundleInto(folder, { probe: 'test/lab/probe.ts' });
  const start = (name: string, ...args: unknown[]) =>
    spawn(lab.node, [join(folder, 'probe.cjs'), name, JSON.stringify(args)], { stdio: ['pipe', 'pipe', 'pipe'] });
  const run = async (name: string, ...args: unknown[]) => {
    const child = start(name, ...args);
    child.stdin.end();
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (out === '') throw new Error(`The probe ${name} gave nothing. ${err}`);
    return JSON.parse(out) as Outcome;
  };
  return Object.assign(run, { start });
}
