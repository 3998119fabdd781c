import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFolder } from '../../../src/base/make-folder.js';
import { makesLinks } from '../../support/links.js';

describe('makeFolder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'c2r-folder-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test.each(['one', 'one/two/three', '.', 'one/../four/'])('makes %s, and takes it as it is then', async (name) => {
    const path = `${root}/${name}`;
    await makeFolder(path);
    await makeFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  test('makes one folder for several who ask at once', async () => {
    const path = join(root, 'one', 'two', 'three');
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)));
    expect(statSync(path).isDirectory()).toBe(true);
  });

  test('follows a link to a folder', async () => {
    symlinkSync(tmpdir(), join(root, 'link'));
    await makeFolder(join(root, 'link'));
  });

  test.each([
    ['a file', 'file', 'EEXIST'],
    ['a file above it', 'file/two', process.platform === 'win32' ? 'EEXIST' : 'ENOTDIR'],
  ])('ends with the reason where it meets %s', async (_, name, code) => {
    writeFileSync(join(root, 'file'), '');
    await expect(makeFolder(join(root, name))).rejects.toMatchObject({ code });
  });

  test.skipIf(!makesLinks).each([
    ['a link that leads nowhere', 'nowhere'],
    ['a link above it that leads nowhere', 'nowhere/two/three'],
  ])('ends with the reason where it meets %s', async (_, name) => {
    symlinkSync(join(root, 'none', 'such'), join(root, 'nowhere'));
    await expect(makeFolder(join(root, name))).rejects.toMatchObject({ code: 'EEXIST' });
  });
});
