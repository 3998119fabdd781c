import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { bridgePath, startBridge } from '../support/bridge.js';
import { type Cdn, image, startCdn } from '../support/cdn.mjs';
import { temporaryFolder } from '../support/content-staging.js';
import { deadline } from '../support/deadline.js';
import { literally } from '../support/literally.js';

const dist = dirname(bridgePath);

/** A copy of dist/ whose `file` was changed. */
function distWith(file: string, damage: (path: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-damaged-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(dist, folder, { recursive: true });
  damage(join(folder, file));
  return folder;
}

/** Turns one bit over, somewhere in the file. */
function flipBit(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(Math.random() * bytes.length);
  bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(Math.random() * 8));
  writeFileSync(path, bytes);
}

const damages: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  ['missing', (path) => rmSync(path), /is missing$/],
  ['of 0 bytes', (path) => truncateSync(path, 0), /is damaged/],
  ['cut in half', (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)), /is damaged/],
  ['with one bit turned over', flipBit, /is damaged/],
];
const foreign: typeof damages = [
  [
    'of another version',
    (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/^\/\/ c2r-bridge .*/, '// c2r-bridge 0.0.9')),
    /belongs to version 0\.0\.9, and c2r-bridge\.cjs is version \d/,
  ],
  [
    'of another build',
    (path) => writeFileSync(path, `${readFileSync(path, 'utf8')}// another\n`),
    /of another build than c2r-bridge\.cjs$/,
  ],
];

/** The error that names a damaged file, by a pattern for its name, and says what to do. */
const damagedInstallation = (folder: string, name: string, reason: RegExp) => ({
  code: 1002,
  message: expect.stringMatching(new RegExp(`${literally(folder + sep)}${name} .*${reason.source}`)),
  data: {
    type: 'NotAvailable',
    reason: 'damagedInstallation',
    recommendation: expect.stringContaining('Install c2r-bridge again'),
  },
});

const run = (folder: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(folder, 'c2r-bridge.cjs'), ...args], {
    encoding: 'utf8',
    timeout: deadline(20_000),
  });

let cdn: Cdn;
beforeAll(async () => {
  cdn = await startCdn(image());
});
afterAll(() => cdn.close());

test.each([...damages, ...foreign])(
  '[damaged-dist] features.cjs %s: call and wrong use end with one line that names it',
  (_, damage, reason) => {
    const folder = distWith('features.cjs', damage);
    const call = run(folder, 'call', 'c2r/status');
    expect(call).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/^[^\n]+\n$/) });
    const { error } = JSON.parse(call.stderr);
    expect(error).toMatchObject(damagedInstallation(folder, 'features\\.cjs', reason));
    const simulated = run(folder, '--simulate', '{}');
    expect(simulated).toMatchObject({ status: 2, stdout: '' });
    expect(simulated.stderr).toBe(`c2r-bridge: ${error.message}\n`);
  },
);

test.each([...damages, ...foreign])(
  '[damaged-dist] features.cjs %s: a session opens, says so, and ends in order',
  async (_, damage, reason) => {
    const folder = distWith('features.cjs', damage);
    await using bridge = startBridge({ command: [process.execPath, join(folder, 'c2r-bridge.cjs')] });
    expect(await bridge.request('initialize', { protocolVersion: 1 })).toMatchObject({ protocolVersion: 1 });
    for (const method of ['c2r/status', 'defender/status', 'bits/list', 'rpc.discover']) {
      await expect(bridge.request(method, {})).rejects.toMatchObject(
        damagedInstallation(folder, 'features\\.cjs', reason),
      );
    }
    expect(bridge.stderr()).toBe('');
    expect(await bridge.stop()).toBe(0);
  },
);

