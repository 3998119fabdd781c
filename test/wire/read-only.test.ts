import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bridgePath, startBridge } from '../support/bridge.js';
import { contentsOf, sharedCdn } from '../support/content-staging.js';
import { deadline } from '../support/deadline.js';
import { startOnSmallDisk, testOnSmallDisk } from '../support/small-disk.js';

const { cdn, expected } = await sharedCdn();

/** Root may write everywhere; then the bridge runs as nobody, who owns nothing. */
const asRoot = process.getuid?.() === 0;
const nobody = 65_534;

interface Folder {
  /** The bridge's own files, in a folder that it may not write to. */
  readonly bridge: string;
  readonly readOnly: string;
  readonly writable: string;
}

function folders(): Folder {
  const root = mkdtempSync(join(tmpdir(), 'c2r-read-only-'));
  const [dist, readOnly, writable] = ['dist', 'read-only', 'writable'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  cpSync(dirname(bridgePath), dist, { recursive: true });
  mkdirSync(readOnly);
  mkdirSync(writable);
  chmodSync(root, 0o755);
  chmodSync(writable, 0o777);
  for (const name of readdirSync(dist)) chmodSync(join(dist, name), 0o444);
  for (const folder of [dist, readOnly]) chmodSync(folder, 0o555);
  onTestFinished(() => {
    for (const folder of [dist, readOnly]) chmodSync(folder, 0o755);
    rmSync(root, { recursive: true });
  });
  return { bridge: join(dist, 'c2r-bridge.cjs'), readOnly, writable };
}

/** The bridge as somebody who may not write to the folder that it lies in. */
const startAsNobody = (bridge: string, simulate: object) =>
  startBridge({ command: [process.execPath, bridge], simulate, ...(asRoot ? { uid: nobody } : {}) });

const refused = (path: string) => ({
  code: 1009,
  message: expect.stringContaining(path),
  data: { type: 'AccessDenied', path: expect.stringContaining(path), recommendation: expect.stringContaining('may') },
});

test.runIf(process.platform !== 'win32')(
  'a folder that may not be read is extra beside an image, and AccessDenied where a file of the image should be in it',
  async () => {
    const { bridge: path, writable } = folders();
    await using bridge = startAsNobody(path, {});
    await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: writable });
    const foreign = join(writable, 'lost+found');
    mkdirSync(foreign, { mode: 0o000 });
    const { ok, files } = await bridge.request('content/verify', { path: writable });
    expect(ok).toBe(true);
    expect(files).toContainEqual({ path: 'lost+found', state: 'extra', expected: null, actual: null });
    const data = join(writable, 'office', 'data');
    chmodSync(data, 0o000);
    onTestFinished(() => chmodSync(data, 0o755));
    await expect(bridge.request('content/verify', { path: writable })).rejects.toMatchObject({
      data: { type: 'AccessDenied', path: expect.stringContaining(data) },
    });
  },
);

test.runIf(process.platform !== 'win32')(
  'a folder that may be written and not read is AccessDenied, and no lock is left in it',
  async () => {
    const { bridge: path, writable } = folders();
    await using bridge = startAsNobody(path, {});
    const destination = join(writable, 'drop');
    mkdirSync(destination);
    chmodSync(destination, 0o333);
    const staging = bridge.request('content/stage', { endpoint: cdn.endpoint, destination });
    await expect(staging).rejects.toMatchObject({ data: { type: 'AccessDenied' } });
    expect(asRoot ? readdirSync(destination) : []).toEqual([]);
  },
);

