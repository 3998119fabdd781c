import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCabinet } from '../../../src/content/image/cabinet.js';
import { CabinetFault, checkBlocks, readDirectory } from '../../../src/content/image/cabinet-directory.js';
import { parsePublishedHash, readPublishedHash } from '../../../src/content/image/published-hash.js';
import { type CabinetFolder, cabinet, cabinetOf } from '../../support/cabinet.mjs';

const digest = 'ab'.repeat(32);
const member = 'stream.x64.x-none.hash';
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
/** More than one block of 32 KiB, and not a whole number of them. */
const long = Buffer.from(Array.from({ length: 100_001 }, (_, index) => (index * index) % 251));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'c2r-cabinets-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, bytes: Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

test.each(['stored', 'mszip', 'lzx'] as const)(
  'reads a %s cabinet of several members and blocks',
  async (compression) => {
    const hash = utf16(`${digest}\r\n16.0.1.1\r\n`);
    const path = await file(`${compression}.cab`, cabinet({ [member]: hash, 'long.bin': long }, compression));
    const members = await readCabinet(path, () => true);
    expect([...members.keys()]).toEqual([member, 'long.bin']);
    expect(members.get(member)).toEqual(hash);
    expect(members.get('long.bin')?.equals(long)).toBe(true);
  },
);

test.each(['gcab-mszip.cab', 'lzx-verbatim.cab', 'self-signed.cab'])(
  'reads %s, which another program made',
  async (name) => {
    const path = fileURLToPath(new URL(`./data/${name}`, import.meta.url));
    const members = await readCabinet(path, (found) => found.endsWith('.hash'));
    expect([...members].map(([found, bytes]) => [found, parsePublishedHash(bytes)])).toEqual([[member, digest]]);
  },
);

test('reads what gcab makes here, where it is installed', async ({ skip }) => {
  try {
    execFileSync('gcab', ['--version'], { stdio: 'ignore' });
  } catch {
    skip('gcab is not installed; the committed gcab-mszip.cab is read in any case');
  }
  await file('long.bin', long);
  await file(member, utf16(digest));
  execFileSync('gcab', ['-c', '-z', 'made.cab', member, 'long.bin'], { cwd: folder });
  const members = await readCabinet(join(folder, 'made.cab'), () => true);
  expect(parsePublishedHash(members.get(member) ?? Buffer.alloc(0))).toBe(digest);
  expect(members.get('long.bin')?.equals(long)).toBe(true);
});

const whole = cabinet({ 'long.bin': long });
test.each([
  ['an HTML page', Buffer.from('<html><body>Sign in</body></html>'), 'is not a cabinet'],
  ['nothing', Buffer.alloc(0), 'is not a cabinet'],
  ['a part of a cabinet', whole.subarray(0, whole.length - 100), 'is cut off'],
  ['a changed block', Buffer.from(whole).fill(0x55, 200, 240), 'is damaged'],
])('refuses %s', async (_what, bytes, reason) => {
  const path = await file('bad.cab', bytes);
  const reading = readCabinet(path, () => true);
  await expect(reading).rejects.toThrow(CabinetFault);
  await expect(readCabinet(path, () => true)).rejects.toThrow(reason);
});

/** Bytes that compress badly, so that members reach over blocks; they differ with `seed`. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** Folders with members of sizes that no two cabinets share; each holds one published hash. */
function foldersOf(seed: number): CabinetFolder[] {
  const kinds = ['stored', 'mszip', 'lzx'] as const;
  return Array.from({ length: 2 + (seed % 4) }, (_, folder) => ({
    compression: kinds[(seed + folder) % 3] ?? 'mszip',
    members: Object.fromEntries([
      ...Array.from({ length: (seed * 7 + folder) % 5 }, (_none, at) => [
        `f${folder}-${at}.bin`,
        noise((seed * 9973 + folder * 31_337 + at * 12_007) % 90_000, seed + at),
      ]),
      [`stream.x64.l${folder}.hash`, utf16(`${folder}${seed % 10}`.repeat(32))],
    ]),
  }));
}

test('finds the right hash in every one of 100 cabinets of several folders, wherever its folder lies', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const folders = foldersOf(seed);
    const path = await file('folders.cab', cabinetOf(folders, seed % 3 === 0 ? { reserve: [20, 4, 0] } : {}));
    for (const [index] of folders.entries()) {
      const name = `stream.x64.l${index}.hash`;
      const members = await readCabinet(path, (found) => found === name);
      expect([seed, index, [...members].map(([found, bytes]) => [found, parsePublishedHash(bytes)])]).toEqual([
        seed,
        index,
        [[name, `${index}${seed % 10}`.repeat(32)]],
      ]);
    }
  }
});

/** The cabinet with this place in a set (iCabinet), though its flags name none. */
function numbered(bytes: Buffer, place: number): Buffer {
  bytes.writeUInt16LE(place, 34);
  return bytes;
}

