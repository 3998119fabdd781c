import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statfsSync, truncateSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bridgePath, startBridge } from '../support/bridge.js';
import { type Behaviour, generated } from '../support/cdn.mjs';
import { cdnOf, complete, contentsOf, mib, sharedCdn, temporaryFolder } from '../support/content-staging.js';
import { deadline } from '../support/deadline.js';
import { frame } from '../support/raw-bridge.js';
import { startOnSmallDisk, testOnSmallDisk } from '../support/small-disk.js';

const kib = 1024;
const page = 4 * kib;

const dats = { 'x-none': generated(5 * mib, 1), 'en-us': generated(2 * mib, 2) };
const { cdn, expected } = await sharedCdn({ dats });

/** A CDN of a small image, one of whose files is larger than the ballast that gives way to it. */
const smallCdn = () => cdnOf({ dats: { 'x-none': generated(64 * page, 3) } });

const figures = { path: expect.any(String), needed: expect.any(Number), free: expect.any(Number) };
const noSpace = {
  code: 1011,
  data: { type: 'NoSpace', ...figures, recommendation: expect.stringContaining('Free disk space') },
};

/** Takes up whatever is free on a disk. */
async function fill(folder: string): Promise<void> {
  const { bavail, bsize } = statfsSync(folder);
  // Others take of it meanwhile.
  await writeFile(join(folder, 'ballast'), Buffer.alloc(bavail * bsize)).catch(() => undefined);
}

/** What of an image is in its place, without what staging keeps for itself; each must be what it is to become. */
async function placed(folder: string): Promise<Record<string, string>> {
  const contents = Object.entries(await contentsOf(folder));
  return Object.fromEntries(contents.filter(([path]) => !/\.partial$|^\.c2r-stage\.json$|^ballast$/.test(path)));
}

testOnSmallDisk(
  'a disk that is full while it is staged to: NoSpace with figures, nothing in place that is wrong, and it goes on',
  async () => {
    await using disk = startOnSmallDisk('size=16m');
    const { bridge, folder, seen } = disk;
    const params = { endpoint: cdn.endpoint, destination: folder };
    const behaviours: Behaviour[] = [
      (_, __, serve) => serve({ stopAt: 3 * mib }),
      async (_, __, serve) => {
        await fill(seen);
        await serve();
      },
    ];
    for (const behave of behaviours) cdn.misbehave(/GET .*x-none\.dat$/, behave);
    const error = await bridge.request('content/stage', params).then(
      () => expect.unreachable('the disk is full'),
      (failure) => failure,
    );
    expect(error).toMatchObject(noSpace);
    expect(error.data.needed).toBeGreaterThan(error.data.free);
    expect(expected).toMatchObject(await placed(seen));
    expect(await readdir(seen)).not.toContain('.c2r-stage.lock');
    rmSync(join(seen, 'ballast'));
    const result = await bridge.request('content/stage', params);
    expect(result.downloadedBytes).toBeLessThan(result.bytes - mib);
    expect(await contentsOf(seen)).toEqual(expected);
    expect(await bridge.stop()).toBe(0);
  },
);

testOnSmallDisk(
  'a disk that has room for the files and not for all of what staging keeps for itself, in every measure',
  async () => {
    await using small = await smallCdn();
    const bytes = [...small.files.values()].reduce((sum, { size }) => sum + Math.ceil(size / page) * page, 0);
    const ballast = 8 * page;
    const outcomes: string[] = [];
    for (let pages = 0; pages < 8; pages++) {
      await using disk = startOnSmallDisk(`size=${bytes + ballast + pages * page}`);
      const { bridge, folder, seen } = disk;
      await bridge.request('initialize', { protocolVersion: 1 });
      await writeFile(join(seen, 'ballast'), Buffer.alloc(ballast));
      const stage = () => bridge.request('content/stage', { endpoint: small.endpoint, destination: folder });
      const outcome = await stage().then(
        () => 'staged',
        (error) => {
          expect(error).toMatchObject(noSpace);
          return 'NoSpace';
        },
      );
      outcomes.push(outcome);
      expect(complete(small.files)).toMatchObject(await placed(seen));
      rmSync(join(seen, 'ballast'));
      await stage();
      expect(await contentsOf(seen)).toEqual(complete(small.files));
    }

    expect(outcomes).toContain('NoSpace');
    expect(outcomes.at(-1)).toBe('staged');
  },
);

