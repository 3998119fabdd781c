import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { bridgePath } from '../support/bridge.js';
import { deadline } from '../support/deadline.js';
import { frame } from '../support/raw-bridge.js';

function run(args: readonly string[], { input, env }: { input?: Buffer; env?: NodeJS.ProcessEnv } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bridgePath, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    input: input ?? Buffer.alloc(0),
    timeout: deadline(20_000),
  });
  return { status, stdout, stderr };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-wire-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const oneLine = /^[^\n]+\n$/;
const installed = { office: { installedVersion: '16.0.17928.20114' } };

test('[call] the result is one JSON line on stdout', () => {
  const { status, stdout, stderr } = run(['call', 'c2r/status']);
  expect(stdout).toMatch(oneLine);
  expect(JSON.parse(stdout)).toMatchObject({ backend: 'simulated', status: 'UPDATE_UNKNOWN' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.each([
  ['before', ['--simulate', JSON.stringify(installed), '--log-level', 'error', 'call', 'c2r/installation']],
  ['after', ['call', 'c2r/installation', '--log-level=error', '--simulate', JSON.stringify(installed)]],
  [
    'between, with params',
    ['call', '--simulate', JSON.stringify(installed), 'c2r/installation', '--backend', 'Simulated', '{}'],
  ],
])('[call] options %s the method', (_, args) => {
  const { status, stdout } = run(args);
  expect(JSON.parse(stdout)).toMatchObject({ version: '16.0.17928.20114' });
  expect(status).toBe(0);
});

test('[call] a call ends as soon as it has its result, whatever it has started', () => {
  const { status } = run(['--simulate', '{"office":{"downloadMs":60000}}', 'call', 'c2r/download', '{}']);
  expect(status).toBe(0);
});

test.each([
  ['nope', undefined, { code: -32601, data: { type: 'MethodNotFound' } }],
  [
    'bridge/ping',
    '{"x":1}',
    { code: -32602, data: { type: 'InvalidParams', issues: [{ path: 'x', message: expect.any(String) }] } },
  ],
  ['bridge/ping', '[1]', { code: -32602, data: { type: 'InvalidParams' } }],
])('[call-error] %s %s', (method, params, error) => {
  const { status, stdout, stderr } = run(['call', method, ...(params ? [params] : [])]);
  expect(stdout).toBe('');
  expect(stderr).toMatch(oneLine);
  expect(JSON.parse(stderr)).toMatchObject({ error: { ...error, message: expect.any(String) } });
  expect(status).toBe(1);
});

test('[call-error] a fault of the bridge is one line too; its log comes where it is asked for', () => {
  const folder = temporaryFolder();
  const [preload, logFile] = [join(folder, 'fault.cjs'), join(folder, 'bridge.log')];
  writeFileSync(preload, "Object.defineProperty(process, 'version', { get() { throw new Error('the fault'); } });");
  const call = (...options: string[]) =>
    spawnSync(
      process.execPath,
      ['--require', preload, bridgePath, ...options, 'call', 'initialize', '{"protocolVersion":1}'],
      { encoding: 'utf8', timeout: deadline(20_000) },
    );
  const quiet = call();
  expect(quiet).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(oneLine) });
  expect(JSON.parse(quiet.stderr)).toMatchObject({ error: { code: -32603, data: { type: 'InternalError' } } });
  const logged = { level: 'error', method: 'initialize', error: expect.stringContaining('the fault') };
  const [log = '', error] = call('--log-level', 'error').stderr.split('\n');
  expect(JSON.parse(log)).toMatchObject(logged);
  expect(`${error}\n`).toBe(quiet.stderr);
  expect(call('--log-file', logFile).stderr).toBe(quiet.stderr);
  expect(JSON.parse(readFileSync(logFile, 'utf8'))).toMatchObject(logged);
});

/** What only Windows has. */
const elsewhere: [string, string[]][] =
  process.platform === 'win32'
    ? []
    : [
        ['the Windows backend elsewhere', ['--backend', 'windows']],
        ['the COM server elsewhere', ['--com-server', '-Embedding']],
      ];

test.each([
  ['an unknown option', ['--verbose']],
  ['an option without its value', ['--backend']],
  ['an unknown backend', ['--backend', 'linux']],
  ['an unknown log level', ['--log-level', 'loud']],
  ['an unknown command', ['serve']],
  ['call without a method', ['call']],
  ['params that are not JSON', ['call', 'bridge/ping', '{\n']],
  ['a surplus argument', ['call', 'bridge/ping', '{}', '{}']],
  ['call with --stdio', ['call', 'bridge/ping', '--stdio']],
  ['a scenario for the real backend', ['--backend', 'windows', '--simulate', '{}']],
  ['a scenario that is not JSON', ['--simulate', '{"office":\n}']],
  ['a scenario with an unknown key', ['--simulate', '{"office":{"downloadMS":1}}']],
  ['a scenario file that does not exist', ['--simulate', '/nonexistent/scenario.json']],
  ['a log file that cannot be written', ['--log-file', '/nonexistent/folder/bridge.log']],
  ...elsewhere,
  ['a value for an option that takes none', ['--stdio=yes']],
  ['an option where a value should be', ['--log-file', '--stdio']],
  ['--what-if outside dsc set', ['dsc', 'get', 'C2RBridge/Office', '--what-if']],
  ['dsc without a resource', ['dsc', 'get']],
])('[usage] %s is one line on stderr and exit code 2', (_, args) => {
  const { status, stdout, stderr } = run(args);
  expect(stderr).toMatch(oneLine);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

test.each([['--help'], ['call', 'rpc.discover'], ['dsc', 'export', 'C2RBridge/Office']])(
  'a pipe that nobody reads any more: %s ends with 1 and says nothing of it',
  async (...args) => {
    const bridge = spawn(process.execPath, [bridgePath, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    bridge.stdout.destroy();
    const stderr = text(bridge.stderr);
    expect(await once(bridge, 'exit')).toEqual([1, null]);
    expect(await stderr).toMatch(args[0] === 'dsc' ? /^{"warn":.*\n$/ : /^$/);
  },
);

test.each([
  [['--foo'], "c2r-bridge: Unknown option '--foo'; see --help\n"],
  [
    ['--log-file', join(tmpdir(), 'none', 'log')],
    `c2r-bridge: the log cannot be written: there is no folder ${join(tmpdir(), 'none')}\n`,
  ],
])('[usage] what is wrong with %j is said once, and what to do', (args, stderr) => {
  expect(run(args)).toMatchObject({ status: 2, stderr });
});

test.runIf(process.platform !== 'win32')(
  'a named pipe without a reader cannot be the log file, and is not waited for',
  () => {
    const pipe = join(temporaryFolder(), 'log');
    execFileSync('mkfifo', [pipe]);
    const { status, stderr } = run(['--log-file', pipe, 'call', 'bridge/ping']);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/the log cannot be written: ENXIO/),
    });
  },
);

test('[usage] --version is one line, --help names every option', () => {
  const { version } = JSON.parse(readFileSync(join(bridgePath, '../../package.json'), 'utf8'));
  expect(run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  const help = run(['--help']);
  expect(help).toMatchObject({ status: 0, stderr: '' });
  for (const option of [
    '--stdio',
    '--backend',
    '--simulate',
    '--log-level',
    '--log-file',
    '--version',
    'call <method>',
  ]) {
    expect(help.stdout).toContain(option);
  }
});

test('[environment] C2R_SIMULATION is JSON or a file; the command line goes before', () => {
  const file = join(temporaryFolder(), 'scenario.json');
  writeFileSync(file, JSON.stringify({ office: { installedVersion: '16.0.1.2' } }));
  const versionOf = (args: string[], env: NodeJS.ProcessEnv) =>
    JSON.parse(run(['call', 'c2r/installation', ...args], { env }).stdout).version;
  expect(versionOf([], { C2R_SIMULATION: JSON.stringify(installed) })).toBe('16.0.17928.20114');
  expect(versionOf([], { C2R_SIMULATION: file })).toBe('16.0.1.2');
  expect(versionOf(['--simulate', file], { C2R_SIMULATION: JSON.stringify(installed) })).toBe('16.0.1.2');
});

test('[environment] C2R_BACKEND chooses the backend', () => {
  const refused = run(['call', 'bridge/ping'], { env: { C2R_BACKEND: 'nonsense' } });
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('C2R_BACKEND must be one of') });
  expect(run(['call', 'bridge/ping', '--backend', 'auto'], { env: { C2R_BACKEND: 'nonsense' } }).status).toBe(0);
});

test('[log] logs are JSON lines of the level that is asked for, on stderr or in the file', () => {
  const exit = frame('{"jsonrpc":"2.0","method":"exit"}');
  expect(run([], { input: exit }).stderr).toBe('');
  const lines = run(['--log-level', 'debug'], { input: exit })
    .stderr.trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    expect(line).toMatchObject({
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      level: expect.any(String),
      message: expect.any(String),
    });
  }
  const file = join(temporaryFolder(), 'bridge.log');
  writeFileSync(file, 'kept\n');
  expect(run(['--log-level', 'debug', '--log-file', file], { input: exit }).stderr).toBe('');
  const [kept, ...logged] = readFileSync(file, 'utf8').trim().split('\n');
  expect(kept).toBe('kept');
  expect(logged.length).toBe(lines.length);
});
