import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Bridge } from '../bridge.js';
import { describeInLab } from './lab.js';
import { controlMpClient, type MpClientControl, nothingOpen, startLabBridge, wholeUpdate } from './mpclient.js';

const complete = 'notify 0x800D 0';

describeInLab('defender/update over MpClient', (lab) => {
  let control: MpClientControl;
  let bridge: Bridge;

  beforeEach(() => {
    control = controlMpClient(lab);
    bridge = startLabBridge(lab, control);
  });
  afterEach(async () => {
    await bridge[Symbol.asyncDispose]();
    control.dispose();
  });

  const update = (params: object = {}) => bridge.request('defender/update', params);
  const failure = (params: object = {}, options = {}) =>
    bridge.request('defender/update', params, options).then(
      () => Promise.reject(new Error('the update succeeded')),
      (error) => error,
    );

  test('a whole update: versions move, phases and source are told, every handle and buffer is given back', async () => {
    control.script(...wholeUpdate, 'signature 1 421 99', 'notify 0x800C 0', complete);
    expect(await update()).toMatchObject({
      changed: true,
      versionsAfter: {
        product: { version: '4.18.1.7', updatedAt: '2025-08-18T14:13:20.000Z' },
        service: { version: '4.18.2.7' },
        engine: { version: '4.18.4.7' },
        antivirusSignature: { version: '1.421.99.0' },
        nisEngine: { version: '4.18.7.7' },
        nisSignature: { version: null, updatedAt: null },
      },
      versionsBefore: { antivirusSignature: { version: '1.421.12.0' } },
      rebootRequired: false,
      hresult: 0,
      message: "Defender's text for 0x00000000.",
      phases: [
        { phase: 'search', updateTotal: 2, updateType: 4, path: '\\\\server\\share' },
        { phase: 'download', updateTotal: 2, updateType: 4, path: '\\\\server\\share' },
        { phase: 'install', updateTotal: 2, updateType: 4, path: null },
      ],
      failures: [],
      unknownNotifications: [],
      backend: 'windows',
    });
    expect(control.calls()).toEqual([
      'MpManagerOpen',
      'MpUpdateStart 0x003 0x00000000',
      'MpHandleClose update',
      'MpHandleClose manager',
    ]);
    expect(control.open()).toMatchObject({ ...nothingOpen, callbacks: 12 });
  });

  test('each source passes ASYNC, PROGRESS and its own bit alone', async () => {
    control.script(complete);
    for (const source of ['default', 'http', 'unc', 'managed', 'unmanaged']) await update({ source });
    expect(control.calls().filter((call) => call.startsWith('MpUpdateStart'))).toEqual([
      'MpUpdateStart 0x003 0x00000000',
      'MpUpdateStart 0x00B 0x00000000',
      'MpUpdateStart 0x023 0x00000000',
      'MpUpdateStart 0x083 0x00000000',
      'MpUpdateStart 0x103 0x00000000',
    ]);
  });

  test('nothing to do: COMPLETE with S_FALSE on the calling thread, before MpUpdateStart returns', async () => {
    control.script('inline', 'notify 0x8001 0', 'notify 0x800D 1');
    expect(await update()).toMatchObject({ changed: false, hresult: 1, hresultName: 'S_FALSE', phases: [] });
    expect(control.open()).toMatchObject(nothingOpen);
  });

  test('notifications without data, of another type and of unknown numbers end no update and are not lost', async () => {
    control.script(
      ...wholeUpdate.map((line) => line.split(' ').slice(0, 3).join(' ')),
      'foreign 0x3001 1',
      'notify 0x80FF 0x80004005',
      'notify 0x80FF 5',
      complete,
    );
    expect(await update()).toMatchObject({
      hresult: 0,
      phases: [
        { phase: 'search', updateTotal: null, path: null },
        { phase: 'download', updateTotal: null },
        { phase: 'install', updateTotal: null },
      ],
      unknownNotifications: [
        { notification: 0x3001, type: 1, name: null, count: 1 },
        { notification: 0x80ff, type: 6, hresult: 5, count: 2 },
      ],
    });
    expect(control.open()).toMatchObject(nothingOpen);
  });

  test('two sources in turn, on threads of their own: the first fails, the second succeeds', async () => {
    control.script(
      'notify 0x8001 0',
      'notify 0x8002 0',
      'notify 0x2001 0x8024402C',
      'source',
      ...wholeUpdate.slice(1),
      'notify 0x800B 0',
      'notify 0x800C 0',
      complete,
    );
    expect(await update()).toMatchObject({
      hresult: 0,
      rebootRequired: true,
      phases: [{ phase: 'search' }, { phase: 'search' }, { phase: 'download' }, { phase: 'install' }],
      failures: [{ name: 'INTERNAL_FAILURE', hresultHex: '0x8024402C', count: 1 }],
    });
    expect(control.open()).toMatchObject(nothingOpen);
  });

  test('a failed COMPLETE is UpdateFailed with the text of MpErrorMessageFormat', async () => {
    control.script('notify 0x8001 0', 'notify 0x8002 0', 'notify 0x800D 0x8024002E');
    expect(await failure()).toMatchObject({
      code: 1004,
      data: {
        type: 'UpdateFailed',
        hresultHex: '0x8024002E',
        hresultName: 'WU_E_WU_DISABLED',
        text: "Defender's text for 0x8024002E.",
        phase: 'search',
      },
    });
    expect(control.open()).toMatchObject(nothingOpen);
  });

  test('a refused MpUpdateStart is the HRESULT of the call, and the manager is closed', async () => {
    control.script('start 0x800106BA');
    expect(await failure()).toMatchObject({
      code: 1001,
      data: { source: 'MpUpdateStart', hresultHex: '0x800106BA' },
      message: expect.stringContaining("Defender's text for 0x800106BA."),
    });
    expect(control.open()).toMatchObject(nothingOpen);
  });

  test('a service that cannot tell its versions does not keep an update from running', async () => {
    control.script('version 0x800106BA', complete);
    expect(await update()).toMatchObject({ versionsBefore: null, versionsAfter: null, changed: true });
    expect(control.open()).toMatchObject(nothingOpen);
  });

  test('a second update meanwhile is InUse; afterwards the way is free', async () => {
    control.script('notify 0x8001 0', 'wait 1000', complete);
    const first = update();
    expect((await failure()).data).toMatchObject({ type: 'InUse', operation: 'defender/update' });
    expect((await first).hresult).toBe(0);
    control.script(complete);
    expect((await update()).hresult).toBe(0);
  });

  describe('abort', () => {
    const endless = ['notify 0x8001 0', 'notify 0x8002 0', 'wait 60000', complete];

    /** Cancels once the update is under way; gives the error and how long it took to come. */
    async function cancelled(): Promise<{ error: { code: number; data: object }; ms: number }> {
      const controller = new AbortController();
      let since = 0;
      const error = await failure(
        {},
        {
          signal: controller.signal,
          onProgress: () => {
            if (since > 0 || !control.calls().some((call) => call.startsWith('MpUpdateStart'))) return;
            since = performance.now();
            controller.abort();
          },
        },
      );
      return { error, ms: performance.now() - since };
    }

    test.each([
      ['manager', ['MpUpdateControl manager 0x00000000']],
      ['update', ['MpUpdateControl manager 0x80070006', 'MpUpdateControl update 0x00000000']],
    ])('goes to the handle that Defender takes: %s', async (taken, controls) => {
      control.script(`control ${taken}`, ...endless);
      const { error } = await cancelled();
      expect(error).toMatchObject({
        code: -32800,
        data: { continues: false, hresultName: 'E_ABORT', phase: 'search' },
      });
      expect(control.calls().filter((call) => call.startsWith('MpUpdateControl'))).toEqual(controls);
      expect(control.calls().slice(-2)).toEqual(['MpHandleClose update', 'MpHandleClose manager']);
      expect(control.open()).toMatchObject(nothingOpen);
    });

    test('that is refused ends the request at once and says that Defender goes on', async () => {
      control.script('control none', ...endless);
      const { error, ms } = await cancelled();
      expect(error.data).toMatchObject({ continues: true, abortRefused: { hresultName: 'E_ACCESSDENIED' } });
      expect(ms).toBeLessThan(2_000);
      expect(control.calls()).not.toContain('MpHandleClose update');
    });

    test.each(['ignored', 'hangs'])('that is %s ends the request within 5 s while the bridge answers', async (kind) => {
      control.script(`control ${kind}`, ...endless);
      const reply = cancelled();
      const pings: number[] = [];
      let waiting = true;
      void reply.finally(() => {
        waiting = false;
      });
      while (waiting) {
        const from = performance.now();
        await bridge.request('bridge/ping');
        pings.push(performance.now() - from);
      }
      const { error, ms } = await reply;
      expect(error.data).toMatchObject({ continues: true });
      expect(ms).toBeLessThan(5_000);
      expect(Math.max(...pings)).toBeLessThan(1_000);
    });

    test('on timeout is the same, as Timeout', async () => {
      control.script(...endless);
      expect(await failure({ timeoutMs: 500 })).toMatchObject({
        code: 1005,
        data: { type: 'Timeout', continues: false, hresultName: 'E_ABORT' },
      });
      expect(control.open()).toMatchObject(nothingOpen);
    });

    test('a bridge whose client goes away during an endless update ends with code 0 and does not crash', async () => {
      control.script('control ignored', ...endless);
      const reply = failure({}, { onProgress: () => undefined });
      reply.catch(() => undefined);
      await expect.poll(() => control.calls(), { timeout: 10_000 }).toContain('MpUpdateStart 0x003 0x00000000');
      const exit = new Promise((resolve) => bridge.process.once('exit', (code) => resolve(code)));
      bridge.process.stdin?.end();
      expect(await exit).toBe(0);
      expect((await reply).code).toBe(-32800);
    });
  });

  test('a close that blocks holds neither the reply nor the bridge', async () => {
    control.script('close 6000', complete);
    const from = performance.now();
    expect((await update()).hresult).toBe(0);
    expect(performance.now() - from).toBeLessThan(4_000);
    const ping = performance.now();
    await Promise.all(Array.from({ length: 8 }, () => bridge.request('defender/status')));
    await bridge.request('bridge/ping');
    expect(performance.now() - ping).toBeLessThan(2_000);
    expect((await failure()).data.type).toBe('InUse');
  });
});

describeInLab('defender/status over MpClient', (lab) => {
  test('shows flags, due and versions, from a status structure that is larger than documented', async () => {
    const control = controlMpClient(lab);
    control.script('status 0x80100060');
    await using bridge = startLabBridge(lab, control);
    expect(await bridge.request('defender/status')).toMatchObject({
      flags: ['DUE_AV_SIGNATURE', 'DUE_AS_SIGNATURE', 'DUE_PLATFORM_UPDATE', 'BIT_31'],
      due: { antivirus: true, antispyware: true, quickScan: false, fullScan: false, platform: true },
      versions: { antispywareSignature: { version: '1.421.12.0' } },
      enabled: true,
      runningMode: 'normal',
      backend: 'windows',
    });
    control.script('status 1');
    expect(await bridge.request('defender/status')).toMatchObject({ versions: null, runningMode: 'notRunning' });
    control.script('version 0x80070005');
    await expect(bridge.request('defender/status')).rejects.toMatchObject({
      code: 1009,
      data: { source: 'MpManagerVersionQuery' },
    });
    expect(control.open()).toMatchObject(nothingOpen);
    control.dispose();
  });
});
