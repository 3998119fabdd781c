import { readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import * as z from 'zod/mini';
import { Failure } from '../base/failure.js';
import { fromFileSystem, isDiskFull, noSpace } from '../base/file-errors.js';
import { updateStatusNames } from '../contract/c2r.js';
import { removeLeftBehind } from './left-behind.js';

/** A BigInt in JSON. */
const digits = z.string().check(z.regex(/^\d{1,20}$/));

const uint32 = z.int().check(z.minimum(0), z.maximum(0xffff_ffff));

/** The parts of a machine; each is described where it is used. */
const machineState = z.object({
  registry: z.optional(z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number()])))),
  service: z.optional(
    z.object({
      last: z.object({ status: z.enum(updateStatusNames), error: uint32, contentId: z.nullable(z.string()) }),
      action: z.nullable(
        z.object({
          kind: z.enum(['download', 'apply']),
          startedAt: z.number(),
          endsAt: z.number(),
          error: uint32,
          contentId: z.nullable(z.string()),
          version: z.nullable(z.string()),
          cancelledAt: z.nullable(z.number()),
        }),
      ),
    }),
  ),
  /** When the scheduled task takes the channel of the last policy up, in milliseconds of the wall clock. */
  channelTaskDue: z.optional(z.number()),
  /** When the update task that was started ends, likewise; null once it has. */
  detectionDue: z.optional(z.nullable(z.number())),
  signature: z.optional(z.object({ version: digits, updateTime: digits })),
});
type State = z.output<typeof machineState>;

/**
 * What a simulated machine remembers between processes: one JSON file, written with each change. The owner of a part takes
 * it before each look and each change, so that processes at work side by side see one machine; of two changes within the same
 * millisecond one may be lost, for which a lock is not worth its own faults. Without a path nothing is kept.
 */
export class MachineState {
  readonly #path: string | null;
  /** Each part as it was last taken or set here, as JSON. */
  readonly #known = new Map<keyof State, string>();

  constructor(path: string | null) {
    this.#path = path;
  }

  /** What is kept of a part, where it is not what was last taken or set here: an earlier or another process did that. */
  take<K extends keyof State>(part: K): State[K] {
    if (this.#path === null) return undefined;
    const kept = load(this.#path)[part];
    if (kept === undefined || JSON.stringify(kept) === this.#known.get(part)) return undefined;
    this.#known.set(part, JSON.stringify(kept));
    return kept;
  }

  /** Throws NoSpace or AccessDenied where the file cannot be replaced, which then is as it was before. */
  set(part: keyof State, value: unknown): void {
    if (this.#path === null) return;
    replace(this.#path, JSON.stringify({ ...load(this.#path), [part]: value }));
    this.#known.set(part, JSON.stringify(value));
  }
}

/** Puts a whole file in the place of the one before, so that another process never reads half of one. */
function replace(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    removeLeftBehind(dirname(path), (name) => pidOfDraft(name, basename(path)));
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    if (!isDiskFull(error)) throw fromFileSystem(error);
    const { bavail, bsize } = statfsSync(dirname(path));
    throw noSpace(path, text.length, bavail * bsize);
  }
}

/** The process that writes, or wrote, a draft of the state file `own`. */
function pidOfDraft(name: string, own: string): number | null {
  const [, pid] = name.startsWith(own) ? (/^\.(\d+)\.tmp$/.exec(name.slice(own.length)) ?? []) : [];
  return pid === undefined ? null : Number(pid);
}

function load(path: string): State {
  try {
    const { data, error } = machineState.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (data) return data;
    throw new Error(error.issues.map(({ path: keys, message }) => `${keys.join('.')}: ${message}`).join('; '));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Failure(
      'NotAvailable',
      `The state ${path} of the simulation cannot be used: ${(error as Error).message}`,
      {
        reason: 'simulationState',
        path,
        recommendation: 'Remove the file, and the simulated machine starts from its scenario again.',
      },
    );
  }
}
