import { expect, test } from 'vitest';
import { windowsPathFault } from '../../../src/base/windows-path.js';

test.each([
  ['C:\\Office.', /ends with a dot or a space/],
  ['C:\\Office \\image', /ends with a dot or a space/],
  ['\\\\?\\C:\\Office...', /ends with a dot or a space/],
  ['\\\\server\\share\\Office.', /ends with a dot or a space/],
  ['C:\\Office\\con', /names the device con/],
  ['C:/nul/Office', /names the device nul/],
  ['NUL', /names the device NUL/],
  ['\\\\?\\UNC\\server\\share\\aux.txt', /names the device aux.txt/],
  ['C:\\Office:image', /a character that Windows does not allow/],
  ['C:\\a|b', /a character that Windows does not allow/],
  ['C:\\Office?', /a character that Windows does not allow/],
])('%s is a path that nothing but Node could open and delete', (path, fault) => {
  expect(windowsPathFault(path)).toMatch(fault);
});

test.each([
  'C:\\',
  'C:/Office/',
  'C:bridge.log',
  '..\\bridge.log',
  'C:\\a\\..\\.\\b',
  'C:\\Offi\u200dce \u{1f600}\\.hidden',
  '\\\\server.example.\\d$\\Office',
  '\\\\?\\C:\\Office',
  '\\\\?\\UNC\\server\\share\\Office',
  '\\\\?\\Volume{0d0c4f55-0f62-4a86-9d4b-6b1f6d6f6a3e}\\Office',
])('%s is a path that Windows has', (path) => {
  expect(windowsPathFault(path)).toBeNull();
});