test.each(['libarchive.cjs', 'libarchive.wasm'].flatMap((file) => damages.map((damage) => [file, ...damage] as const)))(
  '[damaged-dist] %s %s: staging and verification name it, and both work once it is repaired',
  async (file, _, damage, reason) => {
    const folder = distWith(file, damage);
    await using destination = await temporaryFolder();
    await using bridge = startBridge({ command: [process.execPath, join(folder, 'c2r-bridge.cjs')] });
    const stage = () => bridge.request('content/stage', { endpoint: cdn.endpoint, destination: destination.path });
    await expect(stage()).rejects.toMatchObject(damagedInstallation(folder, literally(file), reason));
    cpSync(join(dist, file), join(folder, file));
    await stage();
    damage(join(folder, file));
    const verify = () => bridge.request('content/verify', { path: destination.path });
    await expect(verify()).rejects.toMatchObject(damagedInstallation(folder, literally(file), reason));
    cpSync(join(dist, file), join(folder, file));
    expect(await verify()).toMatchObject({ ok: true });
    expect(bridge.stderr()).toBe('');
    expect(await bridge.stop()).toBe(0);
  },
);

const koffi = readdirSync(dist).filter((name) => name.endsWith('.node'));

/** What makes the bridge believe that it runs on Windows, up to the point where it loads what calls Windows. */
const onWindows = (arch: string) => `
  Object.defineProperty(process, 'platform', { value: 'win32' });
  Object.defineProperty(process, 'arch', { value: '${arch}' });
`;

test.each(damages)(
  '[damaged-dist] koffi for the processor %s: what calls Windows names it each time, and so does the doctor',
  async (_, damage, reason) => {
    for (const arch of ['x64', 'arm64']) {
      const folder = distWith('c2r-bridge.cjs', (bridge) => {
        for (const file of koffi) damage(join(dirname(bridge), file));
      });
      const preload = join(folder, 'windows.cjs');
      writeFileSync(preload, onWindows(arch));
      await using bridge = startBridge({
        command: [process.execPath, '--require', preload, join(folder, 'c2r-bridge.cjs')],
        args: ['--backend', 'windows'],
      });
      const expected = damagedInstallation(folder, 'koffi-\\w+\\.node', reason);
      for (const method of ['c2r/status', 'defender/status', 'c2r/status']) {
        await expect(bridge.request(method, {})).rejects.toMatchObject(expected);
      }
      const { checks } = await bridge.request('bridge/doctor');
      expect(checks).toEqual([
        expect.objectContaining({
          id: 'bridge.koffi',
          ok: false,
          detail: expected.message,
          recommendation: expected.data.recommendation,
        }),
      ]);
      expect(await bridge.stop()).toBe(0);
    }
  },
);

test.each([
  ['missing', (path: string) => rmSync(path), /Cannot find module '.*c2r-bridge\.cjs'/],
  [
    'cut in half',
    (path: string) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
    /c2r-bridge\.cjs:\d+[\s\S]*SyntaxError/,
  ],
  [
    'with a bit turned over that leaves it a script',
    (path: string) => writeFileSync(path, readFileSync(path, 'latin1').replace('Usage:', 'usage:'), 'latin1'),
    /^\{"error":\{"code":1002,"message":"[^"]*c2r-bridge\.cjs is damaged"[^\n]*Install c2r-bridge again[^\n]*\n$/,
  ],
])('[damaged-dist] c2r-bridge.cjs %s: it is named, by Node or by the first feature', (_, damage, words) => {
  const { status, stdout, stderr } = run(distWith('c2r-bridge.cjs', damage), 'call', 'c2r/status');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(words);
});

test('[damaged-dist] c2r-bridge.cjs that an upgrade took away from a bridge that runs is named', async () => {
  const folder = distWith('c2r-bridge.cjs', () => undefined);
  await using destination = await temporaryFolder();
  await using bridge = startBridge({ command: [process.execPath, join(folder, 'c2r-bridge.cjs')] });
  await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: destination.path });
  rmSync(folder, { recursive: true });
  const expected = damagedInstallation(folder, 'c2r-bridge\\.cjs', /is missing$/);
  const verify = bridge.request('content/verify', { path: destination.path });
  await expect(verify).rejects.toMatchObject(expected);
  const stage = bridge.request('content/stage', { endpoint: cdn.endpoint, destination: destination.path });
  await expect(stage).rejects.toMatchObject(expected);
  expect(await bridge.stop()).toBe(0);
});

test('[damaged-dist] openrpc.json is for readers: the bridge needs none', () => {
  const folder = distWith('openrpc.json', (path) => rmSync(path));
  expect(JSON.parse(run(folder, 'call', 'rpc.discover').stdout)).toMatchObject({ openrpc: expect.any(String) });
});
