import { describe, expect, test } from 'vitest';
import { absoluteFault } from '../../../src/base/absolute-path.js';

describe('an absolute path', () => {
  test.each([
    'C:\\office',
    'c:/office',
    'C:\\',
    '\\\\server\\share',
    '\\\\server\\share\\office',
    '//server/share/office',
    '\\\\10.0.0.1\\d$\\office',
    '\\\\?\\C:\\office',
    '\\\\?\\UNC\\server\\share\\office',
    '\\\\?\\Volume{0d0c4f55-0f62-4a86-9d4b-6b1f6d6f6a3e}\\office',
  ])('on Windows has a drive or a share: %s', (path) => {
    expect(absoluteFault(path, 'win32')).toBeNull();
  });

  test.each([
    'office',
    '.\\office',
    'C:office',
    'C:',
    '\\office',
    '/office',
    '\\\\server',
    '\\\\server\\',
    '//server',
    '\\\\\\server\\share',
    '\\\\.\\C:\\office',
    '\\\\?\\office',
    '\\\\?\\C:office',
    '\\\\?\\UNC\\server',
    '',
  ])('on Windows is not %j, which the current drive or folder would complete', (path) => {
    expect(absoluteFault(path, 'win32')).toMatch(/^must be an absolute path that begins with a drive or a share/);
  });

  test('elsewhere begins at the root', () => {
    expect(absoluteFault('/office', 'linux')).toBeNull();
    expect(absoluteFault('C:\\office', 'linux')).toBe('must be an absolute path');
  });
});
