import { expect, test } from 'vitest';
import { E_ILLEGAL_METHOD_CALL } from '../../../src/base/hresult.js';
import { HResultError } from '../../../src/base/hresult-error.js';
import { limit } from '../../../src/base/limit.js';
import type { ActionFor, UpdateNotify } from '../../../src/c2r/port.js';
import { updatesKey } from '../../../src/c2r/registry-keys.js';
import { deferred } from '../../../src/defender/deferred.js';
import { session, simulated } from '../../support/office-handlers.js';
import { report, scriptedOffice } from '../../support/scripted-office.js';

const idle = report('UPDATE_UNKNOWN');
const downloading = report('DOWNLOAD_WIP');

test('a cancelled request stops its download and says so', async () => {
  const { start, clock, call } = simulated({ downloadMs: 60_000 });
  const abort = new AbortController();
  const request = start('update', {}, abort.signal);
  await clock.advance(5000);
  abort.abort();
  await expect(clock.until(request)).rejects.toMatchObject({
    data: { type: 'RequestCancelled', continues: false, status: 'DOWNLOAD_CANCELLED' },
  });
  expect(await call('status')).toMatchObject({ status: 'DOWNLOAD_CANCELLED' });
  expect(clock.sleeping).toBe(0);
});

test('a cancelled request leaves an Apply alone, ends without waiting and says that it continues', async () => {
  const { start, clock, call } = simulated({ applyMs: 60_000 });
  const abort = new AbortController();
  const request = start('apply', { wait: true }, abort.signal);
  await clock.advance(5000);
  const before = clock.now();
  abort.abort();
  await expect(clock.until(request)).rejects.toMatchObject({
    message: expect.stringContaining('continues'),
    data: { type: 'RequestCancelled', continues: true, status: 'APPLY_WIP' },
  });
  expect(clock.now()).toBe(before);
  expect(await call('wait')).toMatchObject({ status: 'APPLY_SUCCEEDED' });
});

test('a request that is cancelled before it begins calls nothing', async () => {
  const office = scriptedOffice([idle]);
  const error = await session(() => office)
    .call('download', {}, AbortSignal.abort(new Error('gone')))
    .catch((reason) => reason);
  expect(error.data.type).toBe('RequestCancelled');
  expect(office.calls).toEqual([]);
});

test('a cancelled wait does not stop a download that it did not begin', async () => {
  const { start, clock, call } = simulated({ downloadMs: 60_000, initialStatus: 'DOWNLOAD_WIP' });
  const abort = new AbortController();
  const request = start('wait', {}, abort.signal);
  await clock.advance(5000);
  abort.abort();
  await expect(clock.until(request)).rejects.toMatchObject({ data: { type: 'RequestCancelled', continues: true } });
  expect(await call('status')).toMatchObject({ status: 'DOWNLOAD_WIP' });
});

/** An action that is sent at once, and answered as `answer` is. */
function sentBy(answer: () => Promise<void>): UpdateNotify['download'] {
  return (_parameters, request) => {
    request?.sent?.();
    return answer();
  };
}

test.each(['download', 'apply'] as const)(
  'a %s that waits for its turn is withdrawn with its request',
  async (action) => {
    let sent = 0;
    const turn = limit(1);
    const office = scriptedOffice([idle], {
      [action]: (_parameters: string, request: ActionFor) =>
        turn(async () => {
          sent++;
        }, request.signal),
    });
    const { start, fail, clock } = session(() => office);
    const hanging = deferred<void>();
    const before = turn(() => hanging.promise);

    const abort = new AbortController();
    const cancelled = start(action, { wait: true }, abort.signal);
    await clock.advance(100);
    abort.abort();
    await expect(clock.until(cancelled)).rejects.toMatchObject({
      data: { type: 'RequestCancelled', continues: false },
    });
    expect((await fail(action, { timeoutMs: 500 })).data).toMatchObject({ type: 'Timeout', continues: false });

    hanging.resolve();
    await before;
    await clock.advance(60_000);
    expect(sent).toBe(0);
  },
);

