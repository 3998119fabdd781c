import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInLab } from './lab.js';
import { startLabBridge } from './office-bridge.js';

/** DLLs that the bridge, koffi or COM load or could be thought to, and the names that Windows searches folders for. */
const names = [
  'advapi32.dll',
  'c2r-lab-only.dll',
  'combase.dll',
  'kernel32.dll',
  'koffi.dll',
  'MpClient.dll',
  'MpSupport.dll',
  'ole32.dll',
  'oleaut32.dll',
  'OfficeC2RCom.dll',
  'shell32.dll',
  'shcore.dll',
  'version.dll',
  'wldp.dll',
  'wtsapi32.dll',
];

describeInLab('DLLs that somebody planted', (lab) => {
  const current = join(lab.driveC, 'lab', 'current');
  const onPath = join(lab.driveC, 'lab', 'path');
  const log = join(lab.driveC, 'lab', 'planted.log');
  const besideBridge = () => dirname(lab.bridge);

  function plant(folder: string): void {
    mkdirSync(folder, { recursive: true });
    for (const name of names) copyFileSync(join(lab.driveC, 'lab', 'planted.dll'), join(folder, name));
  }
  /** Which planted DLLs were loaded, and by whom. */
  const loaded = () => (existsSync(log) ? readFileSync(log, 'utf16le').trim().split('\n') : []);

  beforeAll(() => {
    rmSync(log, { force: true });
    plant(current);
    plant(onPath);
    plant(besideBridge());
  });
  afterAll(() => {
    for (const folder of [current, onPath]) rmSync(folder, { recursive: true, force: true });
    for (const name of names) rmSync(join(besideBridge(), name), { force: true });
    rmSync(log, { force: true });
  });

  test('are found by a program that takes no care, so that this trap can spring', () => {
    const env = { ...process.env, ...lab.environment };
    execFileSync('wine', ['rundll32', 'c2r-lab-only.dll,Nothing'], { cwd: current, env, stdio: 'ignore' });
    expect(loaded()).toEqual([expect.stringContaining('C:\\lab\\current\\c2r-lab-only.dll in ')]);
    rmSync(log);
  });

  test('are not loaded from the current directory, from PATH or from beside the bridge', async () => {
    await using bridge = startLabBridge(lab, {}, { cwd: current, env: { WINEPATH: 'C:\\lab\\path' } });
    await bridge.request('initialize', { protocolVersion: 1 });
    expect(await bridge.request('c2r/status')).toMatchObject({ backend: 'windows' });
    await bridge.request('bridge/doctor');
    await bridge.request('defender/status').catch(() => undefined);
    expect(loaded()).toEqual([]);
  });
});
