import { expect, test } from 'vitest';
import type { Failure } from '../../../src/base/failure.js';
import { signed } from '../../../src/base/hresult.js';
import { silentLog } from '../../../src/base/log.js';
import type { defender as area } from '../../../src/contract/defender.js';
import type { Params, Progress } from '../../../src/contract/method.js';
import { simulatedDefender } from '../../../src/simulated/defender.js';
import { scenario } from '../../../src/simulated/scenario.js';
import { explainedHandlers } from '../../support/defender-handlers.js';
import { ManualClock } from '../../support/manual-clock.js';

function arrange(defender: object = {}) {
  const clock = new ManualClock();
  const handlers = explainedHandlers(simulatedDefender(scenario.parse({ defender }), clock));
  const progress: Progress<typeof area.update>[] = [];
  const controller = new AbortController();
  const run = {
    signal: controller.signal,
    clock,
    log: silentLog,
    report: (value: (typeof progress)[number]) => progress.push(value),
  };
  return {
    clock,
    progress,
    cancel: () => controller.abort(),
    status: () =>
      handlers.status(
        { maxAgeHours: 168 },
        { clock, signal: new AbortController().signal, log: silentLog, report: () => undefined },
      ),
    update: (timeoutMs?: number, params: Partial<Params<typeof area.update>> = {}) =>
      handlers.update({ retryCount: 0, timeoutMs, ...params }, run),
    failure: (timeoutMs?: number, params: Partial<Params<typeof area.update>> = {}) =>
      handlers.update({ retryCount: 0, timeoutMs, ...params }, run).then(
        () => Promise.reject(new Error('the update succeeded')),
        (error: Failure) => error,
      ),
  };
}

test('three updates: downloads and installs each, the versions move and nothing is due any more', async () => {
  const { clock, progress, status, update } = arrange({ updates: 3, durationMs: 1200 });
  expect((await status()).due).toMatchObject({ antivirus: true, antispyware: true });
  const result = await clock.until(update());
  expect(result).toMatchObject({
    changed: true,
    hresult: 0,
    rebootRequired: false,
    versionsBefore: { antivirusSignature: { version: '1.421.12.0' } },
    versionsAfter: { antivirusSignature: { version: '1.421.13.0' } },
    phases: [
      { phase: 'search', elapsedMs: 300, updateTotal: 3 },
      { phase: 'download', elapsedMs: 450, updateTotal: 3 },
      { phase: 'install', elapsedMs: 450, updateTotal: 3 },
    ],
    backend: 'simulated',
  });
  expect(new Set(progress.map(({ updateIndex }) => updateIndex))).toEqual(new Set([null, 0, 1, 2]));
  expect(progress.at(-1)?.percent).toBe(100);
  expect(await status()).toMatchObject({ due: { antivirus: false }, runningMode: 'normal', backend: 'simulated' });
  expect(clock.sleeping).toBe(0);
});

test('a second update finds other versions again', async () => {
  const { clock, update } = arrange();
  const first = await clock.until(update());
  const second = await clock.until(update());
  expect(second.versionsBefore).toEqual(first.versionsAfter);
});

test.each([[{ updates: 0 }], [{ result: '0x00000001' }]])('nothing to do (%o) changes nothing', async (script) => {
  const { clock, update } = arrange(script);
  const result = await clock.until(update());
  expect(result).toMatchObject({ changed: false, hresult: 1, phases: [{ phase: 'search' }] });
  expect(result.versionsAfter).toEqual(result.versionsBefore);
});

test('a failure ends with its HRESULT in the download phase', async () => {
  const { clock, failure } = arrange({ result: '0x80072EE7' });
  expect((await clock.until(failure())).data).toMatchObject({
    type: 'UpdateFailed',
    hresult: signed(0x80072ee7),
    phase: 'download',
  });
});

test('reboot required is told', async () => {
  const { clock, update } = arrange({ rebootRequired: true });
  expect((await clock.until(update())).rebootRequired).toBe(true);
});

test('a stopped service shows in the status and fails the update', async () => {
  const { clock, status, failure } = arrange({ serviceRunning: false });
  expect(await status()).toMatchObject({ versions: null, runningMode: 'notRunning', flags: ['SERVICE_UNAVAILABLE'] });
  expect((await clock.until(failure())).data).toMatchObject({
    type: 'UpdateFailed',
    hresultHex: '0x800106BA',
    reason: 'serviceDisabled',
  });
});