test('a Download that is still being called is cancelled once Office has answered', async () => {
  const accepted = deferred<void>();
  const office = scriptedOffice([idle, downloading, report('DOWNLOAD_CANCELLING'), report('DOWNLOAD_CANCELLED')], {
    download: sentBy(() => accepted.promise),
  });
  const { start, clock } = session(() => office);
  const abort = new AbortController();
  const request = start('download', { wait: true }, abort.signal);
  await clock.advance(100);
  abort.abort();
  await clock.advance(100);
  expect(office.calls).toEqual([]);
  accepted.resolve();
  await expect(clock.until(request)).rejects.toMatchObject({
    data: { continues: false, status: 'DOWNLOAD_CANCELLED' },
  });
  expect(office.calls).toEqual(['Cancel()']);
});

test('a Download that Office refuses after the request was cancelled needs no Cancel', async () => {
  let refuse: () => void = () => undefined;
  const refused = new Promise<void>((_, reject) => {
    refuse = () => reject(new HResultError('IUpdateNotify::Download', E_ILLEGAL_METHOD_CALL));
  });
  const office = scriptedOffice([idle], { download: sentBy(() => refused) });
  const { start, clock } = session(() => office);
  const abort = new AbortController();
  const request = start('download', { wait: true }, abort.signal);
  await clock.advance(100);
  abort.abort();
  refuse();
  await expect(clock.until(request)).rejects.toMatchObject({ data: { continues: false } });
  expect(office.calls).toEqual([]);
});

test('Cancel is sent again until Office shows the download that it accepted', async () => {
  const office = scriptedOffice([idle, idle, idle, idle, downloading, report('DOWNLOAD_CANCELLED')]);
  const { start, clock } = session(() => office);
  const abort = new AbortController();
  const request = start('download', { wait: true }, abort.signal);
  await clock.advance(100);
  abort.abort();
  await expect(clock.until(request)).rejects.toMatchObject({
    data: { continues: false, status: 'DOWNLOAD_CANCELLED' },
  });
  expect(office.calls.filter((call) => call === 'Cancel()').length).toBeGreaterThan(1);
});

test('a COM server that is away when the request is cancelled is asked again', async () => {
  const { start, clock, call } = simulated({ downloadMs: 60_000, vanishAfterMs: 4900, vanishForMs: 500 });
  const abort = new AbortController();
  const request = start('download', { wait: true }, abort.signal);
  await clock.advance(5000);
  abort.abort();
  await expect(clock.until(request)).rejects.toMatchObject({
    data: { continues: false, status: 'DOWNLOAD_CANCELLED' },
  });
  expect(await call('status')).toMatchObject({ status: 'DOWNLOAD_CANCELLED' });
});

test('a download that does not stop in time is said to continue, before a closing bridge gives up', async () => {
  const office = scriptedOffice([idle, downloading]);
  const { start, clock } = session(() => office);
  const abort = new AbortController();
  const request = start('download', { wait: true }, abort.signal);
  await clock.advance(100);
  abort.abort();
  await expect(clock.until(request)).rejects.toMatchObject({
    message: expect.stringContaining('the download continues'),
    data: { continues: true, status: 'DOWNLOAD_WIP' },
  });
  expect(clock.now()).toBeLessThan(2000);
});

test.each([
  ['has not answered', () => new Promise<never>(() => undefined)],
  ['accepted and does not show', async () => undefined],
])('a Download that Office %s by then is said to continue, not to have stopped', async (_, download) => {
  const { start, clock } = session(() => scriptedOffice([idle], { download: sentBy(download) }));
  const abort = new AbortController();
  const request = start('download', { wait: true }, abort.signal);
  await clock.advance(100);
  abort.abort();
  await expect(clock.until(request)).rejects.toMatchObject({
    message: expect.stringContaining('the download continues'),
    data: { continues: true },
  });
  expect(clock.sleeping).toBe(0);
});

