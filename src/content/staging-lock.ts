import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { RpcError } from '../contract/errors.js';
import type { Clock } from '../contract/run.js';
import { lockName } from './image-path.js';

const lockSchema = z.object({
  id: z.uuid(),
  pid: z.int(),
  host: z.string(),
  since: z.string(),
});
type Holder = z.output<typeof lockSchema>;

/** A lock file is created and then written: for this long one without content belongs to a run that is about to start. */
const writingMs = 5000;

/**
 * A process proves that it lives by listening here: the system closes the end with the process, however that ends, and
 * no later process with the same id can be taken for it.
 */
function livenessPath(id: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\c2r-stage-${id}`;
  if (process.platform === 'linux') return `\0c2r-stage-${id}`;
  return join(tmpdir(), `c2r-stage-${id}.sock`);
}

/** The right to write into an image. */
export interface StagingLock {
  release(): Promise<void>;
}

/** Takes the lock of an image; throws InUse with who holds it and since when. The lock of a run that died is taken over. */
export async function acquireStagingLock(root: string, clock: Clock): Promise<StagingLock> {
  const file = join(root, lockName);
  const holder: Holder = { id: randomUUID(), pid: process.pid, host: hostname(), since: clock.date().toISOString() };
  // Listening comes first: whoever reads the lock must find its holder alive.
  const liveness = await listen(livenessPath(holder.id));
  try {
    while (!(await create(file, holder))) await removeStale(file, clock);
  } catch (error) {
    liveness.close();
    throw error;
  }
  return {
    async release() {
      await rm(file, { force: true });
      liveness.close();
    },
  };
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', reject).listen(path, () => resolve(server));
  });
}

async function create(file: string, holder: Holder): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(JSON.stringify(holder)).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a lock whose holder is dead; throws InUse where it lives. */
async function removeStale(file: string, clock: Clock): Promise<void> {
  const text = await readFile(file, 'utf8').catch(absent);
  if (text === null) return;
  const holder = parse(text);
  if (holder ? await lives(holder) : await isBeingWritten(file, clock)) throw inUse(file, holder);
  const aside = `${file}.${randomUUID()}`;
  await rename(file, aside).catch(absent);
  // Between our look and our rename another run may have taken the stale lock over: then this is its live one.
  const taken = await readFile(aside, 'utf8').catch(absent);
  if (taken !== null && taken !== text) await link(aside, file).catch(() => undefined);
  await unlink(aside).catch(absent);
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
  if (host !== hostname()) return true;
  return new Promise((resolve) => {
    const socket = connect(livenessPath(id));
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
  });
}

async function isBeingWritten(file: string, clock: Clock): Promise<boolean> {
  const stats = await stat(file).catch(absent);
  return stats !== null && clock.date().getTime() - stats.mtimeMs < writingMs;
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

function inUse(file: string, holder: Holder | null): RpcError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new RpcError('InUse', `${who} is staging into this destination${holder ? ` since ${holder.since}` : ''}.`, {
    who,
    pid: holder?.pid ?? null,
    host: holder?.host ?? null,
    since: holder?.since ?? null,
    lock: file,
    recommendation: 'Wait for the other run to end; where its machine is gone for good, delete the lock file.',
  });
}
