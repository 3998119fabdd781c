import { expect, test } from 'vitest';
import { judge, type Verdict } from '../../../src/content/http/range-reader.js';
import { decide, type Facts, isReusedUnseen } from '../../../src/content/stage/planning.js';

const known = { size: 100, validator: '"1"' };
const part = { start: 10, end: 20 };
const whole = { 'content-length': '100', etag: '"1"' };
const piece = { 'content-range': 'bytes 10-19/100', 'content-length': '10', etag: '"1"' };

test.each<
  [string, Verdict, number, Record<string, string>, typeof part | null, typeof known | { size: null; validator: null }]
>([
  ['the whole file', 'ours', 200, whole, null, known],
  ['a file of which nobody knew the size', 'ours', 200, whole, null, { size: null, validator: null }],
  ['the whole file under another validator', 'ours', 200, { ...whole, etag: '"2"' }, null, known],
  ['a file of another size', 'changed', 200, { ...whole, 'content-length': '101' }, null, known],
  ['a part although the whole was asked for', 'refused', 206, piece, null, known],
  ['no content', 'refused', 204, {}, null, known],
  ['the part', 'ours', 206, piece, part, known],
  ['the part, of a size that is not told', 'ours', 206, { ...piece, 'content-range': 'bytes 10-19/*' }, part, known],
  ['the part, written in other letters', 'ours', 206, { ...piece, 'content-range': ' Bytes 10-19/100 ' }, part, known],
  ['the part without a validator, which has passed If-Range', 'ours', 206, { ...piece, etag: '' }, part, known],
  ['the part under a weak ETag and no date', 'ours', 206, { ...piece, etag: 'W/"1"' }, part, known],
  ['another part', 'otherBytes', 206, { ...piece, 'content-range': 'bytes 0-9/100' }, part, known],
  ['a part that nobody names', 'otherBytes', 206, { etag: '"1"' }, part, known],
  ['the part, compressed', 'otherBytes', 206, { ...piece, 'content-encoding': 'gzip' }, part, known],
  ['the part of another file', 'changed', 206, { ...piece, etag: '"2"' }, part, known],
  ['the part of a file of another size', 'changed', 206, { ...piece, 'content-range': 'bytes 10-19/99' }, part, known],
  ['no such part', 'changed', 416, {}, part, known],
  ['the known file, whole', 'noRanges', 200, whole, part, known],
  ['another file, whole', 'changed', 200, { ...whole, etag: '"2"' }, part, known],
  ['neither', 'refused', 204, {}, part, known],
])('an answer with %s is %s', (_what, verdict, status, headers, asked, file) => {
  expect(judge({ status, headers }, asked, file)).toBe(verdict);
});

const recorded = { size: 100, modifiedMs: 5, validator: '"1"' };
const there = { size: 100, modifiedMs: 5 };
const nothing: Facts = { hashed: true, force: false, present: null, recorded: null, partial: null };
const remote = { size: 100, validator: '"1"' };

test.each<[string, Partial<Facts>, boolean]>([
  ['as recorded', { present: there, recorded }, true],
  ['as recorded, but without a published hash', { present: there, recorded, hashed: false }, false],
  ['as recorded, but forced', { present: there, recorded, force: true }, false],
  ['touched since', { present: { ...there, modifiedMs: 6 }, recorded }, false],
  ['of another size', { present: { ...there, size: 99 }, recorded }, false],
  ['not recorded', { present: there }, false],
  ['away', { recorded }, false],
])('a file that is %s is reused unseen: %s', (_what, facts, reused) => {
  expect(isReusedUnseen({ ...nothing, ...facts })).toBe(reused);
});

test.each<[string, Partial<Facts>, ReturnType<typeof decide>]>([
  ['is not there', {}, 'download'],
  ['has a part that fits', { partial: { size: 100, validator: '"1"' } }, 'resume'],
  ['has a part of another file', { partial: { size: 100, validator: '"0"' } }, 'download'],
  ['has a part of another size', { partial: { size: 99, validator: '"1"' } }, 'download'],
  ['has a part but no published hash', { partial: { size: 100, validator: '"1"' }, hashed: false }, 'download'],
  ['is there, and was never recorded', { present: there }, 'check'],
  ['is there without a hash, and was never recorded', { present: there, hashed: false }, 'download'],
  ['is there without a hash, as the server has it', { present: there, recorded, hashed: false }, 'reuse'],
  [
    'is there without a hash, as the server has it, but forced',
    { present: there, recorded, hashed: false, force: true },
    'check',
  ],
  [
    'is there, and the server has another',
    { present: there, recorded: { ...recorded, validator: '"0"' }, hashed: false },
    'download',
  ],
  ['is there in another size', { present: { ...there, size: 99 }, recorded }, 'download'],
  ['is a folder', { present: { size: null, modifiedMs: 5 } }, 'download'],
])('a file that %s: %s', (_what, facts, action) => {
  const { present, ...rest } = { ...nothing, ...facts };
  expect(decide({ ...rest, present }, remote)).toBe(action);
});

test('a server that tells neither size nor validator makes every file without a hash a download', () => {
  const facts = { ...nothing, hashed: false, present: there, recorded: { ...recorded, validator: null } };
  expect(decide(facts, { size: null, validator: null })).toBe('download');
  expect(decide({ ...nothing, partial: { size: 100, validator: '"1"' } }, { size: null, validator: null })).toBe(
    'download',
  );
});