test.each([
  ['Quantum', cabinetOf([{ members: { [member]: utf16(digest) }, type: 0x1472 }]), 'compressed with Quantum'],
  ['the first of a set', cabinetOf([{ members: { [member]: utf16(digest) } }], { flags: 2 }), 'one of a set'],
  ['the last of a set', cabinetOf([{ members: { [member]: utf16(digest) } }], { flags: 1 }), 'one of a set'],
  ['a method of the future', cabinetOf([{ members: { [member]: utf16(digest) }, type: 7 }]), 'not known here (7)'],
  [
    'the second by its number alone',
    numbered(cabinet({ [member]: utf16(digest) }), 1),
    'is of a kind that is not read here',
  ],
])('%s is a kind that is not read, and is not called damaged', async (_what, bytes, reason) => {
  const path = await file('kind.cab', bytes);
  const fault = await readCabinet(path, () => true).catch((error) => error);
  expect(fault).toBeInstanceOf(CabinetFault);
  expect(fault).toMatchObject({ kind: 'unsupported', message: expect.stringContaining(reason) });
  expect(fault.message).not.toContain('damaged');
});

/** A whole cabinet of two members of 64 characters, whose table has been laid out in another way. */
function otherLayout(change: (table: { entries: Buffer[]; cabinet: Buffer }) => Buffer): Buffer {
  const bytes = cabinet(
    { 'stream.x64.a.hash': utf16('a'.repeat(64)), 'stream.x64.b.hash': utf16('b'.repeat(64)) },
    'stored',
  );
  const [start, length] = [36 + 8, 16 + 'stream.x64.a.hash'.length + 1];
  const entries = [0, 1].map((index) => bytes.subarray(start + index * length, start + (index + 1) * length));
  return change({ entries, cabinet: bytes });
}

test.each([
  [
    'swapped entries',
    otherLayout(({ entries: [a, b], cabinet }) => {
      const start = 36 + 8;
      return Buffer.concat([
        cabinet.subarray(0, start),
        b as Buffer,
        a as Buffer,
        cabinet.subarray(start + 2 * (a as Buffer).length),
      ]);
    }),
  ],
  [
    'shared bytes',
    otherLayout(({ entries: [, b], cabinet }) => {
      b?.writeUInt32LE(0, 4);
      return cabinet;
    }),
  ],
  [
    'bytes before the first member',
    otherLayout(({ entries: [a], cabinet }) => {
      a?.writeUInt32LE(4, 4);
      a?.writeUInt32LE((a?.readUInt32LE(0) ?? 0) - 4, 0);
      return cabinet;
    }),
  ],
  [
    'its table behind the data',
    otherLayout(({ entries, cabinet }) => {
      const start = 36 + 8;
      const table = Buffer.concat(entries);
      const moved = Buffer.concat([cabinet.subarray(0, start), cabinet.subarray(start + table.length), table]);
      moved.writeUInt32LE(moved.length - table.length, 16);
      moved.writeUInt32LE(start, 36);
      return moved;
    }),
  ],
])('a whole cabinet with %s is of a kind that is not read, and is not called damaged', async (_what, bytes) => {
  const path = await file('layout.cab', bytes);
  const fault = await readCabinet(path, () => true).catch((error) => error);
  expect(fault).toMatchObject({ kind: 'unsupported', message: 'has its members in an order that is not read here' });
  const handle = await open(path, 'r');
  try {
    // Its blocks are right.
    await checkBlocks(handle, await readDirectory(handle, bytes.length), new AbortController().signal, () => undefined);
  } finally {
    await handle.close();
  }
});

test.each(['stored', 'mszip'] as const)(
  'a whole %s cabinet of short blocks is of a kind that is not read, and a damaged one is damaged',
  async (compression) => {
    const whole = cabinetOf([{ members: { 'long.bin': long }, compression }], { blockBytes: 20_000 });
    const reading = async (bytes: Buffer) => readCabinet(await file('short.cab', bytes), () => true);
    await expect(reading(whole)).rejects.toMatchObject({
      kind: 'unsupported',
      message: 'has a short block before the last one of a folder, which is not read here',
    });
    whole.fill(0x55, 200, 240);
    await expect(reading(whole)).rejects.toMatchObject({
      kind: 'damaged',
      message: expect.stringMatching(/^is damaged/),
    });
  },
);

/** _A_NAME_IS_UTF beside the archive attribute. */
const utf8Name = 0xa0;
test.each([
  ['in Greek', Buffer.from('ελ.bin'), utf8Name],
  ['beyond the first plane', Buffer.from('\u{1f600}.bin'), utf8Name],
  ['with what is not a character', Buffer.from('\u{fffe}.bin'), utf8Name],
  ['in a code page', Buffer.from([0x8f, 0x5c, 0xe9]), 0x20],
  ['in a code page, said to be UTF-8', Buffer.from([0x8f, 0x5c, 0xe9]), utf8Name],
])('a member with a name %s keeps nobody from the others', async (_what, name, attributes) => {
  const bytes = cabinet({ [name.toString('latin1')]: long, [member]: utf16(digest) });
  bytes.writeUInt16LE(attributes, 36 + 8 + 14);
  const members = await readCabinet(await file('names.cab', bytes), (found) => found === member);
  expect([...members.values()].map(parsePublishedHash)).toEqual([digest]);
});

