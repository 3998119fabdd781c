import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/base/failure.js';
import { E_ACCESSDENIED, signed } from '../../../src/base/hresult.js';
import { HResultError } from '../../../src/base/hresult-error.js';
import { silentLog } from '../../../src/base/log.js';
import { defender as area } from '../../../src/contract/defender.js';
import type { Params, Progress, Result } from '../../../src/contract/method.js';
import { MpClientMissing } from '../../../src/defender/port.js';
import { createProgress } from '../../../src/rpc/progress.js';
import { explainedHandlers } from '../../support/defender-handlers.js';
import { ManualClock } from '../../support/manual-clock.js';
import { E_ABORT, E_HANDLE, figures, newSignature, refuse, ScriptedDefender } from '../../support/scripted-defender.js';

const never = new Promise<never>(() => undefined);

interface Started {
  readonly result: Promise<Result<typeof area.update>>;
  readonly error: Promise<Failure>;
  readonly progress: Progress<typeof area.update>[];
  cancel(): void;
}

/** One bridge with a scripted Defender and a clock that stands still. */
function arrange(script: Partial<ScriptedDefender> = {}) {
  const defender = Object.assign(new ScriptedDefender(), script);
  const clock = new ManualClock();
  const handlers = explainedHandlers(defender);
  const update = (params: Partial<Params<typeof area.update>> = {}): Started => {
    const controller = new AbortController();
    const progress: Progress<typeof area.update>[] = [];
    const result = handlers.update(
      { retryCount: 0, ...params },
      {
        signal: controller.signal,
        clock,
        log: silentLog,
        report: (value) => progress.push(value),
      },
    );
    const error = result.then(
      () => Promise.reject(new Error('the request succeeded')),
      (thrown: Failure) => thrown,
    );
    error.catch(() => undefined);
    return { result, error, progress, cancel: () => controller.abort() };
  };
  return { defender, clock, update };
}

/** A whole update with two packages, as Defender tells it. */
function tellEverything(defender: ScriptedDefender): void {
  defender.notify('SIGUPDATE_START');
  defender.notify('SIGUPDATE_SEARCH_START');
  defender.notify('SIGUPDATE_SEARCH_COMPLETE', 0, figures());
  defender.notify('SIGUPDATE_SOFTWARE_UPDATE_AVAILABLE');
  defender.notify('SIGUPDATE_DOWNLOAD_START');
  defender.notify('SIGUPDATE_DOWNLOAD_PROGRESS', 0, figures({ percentComplete: 40 }));
  defender.notify('SIGUPDATE_DOWNLOAD_COMPLETE', 0, figures({ percentComplete: 100, currentUpdateIndex: 1 }));
  defender.notify('SIGUPDATE_INSTALL_START');
  defender.notify('SIGUPDATE_INSTALL_PROGRESS', 0, figures({ percentComplete: 50, currentUpdateIndex: 1 }));
  defender.notify('SIGUPDATE_INSTALL_COMPLETE', 0, figures({ percentComplete: 100, currentUpdateIndex: 1 }));
  defender.notify('SIGUPDATE_REQUEST_PROCESSED');
  defender.signature = newSignature;
  defender.notify('SIGUPDATE_COMPLETE');
}

test('tells versions before and after, phases and the HRESULT of COMPLETE with its text', async () => {
  const { defender, clock, update } = arrange();
  const { result, progress } = update();
  await clock.advance(0);
  tellEverything(defender);
  expect(await result).toMatchObject({
    changed: true,
    hresult: 0,
    hresultHex: '0x00000000',
    hresultName: 'S_OK',
    message: 'text of 0',
    rebootRequired: false,
    versionsBefore: { antivirusSignature: { version: '1.421.12.0', updatedAt: '2026-01-01T00:00:00.000Z' } },
    versionsAfter: { antivirusSignature: { version: '1.421.13.0' }, nisEngine: { version: null, updatedAt: null } },
    phases: [
      { phase: 'search', updateTotal: 2 },
      { phase: 'download', updateTotal: 2 },
      { phase: 'install', updateTotal: 2 },
    ],
    failures: [],
    unknownNotifications: [],
    backend: 'simulated',
  });
  expect(area.update.result.safeParse(await result).error).toBeUndefined();
  expect(progress.at(-1)).toMatchObject({ phase: 'install', percent: 100, message: 'Signatures updated' });
  expect(progress.every((value) => area.update.progress?.safeParse(value).success)).toBe(true);
  expect(defender.calls).toEqual(['open', 'start', 'close update', 'close manager']);
});

