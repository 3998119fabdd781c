import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.js';
import { publishedHashes } from '../../../src/content/image/hash-cabinets.js';
import type { HashPool } from '../../../src/content/image/hash-pool.js';
import { filesIn, verify } from '../../../src/content/image/verify.js';
import { randomFile, writeImage } from '../../support/content-image.js';
import { hastyClock } from '../../support/source-service.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'c2r-changing-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('files and folders that go while an image is walked through are not there', async () => {
  for (const folder of ['a', 'b', 'c']) {
    mkdirSync(join(root, folder));
    for (let index = 0; index < 500; index++) writeFileSync(join(root, folder, `${index}.cab.partial`), '');
  }
  const walk = filesIn(root);
  await setTimeout(2);
  for (const folder of ['a', 'b', 'c']) rmSync(join(root, folder), { recursive: true });
  expect((await walk).size).toBeLessThan(1500);
});

test('a cabinet that has gone publishes nothing', async () => {
  const { hashes, faults } = await publishedHashes(root, ['office/data/v64.cab'], new AbortController().signal);
  expect([hashes.size, faults.size]).toEqual([0, 0]);
});

test.each([
  ['once is verified anew', 1, true],
  ['without end is judged in the end', Number.POSITIVE_INFINITY, false],
])('an image that another run changes meanwhile %s', async (_, changes, ok) => {
  const path = 'office/data/note.cab.cat';
  const sha256 = (digit: number) => String(digit).repeat(64);
  let changed = 0;
  writeImage(root, [{ ...randomFile(path, 9), sha256: sha256(0) }]);
  const hashes = {
    prepare: () => undefined,
    async hash() {
      if (changed < changes) writeImage(root, [{ ...randomFile(path, 9), sha256: sha256(++changed) }]);
      return sha256(changes === 1 ? 1 : 9);
    },
  } as unknown as HashPool;
  const run = { signal: new AbortController().signal, clock: hastyClock(), log: silentLog, report: () => undefined };
  expect(await verify({ path: root, signatures: false }, run, hashes)).toMatchObject({ ok });
});
