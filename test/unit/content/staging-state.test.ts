import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StagingState } from '../../../src/content/stage/staging-state.js';
import { ManualClock } from '../../support/manual-clock.js';

const clock = new ManualClock();
const record = { url: 'https://cdn/x', size: 10, validator: '"1"', segments: [{ start: 0, end: 10, done: 5 }] };
const file = (path: string) => ({
  ...{ path, size: 1, sha256: 'ab'.repeat(32), modifiedMs: 1.5, url: 'https://cdn/x', validator: null, lcid: null },
  ...{ hashLocation: null, hashAlgorithm: null, stagedAt: '2026-01-01T00:00:00Z' },
});

let root: string;
let journal: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'c2r-state-'));
  journal = join(root, '.c2r-stage.json');
});
afterEach(() => rmSync(root, { recursive: true }));

async function begun(): Promise<StagingState> {
  const state = await StagingState.open(root, clock);
  await state.begin();
  return state;
}

test('every change is there for the next run as soon as it is made', async () => {
  const state = await begun();
  state.note('a', null);
  state.note('b', record);
  state.note('c', record);
  state.completed(file('c'));
  state.note('d', record);
  state.forget('d');
  const next = await StagingState.open(root, clock);
  expect(next.partial).toEqual(
    new Map([
      ['a', null],
      ['b', record],
    ]),
  );
  expect(next.complete).toEqual(new Map([['c', file('c')]]));
  state.close();
});

test('a last line that is torn costs only what it said', async () => {
  const state = await begun();
  state.completed(file('a'));
  state.completed(file('b'));
  state.close();
  writeFileSync(journal, readFileSync(journal).subarray(0, -20));
  expect([...(await StagingState.open(root, clock)).complete.keys()]).toEqual(['a']);
});

test('a damaged line ends the journal: what follows may rest on what is lost', async () => {
  const state = await begun();
  state.completed(file('a'));
  state.note('b', record);
  state.completed(file('c'));
  state.close();
  const lines = readFileSync(journal, 'utf8').split('\n');
  writeFileSync(journal, [...lines.slice(0, 2), '\0\0\0', ...lines.slice(3)].join('\n'));
  const next = await StagingState.open(root, clock);
  expect([[...next.complete.keys()], next.partial.size]).toEqual([['a'], 0]);
});

test('the journal stays in proportion to what it says, however often that changes', async () => {
  const state = await begun();
  for (let second = 0; second < 20; second++) {
    for (let index = 0; index < 1000; index++) state.note(`f${index}`, record);
    await state.compactWhereGrown();
  }
  expect(statSync(journal).size).toBeLessThan(2_000_000);
  expect((await StagingState.open(root, clock)).partial.size).toBe(1000);
  state.close();
});

test('what is written for 8,000 files is twice what is written for 4,000', async () => {
  const written = async (count: number) => {
    const state = await begun();
    let [bytes, before] = [0, statSync(journal).size];
    for (let index = 0; index < count; index++) {
      state.note(`office/data/f${index}`, null);
      state.completed(file(`office/data/f${index}`));
      if (index % 100 > 0) continue;
      await state.compactWhereGrown();
      const { size } = statSync(journal);
      // One that has become shorter was written as a whole.
      bytes += size < before ? size : size - before;
      before = size;
    }
    await state.remove();
    return bytes;
  };
  const [some, many] = [await written(4000), await written(8000)];
  expect(many / some).toBeLessThan(2.5);
});

test('a link in its place is replaced, and what it leads to stays', async () => {
  const victim = join(root, 'victim');
  writeFileSync(victim, 'mine');
  symlinkSync(victim, journal);
  const state = await begun();
  state.note('a', null);
  expect(readFileSync(victim, 'utf8')).toBe('mine');
  await state.remove();
  expect([existsSync(journal), readFileSync(victim, 'utf8')]).toEqual([false, 'mine']);
});