test.each([
  ['default', 0x003],
  ['http', 0x00b],
  ['unc', 0x023],
  ['managed', 0x083],
  ['unmanaged', 0x103],
] as const)('source %s passes ASYNC, PROGRESS and at most one source bit: %i', async (source, options) => {
  const { defender, update } = arrange({ onStart: (d) => d.notify('SIGUPDATE_COMPLETE', 1) });
  await update({ source }).result;
  expect(defender.options).toBe(options);
});

test('takes a COMPLETE that comes before MpUpdateStart has returned, and closes only after the return', async () => {
  let goOn: (() => void) | undefined;
  const { defender, clock, update } = arrange({
    onStart: (d) => {
      d.notify('SIGUPDATE_START');
      d.notify('SIGUPDATE_COMPLETE', 1);
      return new Promise<void>((resolve) => {
        goOn = resolve;
      });
    },
  });
  const { result } = update();
  await clock.advance(10);
  expect(defender.calls).toEqual(['open', 'start']);
  goOn?.();
  expect(await result).toMatchObject({ changed: false, hresult: 1, hresultName: 'S_FALSE', phases: [] });
  expect(defender.calls).toEqual(['open', 'start', 'close update', 'close manager']);
});

test('S_FALSE is a success that changed nothing, even where a version moved meanwhile', async () => {
  const { update } = arrange({
    onStart: (d) => {
      d.signature = newSignature;
      d.notify('SIGUPDATE_COMPLETE', 1);
    },
  });
  const { result, progress } = update();
  expect((await result).changed).toBe(false);
  expect(progress.at(-1)).toMatchObject({ percent: 100, message: 'No newer signatures' });
});

test('S_OK without another version is no change', async () => {
  const { update } = arrange({ onStart: (d) => d.notify('SIGUPDATE_COMPLETE') });
  expect((await update().result).changed).toBe(false);
});

test('a failed COMPLETE is UpdateFailed with HRESULT, name, text, phase and what to do', async () => {
  const { defender, update } = arrange({
    onStart: (d) => {
      d.notify('SIGUPDATE_SEARCH_START');
      d.notify('SIGUPDATE_COMPLETE', signed(0x8024402c));
    },
  });
  const error = await update().error;
  expect(error).toMatchObject({
    message: `The signature update failed in the search phase with WU_E_PT_WINHTTP_NAME_NOT_RESOLVED: text of ${signed(0x8024402c)}`,
    data: {
      type: 'UpdateFailed',
      hresult: signed(0x8024402c),
      hresultHex: '0x8024402C',
      hresultName: 'WU_E_PT_WINHTTP_NAME_NOT_RESOLVED',
      source: 'MPNOTIFY_SIGUPDATE_COMPLETE',
      phase: 'search',
      versionsBefore: { antivirusSignature: { version: '1.421.12.0' } },
      phases: [{ phase: 'search' }],
      recommendation: expect.stringContaining('proxy'),
    },
  });
  expect(defender.calls.slice(-2)).toEqual(['close update', 'close manager']);
});

test('an unreachable service is UpdateFailed with what keeps the service off', async () => {
  const { defender, update } = arrange({
    versionsError: new HResultError('MpManagerVersionQuery', signed(0x800106ba)),
    onStart: (d) => d.notify('SIGUPDATE_COMPLETE', signed(0x800106ba)),
  });
  defender.state = { ...defender.state, thirdPartyAntivirus: ['Contoso AV'] };
  expect((await update().error).data).toMatchObject({
    type: 'UpdateFailed',
    hresultHex: '0x800106BA',
    reason: 'thirdPartyAntivirus',
    conditions: { thirdPartyAntivirus: ['Contoso AV'] },
    versionsBefore: null,
    versionsAfter: null,
    recommendation: expect.stringContaining('WinDefend'),
  });
});

test('an unreachable service without a visible cause is not blamed on one', async () => {
  const { defender, update } = arrange({ onStart: (d) => d.notify('SIGUPDATE_COMPLETE', signed(0x800106be)) });
  defender.state = { ...defender.state, tamperProtection: true };
  expect((await update().error).data).toMatchObject({ type: 'UpdateFailed', reason: 'serviceStopped' });
});

