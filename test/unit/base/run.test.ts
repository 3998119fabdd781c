import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { untilAborted } from '../../../src/base/run.js';

test('a call that outlasts its signal is waited for no longer, and its later failure harms nobody', async () => {
  const abort = new AbortController();
  let fail: (error: Error) => void = () => undefined;
  const call = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const waiting = untilAborted(call, abort.signal);
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(untilAborted(call, abort.signal)).rejects.toThrow('enough');
  fail(new Error('later'));
  await new Promise(setImmediate);
});

test('many calls leave no listener behind, however they end', async () => {
  const { signal } = new AbortController();
  for (let call = 0; call < 20; call++) {
    await untilAborted(Promise.resolve(), signal);
    await untilAborted(Promise.reject(new Error('no')), signal).catch(() => undefined);
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
