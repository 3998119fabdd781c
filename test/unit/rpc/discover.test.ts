import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { method } from '../../../src/contract/method.js';
import { namedObject } from '../../../src/contract/named.js';
import { openRpcDocument } from '../../../src/rpc/discover.js';

const empty = z.strictObject({});
const part = namedObject('Part', { size: z.int() });
const of = (result: z.ZodMiniType) => method('parts/list', { summary: 'Lists parts.', params: empty, result });

test('a named object is one type, and what is said of a use of it stays there', () => {
  const result = z.object({ one: part.check(z.describe('The first.')), others: z.array(part) });
  const { methods, components } = openRpcDocument([{ list: of(result) }], '1.0.0');
  const reference = { $ref: '#/components/schemas/Part' };
  expect(methods).toMatchObject([{ result: { schema: { $ref: '#/components/schemas/PartsListResult' } } }]);
  expect(components).toMatchObject({
    schemas: {
      Part: { title: 'Part', type: 'object', required: ['size'] },
      PartsListResult: {
        properties: { one: { ...reference, description: 'The first.' }, others: { items: reference } },
      },
    },
  });
  expect((components as { schemas: { Part: object } }).schemas.Part).not.toHaveProperty('description');
});

test('a property that is called title names nothing', () => {
  const result = z.object({ title: z.string(), type: z.string() });
  const { components } = openRpcDocument([{ list: of(result) }], '1.0.0');
  expect(components).toMatchObject({ schemas: { PartsListResult: { properties: { title: { type: 'string' } } } } });
});

test('two types of one name are refused', () => {
  const other = namedObject('Part', { size: z.string() });
  const result = z.object({ part, other });
  expect(() => openRpcDocument([{ list: of(result) }], '1.0.0')).toThrow('Two types are called Part.');
});
