import { describe, expect, test } from 'vitest';
import { maxDepth } from '../../../src/base/depth.js';
import { Failure } from '../../../src/base/failure.js';
import { maxBatch, maxElements, readBody } from '../../../src/rpc/messages.js';
import { outlineOf } from '../../../src/rpc/outline.js';
import { rpcError } from '../../../src/rpc/service.js';

const limits = { depth: Number.POSITIVE_INFINITY, elements: Number.POSITIVE_INFINITY };
const read = (json: string) => readBody(Buffer.from(json));

/** The code of the error that answers a whole body. */
function refusal(json: string | Buffer): number | undefined {
  try {
    readBody(Buffer.from(json));
  } catch (error) {
    if (error instanceof Failure) return rpcError(error).code;
    throw error;
  }
  return undefined;
}

describe('ids are kept as they were written', () => {
  test.each([
    '1',
    '0',
    '-0',
    '1.0',
    '1.5',
    '1e400',
    '-1E+2',
    '12345678901234567890',
    '0.1000000000000000055',
    '"1"',
    '""',
    '"é\\"\\\\"',
    'null',
  ])('%s', (id) => {
    expect(read(`{"jsonrpc":"2.0","method":"a","params":{"id":9,"x":{"id":8}},"id" : ${id} }`)).toMatchObject({
      kind: 'request',
      id,
    });
    expect(read(`[{"id":7,"jsonrpc":"2.0","method":"id"},{"id":\t${id},"jsonrpc":"2.0","method":"a"}]`)).toMatchObject([
      { id: '7' },
      { id },
    ]);
    if (id !== 'null') {
      expect(read(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"a":[1,{"id":3}],"id":${id}}}`)).toEqual({
        kind: 'cancel',
        id,
      });
    }
  });

  test('also beside a value that says id', () => {
    const id = '12345678901234567890';
    expect(read(`{"jsonrpc":"2.0","id":${id},"method":"id"}`)).toMatchObject({ kind: 'request', id });
    expect(read(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":${id},"a":"id"}}`)).toMatchObject({ id });
  });

  test('behind long texts beyond ASCII, which have more bytes than characters', () => {
    const id = '12345678901234567890';
    const text = `${'é€😀'.repeat(50)}\\"id\\":1,${'\\"'.repeat(50)}`;
    expect(read(`{"jsonrpc":"2.0","method":"a","params":{"x":"${text}"},"id":${id}}`)).toMatchObject({ id });
  });

  test('beside an id that is not part of the params, or of the message', () => {
    const [id, other] = ['12345678901234567890', '12345678901234567891'];
    const cancel = `"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":${id}}`;
    expect(read(`{${cancel},"x":{"id":${other}}}`)).toEqual({ kind: 'cancel', id });
    expect(read(`{"x":{"id":${other}},${cancel}}`)).toEqual({ kind: 'cancel', id });
    expect(read(`[{${cancel}},{"x":{"id":${other}},"jsonrpc":"2.0","method":"a","id":${id}}]`)).toMatchObject([
      { kind: 'cancel', id },
      { kind: 'request', id },
    ]);
  });

  test('the last of two ids counts, also where its key is written with escapes', () => {
    expect(read('{"id":1,"jsonrpc":"2.0","method":"a","id":2.0}')).toMatchObject({ id: '2.0' });
    expect(read('{"id":1,"jsonrpc":"2.0","method":"a","\\u0069d":2}')).toMatchObject({ id: '2' });
    expect(read('{"jsonrpc":"2.0","method":"a","\\u0069d":1e400}')).toMatchObject({ kind: 'invalid', id: 'null' });
  });
});

