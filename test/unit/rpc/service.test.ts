import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { Failure } from '../../../src/base/failure.js';
import { method } from '../../../src/contract/method.js';
import { createService, servedArea } from '../../../src/rpc/service.js';
import { ManualClock } from '../../support/manual-clock.js';

const area = { ask: method('test/ask', { summary: 'Asks.', params: z.strictObject({}), result: z.string() }) } as const;
const silent = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };
const context = {
  signal: new AbortController().signal,
  clock: new ManualClock(),
  progress: () => () => undefined,
};

test('an area that could not be opened is opened anew with the next request, and once it is open never again', async () => {
  let opened = 0;
  const missing = new Failure('NotAvailable', 'There is no such DLL.', { recommendation: 'Install it.' });
  const service = createService(
    {
      test: servedArea(
        async () => area,
        async () => {
          opened++;
          if (opened === 1) throw missing;
          return { handlers: { ask: async () => 'an answer' } };
        },
      ),
    },
    silent,
  );
  await expect(service.call('test/ask', {}, context)).rejects.toMatchObject({
    code: 1002,
    message: missing.message,
    data: missing.data,
  });
  expect(await service.call('test/ask', {}, context)).toBe('an answer');
  expect(await service.call('test/ask', {}, context)).toBe('an answer');
  expect(opened).toBe(2);
});
