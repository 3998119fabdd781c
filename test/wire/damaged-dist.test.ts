import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bridgePath, startBridge } from '../bridge.js';
import { image, startCdn } from '../cdn/cdn.mjs';
import { temporaryFolder } from './content-staging.js';

/** A copy of dist/ whose `file` was changed. */
function distWith(file: string, damage: (path: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-damaged-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(dirname(bridgePath), folder, { recursive: true });
  damage(join(folder, file));
  return folder;
}

const damages: readonly (readonly [string, (path: string) => void])[] = [
  ['missing', (path) => rmSync(path)],
  ['empty', (path) => truncateSync(path, 0)],
  ['cut off', (path) => truncateSync(path, 20_000)],
  ['of another build', (path) => writeFileSync(path, 'module.exports={"./chunk-AAAAAAAA.cjs":()=>{}}')],
  ['something else', (path) => writeFileSync(path, readFileSync(join(dirname(path), 'libarchive.wasm')))],
];

test.each(damages)(
  '[damaged-dist] features.cjs %s: call and wrong use end with one line that names it',
  (_, damage) => {
    const folder = distWith('features.cjs', damage);
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(folder, 'c2r-bridge.cjs'), ...args], { encoding: 'utf8', timeout: 20_000 });
    const call = run('call', 'c2r/status');
    expect(call).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/^[^\n]+\n$/) });
    expect(JSON.parse(call.stderr)).toMatchObject({
      error: {
        code: 1002,
        message: expect.stringContaining(join(folder, 'features.cjs')),
        data: { reason: 'damagedInstallation', recommendation: expect.stringContaining('Install c2r-bridge again') },
      },
    });
    const simulated = run('--simulate', '{}');
    expect(simulated).toMatchObject({ status: 2, stdout: '' });
    expect(simulated.stderr).toBe(`c2r-bridge: ${JSON.parse(call.stderr).error.message}\n`);
  },
);

test.each(damages)('[damaged-dist] features.cjs %s: a session opens, says so, and ends in order', async (_, damage) => {
  const folder = distWith('features.cjs', damage);
  await using bridge = startBridge({ command: [process.execPath, join(folder, 'c2r-bridge.cjs')] });
  expect(await bridge.request('initialize', { protocolVersion: 1 })).toMatchObject({ protocolVersion: 1 });
  for (const method of ['c2r/status', 'defender/status', 'bits/list', 'rpc.discover']) {
    await expect(bridge.request(method, {})).rejects.toMatchObject({
      code: 1002,
      data: { reason: 'damagedInstallation' },
    });
  }
  expect(bridge.stderr()).toBe('');
  expect(await bridge.stop()).toBe(0);
});

test('[damaged-dist] without libarchive.cjs staging says what is missing', async () => {
  const file = 'libarchive.cjs';
  const folder = distWith(file, (path) => rmSync(path));
  const cdn = await startCdn(image());
  onTestFinished(() => void cdn.close());
  await using destination = await temporaryFolder();
  await using bridge = startBridge({ command: [process.execPath, join(folder, 'c2r-bridge.cjs')] });
  await expect(
    bridge.request('content/stage', { endpoint: cdn.endpoint, destination: destination.path }),
  ).rejects.toMatchObject({
    code: 1002,
    message: expect.stringContaining(join(folder, file)),
    data: { reason: 'damagedInstallation' },
  });
});
