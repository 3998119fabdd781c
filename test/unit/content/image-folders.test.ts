import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ImageFolders } from '../../../src/content/image/image-folders.js';
import { makesLinks } from '../../support/links.js';

const refused = expect.objectContaining({ data: expect.objectContaining({ type: 'ContentInvalid' }) });
/** Where folders can be held fast, the other way is tested all the same: it is that of Windows. */
const ways = process.platform === 'linux' ? [true, false] : [false];

describe.each(ways)('the folders of an image (held fast: %s)', (pins) => {
  let base: string;
  let root: string;
  let outside: string;
  let folders: ImageFolders;
  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'c2r-folders-')));
    [root, outside] = [join(base, 'image'), join(base, 'outside')];
    for (const folder of [root, outside]) await mkdir(folder);
    folders = ImageFolders.open(root, pins);
  });
  afterEach(async () => {
    folders.close();
    await rm(base, { recursive: true });
  });

  /** Puts a link in the place of a folder of the image. */
  async function swap(folder: string): Promise<void> {
    await rename(join(root, folder), join(root, `${folder}.aside`));
    await symlink(outside, join(root, folder), 'junction');
  }
  function create(path: string): number {
    return openSync(folders.fileToWrite(path), 'wx');
  }

  test('are made as they are needed, and a file is where it should be', async () => {
    for (const path of ['office/data/16.0.1.1/a.dat', 'office/data/b.cab', 'c.json']) {
      const fd = create(path);
      folders.requirePlace(path, fd);
      closeSync(fd);
    }
    expect((await readdir(root, { recursive: true })).sort()).toEqual(
      [
        'c.json',
        'office',
        'office/data',
        'office/data/16.0.1.1',
        'office/data/16.0.1.1/a.dat',
        'office/data/b.cab',
      ].map((path) => join(path)),
    );
  });

  test.skipIf(!makesLinks).each(['office', 'office/data'])(
    '%s that is a link, or a file, is written through by nobody',
    async (folder) => {
      await mkdir(join(root, folder), { recursive: true });
      await swap(folder);
      expect(() => {
        const path = 'office/data/a.dat';
        folders.requirePlace(path, create(path));
      }).toThrow(refused);
      await rm(join(root, folder));
      await writeFile(join(root, folder), '');
      expect(() => create('office/data/b.dat')).toThrow();
      expect(await readdir(outside)).toEqual([]);
    },
  );

  test.skipIf(!makesLinks)('that are swapped for a link later lead the next file nowhere else', async () => {
    closeSync(create('office/data/a.dat'));
    await swap('office');
    await mkdir(join(outside, 'data'));
    expect(() => {
      const path = 'office/data/b.dat';
      folders.requirePlace(path, create(path));
    }).toThrow(refused);
    expect(await readdir(join(outside, 'data'))).toEqual([]);
  });

  test.skipIf(!makesLinks)(
    'that are swapped for a link in the last moment are noticed before anything is written',
    async () => {
      const file = folders.fileToWrite('office/data/a.dat');
      await swap('office');
      await mkdir(join(outside, 'data'));
      const fd = openSync(file, 'wx');
      expect(() => folders.requirePlace('office/data/a.dat', fd)).toThrow(refused);
      closeSync(fd);
      if (pins) expect(await readdir(join(outside, 'data'))).toEqual([]);
    },
  );

  test('a file that something else took the place of is not the one that was written', async () => {
    const fd = create('office/a.dat');
    await rm(join(root, 'office/a.dat'));
    await writeFile(join(root, 'office/a.dat'), 'other');
    expect(() => folders.requirePlace('office/a.dat', fd)).toThrow(refused);
    closeSync(fd);
  });

  test.skipIf(!makesLinks)(
    'where files are numbered by their paths, one that was renamed is found in the folder that is held fast',
    async () => {
      folders.close();
      folders = ImageFolders.open(root, pins, true);
      // What rclone shows after a rename: as many bytes under another number.
      const fd = create('office/a.dat');
      await rename(join(root, 'office/a.dat'), join(base, 'a.dat'));
      await writeFile(join(root, 'office/a.dat'), '');
      const found = () => folders.requirePlace('office/a.dat', fd);
      if (pins) found();
      else expect(found).toThrow(refused);
      await writeFile(join(root, 'office/a.dat'), 'longer');
      expect(found).toThrow(refused);
      await writeFile(join(root, 'office/a.dat'), '');
      await swap('office');
      await writeFile(join(outside, 'a.dat'), '');
      expect(found).toThrow(refused);
      closeSync(fd);
    },
  );

  test('errors name the paths that people know', () => {
    closeSync(create('office/a.dat'));
    let error: unknown;
    try {
      create('office/a.dat');
    } catch (thrown) {
      error = folders.named(thrown);
    }
    expect(error).toMatchObject({ code: 'EEXIST', path: join(root, 'office', 'a.dat') });
    expect((error as Error).message).toContain(`'${join(root, 'office', 'a.dat')}'`);
  });
});