test('an Apply is not sent any more where the request was cancelled while the versions were read', async () => {
  const office = scriptedOffice([idle]);
  const abort = new AbortController();
  const values = office.registry.values.bind(office.registry);
  office.registry.values = async (key) => {
    // After the look at the status that is made at the same time.
    if (key === updatesKey) await new Promise(setImmediate).then(() => abort.abort());
    return values(key);
  };
  const request = session(() => office).call('apply', { wait: true }, abort.signal);
  await expect(request).rejects.toMatchObject({ data: { type: 'RequestCancelled' } });
  expect(office.calls).toEqual([]);
});

test('c2r/cancel waits for a PENDING download to become one that Office lets cancel', async () => {
  const { call } = simulated({ downloadMs: 10_000 });
  expect(await call('download')).toMatchObject({ status: 'DOWNLOAD_PENDING' });
  expect(await call('cancel', { wait: true })).toMatchObject({ status: 'DOWNLOAD_CANCELLED' });
});

test('c2r/cancel says so where Office still refuses it', async () => {
  const { call, fail } = simulated({
    downloadMs: 60_000,
    fail: [{ at: 'cancel', hresult: '0x8000000E', when: 'call' }],
  });
  await call('download');
  expect((await fail('cancel')).data).toMatchObject({
    type: 'IllegalState',
    status: 'DOWNLOAD_WIP',
    hresultName: 'E_ILLEGAL_METHOD_CALL',
    source: 'IUpdateNotify::Cancel',
  });
});

test.each([
  ['accepts', async () => undefined],
  [
    'refuses',
    async () => {
      throw new HResultError('IUpdateNotify::Cancel', E_ILLEGAL_METHOD_CALL);
    },
  ],
])('c2r/cancel with nothing to cancel shows the status where Office %s it', async (_, cancel) => {
  const { call } = session(() => scriptedOffice([report('APPLY_SUCCEEDED')], { cancel }));
  expect(await call('cancel', { wait: true })).toMatchObject({ status: 'APPLY_SUCCEEDED' });
});

test('c2r/cancel, which stops no Apply, advises to wait for it and not to cancel it', async () => {
  const { fail } = simulated({ initialStatus: 'APPLY_WIP', applyMs: 10_000 });
  const { data } = await fail('cancel');
  expect(data).toMatchObject({ type: 'IllegalState', status: 'APPLY_PENDING' });
  expect(data.recommendation).toContain('c2r/wait');
  expect(data.recommendation).not.toContain('c2r/cancel');
});

test('c2r/cancel shows how a cancellation failed', async () => {
  const { call } = simulated({ downloadMs: 60_000, fail: [{ at: 'cancel', errorCode: 6 }] });
  await call('download');
  expect(await call('cancel', { wait: true })).toMatchObject({
    status: 'DOWNLOAD_FAILED',
    errorName: 'FAILED_LOCK_PACKAGE_TO_UPDATE',
  });
});

test('a time limit also ends a request whose COM call hangs, and the download may go on', async () => {
  const { fail, clock } = session(() =>
    scriptedOffice([idle], { download: sentBy(() => new Promise<never>(() => undefined)) }),
  );
  const error = await fail('download', { wait: true, timeoutMs: 7000 });
  expect(error.data).toMatchObject({ type: 'Timeout', continues: true, timeoutMs: 7000 });
  expect(clock.now()).toBe(7000);
});

test('where Office has not answered by the time limit, nobody claims to know whether anything continues', async () => {
  const { fail } = session(() => scriptedOffice([], { status: () => new Promise<never>(() => undefined) }));
  const error = await fail('wait', { timeoutMs: 500 });
  expect(error).toMatchObject({ data: { type: 'Timeout', continues: null, status: null } });
  expect(error.message).toContain('has not answered');
});