test('a member in a folder that is not there, and a name without an end, are damage', async () => {
  const outside = cabinet({ [member]: utf16(digest) });
  outside.writeUInt16LE(3, 36 + 8 + 8);
  const endless = cabinet({ [member]: utf16(digest) });
  endless.fill(0x61, 36 + 8 + 16);
  for (const bytes of [outside, endless]) {
    const reading = readCabinet(await file('bad.cab', bytes), () => true);
    await expect(reading).rejects.toMatchObject({ kind: 'damaged', message: expect.stringContaining('is damaged') });
  }
});

test.each([
  ['in one folder', cabinet({ 'long.bin': long, 'b.bin': noise(50_000, 2) }, 'stored')],
  [
    'in several, with reserved bytes',
    cabinetOf([{ members: { 'a.bin': long } }, { members: { 'b.bin': long } }], { reserve: [6, 2, 7] }),
  ],
])('every block of a cabinet is checked without unpacking it: %s', async (_what, bytes) => {
  const signal = new AbortController().signal;
  const checked = async (content: Buffer) => {
    const handle = await open(await file('blocks.cab', content), 'r');
    try {
      await checkBlocks(handle, await readDirectory(handle, content.length), signal, () => undefined);
    } finally {
      await handle.close();
    }
  };
  await checked(bytes);
  // Behind an Authenticode signature, which is not a part of the cabinet.
  await checked(Buffer.concat([bytes, Buffer.alloc(5000, 1)]));
  for (const at of [bytes.length - 1, Math.floor(bytes.length / 2)]) {
    const broken = Buffer.from(bytes);
    broken[at] = (broken[at] ?? 0) ^ 0x10;
    await expect(checked(broken)).rejects.toThrow(/is damaged: the block at byte \d+ is not right/);
  }
});

test('refuses what unpacks to more than hashes need, before it is unpacked', async () => {
  const large = await file('large.cab', cabinet({ [member]: Buffer.alloc(1024 * 1024 + 1) }));
  await expect(readCabinet(large, () => true)).rejects.toThrow(`holds more than 1048576 bytes in ${member}`);
  await expect(readCabinet(large, () => false)).resolves.toEqual(new Map());

  // The size of the only member, whose content is not looked at.
  const claims = cabinet({ [member]: Buffer.alloc(10) });
  claims.writeUInt32LE(1024 * 1024 * 1024 + 1, 36 + 8);
  const bomb = await file('bomb.cab', claims);
  await expect(readCabinet(bomb, () => false)).rejects.toThrow('holds more than 1073741824 bytes');
});

test.each([
  ['upper case', utf16(digest.toUpperCase())],
  ['a BOM', utf16(`\ufeff${digest}\r\n`)],
  ['a second line', utf16(`${digest}\n16.0.1.1`)],
  ['padding', utf16(`  ${digest} \0`)],
])('finds the hash in the first line: %s', (_what, bytes) => {
  expect(parsePublishedHash(bytes)).toBe(digest);
});

test.each([
  ['UTF-8', Buffer.from(digest)],
  ['an odd length', Buffer.concat([utf16(digest), Buffer.alloc(1)])],
  ['63 digits', utf16(digest.slice(1))],
  ['another first line', utf16(`SHA256\r\n${digest}`)],
  ['nothing', Buffer.alloc(0)],
])('takes no hash from %s', (_what, bytes) => {
  expect(parsePublishedHash(bytes)).toBeNull();
});

test('a cabinet without the member is refused by the names of file, cabinet, member and URL', async () => {
  const cabinetFile = await file('other.cab', cabinet({ 'other.hash': utf16(digest) }));
  const source = { file: 'office/a.dat', cabinet: 'office/other.cab', cabinetFile, member, url: 'http://cdn/a.dat' };
  await expect(readPublishedHash(source)).rejects.toMatchObject({
    message: expect.stringContaining('does not hold stream.x64.x-none.hash'),
    data: {
      type: 'ContentInvalid',
      file: 'office/a.dat',
      cabinet: 'office/other.cab',
      member,
      url: 'http://cdn/a.dat',
    },
  });
});

test('members are found in any case', async () => {
  const cabinetFile = await file('case.cab', cabinet({ [member.toUpperCase()]: utf16(digest) }));
  const source = { file: 'a.dat', cabinet: 'case.cab', cabinetFile, member };
  await expect(readPublishedHash(source)).resolves.toBe(digest);
});

test('the committed cabinets stay small', async () => {
  for (const name of ['gcab-mszip.cab', 'lzx-verbatim.cab', 'self-signed.cab']) {
    expect((await readFile(new URL(`./data/${name}`, import.meta.url))).length).toBeLessThan(2048);
  }
});