test.each([
  ['E_INVALIDARG', 0x80070057, 'WindowsError', /HRESULT/],
  ['E_ACCESSDENIED', 0x80070005, 'AccessDenied', /elevated/],
  ['RPC_S_SERVER_UNAVAILABLE', 0x800106ba, 'WindowsError', /WinDefend/],
  ['ERROR_INSTALL_ALREADY_RUNNING', 0x80070652, 'WindowsError', /Another update/],
  ['ERROR_MP_NOENGINE', 0x80501002, 'WindowsError', /engine/],
])(
  'an MpUpdateStart that refuses with %s says so and what to do, and the manager is closed',
  async (hresultName, code, type, advice) => {
    const { defender, update } = arrange({
      onStart: () => {
        throw new HResultError('MpUpdateStart', signed(code), 'Text.');
      },
    });
    const error = await update().error;
    expect(error.message).toBe(`MpUpdateStart failed with ${hresultName}: Text.`);
    expect(error.data).toMatchObject({ type, source: 'MpUpdateStart', hresult: signed(code), hresultName });
    expect(error.data.recommendation).toMatch(advice);
    expect(defender.calls).toEqual(['open', 'start', 'close manager']);
  },
);

test('keeps failures on the way and unknown notifications, counted, and ends by COMPLETE alone', async () => {
  const { update } = arrange({
    onStart: (d) => {
      d.notify('SIGUPDATE_SEARCH_START');
      d.notify('INTERNAL_FAILURE', signed(0x8024401c));
      d.notify(0x80ff, 7);
      d.notify(0x80ff, 8);
      d.notify('SIGUPDATE_REQUEST_PROCESSED', signed(0x80070652));
      d.notify('SIGUPDATE_COMPLETE');
    },
  });
  expect(await update().result).toMatchObject({
    hresult: 0,
    failures: [
      { name: 'INTERNAL_FAILURE', notification: 0x2001, hresultHex: '0x8024401C', count: 1 },
      { name: 'SIGUPDATE_REQUEST_PROCESSED', notification: 0x800c, hresultHex: '0x80070652', count: 1 },
    ],
    unknownNotifications: [{ name: null, notification: 0x80ff, hresult: 8, count: 2, type: 6 }],
  });
});

test('a search that starts again is another one, also where the first never ended', async () => {
  const { update } = arrange({
    onStart: (d) => {
      d.notify('SIGUPDATE_SEARCH_START');
      d.notify('SIGUPDATE_SEARCH_START');
      d.notify('SIGUPDATE_SEARCH_COMPLETE', 0, figures());
      d.notify('SIGUPDATE_COMPLETE', 1);
    },
  });
  expect((await update().result).phases).toMatchObject([
    { phase: 'search', updateTotal: null },
    { phase: 'search', updateTotal: 2 },
  ]);
});

test('REBOOT_REQUIRED is told in the result', async () => {
  const { update } = arrange({
    onStart: (d) => {
      d.notify('SIGUPDATE_REBOOT_REQUIRED');
      d.notify('SIGUPDATE_COMPLETE');
    },
  });
  expect((await update().result).rebootRequired).toBe(true);
});

test('INTERNAL_FAILURE followed by 10 s of silence ends the update with its HRESULT', async () => {
  const { defender, clock, update } = arrange();
  const { error } = update();
  await clock.advance(0);
  defender.notify('INTERNAL_FAILURE', signed(0x80508007));
  await clock.advance(9_000);
  defender.notify('SIGUPDATE_REQUEST_PROCESSED');
  await clock.advance(9_000);
  expect(defender.calls).not.toContain('close update');
  await clock.advance(11_000);
  expect((await error).data).toMatchObject({
    type: 'UpdateFailed',
    hresultName: 'ERR_MP_NO_MEMORY',
    source: 'MPNOTIFY_INTERNAL_FAILURE',
  });
  expect(clock.sleeping).toBe(0);
});

test('INTERNAL_FAILURE of a first source is not the end where a second one is searched, however long that is silent', async () => {
  const { defender, clock, update } = arrange();
  const { result } = update();
  await clock.advance(0);
  defender.notify('SIGUPDATE_SEARCH_START');
  defender.notify('INTERNAL_FAILURE', signed(0x8024402c));
  await clock.advance(2_000);
  defender.notify('SIGUPDATE_SEARCH_START');
  await clock.advance(300_000);
  defender.signature = newSignature;
  defender.notify('SIGUPDATE_COMPLETE');
  expect(await result).toMatchObject({
    changed: true,
    failures: [{ name: 'INTERNAL_FAILURE', hresultHex: '0x8024402C' }],
  });
});

