import { PassThrough, Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOutbox, jsonParts } from '../../../src/rpc/outbox.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';

/** An output that records what reaches it in one system call, and that reads only when told. */
function recorder({ stuck = false } = {}) {
  const writes: string[][] = [];
  let release: (() => void) | undefined;
  const finish = (done: () => void) => {
    release = done;
    if (!stuck) done();
  };
  const output = new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, done) {
      writes.push([chunk.toString()]);
      finish(done);
    },
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => chunk.toString()));
      finish(done);
    },
  });
  return { output, writes, release: () => release?.() };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('replies leave together when the last of them is ready', () => {
  const { output, writes } = recorder();
  const outbox = createOutbox(output, () => undefined);
  outbox.send(['{"a":1}'], true);
  outbox.send(['"é"'], true);
  expect(writes).toEqual([]);
  outbox.send(['3'], false);
  expect(writes).toEqual([['Content-Length: 7\r\n\r\n{"a":1}Content-Length: 4\r\n\r\n"é"Content-Length: 1\r\n\r\n3']]);
});

test('a reply does not wait for a slow request beyond the turn of the loop', async () => {
  const { output, writes } = recorder();
  const outbox = createOutbox(output, () => undefined);
  outbox.send(['1'], true);
  await turn();
  expect(writes).toHaveLength(1);
});

test('a write is due at 32 KiB, whatever is still owed', () => {
  const { output, writes } = recorder();
  const outbox = createOutbox(output, () => undefined);
  for (let sent = 0; sent < 33; sent++) outbox.send([JSON.stringify('x'.repeat(1000))], true);
  expect(writes.length).toBe(1);
});

test('a large body goes out with its header in one write, after what was sent before', async () => {
  const { output, writes } = recorder();
  const outbox = createOutbox(output, () => undefined);
  const large = JSON.stringify('é'.repeat(100_000));
  outbox.send(['1'], true);
  outbox.send([large], true);
  await outbox.flushed();
  expect(writes.slice(0, 2)).toEqual([['Content-Length: 1\r\n\r\n1'], ['Content-Length: 200002\r\n\r\n', large]]);
});

test('pressure is signalled while the client does not read, and lifted when it does', async () => {
  const { output, release } = recorder({ stuck: true });
  const pressure: boolean[] = [];
  const outbox = createOutbox(output, (full) => pressure.push(full));
  for (let sent = 0; sent < 6; sent++) outbox.send(['x'.repeat(1_000_000)], false);
  expect(pressure).toEqual([true]);
  release();
  await turn();
  release();
  await turn();
  expect(pressure).toEqual([true, false]);
});

test('flushed resolves after a broken output, too', async () => {
  const output = new PassThrough();
  output.on('error', () => undefined);
  const outbox = createOutbox(output, () => undefined);
  output.destroy(new Error('EPIPE'));
  outbox.send(['1'], true);
  await outbox.flushed();
});

/** Texts long enough to go in pieces, with what JSON escapes, and with surrogates, whole and lone, on every boundary. */
const longText = fc
  .tuple(
    fc.constantFrom('x', 'é', '"', '\\', '\n', '\u2028', '😀', '\ud83d', '\ude00'),
    fc.nat(9),
    fc.string({ unit: 'binary' }),
  )
  .map(([filler, lead, tail]) => `${'a'.repeat(lead)}${filler.repeat(40_000)}${tail}`);

/** Lists long enough to go in pieces, of any values and of holes, at every length around the bounds. */
const longList = fc
  .tuple(
    fc.array(fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined)), { minLength: 1 }),
    fc.integer({ min: 998, max: 3002 }),
  )
  .map(([values, length]) => Array.from({ length }, (_, index) => values[index % values.length]));

test('the parts of a result are together what JSON.stringify gives', () => {
  const joined = (value: unknown) => Buffer.concat(jsonParts(value).map((part) => Buffer.from(part))).toString();
  const result = fc.oneof(
    fc.jsonValue(),
    fc.array(longText, { maxLength: 2 }),
    fc.dictionary(fc.string(), fc.oneof(longText, longList, fc.jsonValue(), fc.constant(undefined)), { maxKeys: 4 }),
  );
  fc.assert(
    fc.property(result, (value) => {
      expect(joined(value) === JSON.stringify(value)).toBe(true);
    }),
    fuzzParameters(200),
  );
  expect(joined(undefined)).toBe('null');
});