testOnSmallDisk('a disk that is full from the start: NoSpace, and not even a lock is left', async () => {
  await using disk = startOnSmallDisk('size=64k');
  const { bridge, folder, seen } = disk;
  await bridge.request('initialize', { protocolVersion: 1 });
  await fill(seen);
  const stage = () => bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder });
  for (const attempt of [stage, stage]) await expect(attempt()).rejects.toMatchObject(noSpace);
  expect(await readdir(seen)).toEqual(['ballast']);
});

testOnSmallDisk(
  'a simulated machine whose disk is full: NoSpace, nothing has begun, and it goes on once there is room',
  async () => {
    await using disk = startOnSmallDisk('size=16k', (folder) => ({
      simulate: {
        statePath: join(folder, 'machine.json'),
        office: { downloadMs: 100, applyMs: 100 },
        defender: { durationMs: 100 },
      },
    }));
    const { bridge, seen } = disk;
    await bridge.request('c2r/setManagement', { enabled: true });
    const before = readFileSync(join(seen, 'machine.json'), 'utf8');
    await fill(seen);
    for (const [method, params] of [
      ['c2r/download', { wait: true }],
      ['c2r/update', {}],
      ['c2r/setManagement', { enabled: false }],
      ['c2r/setChannel', { channel: 'Current' }],
      ['defender/update', {}],
    ] as const) {
      await expect(bridge.request(method, params), method).rejects.toMatchObject(noSpace);
      expect(readFileSync(join(seen, 'machine.json'), 'utf8'), method).toBe(before);
      expect((await readdir(seen)).sort()).toEqual(['ballast', 'machine.json']);
      expect(await bridge.request('c2r/status')).toMatchObject({ status: 'UPDATE_UNKNOWN', busy: false });
    }
    rmSync(join(seen, 'ballast'));
    expect(await bridge.request('c2r/update', { pollMs: 100 })).toMatchObject({ changed: true });
    expect(await bridge.request('defender/update')).toMatchObject({ changed: true });
    expect(bridge.stderr()).toBe('');
    expect(await bridge.stop()).toBe(0);
  },
);

testOnSmallDisk('a log file on a full disk costs lines of the log, which stay whole, and says so once', async () => {
  await using disk = startOnSmallDisk('size=16k', (folder) => ({
    args: ['--log-level', 'debug', '--log-file', join(folder, 'bridge.log')],
  }));
  const { bridge, seen } = disk;
  const log = join(seen, 'bridge.log');
  await bridge.request('bridge/ping');
  await fill(seen);
  // Each is a line of the log.
  for (let sent = 0; sent < 100; sent++) await bridge.notify('an/unknown/notification');
  expect(await bridge.request('bridge/ping')).toEqual({});
  expect(
    bridge
      .stderr()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    expect.objectContaining({
      level: 'warn',
      file: expect.stringMatching(/bridge\.log$/),
      error: expect.stringContaining('ENOSPC'),
    }),
  ]);
  truncateSync(join(seen, 'ballast'), 0);
  await bridge.notify('an/unknown/notification');
  expect(await bridge.request('bridge/ping')).toEqual({});
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const whole = lines.filter((line) => line.endsWith('}'));
  expect(lines.length - whole.length).toBeLessThanOrEqual(1);
  expect(whole.map((line) => JSON.parse(line)).at(-1)).toMatchObject({ message: expect.any(String) });
  expect(await bridge.stop()).toBe(0);
});

const hasFull = process.platform === 'linux';

