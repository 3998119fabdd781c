import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CabinetFault, readCabinet } from '../../../src/content/image/cabinet.js';
import { parsePublishedHash, readPublishedHash } from '../../../src/content/image/published-hash.js';
import { cabinet } from '../../support/cabinet.mjs';

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
    const path = new URL(`./data/${name}`, import.meta.url).pathname;
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
  ['an HTML page', Buffer.from('<html><body>Sign in</body></html>'), 'is no cabinet'],
  ['nothing', Buffer.alloc(0), 'is no cabinet'],
  ['a part of a cabinet', whole.subarray(0, whole.length - 100), 'is cut off'],
  ['a changed block', Buffer.from(whole).fill(0x55, 200, 240), 'is damaged'],
])('refuses %s', async (_what, bytes, reason) => {
  const path = await file('bad.cab', bytes);
  const reading = readCabinet(path, () => true);
  await expect(reading).rejects.toThrow(CabinetFault);
  await expect(readCabinet(path, () => true)).rejects.toThrow(reason);
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
