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

test('null is as good as absent for each optional member, however deep, and for no other', async () => {
  const optional = z.optional(z.string());
  const inner = z.strictObject({ name: z.string(), alias: optional, note: z.optional(z.nullable(z.string())) });
  const params = z.strictObject({
    plain: optional,
    object: z.optional(inner),
    defaulted: z._default(z.strictObject({ alias: optional }), {}),
    either: z.optional(z.union([z.string(), inner])),
    list: z.optional(z.array(inner)),
    free: z.optional(z.looseObject({ alias: optional })),
  });
  const echo = { ask: method('test/ask', { summary: 'Echoes.', params, result: z.unknown() }) } as const;
  const service = createService(
    {
      test: servedArea(
        async () => echo,
        async () => ({ handlers: { ask: async (given) => given } }),
      ),
    },
    silent,
  );
  const call = (given: object) => service.call('test/ask', JSON.parse(JSON.stringify(given)), context);
  const record = { name: 'a', alias: null, note: null };
  expect(
    await call({
      plain: null,
      object: record,
      defaulted: { alias: null },
      either: record,
      list: [record],
      free: { alias: null, other: null },
    }),
  ).toEqual({
    object: { name: 'a', note: null },
    defaulted: {},
    either: { name: 'a', note: null },
    list: [{ name: 'a', note: null }],
    free: { other: null },
  });
  expect(await call({ object: null, defaulted: null, either: null, list: null, free: null })).toEqual({
    defaulted: {},
  });
  for (const given of [{ object: { name: null } }, { list: [null] }, { list: [{ name: null }] }, { unknown: null }]) {
    await expect(call(given), JSON.stringify(given)).rejects.toMatchObject({ code: -32602 });
  }
});