test('INTERNAL_FAILURE that carries no failure is one all the same', async () => {
  const { defender, clock, update } = arrange();
  const { error } = update();
  await clock.advance(0);
  defender.notify('INTERNAL_FAILURE', 0);
  await clock.advance(10_000);
  expect((await error).data).toMatchObject({ type: 'UpdateFailed', hresultName: 'E_FAIL' });
});

test('percent starts over with a second source, and never falls on the wire', async () => {
  const { defender, clock, update } = arrange();
  const { result, progress } = update();
  await clock.advance(0);
  defender.notify('SIGUPDATE_SEARCH_START');
  defender.notify('SIGUPDATE_DOWNLOAD_START');
  defender.notify('SIGUPDATE_DOWNLOAD_PROGRESS', 0, figures({ percentComplete: 80 }));
  tellEverything(defender);
  const phases = (await result).phases.map(({ phase }) => phase);
  expect(phases).toEqual(['search', 'download', 'search', 'download', 'install']);
  const told = progress.map(({ percent }) => percent ?? -1);
  expect(told).not.toEqual([...told].sort((a, b) => a - b));
  const sent: number[] = [];
  const onWire = createProgress(new ManualClock(), (value) => sent.push((value as { percent: number }).percent));
  for (const value of progress) onWire.report(value);
  onWire.finish();
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  expect(progress.map(({ phasePercent }) => phasePercent)).toContain(40);
});

test('a second update meanwhile is InUse with since when; the way is free after the first', async () => {
  const { defender, clock, update } = arrange();
  const first = update();
  await clock.advance(500);
  expect((await update().error).data).toMatchObject({
    type: 'InUse',
    operation: 'defender/update',
    since: '2026-01-01T00:00:00.000Z',
  });
  defender.notify('SIGUPDATE_COMPLETE', 1);
  await first.result;
  const third = update();
  await clock.advance(0);
  defender.notify('SIGUPDATE_COMPLETE', 1);
  expect((await third.result).hresult).toBe(1);
});

test('cancel aborts with the manager handle and ends when COMPLETE comes', async () => {
  const { defender, clock, update } = arrange();
  defender.onManagerAbort = () => defender.notify('SIGUPDATE_COMPLETE', E_ABORT);
  const { error, cancel } = update();
  await clock.advance(100);
  cancel();
  expect(await error).toMatchObject({
    data: { type: 'RequestCancelled', continues: false, hresult: E_ABORT, hresultName: 'E_ABORT' },
  });
  expect(defender.calls).toEqual(['open', 'start', 'abort manager', 'close update', 'close manager']);
  expect(clock.sleeping).toBe(0);
});

test('where the manager handle is refused with E_HANDLE, abort goes to the update handle', async () => {
  const { defender, clock, update } = arrange({ onManagerAbort: refuse(E_HANDLE) });
  defender.onUpdateAbort = () => defender.notify('SIGUPDATE_COMPLETE', E_ABORT);
  const { error, cancel } = update();
  await clock.advance(100);
  cancel();
  expect((await error).data).toMatchObject({ continues: false });
  expect(defender.calls.slice(2)).toEqual(['abort manager', 'abort update', 'close update', 'close manager']);
});

test('a timeout whose abort is refused says at once that Defender goes on, and closes after the late COMPLETE', async () => {
  const { defender, clock, update } = arrange({
    onManagerAbort: refuse(E_ACCESSDENIED),
    onUpdateAbort: refuse(E_HANDLE),
  });
  const { error } = update({ timeoutMs: 3_000 });
  await clock.advance(3_000);
  expect(await error).toMatchObject({
    data: { type: 'Timeout', continues: true, abortRefused: { hresultName: 'E_ACCESSDENIED' } },
  });
  expect((await update().error).data.type).toBe('InUse');
  expect(defender.calls).not.toContain('close update');
  defender.notify('SIGUPDATE_COMPLETE');
  await clock.advance(0);
  expect(defender.calls.slice(-2)).toEqual(['close update', 'close manager']);
});

