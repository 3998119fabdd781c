import { describe, expect, test } from 'vitest';
import { E_ACCESSDENIED, E_NOTIMPL, signed } from '../../../src/base/hresult.js';
import { HResultError } from '../../../src/base/hresult-error.js';
import { silentLog } from '../../../src/base/log.js';
import type { Conditions } from '../../../src/contract/defender.js';
import { defender as area } from '../../../src/contract/defender.js';
import { defenderChecks as defenderChecksAt } from '../../../src/defender/checks.js';
import { defenderHandlers } from '../../../src/defender/handlers.js';
import type { SourceFacts } from '../../../src/defender/port.js';
import { MpClientMissing } from '../../../src/defender/port.js';
import { decodeFlags, readStatus as readStatusAt, type StatusRequest } from '../../../src/defender/status.js';
import { decodeVersions, versionsDiffer } from '../../../src/defender/versions.js';
import { ManualClock } from '../../support/manual-clock.js';
import {
  fileTime,
  newSignature,
  oldSignature,
  ScriptedDefender,
  versionInfo,
} from '../../support/scripted-defender.js';

const arrange = (script: Partial<ScriptedDefender> = {}) => Object.assign(new ScriptedDefender(), script);
const { signal } = new AbortController();
/** The day after the scripted signatures were updated. */
const now = new Date('2026-01-02T00:00:00.000Z');
const readStatus = (defender: ScriptedDefender, request: Partial<StatusRequest> = {}) =>
  readStatusAt(defender, { maxAgeHours: 168, now, lastDelivered: null, signal, ...request });
