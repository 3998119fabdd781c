import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isLocalName } from '../../../src/bits/local-name.js';

describe('the name of a local file', () => {
  test.each([
    'C:\\ProgramData\\Microsoft\\v64.cab',
    'c:/forward/slashes.cab',
    '\\\\server\\share\\v64.cab',
    'C:\\日本語\\ファイル.dat',
    'C:\\ leading space\\name. with dots.cab',
    'C:\\console\\nullable.txt',
  ])('may be %s on Windows', (path) => {
    expect(isLocalName(path, 'win32')).toBe(true);
  });

  test.each([
    '',
    'v64.cab',
    'C:v64.cab',
    '\\v64.cab',
    'C:\\folder\\',
    '\\\\server\\share',
    '\\\\.\\C:\\v64.cab',
    '\\\\?\\C:\\v64.cab',
    'C:\\star*.cab',
    'C:\\what?.cab',
    'C:\\a<b.cab',
    'C:\\a>b.cab',
    'C:\\a|b.cab',
    'C:\\"a".cab',
    'C:\\file.cab:stream',
    'C:\\folder:stream\\file.cab',
    'C:\\NUL',
    'C:\\folder\\con.txt',
    'C:\\aux\\file.cab',
    'C:\\a\u0000b',
    'C:\\a\u0007b',
  ])('is never %j there', (path) => {
    expect(isLocalName(path, 'win32')).toBe(false);
  });

  test('is never that of a folder', () => {
    expect(isLocalName(tmpdir())).toBe(false);
    expect(isLocalName(join(tmpdir(), 'none', 'file'))).toBe(true);
  });
});