describe('messages', () => {
  test.each([
    ['a number', '1', 'null'],
    ['null', 'null', 'null'],
    ['no method', '{"jsonrpc":"2.0","id":1}', '1'],
    ['a method that is no string', '{"jsonrpc":"2.0","method":1,"id":"a"}', '"a"'],
    ['another version', '{"jsonrpc":"1.0","method":"a","id":1}', '1'],
    ['no version', '{"method":"a","id":1}', '1'],
    ['an id that is an object', '{"jsonrpc":"2.0","method":"a","id":{}}', 'null'],
    ['an id that is true', '{"jsonrpc":"2.0","method":"a","id":true}', 'null'],
    ['params that are a string', '{"jsonrpc":"2.0","method":"a","params":"bar","id":3}', '3'],
    ['params that are a number, in a notification', '{"jsonrpc":"2.0","method":"a","params":1}', 'null'],
    ['a response', '{"jsonrpc":"2.0","result":1,"id":4}', '4'],
    ['a method by way of the prototype', '{"jsonrpc":"2.0","__proto__":{"method":"a"},"id":5}', '5'],
  ])('%s is no request', (_, json, id) => {
    expect(read(json)).toMatchObject({ kind: 'invalid', id, error: { data: { type: 'InvalidRequest' } } });
  });

  test('params: null is no params', () => {
    expect(read('{"jsonrpc":"2.0","method":"a","params":null,"id":1}')).toEqual({
      kind: 'request',
      id: '1',
      method: 'a',
      params: undefined,
    });
  });

  test('a text that is not JSON, or not UTF-8, is a parse error that does not quote it', () => {
    expect(refusal('{"password":"hunter2"')).toBe(-32700);
    expect(() => read('{"password":"hunter2"')).not.toThrow(/hunter2/);
    expect(refusal('')).toBe(-32700);
    expect(refusal(Buffer.from('{"a":"\xff"}', 'latin1'))).toBe(-32700);
    // An overlong slash and a surrogate, both forbidden in UTF-8.
    expect(refusal(Buffer.from('"\xc0\xaf"', 'latin1'))).toBe(-32700);
    expect(refusal(Buffer.from('"\xed\xa0\x80"', 'latin1'))).toBe(-32700);
  });

  test('batches hold 1 to 100 messages', () => {
    const batch = (size: number) => `[${Array(size).fill('{"jsonrpc":"2.0","method":"a"}').join(',')}]`;
    expect(refusal(batch(0))).toBe(-32600);
    expect(read(batch(maxBatch))).toHaveLength(maxBatch);
    expect(refusal(batch(maxBatch + 1))).toBe(-32600);
  });

  test('nesting ends at 64 levels, elements at 100,000', () => {
    const nested = (depth: number) =>
      `{"jsonrpc":"2.0","method":"a","params":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(read(nested(maxDepth))).toMatchObject({ kind: 'notification' });
    expect(refusal(nested(maxDepth + 1))).toBe(-32600);
    expect(refusal('['.repeat(1_000_000))).toBe(-32600);
    // Three members of the message, then the elements of its params and the empty brackets that are none.
    const wide = (elements: number) =>
      `{"jsonrpc":"2.0","method":"a","params":[${Array(elements - 3)
        .fill('[]')
        .join(',')}]}`;
    expect(read(wide(maxElements))).toMatchObject({ kind: 'notification' });
    expect(refusal(wide(maxElements + 1))).toBe(-32600);
  });
});

describe('a request that is mostly one long text', () => {
  const long = '<package path=\\"C:\\\\Office\\">,[{</package>'.repeat(20);
  const text = `${long}${'x'.repeat(100_000)}`;
  const request = (params: string, id = '1', more = '') =>
    `{"jsonrpc":"2.0","id":${id},"method":"a","params":${params}${more}}`;

  test.each(['1', '-0', '1.0', '1e400', '12345678901234567890'])('keeps its id %s', (id) => {
    expect(read(request(`["${text}"]`, id))).toMatchObject({ kind: 'request', id });
    expect(read(request(`{"text":"${text}","id":2}`, id))).toMatchObject({ kind: 'request', id });
  });

  test('has the last id where it has two', () => {
    expect(read(request(`["${text}"]`, '1', ',"id":"b"'))).toMatchObject({ kind: 'request', id: '"b"' });
    expect(read(request(`["${text}"]`, '1', ',"id":2'))).toMatchObject({ kind: 'request', id: '2' });
  });

  test('must be JSON, and no deeper and wider than any other', () => {
    expect(refusal(request(`["${text}"`))).toBe(-32700);
    expect(refusal(request(`["${text}"]`, '1.2.3'))).toBe(-32700);
    const nested = (depth: number) => `["${text}",${'['.repeat(depth)}${']'.repeat(depth)}]`;
    expect(read(request(nested(maxDepth - 2)))).toMatchObject({ kind: 'request' });
    expect(refusal(request(nested(maxDepth - 1)))).toBe(-32600);
    const wide = (elements: number) => request(`["${text}"${',0'.repeat(elements)}]`);
    expect(read(wide(maxElements - 5))).toMatchObject({ kind: 'request' });
    expect(refusal(wide(maxElements - 4))).toBe(-32600);
  });
});

describe('the outline', () => {
  test('is not misled by what strings contain', () => {
    const tricky = [
      '[[[',
      '{"id":1},',
      '\\"',
      '\\\\',
      '\\\\\\"[',
      `${'x'.repeat(100)}\\"[,`,
      `${'\\\\'.repeat(60)}`,
      'é[,"'.replace('"', ''),
    ];
    for (const text of tricky) {
      const json = Buffer.from(`{"a":"${text}","b":["${text}","${text}"]}`);
      expect(outlineOf(json, json.toString('latin1'), limits)).toMatchObject({ depth: 2, elements: 4, ids: [] });
    }
  });

  test('finds the end of a text of any length, wherever in it a quote is escaped', () => {
    for (let length = 0; length < 100; length++) {
      const plain = 'x'.repeat(length);
      for (const text of [plain, `${plain}\\"`, `\\"${plain}`, `${plain}\\\\`]) {
        const json = `["${text}",[1,2]]`;
        expect(outlineOf(Buffer.from(json), json, limits), json).toMatchObject({ depth: 2, elements: 4 });
      }
    }
  });

  test('agrees with the parsed value on random documents', () => {
    const documents = ['[]', '{}', '[{},[]]', '[1,"a,[{",{"b":[null,{"c":[]}]}]', '{"a":{"b":{"c":{}}},"d":[[[[]]]]}'];
    const measure = (value: unknown): { depth: number; elements: number } => {
      if (typeof value !== 'object' || value === null) return { depth: 0, elements: 0 };
      const inner = Object.values(value).map(measure);
      return {
        depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
        elements: inner.length + inner.reduce((sum, { elements }) => sum + elements, 0),
      };
    };
    for (const json of documents) {
      expect(outlineOf(Buffer.from(json), json, limits)).toMatchObject(measure(JSON.parse(json)));
    }
  });

  test('takes linear time where every character of a long string is escaped', () => {
    const json = Buffer.from(`"${'\\"'.repeat(1_000_000)}"`);
    // Quadratic time would be hours.
    expect(outlineOf(json, json.toString('latin1'), limits)).toMatchObject({ depth: 0 });
  });
});
