import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeInLab } from '../../support/lab.js';
import { startLabBridge } from '../../support/office-bridge.js';

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

  describe('as a newer Defender', () => {
    const platform = join(lab.driveC, 'ProgramData/Microsoft/Windows Defender/Platform');
    const version = join(platform, '4.18.99999.9-0');
    const windowsPath = 'C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.99999.9-0';
    const file = join(version, 'MpClient.dll');

    beforeEach(() => {
      mkdirSync(version, { recursive: true });
      copyFileSync(join(lab.driveC, 'lab', 'planted.dll'), file);
    });
    afterEach(() => {
      rmSync(join(lab.driveC, 'ProgramData/Microsoft/Windows Defender'), { recursive: true, force: true });
      rmSync(log, { force: true });
    });

    async function askDefender(): Promise<void> {
      await using bridge = startLabBridge(lab);
      await bridge.request('defender/status').catch(() => undefined);
    }

    test('are loaded where only administrators may write, so that this trap can spring too', async () => {
      await askDefender();
      expect(loaded()).toEqual([expect.stringContaining(`${windowsPath}\\MpClient.dll in `)]);
    });

    test.each([
      ['the DLL', file],
      ['its folder', version],
      ['the folder of all versions', platform],
      ['a folder above them', join(platform, '../..')],
    ])('are not loaded where others may write to %s', async (_, writable) => {
      const { mode } = statSync(writable);
      chmodSync(writable, 0o777);
      try {
        await askDefender();
        expect(loaded()).toEqual([]);
      } finally {
        chmodSync(writable, mode);
      }
    });

    test('are not loaded through a link', async () => {
      renameSync(version, join(current, 'defender'));
      symlinkSync(join(current, 'defender'), version);
      await askDefender();
      expect(loaded()).toEqual([]);
    });
  });
});