test.runIf(process.platform !== 'win32')(
  'a folder that may not be written: each refusal names it and says what to do, and the bridge lives on',
  async () => {
    const { bridge: path, readOnly } = folders();
    await using bridge = startAsNobody(path, { statePath: join(readOnly, 'machine.json') });
    for (const [method, params] of [
      ['c2r/download', { wait: true }],
      ['c2r/setManagement', { enabled: true }],
      ['defender/update', {}],
      ['content/stage', { endpoint: cdn.endpoint, destination: readOnly }],
      ['content/stage', { endpoint: cdn.endpoint, destination: join(readOnly, 'new') }],
    ] as const) {
      await expect(bridge.request(method, params), method).rejects.toMatchObject(refused(readOnly));
    }
    expect(await bridge.request('c2r/status')).toMatchObject({ status: 'UPDATE_UNKNOWN', busy: false });
    expect(readdirSync(readOnly)).toEqual([]);
    expect(bridge.stderr()).toBe('');
    expect(await bridge.stop()).toBe(0);
  },
);

test.runIf(process.platform !== 'win32')(
  'a log file that may not be written is one line that names it, before anything is done',
  () => {
    const { bridge, readOnly } = folders();
    const log = join(readOnly, 'bridge.log');
    const { status, stdout, stderr } = spawnSync(process.execPath, [bridge, '--log-file', log, 'call', 'c2r/status'], {
      encoding: 'utf8',
      timeout: deadline(20_000),
      ...(asRoot ? { uid: nobody } : {}),
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^c2r-bridge: [^\n]*may write\n$/);
    expect(stderr).toContain(log);
  },
);

test.runIf(process.platform !== 'win32')(
  'the bridge does everything from a folder that it may not write to',
  async () => {
    const { bridge: path, writable } = folders();
    await using bridge = startAsNobody(path, {
      statePath: join(writable, 'machine.json'),
      office: { downloadMs: 100, applyMs: 100 },
      defender: { durationMs: 100 },
    });
    const destination = join(writable, 'image');
    await bridge.request('content/stage', { endpoint: cdn.endpoint, destination });
    expect(await contentsOf(destination)).toEqual(expected);
    expect(await bridge.request('content/verify', { path: destination })).toMatchObject({ ok: true });
    const { download } = await bridge.request('bits/register', { contentId: 'image', path: destination });
    expect(await bridge.request('c2r/download', { ...download, wait: true, pollMs: 100 })).toMatchObject({
      status: 'DOWNLOAD_SUCCEEDED',
    });
    expect(await bridge.request('c2r/apply', { wait: true, pollMs: 100 })).toMatchObject({ status: 'APPLY_SUCCEEDED' });
    expect(await bridge.request('defender/update')).toMatchObject({ changed: true });
    expect((await bridge.request('bridge/doctor')).checks.length).toBeGreaterThan(0);
    expect(await bridge.stop()).toBe(0);
  },
);

test.runIf(process.platform !== 'win32')(
  'an image that became read-only is verified, and staging over it is AccessDenied and changes nothing',
  async () => {
    const { bridge: path, writable } = folders();
    const destination = join(writable, 'image');
    await using bridge = startAsNobody(path, {});
    await bridge.request('content/stage', { endpoint: cdn.endpoint, destination });
    chmodSync(destination, 0o555);
    expect(await bridge.request('content/verify', { path: destination })).toMatchObject({ ok: true });
    const stage = bridge.request('content/stage', { endpoint: cdn.endpoint, destination, force: true });
    await expect(stage).rejects.toMatchObject(refused(destination));
    chmodSync(destination, 0o777);
    expect(await contentsOf(destination)).toEqual(expected);
  },
);

testOnSmallDisk('a read-only file system: AccessDenied with its path', async () => {
  await using disk = startOnSmallDisk('ro', (folder) => ({ simulate: { statePath: join(folder, 'machine.json') } }));
  const { bridge, folder } = disk;
  for (const [method, params] of [
    ['c2r/download', {}],
    ['defender/update', {}],
    ['content/stage', { endpoint: cdn.endpoint, destination: folder }],
  ] as const) {
    await expect(bridge.request(method, params), method).rejects.toMatchObject({
      code: 1009,
      message: expect.stringContaining('EROFS'),
      data: {
        type: 'AccessDenied',
        path: expect.stringContaining(folder),
        recommendation: 'Choose a place that can be written.',
      },
    });
  }
  expect(await bridge.stop()).toBe(0);
});
