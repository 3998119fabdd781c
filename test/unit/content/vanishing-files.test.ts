import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { publishedHashes } from '../../../src/content/image/hash-cabinets.js';
import { filesIn } from '../../../src/content/image/verify.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'c2r-vanishing-'));
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