test('no MpClient is NotAvailable', async () => {
  const { clock, failure } = arrange({ present: false });
  expect((await clock.until(failure())).data).toMatchObject({ type: 'NotAvailable', reason: 'absent' });
});

test('a slow update can be timed out, and nothing goes on', async () => {
  const { clock, failure } = arrange({ durationMs: 3_600_000 });
  const error = await clock.until(failure(60_000));
  expect(error.data).toMatchObject({ type: 'Timeout', continues: false, hresultName: 'E_ABORT', phase: 'search' });
  expect(clock.now()).toBe(60_000);
  expect(clock.sleeping).toBe(0);
});

test('a cancelled update leaves the versions as they were', async () => {
  const { clock, cancel, failure, status } = arrange({ durationMs: 10_000 });
  const before = (await status()).versions;
  const error = failure();
  await clock.advance(5_000);
  cancel();
  expect((await clock.until(error)).data).toMatchObject({ type: 'RequestCancelled', continues: false });
  expect((await status()).versions?.antivirusSignature.version).toBe(before?.antivirusSignature.version);
});

test('the order is followed: the first source fails, the second delivers', async () => {
  const { clock, update } = arrange({
    fallbackOrder: 'InternalDefinitionUpdateServer|FileShares',
    fileShares: ['\\\\nas\\av'],
    wsusServer: 'http://wsus:8530',
    failSources: [{ source: 'managed', hresult: '0x8024402C' }],
  });
  expect(await clock.until(update())).toMatchObject({
    source: 'default',
    phases: [
      { phase: 'search' },
      { phase: 'search', updateType: 'UNC', stage: 'SEARCH' },
      { phase: 'download', updateType: 'UNC', stage: 'DOWNLOAD', path: '\\\\nas\\av' },
      { phase: 'install', updateType: 'UNC', stage: 'INSTALL' },
    ],
    failures: [{ name: 'INTERNAL_FAILURE', hresultHex: '0x8024402C' }],
    attempts: [{ source: 'default', updateType: 'UNC' }],
  });
});

test('a source that fails twice is reached by the second retry', async () => {
  const { clock, update } = arrange({ failSources: [{ source: 'http', hresult: '0x80072EE2', times: 2 }] });
  const result = await clock.until(update(undefined, { source: 'http', retryCount: 4 }));
  expect(result.attempts.map(({ hresultHex }) => hresultHex)).toEqual(['0x80072EE2', '0x80072EE2', '0x00000000']);
});

test('a disabled Windows Update and a wrong order fail as the real ones do', async () => {
  const disabled = arrange({ windowsUpdateDisabled: true });
  expect((await disabled.clock.until(disabled.failure(undefined, { source: 'unmanaged' }))).data).toMatchObject({
    hresultHex: '0x80070422',
  });
  expect((await disabled.clock.until(disabled.update())).phases.at(-1)).toMatchObject({ updateType: 'HTTP' });
  const wrong = arrange({ fallbackOrder: 'MSUpdate' });
  expect((await wrong.clock.until(wrong.failure())).data).toMatchObject({ hresultHex: '0x8007064A' });
});

test.each([
  [null, 'never'],
  [-48, 'clockAhead'],
  [1440, 'tooOld'],
  [1, 'current'],
])('signatures of %s hours are %s, whatever is due, and an update makes them current', async (hours, state) => {
  const { clock, status, update } = arrange({ signatureAgeHours: hours, signaturesDue: false });
  expect(await status()).toMatchObject({ signatureAge: { state }, due: { antivirus: false } });
  await clock.until(update());
  expect((await status()).signatureAge).toMatchObject({ state: 'current', hours: 0 });
});

test.each(['normal', 'passive', 'edrBlock', 'sideBySidePassive', 'disabled'])('runs in mode %s', async (mode) => {
  const { status } = arrange({ mode, thirdPartyAntivirus: mode === 'normal' ? [] : ['Contoso AV'] });
  expect((await status()).runningMode).toBe(mode);
});

test('a forced passive mode is one where tamper protection is off', async () => {
  const forced = { passiveModeForced: true };
  expect((await arrange(forced).status()).runningMode).toBe('normal');
  expect((await arrange({ ...forced, tamperProtection: false }).status()).runningMode).toBe('passive');
  expect((await arrange({ ...forced, platformVersion: '4.18.2207.7' }).status()).runningMode).toBe('passive');
});
