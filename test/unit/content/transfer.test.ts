import { createHash, randomBytes } from 'node:crypto';
import { linkSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HashThread } from '../../../src/content/image/hash-thread.js';
import { RunningHashes } from '../../../src/content/stage/running-hash.js';
import type { PartialRecord } from '../../../src/content/stage/staging-state.js';
import { type Segment, Transfer } from '../../../src/content/stage/transfer.js';

const signal = new AbortController().signal;
const url = 'http://cdn/a.dat';
const validator = '"1"';
const hashes = new RunningHashes({ beside: () => null });

let folder: string;
let partial: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'c2r-transfer-'));
  partial = join(folder, 'a.dat.partial');
});
afterEach(() => rmSync(folder, { recursive: true }));

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const content = (size: number) =>
  Buffer.from(Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) % 251));

/** A record of parts that end at `cuts`, of which nothing has arrived; the file is there, as an earlier run left it. */
function recordOf(size: number, cuts: readonly number[]): PartialRecord {
  const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < size), size])].sort((a, b) => a - b);
  const segments = ends.map((end, index) => ({ start: ends[index - 1] ?? 0, end, done: 0 }));
  return { url, size, validator, segments };
}

function claimAll(transfer: Transfer): Segment[] {
  const segments: Segment[] = [];
  for (let segment = transfer.claim(); segment; segment = transfer.claim()) segments.push(segment);
  return segments;
}

