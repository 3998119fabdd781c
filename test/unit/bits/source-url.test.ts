import { describe, expect, test } from 'vitest';
import { parseSourceUrl } from '../../../src/bits/source-url.js';

describe('the URL of a file of a content source', () => {
  test('has a contentid and a path, whatever the case of scheme and id', () => {
    expect(parseSourceUrl('CMBITS://F732AF58/Office/Data/V32.cab')).toEqual({
      contentId: 'f732af58',
      path: 'Office/Data/V32.cab',
    });
  });

  test('is percent-decoded once', () => {
    expect(parseSourceUrl('cmbits://my%20id/Office/a%20b%2525.dat')).toEqual({
      contentId: 'my id',
      path: 'Office/a b%25.dat',
    });
  });

  test.each([
    'cmbits://id//Office/Data/v64.cab',
    'cmbits://id/Office///Data//v64.cab',
    'cmbits://id\\Office\\Data\\v64.cab',
    'cmbits:\\\\id\\Office/Data\\v64.cab',
    'cmbits://id/Office%5cData%2fv64.cab',
    'cmbits://id/%2FOffice/Data/v64.cab',
  ])('names the same file as %s', (url) => {
    expect(parseSourceUrl(url)).toEqual({ contentId: 'id', path: 'Office/Data/v64.cab' });
  });

  test.each([
    'http://id/Office/Data/v64.cab',
    'cmbits:/id/file',
    'cmbits://id',
    'cmbits://id/',
    'cmbits:///Office/Data/v64.cab',
    'cmbits://id/../secret',
    'cmbits://id/Office/%2e%2e/%2e%2e/secret',
    'cmbits://id/Office%2F..%2F..%2Fsecret',
    'cmbits://id/Office/..%5c..%5csecret',
    'cmbits://id/Office\\..\\secret',
    'cmbits://id/./file',
    'cmbits://id/Office//..//..//secret',
    'cmbits:\\\\id\\..\\secret',
    'cmbits://id//server/share/../../secret',
    'cmbits://id/Office/Data/',
    'cmbits://id/Office\\',
    'cmbits://id//',
    'cmbits:/\\id',
    'cmbits://id/file:stream',
    'cmbits://id/C:/Windows/win.ini',
    'cmbits://id/NUL',
    'cmbits://id/con.txt',
    'cmbits://id/name.',
    'cmbits://id/a%00b',
    'cmbits://id/%zz',
    'cmbits://id/file?query',
    'cmbits://id/file#fragment',
    `cmbits://id/${'a/'.repeat(1200)}a`,
  ])('is refused as %s', (url) => {
    expect(parseSourceUrl(url)).toBeNull();
  });
});
