import { expect, test } from 'vitest';
import { ManualClock } from '../../support/manual-clock.js';

test('sleepers wake in the order of their times, each at its own time', async () => {
  const clock = new ManualClock();
  const woken: [string, number][] = [];
  const sleep = async (name: string, ms: number) => {
    await clock.sleep(ms);
    woken.push([name, clock.now()]);
    if (name === 'first') await sleep('third', 20);
  };
  const all = [sleep('second', 20), sleep('first', 10), sleep('late', 100)];
  await clock.advance(50);
  expect(woken).toEqual([
    ['first', 10],
    ['second', 20],
    ['third', 30],
  ]);
  expect(clock.now()).toBe(50);
  expect(clock.sleeping).toBe(1);
  await clock.until(Promise.all(all));
  expect(clock.now()).toBe(100);
});

test('a sleep ends with the reason of its signal, before or after it began', async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const sleeping = clock.sleep(10, abort.signal);
  const reason = new Error('enough');
  abort.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(clock.sleep(10, abort.signal)).rejects.toBe(reason);
  expect(clock.sleeping).toBe(0);
});

test('the date moves with the time', async () => {
  const clock = new ManualClock(new Date('2026-05-01T00:00:00.000Z'));
  await clock.advance(1500);
  expect(clock.date().toISOString()).toBe('2026-05-01T00:00:01.500Z');
});

test('until gives the outcome, also a failure', async () => {
  const clock = new ManualClock();
  const failing = clock.sleep(5).then(() => Promise.reject(new Error('no')));
  await expect(clock.until(failing)).rejects.toThrow('no');
});
