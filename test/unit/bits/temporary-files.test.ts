import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deleteTemporaries, notedPaths, noteLine, temporaryName } from '../../../src/bits/temporary-files.js';
import { makesLinks } from '../../support/links.js';

const jobId = '{0F0A9C6E-6B2C-4E6D-9E5D-0123456789AB}';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'c2r-temporaries-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what a killed server noted is deleted, and what is gone already is no fault', async () => {
  const paths = [0, 1, 12].map((index) => at(temporaryName(jobId, index)));
  for (const path of paths.slice(1)) writeFileSync(path, 'half');
  expect(await deleteTemporaries(paths)).toEqual([]);
  expect(paths.filter((path) => existsSync(path))).toEqual([]);
});

test.each([
  'stream.x64.x-none.dat',
  'BIT1234.tmp',
  'BIT0F0A9C6E-6B2C-0.tmp.dat',
  'xBIT0F0A9C6E-6B2C-0.tmp',
  'BIT0F0A9C6E-6B2C-.tmp',
])('%s has no name of ours and stays, whoever noted it', async (name) => {
  writeFileSync(at(name), 'not ours');
  expect(await deleteTemporaries([at(name)])).toEqual([]);
  expect(existsSync(at(name))).toBe(true);
});

test.skipIf(!makesLinks)('a link or a folder under a noted name stays, with what is behind it', async () => {
  const [link, directory] = [at(temporaryName(jobId, 0)), at(temporaryName(jobId, 1))];
  writeFileSync(at('precious'), 'not ours');
  symlinkSync(at('precious'), link);
  mkdirSync(directory);
  expect(await deleteTemporaries([link, directory])).toEqual([]);
  expect([lstatSync(link).isSymbolicLink(), existsSync(at('precious')), existsSync(directory)]).toEqual([
    true,
    true,
    true,
  ]);
});

// Elsewhere the path below a file is ENOTDIR, something else than a missing file. Windows calls that missing, too.
test.skipIf(process.platform === 'win32')('what cannot be looked at now is given back, to be tried again', async () => {
  writeFileSync(at('file'), '');
  const path = join(at('file'), temporaryName(jobId, 0));
  expect(await deleteTemporaries([path])).toEqual([path]);
});

test('notes give what was noted and not forgotten, also where the last line was cut off', () => {
  const paths = ['C:\\a\\BIT1.tmp', '\\\\server\\share\\日本\n語', 'C:\\"quoted"'];
  const noted = paths.map((path) => noteLine('+', path)).join('');
  expect(notedPaths(noted)).toEqual(paths);
  expect(notedPaths(noted + noteLine('-', paths[1] as string))).toEqual([paths[0], paths[2]]);
  expect(notedPaths(noted + noteLine('-', paths[0] as string) + noteLine('+', paths[0] as string))).toHaveLength(3);
  const last = noteLine('+', 'C:\\never made');
  for (let length = 0; length < last.length - 1; length++)
    expect(notedPaths(noted + last.slice(0, length))).toEqual(paths);
});

test.each(['', '{"schema":1}', 'C:\\plain\n', '+C:\\unquoted\n', '+"\\x"\n', '*"a"\n'])('%j notes nothing', (text) => {
  expect(notedPaths(text)).toEqual([]);
});