test.runIf(hasFull)('--log-file /dev/full: a session, call and dsc do their work', async () => {
  const args = ['--log-level', 'debug', '--log-file', '/dev/full'];
  await using bridge = startBridge({ args });
  expect(await bridge.request('c2r/status')).toMatchObject({ backend: 'simulated' });
  expect(await bridge.stop()).toBe(0);
  expect(JSON.parse(bridge.stderr())).toMatchObject({ level: 'warn', file: '/dev/full' });
  for (const command of [
    ['call', 'c2r/status'],
    ['dsc', 'get', 'C2RBridge/Office'],
  ]) {
    const { status, stdout } = spawnSync(process.execPath, [bridgePath, ...args, ...command], {
      encoding: 'utf8',
      timeout: deadline(20_000),
      input: '',
    });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toBeInstanceOf(Object);
  }
});

/** Runs the bridge with stdout on `file`, under a limit on the size of what it writes where one is given. */
function runInto(
  file: string,
  args: readonly string[],
  { input = '', limitKiB }: { input?: string | Buffer; limitKiB?: number } = {},
) {
  const fd = openSync(file, 'w');
  const program = [process.execPath, bridgePath, ...args];
  const [command = '', ...rest] =
    limitKiB === undefined ? program : ['bash', '-c', `ulimit -f ${limitKiB} && exec "$@"`, 'bash', ...program];
  const { status, stderr } = spawnSync(command, rest, {
    encoding: 'utf8',
    timeout: deadline(20_000),
    input,
    stdio: ['pipe', fd, 'pipe'],
  });
  closeSync(fd);
  return { status, stderr };
}

test.runIf(hasFull)(
  'stdout that is full: call and dsc fail and say why; a session ends at once and not as if all were well',
  () => {
    const call = runInto('/dev/full', ['call', 'c2r/status']);
    expect(call.status).toBe(1);
    expect(JSON.parse(call.stderr)).toMatchObject({ error: { code: 1011, data: { type: 'NoSpace', path: 'stdout' } } });
    const dsc = runInto('/dev/full', ['dsc', 'get', 'C2RBridge/Office']);
    expect(dsc.status).toBe(1);
    expect(JSON.parse(dsc.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: expect.stringContaining('stdout'),
    });
    for (const option of ['--help', '--version']) {
      const { status, stderr } = runInto('/dev/full', [option]);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringMatching(/^c2r-bridge: .*disk space.*\n$/),
      });
    }
    const session = runInto('/dev/full', [], { input: frame('{"jsonrpc":"2.0","id":1,"method":"bridge/ping"}') });
    expect(session.status).toBe(1);
  },
);

// A limit on the size of files is there for everyone, and cuts a write as short as a disk does that is almost full.
test.runIf(process.platform !== 'win32')('a result of which only a part fits is no success', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'discover.json');
  const { status, stderr } = runInto(file, ['call', 'rpc.discover'], { limitKiB: 8 });
  expect(readFileSync(file)).toHaveLength(8 * kib);
  expect(status).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 1011, data: { type: 'NoSpace', path: 'stdout' } } });
  expect(runInto(file, ['call', 'rpc.discover'])).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ openrpc: expect.any(String) });
});

test.runIf(process.platform !== 'win32')(
  'a limit on the size of files is NoSpace that says so, and what was staged goes on without it',
  async () => {
    await using folder = await temporaryFolder();
    const params = { endpoint: cdn.endpoint, destination: folder.path };
    {
      const limited = ['bash', '-c', 'ulimit -f 3000 && exec "$@"', 'bash', process.execPath, bridgePath];
      await using bridge = startBridge({ command: limited });
      await expect(bridge.request('content/stage', params)).rejects.toMatchObject({
        code: 1011,
        data: { type: 'NoSpace', ...figures, recommendation: expect.stringContaining('limit on the size of a file') },
      });
      expect(expected).toMatchObject(await placed(folder.path));
      expect(await readdir(folder.path)).not.toContain('.c2r-stage.lock');
    }
    await using bridge = startBridge();
    await bridge.request('content/stage', params);
    expect(await contentsOf(folder.path)).toEqual(expected);
  },
);
