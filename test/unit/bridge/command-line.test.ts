import { expect, test, vi } from 'vitest';

// The module asks once where it is, and files of this lane share their modules.
const { platform } = process;
Object.defineProperty(process, 'platform', { value: 'win32' });
vi.resetModules();
const { parseCommandLine } = await import('../../../src/bridge/command-line.js');
Object.defineProperty(process, 'platform', { value: platform });
vi.resetModules();

test('a COM server stays half a minute without clients, and for silent ones as long as BITS keeps their jobs', () => {
  expect(parseCommandLine(['--com-server', '-Embedding'], {}).command).toEqual({
    name: 'com-server',
    launched: false,
    idleMs: 30_000,
    silentMs: 90 * 24 * 3_600_000,
  });
});

test('the process that a COM server starts knows that it is the one that serves', () => {
  const args = ['--com-server', '-Embedding', '--com-idle-ms', '5', '--com-silent-ms', '7', '--com-process'];
  expect(parseCommandLine(args, {}).command).toEqual({ name: 'com-server', launched: true, idleMs: 5, silentMs: 7 });
});