test.each(['an abort that never returns', 'an abort that has no effect'])(
  'the request ends within 5 s of %s',
  async (kind) => {
    const { clock, update } = arrange({ onManagerAbort: () => (kind.includes('returns') ? never : undefined) });
    const { error, cancel } = update();
    await clock.advance(100);
    cancel();
    const reply = await Promise.race([error, clock.advance(4_999).then(() => null)]);
    expect(reply?.data).toMatchObject({ continues: true });
  },
);

test('a cancel before MpUpdateStart starts nothing', async () => {
  let goOn: (() => void) | undefined;
  const { defender, clock, update } = arrange({
    onVersions: () =>
      new Promise<void>((resolve) => {
        goOn = resolve;
      }),
  });
  const { error, cancel } = update();
  await clock.advance(0);
  cancel();
  await clock.advance(0);
  goOn?.();
  expect((await clock.until(error)).data).toMatchObject({ continues: false });
  expect(defender.calls).toEqual(['open', 'close manager']);
});

test('a cancel while MpUpdateStart is about to refuse does not say that Defender was never asked', async () => {
  let refuse: () => void = () => undefined;
  const { clock, update } = arrange({
    onStart: () =>
      new Promise((_, reject) => {
        refuse = () => reject(new HResultError('MpUpdateStart', E_ACCESSDENIED));
      }),
  });
  const { error, cancel } = update();
  await clock.advance(0);
  cancel();
  await clock.advance(500);
  refuse();
  const { message, data } = await clock.until(error);
  expect(message).toBe('The request was cancelled, and Defender refused the update.');
  expect(data).toMatchObject({ type: 'RequestCancelled', continues: false });
});

test('a cancel while MpUpdateStart hangs tries the manager handle after a second', async () => {
  const { defender, clock, update } = arrange({ onStart: () => never });
  const { error, cancel } = update();
  await clock.advance(100);
  cancel();
  await clock.advance(1_000);
  expect(defender.calls).toEqual(['open', 'start', 'abort manager']);
  expect((await clock.until(error)).data).toMatchObject({ continues: true });
});

test('what was aborted before MpUpdateStart had returned is aborted again when it has', async () => {
  let goOn: (() => void) | undefined;
  const { defender, clock, update } = arrange({
    onStart: () =>
      new Promise<void>((resolve) => {
        goOn = resolve;
      }),
  });
  const { error, cancel } = update();
  await clock.advance(100);
  cancel();
  await clock.advance(1_500);
  expect(defender.calls).toEqual(['open', 'start', 'abort manager']);
  defender.onManagerAbort = () => defender.notify('SIGUPDATE_COMPLETE', E_ABORT);
  goOn?.();
  expect((await clock.until(error)).data).toMatchObject({ continues: false, hresult: E_ABORT });
  expect(defender.calls.slice(2)).toEqual(['abort manager', 'abort manager', 'close update', 'close manager']);
});

test('a close that blocks neither holds the reply nor lets a second update start', async () => {
  const { defender, clock, update } = arrange({ onUpdateClose: () => never });
  const { result } = update();
  await clock.advance(0);
  defender.notify('SIGUPDATE_COMPLETE', 1);
  expect((await clock.until(result)).hresult).toBe(1);
  expect(clock.now()).toBeLessThanOrEqual(2_000);
  expect((await update().error).data.type).toBe('InUse');
  expect(defender.calls).not.toContain('close manager');
});

test('no MpClient is NotAvailable with the strongest reason that shows', async () => {
  const { defender, update } = arrange({ openError: new MpClientMissing('There is no MpClient.dll.', false) });
  defender.state = { ...defender.state, disabledByPolicy: true, thirdPartyAntivirus: ['Contoso AV'] };
  expect(await update().error).toMatchObject({
    message: 'There is no MpClient.dll. Another antivirus is registered: Contoso AV.',
    data: { type: 'NotAvailable', reason: 'thirdPartyAntivirus' },
  });
  defender.openError = null;
  defender.onStart = (d) => d.notify('SIGUPDATE_COMPLETE', 1);
  expect((await update().result).hresult).toBe(1);
});

/** A Defender each of whose updates ends at once, with the next of these HRESULTs. */
function endingWith(...hresults: readonly number[]) {
  const left = [...hresults];
  return arrange({
    onStart: (d) => {
      d.notify('SIGUPDATE_SEARCH_START');
      d.notify('SIGUPDATE_COMPLETE', signed(left.shift() ?? 0));
    },
  });
}

