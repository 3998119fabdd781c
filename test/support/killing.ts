import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { deadline } from './deadline.js';

/** How often each operation is killed; `npm run fuzz` asks for more. */
export const kills = Number(process.env.C2R_KILLS ?? 1);

/** A bridge that lost its client ends within 5 s by itself; the rest is for a busy machine. */
const orphanMs = deadline(10_000);

/** Something long that is under way in other processes. */
export interface Started {
  /** What is killed. Everything that it has started must end by itself. */
  readonly victim: ChildProcess;
  /** What the client has been told in the end, which therefore must hold; null where it was told nothing. */
  readonly promised: Promise<unknown>;
}

export interface Killing {
  /** Starts the operation in a folder, which is empty at first but for what `prepare` has put there. */
  readonly start: (folder: string) => Started;
  readonly prepare?: (folder: string) => Promise<void>;
  /** Checks what is there for the next one to come, who is to find everything usable. */
  readonly next: (folder: string, promised: unknown) => Promise<void>;
}

/**
 * Kills an operation with SIGKILL, each time at another random moment between its start and its end, in a folder of its own
 * that every process of it names. Nothing of it may be left running, its state must be whole, and what comes next must work.
 */
export async function killAnywhere({ start, prepare, next }: Killing): Promise<void> {
  let longestMs = 0;
  for (let round = 0; round <= kills; round++) {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'c2r-killed-')));
    try {
      await prepare?.(folder);
      const began = performance.now();
      const { victim, promised } = start(folder);
      const exited = once(victim, 'exit');
      let family: readonly number[] = [];
      const kill = () => {
        family = descendantsOf(victim.pid as number);
        if (victim.exitCode === null && victim.signalCode === null) victim.kill('SIGKILL');
      };
      // The first is left alone, and shows how long it takes.
      const afterMs = round === 0 ? null : Math.random() * longestMs;
      const timer = afterMs === null ? undefined : setTimeout(kill, afterMs);
      const reply = await promised;
      if (round === 0) {
        expect(reply).not.toBeNull();
        longestMs = performance.now() - began;
        kill();
      }
      await exited;
      clearTimeout(timer);
      const left = () => [...processesNaming(folder), ...family.filter(isAlive)];
      await vi.waitFor(() => expect(left()).toEqual([]), { timeout: orphanMs, interval: 50 });
      requireWholeState(folder);
      await next(folder, reply);
    } catch (error) {
      (error as Error).message += ` (round ${round})`;
      throw error;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** The simulated machine's state, where there is one yet, can be read; beside it lies at most what the dead was writing. */
function requireWholeState(folder: string): void {
  const file = statePath(folder);
  if (existsSync(file)) expect(JSON.parse(readFileSync(file, 'utf8'))).toBeInstanceOf(Object);
}

/** Where the simulated machine of a folder keeps its state. */
export function statePath(folder: string): string {
  return join(folder, 'machine.json');
}

/** Every process that there is; none where there is no /proc. */
function allProcesses(): number[] {
  if (!existsSync('/proc/self')) return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** A file of a process; empty where that has ended. */
function about(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

function processesNaming(text: string): number[] {
  return allProcesses().filter((pid) => about(pid, 'cmdline').includes(text));
}

function descendantsOf(ancestor: number): number[] {
  const parents = new Map(allProcesses().map((pid) => [pid, parentOf(pid)]));
  const descends = (pid: number | undefined): boolean =>
    pid !== undefined && (parents.get(pid) === ancestor || descends(parents.get(pid)));
  return [...parents.keys()].filter(descends);
}

function parentOf(pid: number): number | undefined {
  const [, parent] = /^PPid:\s*(\d+)$/m.exec(about(pid, 'status')) ?? [];
  return parent === undefined ? undefined : Number(parent);
}

/** Whether it runs; who has ended and was not yet asked for the exit code does not. */
function isAlive(pid: number): boolean {
  return /^State:\s*[^ZX\s]/m.test(about(pid, 'status'));
}
