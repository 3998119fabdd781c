import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { showLife } from '../../../src/base/liveness.js';
import { acquireStagingLock } from '../../../src/content/stage/staging-lock.js';
import { deadline } from '../../support/deadline.js';
import { makesLinks } from '../../support/links.js';
import { ManualClock } from '../../support/manual-clock.js';

/** Windows gives the name of a pipe to one process; Wine to all that ask (findings/wine-pipe-name-shared.sh). */
const oneListens = await secondIsRefused(`c2r-test-${randomUUID()}`);
async function secondIsRefused(name: string): Promise<boolean> {
  const first = await showLife(name);
  const second = await showLife(name).catch(() => null);
  for (const sign of [first, second]) sign?.close();
  return second === null;
}

let root: string;
let file: string;
const clock = new ManualClock(new Date());
const run = { clock, signal: new AbortController().signal };
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'c2r-lock-'));
  file = join(root, '.c2r-stage.lock');
});
afterEach(() => rm(root, { recursive: true }));

const inUse = { data: { type: 'InUse', lock: expect.any(String), recommendation: expect.any(String) } };

test('a held lock is InUse with who and since; a released one is gone and can be taken again', async () => {
  const lock = await acquireStagingLock(root, run);
  await expect(acquireStagingLock(root, run)).rejects.toMatchObject({
    data: {
      ...inUse.data,
      pid: process.pid,
      host: hostname(),
      since: clock.date().toISOString(),
      recommendation: 'Wait for the other run to end.',
    },
  });
  await lock.release();
  expect(await readdir(root)).toEqual([]);
  await (await acquireStagingLock(root, run)).release();
});

test('a lock that cannot be removed ends with its run all the same, and is taken over', async () => {
  const lock = await acquireStagingLock(root, run);
  const text = await readFile(file, 'utf8');
  // In the place of what no program lets go of: a folder cannot be removed as a file.
  await rm(file);
  await mkdir(file);
  await lock.release();
  await rm(file, { recursive: true });
  await writeFile(file, text);
  await (await acquireStagingLock(root, run)).release();
  expect(await readdir(root)).toEqual([]);
});

test('the lock of a process that died is taken over, even where another process has its id now', async () => {
  const dead = { id: randomUUID(), pid: process.pid, host: hostname(), since: '2026-01-01T00:00:00.000Z' };
  await writeFile(file, JSON.stringify(dead));
  const lock = await acquireStagingLock(root, run);
  expect(JSON.parse(await readFile(file, 'utf8')).id).not.toBe(dead.id);
  expect(await readdir(root)).toEqual(['.c2r-stage.lock']);
  await lock.release();
});

test.skipIf(!makesLinks)(
  'a link in the place of the lock, which leads nowhere, is refused and not waited for',
  async () => {
    await symlink(join(root, 'nowhere'), file);
    await expect(acquireStagingLock(root, run)).rejects.toMatchObject({
      message: expect.stringContaining(`${file} is a symbolic link`),
      data: { type: 'ContentInvalid' },
    });
  },
);

test('a folder in the place of the lock is named', async () => {
  await mkdir(file);
  await expect(acquireStagingLock(root, run)).rejects.toMatchObject({ code: 'EISDIR', path: file });
});

test('a lock of another machine counts as held', async () => {
  const holder = { id: randomUUID(), pid: 1, host: 'another-machine', since: '2026-01-01T00:00:00.000Z' };
  await writeFile(file, JSON.stringify(holder));
  await expect(acquireStagingLock(root, run)).rejects.toMatchObject({
    data: {
      ...inUse.data,
      host: 'another-machine',
      since: holder.since,
      recommendation: expect.stringContaining('delete the lock file'),
    },
  });
});

test.each([
  ['now', 0],
  ['days ago, as far as the clock says', -3],
  ['in days to come, because the clock was set back', 3],
])('an empty lock of %s belongs to a run that is about to start, and to nobody once it stayed so', async (_, days) => {
  await writeFile(file, '');
  const made = new Date(clock.date().getTime() + days * 86_400_000);
  await utimes(file, made, made);
  const before = clock.now();
  const lock = await clock.until(acquireStagingLock(root, run));
  // Three seconds, by a clock that cannot be set.
  expect(clock.now() - before).toBe(3_000);
  await lock.release();
  expect(await readdir(root)).toEqual([]);
});

test('a lock that is written while another run waits for that is InUse', async () => {
  const holding = await acquireStagingLock(root, run);
  const text = await readFile(file, 'utf8');
  await writeFile(file, '');
  const refused = acquireStagingLock(root, run);
  await vi.waitUntil(() => clock.sleeping === 1, { timeout: deadline(10_000) });
  await writeFile(file, text);
  await expect(clock.until(refused)).rejects.toMatchObject(inUse);
  await holding.release();
});

test.skipIf(!oneListens)('of many that come over a stale lock, at once or a little later, one gets it', async () => {
  for (let round = 0; round < 20; round++) {
    await writeFile(
      file,
      JSON.stringify({ id: randomUUID(), pid: 1, host: hostname(), since: '2026-01-01T00:00:00.000Z' }),
    );
    const coming = Array.from({ length: 12 }, async (_, index) => {
      // A turn of the event loop more for each, so that one reads the lock while another has just taken it over.
      for (let turn = 0; turn < (index * 7 + round) % 13; turn++) await new Promise(setImmediate);
      return acquireStagingLock(root, { ...run, signal: new AbortController().signal });
    });
    const outcomes = await clock.until(Promise.allSettled(coming));
    const losers = outcomes.filter((outcome) => outcome.status === 'rejected');
    for (const { reason } of losers) expect(reason).toMatchObject({ data: { ...inUse.data, pid: process.pid } });
    const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    await Promise.all(winners.map(({ value }) => value.release()));
    expect(await readdir(root)).toEqual([]);
  }
});
