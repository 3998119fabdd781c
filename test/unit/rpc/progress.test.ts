import { expect, test } from 'vitest';
import { createProgress } from '../../../src/rpc/progress.js';
import { ManualClock } from '../../support/manual-clock.js';

function start() {
  const clock = new ManualClock();
  const sent: { at: number; value: unknown }[] = [];
  const progress = createProgress(clock, (value) => sent.push({ at: clock.now(), value }));
  return { clock, sent, progress };
}

test('at most one value in 100 ms, the newest, and the last before the end', async () => {
  const { clock, sent, progress } = start();
  for (let percent = 0; percent <= 100; percent++) {
    progress.report({ phase: 'download', percent });
    await clock.advance(10);
  }
  progress.finish();
  expect(sent.length).toBeLessThanOrEqual(12);
  expect(sent[0]).toEqual({ at: 0, value: { phase: 'download', percent: 0 } });
  expect(sent.at(-1)?.value).toEqual({ phase: 'download', percent: 100 });
  const gaps = sent.slice(1, -1).map(({ at }, index) => at - (sent[index]?.at ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
});

test('a waiting value goes out by itself when its time has come', async () => {
  const { clock, sent, progress } = start();
  progress.report({ phase: 'download', percent: 1 });
  progress.report({ phase: 'download', percent: 2 });
  await clock.advance(99);
  expect(sent).toHaveLength(1);
  await clock.advance(1);
  expect(sent.at(-1)).toEqual({ at: 100, value: { phase: 'download', percent: 2 } });
});

test('no phase is lost, however short', async () => {
  const { clock, sent, progress } = start();
  for (const phase of ['preflight', 'download', 'download', 'apply', 'verify'])
    progress.report({ phase, percent: null });
  await clock.advance(150);
  progress.finish();
  expect(sent.map(({ value }) => (value as { phase: string }).phase)).toEqual([
    'preflight',
    'download',
    'apply',
    'verify',
  ]);
});

test('percent never falls; an unknown one stays unknown', () => {
  const { sent, progress } = start();
  for (const [phase, percent] of [
    ['a', 40],
    ['b', 20],
    ['c', null],
    ['d', 60],
  ] as const)
    progress.report({ phase, percent });
  progress.finish();
  expect(sent.map(({ value }) => (value as { percent: number | null }).percent)).toEqual([40, 40, null, 60]);
});

test('nothing is sent after the end', async () => {
  const { clock, sent, progress } = start();
  progress.report({ phase: 'a' });
  progress.report({ phase: 'b' });
  progress.finish();
  progress.report({ phase: 'c' });
  await clock.advance(1_000);
  expect(sent).toHaveLength(2);
});