const defenderChecks = (defender: ScriptedDefender, at = now) => defenderChecksAt(defender, at, signal);
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
    const status = defenderHandlers(defender).status({ maxAgeHours: 168 }, run);
    cancelled.abort(new Error('enough'));
    await expect(status).rejects.toThrow('enough');
  });

  const modes: [string, Partial<Conditions>, Partial<ScriptedDefender>, string, string][] = [
    ['nothing but an answering service', {}, {}, 'normal', 'high'],
    ['a WDStatus that is refused', {}, { enabledError: new HResultError('WDStatus', E_NOTIMPL) }, 'normal', 'medium'],
    ["PassiveMode of Defender's own key", { passiveModeNote: 1 }, {}, 'passive', 'medium'],
    ['the same with EDR in block mode', { passiveModeNote: 1, edrBlockMode: true }, {}, 'edrBlock', 'medium'],
    ['the side-by-side note', { passiveModeNote: 2 }, {}, 'sideBySidePassive', 'low'],
    ['ForceDefenderPassiveMode', { passiveModeForced: true, tamperProtection: false }, {}, 'passive', 'medium'],
    [
      'ForceDefenderPassiveMode against tamper protection',
      { passiveModeForced: true, tamperProtection: true },
      {},
      'normal',
      'medium',
    ],
    [
      'ForceDefenderPassiveMode against tamper protection on an older platform',
      { passiveModeForced: true, tamperProtection: true },
      { platform: 0x0004_0012_0898_0007n },
      'passive',
      'medium',
    ],
    ['another antivirus beside an answering service', { thirdPartyAntivirus: ['Contoso'] }, {}, 'normal', 'low'],
    ['a service that does not answer', { passiveModeNote: 1 }, { productStatus: 1 }, 'notRunning', 'high'],
    ['a WDStatus that says off', { thirdPartyAntivirus: ['Contoso'] }, { isEnabled: false }, 'disabled', 'high'],
  ];
  test.each(modes)('%s shows as a running mode with its confidence', async (_, state, script, mode, confidence) => {
    const defender = arrange({ platform: 0x0004_0012_61e4_0007n, ...script });
    defender.state = { ...defender.state, ...state };
    const status = await readStatus(defender);
    expect(status).toMatchObject({ runningMode: mode, runningModeConfidence: confidence });
    expect(status.runningModeReason).toMatch(/^[A-Z].*\.$/);
  });

  const ages: [string, bigint, number, string, number | null, RegExp][] = [
    ['a day', fileTime('2026-01-01T00:00:00Z'), 24, 'current', 24, /24 hours old\.$/],
    [
      'a minute over the limit',
      fileTime('2025-12-31T23:59:00Z'),
      24,
      'tooOld',
      24,
      /more than 24 hours old, at most 24 hours are allowed/,
    ],
    [
      'sixty days, whatever Defender calls due',
      fileTime('2025-11-03T00:00:00Z'),
      168,
      'tooOld',
      1440,
      /60 days old, at most 7 days/,
    ],
    ['two years, which may be the clock', fileTime('2024-01-02T00:00:00Z'), 24, 'tooOld', 17544, /731 days old/],
    ['a clock that was set right by minutes', fileTime('2026-01-02T00:04:00Z'), 24, 'current', 0, /0 hours old/],
    ['a time ahead of the clock', fileTime('2026-01-04T00:00:00Z'), 24, 'clockAhead', null, /ahead of the clock/],
    ['zero', 0n, 24, 'never', null, /never updated/],
    ['a moment of 1601', 10_000_000n, 24, 'never', null, /never updated/],
    ['1970', 116_444_736_000_000_000n, 24, 'never', null, /never updated/],
    ['the year 30828', 2n ** 63n, 24, 'never', null, /never updated/],
  ];
  test.each(ages)(
    '%s is an age that is called what it is',
    async (_, updateTime, maxAgeHours, state, hours, detail) => {
      const { signatureAge } = await readStatus(arrange({ updateTime }), { maxAgeHours });
      expect(signatureAge).toMatchObject({
        state,
        hours,
        maxHours: maxAgeHours,
        detail: expect.stringMatching(detail),
      });
      expect(signatureAge?.recommendation).toEqual(
        state === 'current' ? null : expect.stringMatching(/pdate the signatures/),
      );
      const clockInDoubt = state === 'clockAhead' || (hours ?? 0) > 8760;
      expect(signatureAge?.recommendation?.includes('Check the clock') ?? false).toBe(clockInDoubt);
    },
  );

  test('signatures without a version were never updated, whatever their time says', async () => {
    expect((await readStatus(arrange({ signature: 0n }))).signatureAge?.state).toBe('never');
  });

  const none = { policy: null, preference: null };
  const orders: [string, Partial<SourceFacts>, object][] = [
    ['nothing set', {}, { order: ['unmanaged', 'http'], orderSetBy: 'default', problems: [] }],
    [
      'a preference',
      { fallbackOrder: { policy: null, preference: 'MMPC' } },
      { order: ['http'], orderSetBy: 'preference', problems: [] },
    ],
    [
      "a policy before it, in the form of Microsoft's examples",
      {
        fallbackOrder: { policy: '{ InternalDefinitionUpdateServer | FileShares|mmpc }', preference: 'MMPC' },
        fileShares: { policy: '\\\\nas\\av|\\\\nas2\\av', preference: null },
        wsusServer: 'http://wsus:8530',
        useWsusServer: true,
      },
      {
        order: ['managed', 'unc', 'http'],
        orderSetBy: 'policy',
        fileShares: ['\\\\nas\\av', '\\\\nas2\\av'],
        wsusServer: 'http://wsus:8530',
        problems: [],
      },
    ],
    [
      'what contradicts itself',
      {
        fallbackOrder: { policy: 'InternalDefinitionUpdateServer|FileShares|MSUpdate', preference: null },
        wsusServer: 'http://wsus:8530',
        automaticUpdates: { disabledByPolicy: true, startType: 'disabled', state: 'stopped' },
      },
      {
        order: ['managed', 'unc', 'MSUpdate'],
        wsusServer: null,
        problems: [
          expect.stringContaining('no WSUS server'),
          expect.stringContaining('none are set'),
          expect.stringContaining('wuauserv is disabled'),
          expect.stringContaining('MSUpdate is not a source'),
        ],
      },
    ],
    [
      'a shared folder',
      { sharedSignatures: { ...none, policy: '\\\\vdi\\av' } },
      { sharedSignatures: '\\\\vdi\\av', problems: [expect.stringContaining('no source is tried')] },
    ],
  ];
  test.each(orders)('shows the sources: %s', async (_, facts, settings) => {
    const defender = arrange();
    defender.sourceFacts = { ...defender.sourceFacts, ...facts };
    const status = await readStatus(defender);
    expect(status.updateSettings).toMatchObject(settings);
    expect(area.status.result.safeParse(status).error).toBeUndefined();
    const check = (await defenderChecks(defender)).find(({ id }) => id === 'defender.sources');
    expect(check?.ok).toBe(status.updateSettings.problems.length === 0);
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
      ['defender.sources', true],
    ]);
    expect(checks[0]?.detail).toContain('MpClient.dll');
  });

  test('due signatures fail with what to run', async () => {
    const [, , , signatures] = await defenderChecks(arrange({ productStatus: 1 << 6 }));
    expect(signatures).toMatchObject({ ok: false, recommendation: 'Run defender/update.' });
  });

  test.each([
    ['never updated', '2026-01-02T00:00:00Z', 0n, /never updated/],
    ['60 days old', '2026-03-02T00:00:00Z', undefined, /60 days old/],
    ['ahead of the clock', '2025-12-30T00:00:00Z', undefined, /ahead of the clock/],
  ])('signatures that are %s fail without a flag of Defender', async (_, at, updateTime, detail) => {
    const defender = updateTime === undefined ? arrange() : arrange({ updateTime });
    const checks = await defenderChecks(defender, new Date(at));
    expect(checks.find(({ id }) => id === 'defender.signatures')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(detail),
      recommendation: expect.stringContaining('defender/update'),
    });
  });

  test('another antivirus is named before a policy that platforms of today ignore', async () => {
    const defender = arrange({ productStatus: 1 });
    defender.state = { ...defender.state, disabledByPolicy: true, thirdPartyAntivirus: ['Contoso AV'] };
    expect((await defenderChecks(defender))[1]).toMatchObject({
      detail: expect.stringContaining('Contoso AV'),
      recommendation: expect.stringMatching(/^Nothing, if Contoso AV is to protect this device\. Otherwise/),
    });
  });

  test('no MpClient fails with the cause that shows, and asks nothing further', async () => {
    const defender = arrange({ openError: new MpClientMissing('There is no MpClient.dll.', false) });
    defender.state = { ...defender.state, passiveMode: true };
    expect(await defenderChecks(defender)).toEqual([
      {
        id: 'defender.client',
        area: 'defender',
        ok: false,
        detail: 'There is no MpClient.dll. Microsoft Defender Antivirus is set to passive mode.',
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
