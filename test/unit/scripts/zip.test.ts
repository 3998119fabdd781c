import { afterEach, expect, test } from 'vitest';
import { zip } from '../../../.scripts/zip.mjs';

const timeZone = process.env.TZ;
afterEach(() => {
  if (timeZone === undefined) delete process.env.TZ;
  else process.env.TZ = timeZone;
});

/** The time stamp and the name of each entry of a zip, as its directory has them. */
function entriesOf(bytes: Buffer): { readonly name: string; readonly time: number; readonly date: number }[] {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const entries = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count--) {
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    entries.push({ name, time: bytes.readUInt16LE(at + 12), date: bytes.readUInt16LE(at + 14) });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

const files = { 'b/ä.txt': Buffer.from('second'), 'a.txt': Buffer.from('first') };
/** 1980-01-01 00:00 in MS-DOS format. */
const epoch = { time: 0, date: (1 << 5) | 1 };

test('a zip has its files in order of name, all of one date', () => {
  expect(entriesOf(zip(files))).toEqual([
    { name: 'a.txt', ...epoch },
    { name: 'b/ä.txt', ...epoch },
  ]);
});

test('a zip has the same bytes in every time zone and in whatever order its files are given', () => {
  const expected = zip(files);
  for (const zone of ['UTC', 'America/Los_Angeles', 'Asia/Tokyo', 'Pacific/Kiritimati']) {
    process.env.TZ = zone;
    expect(zip(Object.fromEntries(Object.entries(files).reverse())).equals(expected), zone).toBe(true);
  }
});
