import { describe, expect, test } from 'vitest';
import { E_ACCESSDENIED, E_NOTIMPL, signed } from '../../../src/base/hresult.js';
import { HResultError } from '../../../src/base/hresult-error.js';
import { silentLog } from '../../../src/base/log.js';
import { defender as area } from '../../../src/contract/defender.js';
import { defenderChecks } from '../../../src/defender/checks.js';
import { defenderHandlers } from '../../../src/defender/handlers.js';
import { MpClientMissing } from '../../../src/defender/port.js';
import { decodeFlags, readStatus } from '../../../src/defender/status.js';
import { decodeVersions, versionsDiffer } from '../../../src/defender/versions.js';
import { ManualClock } from '../../support/manual-clock.js';
import { newSignature, oldSignature, ScriptedDefender, versionInfo } from '../../support/scripted-defender.js';

const arrange = (script: Partial<ScriptedDefender> = {}) => Object.assign(new ScriptedDefender(), script);
const unreachable = new HResultError('MpManagerVersionQuery', signed(0x800106ba));

describe('defender/status', () => {
  test('shows versions, what is due and the running mode, and closes the manager', async () => {
    const defender = arrange({ productStatus: (1 << 5) | (1 << 19) });
    const status = await readStatus(defender);
    expect(status).toMatchObject({
      versions: { antivirusSignature: { version: '1.421.12.0' }, product: { version: '4.18.1.2' } },
      due: { antivirus: true, antispyware: false, quickScan: false, fullScan: false, platform: false },
      flags: ['DUE_AV_SIGNATURE', 'HEALTH_INITIALIZED'],
      enabled: true,
      runningMode: 'normal',
      backend: 'simulated',
    });
    expect(area.status.result.safeParse(status).error).toBeUndefined();
    expect(defender.calls).toEqual(['open', 'close manager']);
  });

  test.each([
    ['the flag', { productStatus: 1 }],
    ['the failing status query', { statusError: unreachable, versionsError: unreachable }],
  ])('a service that %s shows as unreachable is a status without versions, not a failure', async (_, script) => {
    expect(await readStatus(arrange(script))).toMatchObject({
      versions: null,
      due: null,
      flags: ['SERVICE_UNAVAILABLE'],
      runningMode: 'notRunning',
    });
  });

  test('a service that goes away between the two queries leaves the versions open', async () => {
    const status = await readStatus(arrange({ versionsError: unreachable, productStatus: 1 << 5 }));
    expect(status).toMatchObject({ versions: null, due: { antivirus: true }, flags: ['DUE_AV_SIGNATURE'] });
  });

  test('another failed version query is that failure, and the manager is closed', async () => {
    const defender = arrange({ versionsError: new HResultError('MpManagerVersionQuery', E_ACCESSDENIED) });
    await expect(readStatus(defender)).rejects.toMatchObject({ hresult: E_ACCESSDENIED });
    expect(defender.calls).toEqual(['open', 'close manager']);
  });

  test('a request that is cancelled ends, also where Defender does not answer', async () => {
    const defender = arrange({ onVersions: () => new Promise<never>(() => undefined) });
    const cancelled = new AbortController();
    const run = { signal: cancelled.signal, clock: new ManualClock(), log: silentLog, report: () => undefined };
    const status = defenderHandlers(defender).status({}, run);
    cancelled.abort(new Error('enough'));
    await expect(status).rejects.toThrow('enough');
  });

  test('passive mode shows as the running mode', async () => {
    const defender = arrange();
    defender.state = { ...defender.state, passiveMode: true };
    expect((await readStatus(defender)).runningMode).toBe('passive');
  });

  test('a refused WDStatus leaves `enabled` open', async () => {
    const status = await readStatus(arrange({ enabledError: new HResultError('WDStatus', E_NOTIMPL) }));
    expect(status).toMatchObject({ enabled: null, runningMode: 'normal' });
  });

  test('flags keep undocumented bits by number, up to the highest', () => {
    expect(decodeFlags(0x8100_0002)).toEqual(['MPENGINE_UNAVAILABLE', 'BIT_24', 'BIT_31']);
  });
});

describe('versions', () => {
  test('the first number is the highest word and times are UTC to the millisecond', () => {
    const info = versionInfo(0xffff_0001_0000_8000n);
    const withTime = { ...info, engine: { version: 1n, updateTime: 133_800_000_001_234_567n } };
    expect(decodeVersions(withTime)).toMatchObject({
      antivirusSignature: { version: '65535.1.0.32768' },
      engine: { version: '0.0.0.1', updatedAt: '2024-12-30T02:40:00.123Z' },
    });
  });

  test('differ where one component has another version, not where only a time moved', () => {
    const before = decodeVersions(versionInfo(oldSignature));
    const touched = { ...before, product: { ...before.product, updatedAt: null } };
    expect(versionsDiffer(before, touched)).toBe(false);
    expect(versionsDiffer(before, decodeVersions(versionInfo(newSignature)))).toBe(true);
  });
});

describe('doctor', () => {
  test('a healthy Defender passes every check', async () => {
    const checks = await defenderChecks(arrange());
    expect(checks.map(({ id, ok }) => [id, ok])).toEqual([
      ['defender.client', true],
      ['defender.service', true],
      ['defender.mode', true],
      ['defender.signatures', true],
    ]);
    expect(checks[0]?.detail).toContain('MpClient.dll');
  });

  test('due signatures fail with what to run', async () => {
    const [, , , signatures] = await defenderChecks(arrange({ productStatus: 1 << 6 }));
    expect(signatures).toMatchObject({ ok: false, recommendation: 'Run defender/update.' });
  });

  test('no MpClient fails with the cause that shows, and asks nothing further', async () => {
    const defender = arrange({ openError: new MpClientMissing('There is no MpClient.dll.', false) });
    defender.state = { ...defender.state, passiveMode: true };
    expect(await defenderChecks(defender)).toEqual([
      {
        id: 'defender.client',
        area: 'defender',
        ok: false,
        detail: 'There is no MpClient.dll. Microsoft Defender Antivirus is in passive mode.',
        recommendation: expect.any(String),
      },
    ]);
  });

  test('a stopped service fails with the cause that shows', async () => {
    const defender = arrange({ productStatus: 1 });
    defender.state = { ...defender.state, serviceDisabled: true };
    const checks = await defenderChecks(defender);
    expect(checks[1]).toMatchObject({ id: 'defender.service', ok: false, detail: expect.stringContaining('disabled') });
  });
});
