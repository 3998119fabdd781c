import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { limit } from '../../../src/base/limit.js';
import { deferred } from '../../../src/defender/deferred.js';

/** A job that is begun and ended by hand. */
function job() {
  const ended = deferred<void>();
  const self = {
    begun: false,
    end: ended.resolve,
    run() {
      self.begun = true;
      return ended.promise;
    },
  };
  return self;
}

test('jobs get their turns in the order in which they came, whatever becomes of those before', async () => {
  const inTurn = limit(1);
  const order: number[] = [];
  const jobs = [1, 2, 3, 4].map((number) =>
    inTurn(async () => {
      order.push(number);
      if (number === 2) throw new Error('no');
    }),
  );
  await Promise.allSettled(jobs);
  expect(order).toEqual([1, 2, 3, 4]);
});

test('a job that is given up before its turn rejects at once, is never begun, and leaves its place to the next', async () => {
  const inTurn = limit(1);
  const [first, second, third] = [job(), job(), job()];
  const wish = new AbortController();
  const running = inTurn(first.run);
  const givenUp = inTurn(second.run, wish.signal);
  const waiting = inTurn(third.run);
  wish.abort(new Error('not wanted'));
  await expect(givenUp).rejects.toThrow('not wanted');
  first.end();
  third.end();
  await Promise.all([running, waiting]);
  expect([first.begun, second.begun, third.begun]).toEqual([true, false, true]);
  await expect(inTurn(second.run, wish.signal)).rejects.toThrow('not wanted');
  expect(second.begun).toBe(false);
});

test('a job that has begun is not given up, and none leaves a listener behind', async () => {
  const inTurn = limit(1);
  const [first, second] = [job(), job()];
  const wish = new AbortController();
  const running = inTurn(first.run, wish.signal);
  const waiting = inTurn(second.run, wish.signal);
  first.end();
  await running;
  await new Promise(setImmediate);
  expect(second.begun).toBe(true);
  expect(getEventListeners(wish.signal, 'abort')).toEqual([]);
  wish.abort();
  second.end();
  await waiting;
});