test('whatever the order in which parts arrive, and wherever a run breaks off, file and hash are those of the content', async () => {
  const cases = fc.record({
    size: fc.integer({ min: 1, max: 5000 }),
    cuts: fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 8 }),
    steps: fc.array(fc.record({ which: fc.nat(), length: fc.integer({ min: 1, max: 700 }) }), { maxLength: 40 }),
    breakAt: fc.nat({ max: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ size, cuts, steps, breakAt }) => {
      const bytes = content(size);
      const remote = { size, validator };
      writeFileSync(partial, '');
      let transfer = new Transfer(partial, remote, recordOf(size, cuts), hashes);
      let segments = claimAll(transfer);
      const deliver = (segment: Segment, length: number) => {
        const at = segment.start + segment.done;
        const piece = bytes.subarray(at, Math.min(at + length, segment.end));
        if (piece.length > 0) transfer.accept(segment, piece);
      };
      for (const [index, { which, length }] of steps.entries()) {
        if (index === breakAt) {
          const record = transfer.record(url);
          transfer.close();
          transfer = new Transfer(partial, remote, record, hashes);
          segments = claimAll(transfer);
        }
        const segment = segments[which % Math.max(1, segments.length)];
        if (segment) deliver(segment, length);
      }
      for (const segment of segments) deliver(segment, size);
      expect(transfer.isReceived).toBe(true);
      expect(await transfer.digest(signal)).toBe(sha256(bytes));
      transfer.close();
      expect(readFileSync(partial).equals(bytes)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test.each<[string, (record: PartialRecord) => PartialRecord, { size: number; validator: string | null }]>([
  ['of another file', (record) => record, { size: 100, validator: '"2"' }],
  ['of a file of another size', (record) => record, { size: 101, validator }],
  ['with a gap', (record) => ({ ...record, segments: [{ start: 10, end: 100, done: 5 }] }), { size: 100, validator }],
  [
    'that is too short',
    (record) => ({ ...record, segments: [{ start: 0, end: 50, done: 5 }] }),
    { size: 100, validator },
  ],
  [
    'with more than fits',
    (record) => ({ ...record, segments: [{ start: 0, end: 100, done: 101 }] }),
    { size: 100, validator },
  ],
  [
    'of more parts than a run makes',
    (record) => ({
      ...record,
      segments: [...Array.from({ length: 4096 }, () => ({ start: 0, end: 0, done: 0 })), ...record.segments],
    }),
    { size: 100, validator },
  ],
])('a record %s is not used', (_what, change, remote) => {
  writeFileSync(partial, content(100));
  const record = { url, size: 100, validator, segments: [{ start: 0, end: 100, done: 40 }] };
  const transfer = new Transfer(partial, remote, change(record), hashes);
  expect(transfer.received).toBe(0);
  expect(transfer.isPieced).toBe(false);
  transfer.close();
  expect(readFileSync(partial)).toHaveLength(0);
});

test('a record of more than the file still holds is not used', () => {
  writeFileSync(partial, content(100));
  truncateSync(partial, 39);
  const record = { url, size: 100, validator, segments: [{ start: 0, end: 100, done: 40 }] };
  const transfer = new Transfer(partial, { size: 100, validator }, record, hashes);
  expect(transfer.received).toBe(0);
  transfer.close();
});

test('a partial file with a second name elsewhere is not written to', () => {
  const other = join(folder, 'other');
  writeFileSync(other, content(100));
  linkSync(other, partial);
  const record = { url, size: 100, validator, segments: [{ start: 0, end: 100, done: 40 }] };
  const transfer = new Transfer(partial, { size: 100, validator }, record, hashes);
  for (const segment of claimAll(transfer)) transfer.accept(segment, Buffer.alloc(100));
  transfer.close();
  expect(readFileSync(other).equals(content(100))).toBe(true);
});

test('a restart forgets everything, and what is still under way belongs to the past', async () => {
  const bytes = content(100);
  const transfer = new Transfer(partial, { size: 100, validator }, null, hashes);
  const [segment] = claimAll(transfer);
  const { epoch } = transfer;
  transfer.accept(segment as Segment, Buffer.alloc(60, 0xff));
  transfer.restart({ size: 100, validator: '"2"' }, true);
  expect(epoch.aborted).toBe(true);
  expect(transfer.received).toBe(0);
  for (const again of claimAll(transfer)) transfer.accept(again, bytes);
  expect(await transfer.digest(signal)).toBe(sha256(bytes));
  expect(transfer.record(url)).toMatchObject({ validator: '"2"' });
  transfer.close();
});

test('a file without a validator or a size is fetched in one part, and leaves no record', () => {
  for (const remote of [
    { size: 200 * 1_048_576, validator: null },
    { size: null, validator },
  ]) {
    const transfer = new Transfer(partial, remote, null, hashes);
    expect(claimAll(transfer)).toHaveLength(1);
    expect(transfer.record(url)).toBeNull();
    transfer.close();
  }
});

test('a size that no disk has makes no more parts than a real one', () => {
  const transfer = new Transfer(partial, { size: 9_000_000_000_000_000, validator }, null, hashes);
  const segments = claimAll(transfer);
  expect(segments.length).toBeLessThanOrEqual(4096);
  expect(segments.at(-1)?.end).toBe(9_000_000_000_000_000);
  transfer.close();
});

test('of large files half are hashed in a thread beside this one, whatever the order in which their parts arrive', async () => {
  const thread = new HashThread();
  let asked = 0;
  const shared = new RunningHashes({
    beside: () => {
      asked++;
      return thread;
    },
  });
  const size = 70 * 1_048_576;
  const remote = { size, validator };
  const transfers = ['a', 'b', 'c'].map((name) => new Transfer(join(folder, name), remote, null, shared));
  try {
    expect(asked).toBe(2);
    const [first] = transfers as [Transfer, ...Transfer[]];
    for (const segment of claimAll(first).slice(1)) first.accept(segment, randomBytes(5_000_000));
    first.restart(remote, true);
    for (const transfer of transfers) {
      const bytes = randomBytes(size);
      for (const segment of claimAll(transfer).reverse()) {
        for (let at = segment.start; at < segment.end; at += 1_500_000) {
          transfer.accept(segment, bytes.subarray(at, Math.min(at + 1_500_000, segment.end)));
        }
      }
      expect(await transfer.digest(signal)).toBe(sha256(bytes));
    }
  } finally {
    for (const transfer of transfers) transfer.close();
    await thread.close();
  }
});

/** Bytes that this process has read by system calls, of all its threads. */
const bytesRead = () => Number(/^rchar: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

test.runIf(process.platform === 'linux')('a hash reads back no byte twice, however small the pieces are', async () => {
  const thread = new HashThread();
  const size = 24_000_000;
  const running = new RunningHashes({ beside: () => thread });
  // The first is hashed beside this thread, the second in it.
  const transfers = ['1', '2'].map((name) => new Transfer(`${partial}${name}`, { size, validator }, null, running));
  try {
    const bytes = randomBytes(size);
    const before = bytesRead();
    for (const transfer of transfers) {
      const [segment] = claimAll(transfer) as [Segment];
      for (let at = 0; at < size; at += 300_000) transfer.accept(segment, bytes.subarray(at, at + 300_000));
      expect(await transfer.digest(signal)).toBe(sha256(bytes));
    }
    const read = bytesRead() - before;
    expect(read).toBeGreaterThanOrEqual(size);
    expect(read).toBeLessThan(1.5 * size);
  } finally {
    for (const transfer of transfers) transfer.close();
    await thread.close();
  }
});

test.each(['here', 'beside'])('a file that is cut off while it is written has no hash, %s', async (where) => {
  const thread = new HashThread();
  const size = 5_000_000;
  const beside = () => (where === 'beside' ? thread : null);
  const transfer = new Transfer(partial, { size, validator }, null, new RunningHashes({ beside }));
  try {
    const [segment] = claimAll(transfer) as [Segment];
    transfer.accept({ ...segment, start: 10, done: 0 }, randomBytes(10));
    segment.done = size;
    truncateSync(partial, 1000);
    await expect(transfer.digest(signal)).rejects.toThrow('became shorter');
  } finally {
    transfer.close();
    await thread.close();
  }
});

test('what a thread was hashing when it ended is told', async () => {
  const thread = new HashThread();
  const hash = thread.hash(join(folder, 'a'), () => undefined);
  await expect(hash).rejects.toMatchObject({ code: 'ENOENT', path: join(folder, 'a') });
  const { digest } = thread.follow(0);
  await thread.close();
  await expect(digest(1)).rejects.toThrow('ended early');
  await expect(thread.follow(0).digest(1)).rejects.toThrow('ended early');
});
