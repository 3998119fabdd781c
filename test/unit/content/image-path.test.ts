import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '../../../src/base/failure.js';
import {
  hashPlace,
  imagePath,
  newRootFault,
  refuseCollisions,
  refuseLinks,
} from '../../../src/content/image/image-path.js';
import { makesLinks } from '../../support/links.js';
import { staysBelow } from '../../support/stays-below.js';

const data = '/office/data/16.0.1.1/';
const contentInvalid = expect.objectContaining({ data: expect.objectContaining({ type: 'ContentInvalid' }) });

test('relativePath keeps its leading slash and the name follows it', () => {
  expect(imagePath(data, 'stream.x64.x-none.dat', {})).toBe('office/data/16.0.1.1/stream.x64.x-none.dat');
});

test.each([
  ['a parent folder', '/office/../../etc/', 'passwd'],
  ['a parent folder as name', data, '..'],
  ['the folder itself', '/office/./data/', 'a.dat'],
  ['two leading slashes', '//server/share/', 'a.dat'],
  ['no leading slash', 'office/data/', 'a.dat'],
  ['no trailing slash', '/office/data', 'a.dat'],
  ['a drive', '/C:/Windows/', 'a.dat'],
  ['a drive as name', data, 'C:a.dat'],
  ['a stream', data, 'a.dat:hidden'],
  ['a backslash', '/office\\..\\..\\', 'a.dat'],
  ['a backslash in the name', data, '..\\a.dat'],
  ['a slash in the name', data, 'b/a.dat'],
  ['a device', data, 'CON'],
  ['a device with an extension', data, 'nul.dat'],
  ['a numbered device', data, 'Com1.cab'],
  ['a device with a superscript digit', data, 'COM\u00b9'],
  ['a device behind spaces', data, 'aux .txt'],
  ['a device as folder', '/office/prn/', 'a.dat'],
  ['a trailing dot', data, 'a.dat.'],
  ['a trailing space', data, 'a.dat '],
  ['a trailing dot in a folder', '/office./', 'a.dat'],
  ['an empty name', data, ''],
  ['a wildcard', data, '*.dat'],
  ['a control character', data, 'a\u0007.dat'],
  ['a reversing character', data, 'a\u202etad.exe'],
  ['a NUL', data, 'a\0.dat'],
  ['the name of the manifest', '/', 'Manifest.json'],
  ['the name of the lock', '/', '.c2r-stage.lock'],
  ['the name of a partial file', data, 'a.dat.partial'],
  ['a name of 256 bytes', data, 'a'.repeat(256)],
])('refuses %s and names the file object', (_what, relativePath, name) => {
  const file = { relativePath, name };
  expect(() => imagePath(relativePath, name, file)).toThrow(contentInvalid);
  try {
    imagePath(relativePath, name, file);
  } catch (error) {
    expect((error as Failure).data.file).toEqual(file);
  }
});

test('whatever is accepted stays below the image', () => {
  const piece = fc.oneof(fc.constantFrom('..', '.', '/', '\\', ':', 'CON', 'a', ' ', '\0', '%2e%2e'), fc.string());
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, text, (folder, name) => {
      let path: string;
      try {
        path = imagePath(`/${folder}/`, name, {});
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        return;
      }
      const resolved = new URL(path.split('/').map(encodeURIComponent).join('/'), 'file:///image/').pathname;
      expect(resolved.startsWith('/image/')).toBe(true);
      expect(staysBelow(path)).toBe(true);
      expect(path).not.toMatch(/[\\:]/);
    }),
    { numRuns: 500 },
  );
});

test('hashLocation lies beside its file and names a cabinet and a member', () => {
  expect(hashPlace('office/data/1/a.dat', 's640.cab/a.hash', {})).toEqual({
    cabinet: 'office/data/1/s640.cab',
    member: 'a.hash',
  });
});

test.each([
  '../s640.cab/a.hash',
  '/s640.cab/a.hash',
  's640.cab',
  's640.cab/',
  'C:/s640.cab/a.hash',
  'nul/a.hash',
  's640.cab\\a.hash',
])('refuses hashLocation %s', (hashLocation) => {
  expect(() => hashPlace('office/data/1/a.dat', hashLocation, {})).toThrow(contentInvalid);
});

test.each([
  ['two names that differ in case only', ['office/a.dat', 'office/A.dat']],
  ['one name twice', ['office/a.dat', 'office/a.dat']],
  ['one name in two Unicode forms', ['office/\u00e9.dat', 'office/e\u0301.dat']],
  ['folders that differ in case only', ['office/data/a.dat', 'Office/data/b.dat']],
  ['a file that is a folder of another', ['office/data', 'office/data/a.dat']],
])('refuses a list with %s', (_what, paths) => {
  expect(() => refuseCollisions(paths)).toThrow(contentInvalid);
});

test.skipIf(!makesLinks)(
  'refuses a symbolic link on the way, in the place of the file, and a dangling one',
  async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'c2r-links-')));
    try {
      await mkdir(join(root, 'office'));
      await symlink(tmpdir(), join(root, 'office/out'));
      await symlink(join(root, 'nowhere'), join(root, 'office/dangling.dat'));
      await expect(refuseLinks(root, 'office/out/a.dat')).rejects.toThrow(contentInvalid);
      await expect(refuseLinks(root, 'office/dangling.dat')).rejects.toThrow(contentInvalid);
      await expect(refuseLinks(root, 'office/new/a.dat')).resolves.toBeUndefined();
    } finally {
      await rm(root, { recursive: true });
    }
  },
);

test('an image is made under names that Windows does not have, but not on Windows', () => {
  expect(newRootFault('C:\\Office.', 'win32')).toMatch(/^has a name that ends with a dot or a space/);
  expect(newRootFault('/srv/Office: all./con', 'linux')).toBeNull();
});