test('sources are tried in turn until one succeeds, and each attempt is in the result', async () => {
  const { defender, update } = endingWith(0x80240024, 0x80072ee7, 1);
  const result = await update({ sources: ['managed', 'unmanaged', 'http', 'unc'] }).result;
  expect(defender.started).toEqual([0x083, 0x103, 0x00b]);
  expect(result).toMatchObject({
    source: 'http',
    hresult: 1,
    changed: false,
    attempts: [
      { source: 'managed', hresultName: 'WU_E_NO_UPDATE', phase: 'search' },
      { source: 'unmanaged', hresultName: 'ERROR_INTERNET_NAME_NOT_RESOLVED' },
      { source: 'http', hresult: 1 },
    ],
  });
  expect(area.update.result.safeParse(result).error).toBeUndefined();
  expect(defender.calls.filter((call) => call === 'close manager')).toHaveLength(3);
});

test('sources that all fail are one error with every attempt, and the advice of the last', async () => {
  const { update } = endingWith(0x80240024, 0x80070005);
  const error = await update({ sources: ['managed', 'unc'] }).error;
  expect(error.message).toMatch(/All 2 attempts failed: managed WU_E_NO_UPDATE, unc E_ACCESSDENIED\.$/);
  expect(error.data).toMatchObject({
    type: 'UpdateFailed',
    attempts: [{ source: 'managed' }, { source: 'unc' }],
    recommendation: expect.stringContaining('computer account'),
  });
});

test('where the device decides, a share that comes last in its order is what was refused', async () => {
  const refused = async (order: string) => {
    const { defender, update } = endingWith(0x80070005);
    const { fallbackOrder } = defender.sourceFacts;
    defender.sourceFacts = { ...defender.sourceFacts, fallbackOrder: { ...fallbackOrder, policy: order } };
    return (await update({}).error).data.recommendation;
  };
  expect(await refused('MMPC|FileShares')).toContain('computer account');
  expect(await refused('FileShares|MMPC')).not.toContain('computer account');
});

test('a refused call is an attempt too, and the next source is tried', async () => {
  const refusals = [new HResultError('MpUpdateStart', E_ACCESSDENIED, 'Text.')];
  const { update } = arrange({
    onStart: (d) => {
      const refused = refusals.pop();
      if (refused) throw refused;
      d.notify('SIGUPDATE_COMPLETE');
    },
  });
  expect((await update({ sources: ['managed', 'http'] }).result).attempts).toMatchObject([
    { source: 'managed', hresult: E_ACCESSDENIED, message: 'MpUpdateStart: Text.', phase: null },
    { source: 'http', hresult: 0 },
  ]);
});

test('a source is tried again as often as asked, after pauses that grow', async () => {
  const { defender, clock, update } = endingWith(0x80072ee7, 0x80072ee7, 0x80072ee7, 1);
  const result = await clock.until(update({ source: 'http', retryCount: 3 }).result);
  expect(defender.started).toHaveLength(4);
  expect(result.attempts.map(({ startedMs }) => startedMs)).toEqual([0, 5_000, 15_000, 35_000]);
  expect(result.elapsedMs).toBe(35_000);
  expect(clock.sleeping).toBe(0);
});

test('retries of one source come before the next source, which waits for nothing', async () => {
  const { clock, update } = endingWith(0x80240024, 0x80240024, 1);
  const { attempts } = await clock.until(update({ sources: ['managed', 'http'], retryCount: 1 }).result);
  expect(attempts.map(({ source, startedMs }) => [source, startedMs])).toEqual([
    ['managed', 0],
    ['managed', 5_000],
    ['http', 5_000],
  ]);
});

test('a service that does not answer ends the request: no source would help', async () => {
  const { defender, update } = endingWith(0x800106ba, 0);
  const error = await update({ sources: ['managed', 'http'], retryCount: 2 }).error;
  expect(error.data).toMatchObject({ hresultHex: '0x800106BA', attempts: [{ source: 'managed' }] });
  expect(defender.started).toHaveLength(1);
});

test('the time limit holds for all attempts together, pauses included', async () => {
  const { defender, clock, update } = endingWith(0x80072ee7, 0x80072ee7, 0x80072ee7);
  const error = await clock.until(update({ source: 'http', retryCount: 5, timeoutMs: 12_000 }).error);
  expect(error.data).toMatchObject({ type: 'Timeout', continues: false, elapsedMs: 12_000 });
  expect(error.data.attempts).toHaveLength(2);
  expect(defender.started).toHaveLength(2);
});

