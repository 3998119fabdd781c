import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/base/failure.js';
import { fromFileSystem } from '../../../src/base/file-errors.js';

const folder = mkdtempSync(join(tmpdir(), 'c2r-errors-'));
writeFileSync(join(folder, 'file'), '');
afterAll(() => rmSync(folder, { recursive: true }));

function told(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    return fromFileSystem(error) as Failure;
  }
  throw new Error('the file system allowed it');
}

describe('a refusal by the file system says what to do', () => {
  test('about a path that does not exist', () => {
    const path = join(folder, 'none');
    const failure = told(() => readFileSync(path));
    expect(failure.message).toBe(`${path} does not exist.`);
    expect(failure.data).toEqual({
      type: 'AccessDenied',
      path,
      errno: 'ENOENT',
      recommendation: 'Correct the path, or create what is missing.',
    });
  });

  test.runIf(process.platform !== 'win32').each<[string, () => unknown, RegExp]>([
    ['ENOTDIR', () => readdirSync(join(folder, 'file')), /not a folder/],
    ['EISDIR', () => readFileSync(folder), /is a folder/],
    ['ENAMETOOLONG', () => readFileSync(join(folder, 'x'.repeat(300))), /shorter/],
    ['EXDEV', () => linkSync(join(folder, 'file'), '/dev/c2r-none'), /one file system/],
    [
      'ELOOP',
      () => {
        symlinkSync('loop', join(folder, 'loop'));
        readFileSync(join(folder, 'loop'));
      },
      /lead back to themselves/,
    ],
  ])('about %s', (errno, act, recommendation) => {
    const { message, data } = told(act);
    expect(message).toMatch(new RegExp(`^The file system refused ([^:]+): [^:']+ \\(${errno}, \\w+\\)\\.$`));
    expect(data).toMatchObject({ type: 'AccessDenied', errno, recommendation: expect.stringMatching(recommendation) });
  });

  test('about anything else, and gives back what is not one', () => {
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'open' });
    expect(fromFileSystem(denied)).toMatchObject({
      message: 'The file system refused the destination: permission denied (EACCES, open).',
      data: { recommendation: 'Check that this account may read and write there.' },
    });
    const other = new Error('other');
    expect(fromFileSystem(other)).toBe(other);
  });
});
