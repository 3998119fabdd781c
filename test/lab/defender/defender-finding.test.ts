import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Bridge } from '../../support/bridge.js';
import { describeInLab } from '../../support/lab.js';
import { controlMpClient, type MpClientControl, runInLab, startLabBridge } from '../../support/mpclient.js';

const defender = 'HKLM\\SOFTWARE\\Microsoft\\Windows Defender';
const policy = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender';
const endpointPolicy = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Advanced Threat Protection';
const providers = 'HKLM\\SOFTWARE\\Microsoft\\Security Center\\Provider';
const service = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WinDefend';
const automaticUpdates = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\wuauserv';
const windowsUpdate = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate';

describeInLab('MpClient is found', (lab) => {
  const shipped = () => join(lab.driveC, 'Program Files/Windows Defender');
  const platform = () => join(lab.driveC, 'ProgramData/Microsoft/Windows Defender/Platform');
  let kept: string;
  let control: MpClientControl;
  let bridges: Bridge[];

  const registry = (...args: string[]) => runInLab(lab, 'C:\\windows\\system32\\reg.exe', ...args, '/reg:64');
  const set = (key: string, name: string, value: string | number) =>
    registry('add', key, '/v', name, '/t', typeof value === 'number' ? 'REG_DWORD' : 'REG_SZ', '/d', `${value}`, '/f');
  const install = (folder: string) => cpSync(kept, folder, { recursive: true });
  function start(): Bridge {
    const bridge = startLabBridge(lab);
    bridges.push(bridge);
    return bridge;
  }
  /** What the doctor says of the DLL, from a bridge that has just started unless one is given. */
  async function found(bridge = start()): Promise<{ ok: boolean; detail: string }> {
    const { checks } = await bridge.request('bridge/doctor');
    return checks.find(({ id }: { id: string }) => id === 'defender.client');
  }
  async function refused(): Promise<{ code: number; message: string; data: { reason: string } }> {
    return start()
      .request('defender/status')
      .then(
        () => Promise.reject(new Error('MpClient was loaded')),
        (error) => error,
      );
  }

  beforeEach(() => {
    control = controlMpClient(lab);
    bridges = [];
    kept = mkdtempSync(join(lab.driveC, 'lab', 'kept-'));
    cpSync(shipped(), kept, { recursive: true });
  });
  afterEach(async () => {
    for (const bridge of bridges) await bridge[Symbol.asyncDispose]();
    control.dispose();
    rmSync(join(lab.driveC, 'ProgramData/Microsoft/Windows Defender'), { recursive: true, force: true });
    rmSync(join(lab.driveC, 'elsewhere'), { recursive: true, force: true });
    rmSync(shipped(), { recursive: true, force: true });
    install(shipped());
    rmSync(kept, { recursive: true });
    for (const key of [defender, policy, endpointPolicy, providers, service, automaticUpdates, windowsUpdate]) {
      try {
        registry('delete', key, '/f');
      } catch {
        // This test did not set it.
      }
    }
  });

  test('under Program Files where nothing else is there', async () => {
    expect(await found()).toMatchObject({
      ok: true,
      detail: 'MpClient answers: C:\\Program Files\\Windows Defender\\MpClient.dll',
    });
  });

  test('in the newest platform folder, by number and not by text', async () => {
    for (const version of ['4.18.9.3-0', '4.18.25060.7-0', '4.18.25060.11-0', 'backup'])
      install(join(platform(), version));
    mkdirSync(join(platform(), '4.18.30000.1-0'));
    expect((await found()).detail).toContain('\\Platform\\4.18.25060.11-0\\MpClient.dll');
  });

  test('where InstallLocation says, before everything else', async () => {
    for (const version of ['4.18.25060.7-0', '4.18.25060.11-0']) install(join(platform(), version));
    set(defender, 'InstallLocation', 'C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.25060.7-0\\\\');
    expect((await found()).detail).toContain('\\Platform\\4.18.25060.7-0\\MpClient.dll');
  });

  test('anew by a bridge that lives while Defender moves to a newer platform', async () => {
    const [older, newer] = ['4.18.25060.7-0', '4.18.25080.5-0'] as const;
    const bridge = start();
    const at = (version: string) => ({ ok: true, detail: expect.stringContaining(`\\${version}\\MpClient.dll`) });
    const remove = (folder: string) => rmSync(folder, { recursive: true });
    install(join(platform(), older));
    expect(await found(bridge)).toMatchObject(at(older));
    install(join(platform(), newer));
    expect(await found(bridge)).toMatchObject(at(newer));
    expect(await bridge.request('defender/update')).toMatchObject({ changed: true });
    // As MpCmdRun -RevertPlatform does.
    remove(join(platform(), newer));
    expect(await found(bridge)).toMatchObject(at(older));
    // While one takes the place of the other there is none.
    for (const folder of [join(platform(), older), shipped()]) remove(folder);
    expect(await found(bridge)).toMatchObject(at(older));
  });

  test('and an InstallLocation outside the protected folders is passed over', async () => {
    install(join(lab.driveC, 'elsewhere'));
    set(defender, 'InstallLocation', 'C:\\elsewhere\\\\');
    expect((await found()).detail).toContain('C:\\Program Files\\Windows Defender\\MpClient.dll');
    rmSync(shipped(), { recursive: true });
    expect((await refused()).message).toContain(
      'C:\\elsewhere\\MpClient.dll is not loaded: it lies outside the folders where only administrators can write',
    );
  });

  test('but never through a link out of a protected folder', async () => {
    install(join(lab.driveC, 'elsewhere'));
    rmSync(shipped(), { recursive: true });
    symlinkSync(join(lab.driveC, 'elsewhere'), shipped());
    expect((await refused()).message).toMatch(/is not loaded: .*(link or mount point|can be changed by)/);
    rmSync(shipped());
  });

  test('only with the DLL beside it that it needs', async () => {
    rmSync(join(shipped(), 'MpSupport.dll'));
    expect(await refused()).toMatchObject({
      code: 1002,
      message: expect.stringContaining('C:\\Program Files\\Windows Defender\\MpClient.dll is not loaded: '),
    });
  });

  test('its mode and its sources are told from the registry', async () => {
    const bridge = start();
    const status = () => bridge.request('defender/status');
    expect(await status()).toMatchObject({
      runningMode: 'normal',
      runningModeConfidence: 'high',
      updateSettings: { order: ['unmanaged', 'http'], orderSetBy: 'default', wsusServer: null },
    });
    set(`${defender}\\Signature Updates`, 'FallbackOrder', 'MMPC');
    expect((await status()).updateSettings).toMatchObject({ order: ['http'], orderSetBy: 'preference' });
    set(`${policy}\\Policy Manager`, 'SignatureUpdateFallbackOrder', 'FileShares|MMPC');
    expect((await status()).updateSettings).toMatchObject({ order: ['unc', 'http'], orderSetBy: 'policy' });
    set(`${policy}\\Signature Updates`, 'FallbackOrder', '{ InternalDefinitionUpdateServer | FileShares }');
    set(`${policy}\\Signature Updates`, 'DefinitionUpdateFileSharesSources', '{\\\\nas\\av | \\\\nas2\\av}');
    set(windowsUpdate, 'WUServer', 'http://wsus:8530');
    set(`${windowsUpdate}\\AU`, 'UseWUServer', 1);
    set(automaticUpdates, 'Start', 4);
    expect((await status()).updateSettings).toMatchObject({
      order: ['managed', 'unc'],
      orderSetBy: 'policy',
      fileShares: ['\\\\nas\\av', '\\\\nas2\\av'],
      wsusServer: 'http://wsus:8530',
      automaticUpdates: { startType: 'disabled' },
      problems: [expect.stringContaining('wuauserv is disabled')],
    });
    set(`${policy}\\Features`, 'PassiveRemediation', 1);
    set(defender, 'PassiveMode', 1);
    expect(await status()).toMatchObject({ runningMode: 'edrBlock', runningModeConfidence: 'medium' });
    set(defender, 'PassiveMode', 2);
    expect(await status()).toMatchObject({ runningMode: 'sideBySidePassive', runningModeConfidence: 'low' });
  });

  test('or the reason is told: a policy, another antivirus, passive mode, a disabled service, or nothing at all', async () => {
    rmSync(shipped(), { recursive: true });
    expect(await refused()).toMatchObject({
      code: 1002,
      message: 'There is no MpClient.dll on this machine. Microsoft Defender Antivirus is not installed or not set up.',
      data: { type: 'NotAvailable', reason: 'absent' },
    });
    set(`${defender}\\Features`, 'TamperProtection', 5);
    expect((await refused()).data).toMatchObject({
      reason: 'tamperProtection',
      conditions: { tamperProtection: true },
    });
    set(policy, 'DisableAntiSpyware', 1);
    expect((await refused()).data).toMatchObject({ reason: 'policy', conditions: { disabledByPolicy: true } });
    set(service, 'Start', 4);
    expect((await refused()).data.reason).toBe('serviceDisabled');
    set(endpointPolicy, 'ForceDefenderPassiveMode', 1);
    expect((await refused()).data.reason).toBe('passiveMode');
    set(`${providers}\\Av\\{D68DDC3A-831F-4fae-9E44-DA132C1ACF46}`, 'DISPLAYNAME', 'Windows Defender');
    expect((await refused()).data.reason).toBe('passiveMode');
    set(`${providers}\\Av\\{11111111-2222-3333-4444-555555555555}`, 'DISPLAYNAME', 'Contoso Antivirus');
    expect(await refused()).toMatchObject({
      message: expect.stringContaining('Another antivirus is registered: Contoso Antivirus.'),
    });
    expect((await refused()).data).toMatchObject({
      reason: 'thirdPartyAntivirus',
      conditions: {
        passiveMode: true,
        passiveModeForced: true,
        thirdPartyAntivirus: ['Contoso Antivirus'],
        disabledByPolicy: true,
        serviceDisabled: true,
        tamperProtection: true,
      },
    });
  });
});