test('a cancel during a pause ends the request, and the way is free', async () => {
  const { defender, clock, update } = endingWith(0x80072ee7, 1);
  const { error, cancel } = update({ source: 'http', retryCount: 1 });
  await clock.advance(1_000);
  cancel();
  expect((await error).data).toMatchObject({ type: 'RequestCancelled', continues: false });
  expect(defender.started).toHaveLength(1);
  expect((await update().result).hresult).toBe(1);
});

test('source and sources together are refused', async () => {
  const { defender, update } = arrange();
  expect((await update({ source: 'http', sources: ['unc'] }).error).data).toMatchObject({ type: 'InvalidParams' });
  expect(defender.calls).toEqual([]);
});

test.each([
  [4, 2, 'UNC', 'DOWNLOAD'],
  [0, 0, 'NONE', 'UNKNOWN'],
  [7, 3, 'UNMANAGED_PLATFORM', 'INSTALL'],
  [8, 4, 8, 4],
  [-1, -1, -1, -1],
])('update type %i and stage %i are told as %s and %s', async (updateType, stage, type, stageName) => {
  const { update } = arrange({
    onStart: (d) => {
      d.notify('SIGUPDATE_DOWNLOAD_PROGRESS', 0, figures({ updateType, stage }));
      d.notify('SIGUPDATE_COMPLETE');
    },
  });
  const { phases, attempts } = await update().result;
  expect(phases).toMatchObject([{ updateType: type, stage: stageName }]);
  expect(attempts).toMatchObject([{ updateType: type }]);
});

test('the status names the source of the last update that changed something', async () => {
  const defender = new ScriptedDefender();
  defender.onStart = (d) => {
    d.notify('SIGUPDATE_DOWNLOAD_PROGRESS', 0, figures({ updateType: 2 }));
    d.notify('SIGUPDATE_COMPLETE', d.signature === newSignature ? 1 : 0);
    d.signature = newSignature;
  };
  const handlers = explainedHandlers(defender);
  const run = {
    signal: new AbortController().signal,
    clock: new ManualClock(),
    log: silentLog,
    report: () => undefined,
  };
  const last = async () => (await handlers.status({ maxAgeHours: 168 }, run)).updateSettings.lastDelivered;
  expect(await last()).toBeNull();
  await handlers.update({ source: 'http', retryCount: 0 }, run);
  await handlers.update({ source: 'managed', retryCount: 0 }, run);
  expect(await last()).toEqual({ source: 'http', updateType: 'HTTP', at: '2026-01-01T00:00:00.000Z' });
});

describe('what is advised about a failed update', () => {
  test.each([
    ['ERR_MP_BADDB_NOTSIGNED', 0x8050a005, /renew the files on the share/],
    ['ERROR_MP_PLATFORM_OUTDATED', 0x80508031, /KB4052623/],
    ['ERROR_BAD_NETPATH', 0x80070035, /server of the share was not found/],
    ['ERROR_BAD_NET_NAME', 0x80070043, /no share of that name/],
    ['ERROR_LOGON_FAILURE', 0x8007052e, /refused the logon/],
    ['ERROR_DISK_FULL', 0x80070070, /disk space/],
    ['ERROR_WINHTTP_SECURE_FAILURE', 0x80072f8f, /date and time.*TLS/],
    ['ERROR_SERVICE_DISABLED', 0x80070422, /wuauserv/],
    ['WU_E_NO_UPDATE', 0x80240024, /WSUS/],
    ['E_ACCESSDENIED', 0x80070005, /elevated/],
  ])('%s', async (name, code, text) => {
    const { data } = await endingWith(code).update().error;
    expect(data.hresultName).toBe(name);
    expect(data.recommendation).toMatch(text);
  });

  test.each(['unc', 'default'] as const)(
    'access denied to a share (source %s) is about the computer account, not about elevation',
    async (source) => {
      const { update } = arrange({
        onStart: (d) => {
          d.notify('SIGUPDATE_DOWNLOAD_PROGRESS', 0, figures({ updateType: 4, path: '\\\\nas\\av' }));
          d.notify('SIGUPDATE_COMPLETE', E_ACCESSDENIED);
        },
      });
      expect((await update({ source }).error).data.recommendation).toMatch(/computer account/);
    },
  );
});
