import { expect, test, vi } from 'vitest';
import { together } from '../../../src/base/together.js';

const never = new AbortController().signal;

test('gives what each job gives, in their order', async () => {
  expect(await together(never, () => [Promise.resolve(1), Promise.resolve(2)])).toEqual([1, 2]);
});

test('fails with the first failure, after the others were told and have ended', async () => {
  const ended: string[] = [];
  const failure = new Error('first');
  const result = together(never, (signal) => [
    Promise.reject(failure),
    new Promise<void>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        ended.push('told');
        setImmediate(() => {
          ended.push('ended');
          reject(signal.reason);
        });
      });
    }),
  ]).catch((error) => ended.push(error.message));
  await result;
  expect(ended).toEqual(['told', 'ended', 'first']);
});

test('passes on that nobody wants the result any more', async () => {
  const wish = new AbortController();
  const result = together(wish.signal, (signal) => [
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  ]);
  wish.abort(new Error('not wanted'));
  await expect(result).rejects.toThrow('not wanted');
});

test('lets any number of jobs listen without a warning of Node', async () => {
  const warned = vi.fn();
  process.on('warning', warned);
  try {
    await together(never, (signal) =>
      Array.from({ length: 50 }, async () => signal.addEventListener('abort', () => undefined)),
    );
    await new Promise(setImmediate);
    expect(warned).not.toHaveBeenCalled();
  } finally {
    process.off('warning', warned);
  }
});
