import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { HashPool } from '../../../src/content/image/hash-pool.js';

const mib = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'c2r-hash-pool-'));
const at = (name: string) => join(folder, name);
const bytes = randomBytes(3 * mib + 1);
writeFileSync(at('small'), bytes);
writeFileSync(at('large'), '');
truncateSync(at('large'), 33 * mib);
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

const threads: Worker[] = [];
const onWorker = (worker: Worker) => threads.push(worker);
beforeEach(() => void process.on('worker', onWorker));
afterEach(async () => {
  process.off('worker', onWorker);
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()));
});
afterAll(() => rmSync(folder, { recursive: true }));

const { signal } = new AbortController();
async function hash(pool: HashPool, name: string, size: number) {
  let counted = 0;
  const hashed = await pool.hash(at(name), size, signal, (count) => {
    counted += count;
  });
  return { hashed, counted };
}

test('a file that waits for its turn is not opened once nobody wants its hash', async () => {
  const pool = new HashPool();
  const wish = new AbortController();
  const first = pool.hash(at('small'), bytes.length, wish.signal, () => wish.abort(new Error('not wanted')));
  const second = pool.hash(at('missing'), 1, wish.signal, () => undefined);
  const outcomes = await Promise.allSettled([first, second]);
  expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.message)).toEqual(
    Array(2).fill('not wanted'),
  );
});

test('little to hash is hashed without a thread, and much with threads', async () => {
  const pool = new HashPool();
  pool.prepare(10 * bytes.length);
  const few = await Promise.all(Array.from({ length: 10 }, () => hash(pool, 'small', bytes.length)));
  expect(few).toEqual(Array(10).fill({ hashed: sha256(bytes), counted: bytes.length }));
  expect(threads).toHaveLength(0);

  // So many small ones are much, too.
  expect(await hash(pool, 'small', bytes.length)).toEqual(few[0]);
  expect(threads).toHaveLength(1);
  expect(await hash(pool, 'large', 33 * mib)).toEqual({ hashed: sha256(Buffer.alloc(33 * mib)), counted: 33 * mib });
});

test.each([1, 33 * mib])(
  'a file of %i bytes that is not there fails with its path, and an aborted hash with its reason',
  async (size) => {
    const pool = new HashPool();
    await expect(hash(pool, 'none', size)).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open', path: at('none') });
    const reason = new Error('enough');
    const hashing = pool.hash(at('large'), size, AbortSignal.abort(reason), () => undefined);
    await expect(hashing).rejects.toBe(reason);
  },
);
