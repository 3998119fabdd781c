import { createHash, randomUUID } from 'node:crypto';
import { open, rm, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { absent } from '../../base/absent.js';
import { writeFailure } from '../../base/disk-space.js';
import { Failure } from '../../base/failure.js';
import { fileText } from '../../base/file-text.js';
import { isAlive, showLife } from '../../base/liveness.js';
import type { Clock, Run } from '../../base/run.js';
import { lockName, refuseLinks } from '../image/image-path.js';

const lockSchema = z.object({
  id: z.uuid(),
  pid: z.int(),
  host: z.string(),
  since: z.string(),
});
type Holder = z.output<typeof lockSchema>;

/**
 * A lock file is created and then written: one without content may belong to a run that is about to start. It is waited for
 * this long, by a clock that nobody sets; the file's own time may come from the future, or from another machine.
 */
const writingMs = 3000;
const writingPollMs = 250;

const lifeOf = (id: string) => `c2r-stage-${id}`;

/** The right to write into an image. */
export interface StagingLock {
  release(): Promise<void>;
}

/** Takes the lock of an image; throws InUse with who holds it and since when. The lock of a run that died is taken over. */
export async function acquireStagingLock(
  root: string,
  { clock, signal }: Pick<Run, 'clock' | 'signal'>,
): Promise<StagingLock> {
  const file = join(root, lockName);
  const holder: Holder = { id: randomUUID(), pid: process.pid, host: hostname(), since: clock.date().toISOString() };
  // The sign of life comes first: another run that reads the lock must find its holder alive.
  const liveness = await showLife(lifeOf(holder.id));
  try {
    while (!(await create(file, holder))) {
      signal.throwIfAborted();
      // One that leads nowhere can neither be read nor be created.
      await refuseLinks(root, lockName);
      await removeStale(file, clock, signal);
    }
  } catch (error) {
    liveness.close();
    throw error;
  }
  return {
    async release() {
      // A scanner may hold it open for a moment. Where it stays the run is over all the same: nobody alive holds it.
      await rm(file, { force: true, maxRetries: 5 }).catch(() => undefined);
      liveness.close();
    },
  };
}

async function create(file: string, holder: Holder): Promise<boolean> {
  const text = JSON.stringify(holder);
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(text);
    } catch (error) {
      await unlink(file).catch(absent);
      throw await writeFailure(error, dirname(file), text.length);
    } finally {
      await handle.close();
    }
    // A run that was held up for long between the two has lost the file to another.
    return (await fileText(file).catch(absent)) === text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a lock whose holder is dead; throws InUse where it lives. */
async function removeStale(file: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const text = await writtenText(file, clock, signal);
  if (text === null) return;
  const holder = parse(text);
  if (holder && (await lives(holder))) throw inUse(file, holder);
  // The run that removes this very lock gives this sign of life meanwhile: what is read again below cannot be the lock of a run that has
  // taken it over since.
  const takeover = createHash('sha256').update(`${file}\n${text}`).digest('hex');
  const taking = await showLife(lifeOf(takeover)).catch(() => null);
  if (!taking) return clock.sleep(writingPollMs, signal);
  try {
    if ((await fileText(file).catch(absent)) === text) await unlink(file).catch(absent);
  } finally {
    taking.close();
  }
}

/** What is in the lock, once its holder has had the time to write it; null where there is none any more. */
async function writtenText(file: string, clock: Clock, signal: AbortSignal): Promise<string | null> {
  const patienceEnds = clock.now() + writingMs;
  for (;;) {
    const text = await fileText(file).catch(absent);
    if (text === null || parse(text) || clock.now() >= patienceEnds) return text;
    await clock.sleep(writingPollMs, signal);
  }
}

function parse(text: string): Holder | null {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A run on another machine cannot be asked, so that it counts as alive. */
async function lives({ id, host }: Holder): Promise<boolean> {
  return host !== hostname() || isAlive(lifeOf(id));
}

function inUse(file: string, holder: Holder): Failure {
  const { pid, host, since } = holder;
  const who = `process ${pid} on ${host}`;
  return new Failure('InUse', `${who} is staging into this destination since ${since}.`, {
    who,
    pid,
    host,
    since,
    lock: file,
    // One on this machine has just been seen to live.
    recommendation: `Wait for the other run to end${host === hostname() ? '' : '; if its machine no longer exists, delete the lock file'}.`,
  });
}
