import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scenario } from '../../../src/simulated/scenario.js';
import type { Bridge } from '../../support/bridge.js';
import { deadline } from '../../support/deadline.js';
import { defenderSuite } from '../../support/defender-suite.js';
import { describeInLab } from '../../support/lab.js';
import { controlMpClient, type MpClientControl, nothingOpen, startLabBridge } from '../../support/mpclient.js';
import { complete, scriptOf, sequences, wholeUpdate } from '../../support/mpclient-sequences.js';

describeInLab('defender/update over MpClient', (lab) => {
  let control: MpClientControl;
  let bridge: Bridge;

  beforeEach(() => {
    control = controlMpClient(lab);
    bridge = startLabBridge(lab);
  });
  afterEach(async () => {
    await bridge[Symbol.asyncDispose]();
    control.dispose();
  });

  function progressSeen(phase: string) {
    let arrived: () => void;
    const promise = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    return { promise, onProgress: (value: { phase: string }) => void (value.phase === phase && arrived()) };
  }
  const update = (params: object = {}) => bridge.request('defender/update', params);
  const failure = (params: object = {}, options = {}) =>
    bridge.request('defender/update', params, options).then(
      () => Promise.reject(new Error('the update succeeded')),
      (error) => error,
    );

  for (const { name, script, result, error } of sequences) {
    test(name, async () => {
      control.script(...script);
      if (result) expect(await update()).toMatchObject(result);
      else expect((await failure()).data).toMatchObject(error ?? {});
      expect(control.open()).toMatchObject(nothingOpen);
    });
  }

  test('the handles are closed after COMPLETE, each once, that of the update first', async () => {
    control.script(...wholeUpdate, complete);
    await update();
    expect(control.calls()).toEqual([
      'MpManagerOpen',
      'MpUpdateStart 0x003 0x00000000',
      'MpHandleClose update',
      'MpHandleClose manager',
    ]);
    expect(control.open()).toMatchObject({ ...nothingOpen, callbacks: 11 });
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

  test('a second update meanwhile is InUse; afterwards the way is free', async () => {
    control.script('notify 0x8001 0', 'wait 1000', complete);
    const first = update();
    expect((await failure()).data).toMatchObject({ type: 'InUse', operation: 'defender/update' });
    expect((await first).hresult).toBe(0);
    control.script(complete);
    expect((await update()).hresult).toBe(0);
  });

  describe('abort', () => {
    const endless = ['notify 0x8001 0', 'notify 0x8002 0', 'wait 600000', complete];

    /** Cancels once the update is under way; gives the error and how long it took to come. */
    async function cancelled(): Promise<{ code: number; data: object }> {
      const controller = new AbortController();
      return await failure(
        {},
        {
          signal: controller.signal,
          onProgress: () => {
            if (control.calls().some((call) => call.startsWith('MpUpdateStart'))) controller.abort();
          },
        },
      );
    }

    test.each([
      ['manager', ['MpUpdateControl manager 0x00000000']],
      ['update', ['MpUpdateControl manager 0x80070006', 'MpUpdateControl update 0x00000000']],
    ])('goes to the handle that Defender takes: %s', async (taken, controls) => {
      control.script(`control ${taken}`, ...endless);
      const error = await cancelled();
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
      const error = await cancelled();
      expect(error.data).toMatchObject({ continues: true, abortRefused: { hresultName: 'E_ACCESSDENIED' } });
      expect(control.calls()).not.toContain('MpHandleClose update');
    });

    test.each(['ignored', 'hangs'])('that is %s ends the request within 5 s while the bridge answers', async (kind) => {
      control.script(`control ${kind}`, ...endless);
      await bridge.request('bridge/ping');
      const reply = cancelled();
      let pings = 0;
      let waiting = true;
      void reply.finally(() => {
        waiting = false;
      });
      while (waiting) {
        await bridge.request('bridge/ping');
        pings++;
      }
      expect((await reply).data).toMatchObject({ continues: true });
      expect(pings).toBeGreaterThan(100);
    });

    test('reaches a MpUpdateStart that works before it returns, and the bridge answers meanwhile', async () => {
      control.script('inline', ...endless);
      await bridge.request('bridge/ping');
      const reply = failure({ timeoutMs: 500 });
      await expect
        .poll(() => control.calls(), { timeout: deadline(5_000) })
        .toContain('MpUpdateStart 0x003 0x00000000');
      await bridge.request('bridge/ping');
      expect((await reply).data).toMatchObject({ type: 'Timeout', continues: false, hresultName: 'E_ABORT' });
      expect(control.open()).toMatchObject(nothingOpen);
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
      await expect
        .poll(() => control.calls(), { timeout: deadline(10_000) })
        .toContain('MpUpdateStart 0x003 0x00000000');
      const exit = new Promise((resolve) => bridge.process.once('exit', (code) => resolve(code)));
      bridge.process.stdin?.end();
      expect(await exit).toBe(0);
      expect((await reply).code).toBe(-32800);
    });
  });

  test('the command `call` waits for an update that only Defender keeps alive', async () => {
    control.script('notify 0x8001 0', 'wait 1000', complete);
    const { stdout } = await promisify(execFile)(lab.node, [lab.bridge, 'call', 'defender/update'], {
      timeout: deadline(20_000),
    });
    expect(JSON.parse(stdout)).toMatchObject({ hresult: 0, backend: 'windows' });
  });

  test('a bridge whose client goes away in the middle of a flood ends with code 0 and does not crash', async () => {
    control.script('notify 0x8001 0', 'notify 0x8005 0', 'flood 100000000 0x8006', complete);
    const { promise: flooded, onProgress } = progressSeen('download');
    const reply = failure({}, { onProgress });
    reply.catch(() => undefined);
    await flooded;
    const exit = new Promise((resolve) => bridge.process.once('exit', (code) => resolve(code)));
    bridge.process.stdin?.end();
    expect(await exit).toBe(0);
    expect((await reply).code).toBe(-32800);
  });

  test('a close that blocks holds neither the reply nor the bridge', async () => {
    control.script(`close ${deadline(6000)}`, complete);
    expect((await update()).hresult).toBe(0);
    await Promise.all(Array.from({ length: 8 }, () => bridge.request('defender/status')));
    await bridge.request('bridge/ping');
    expect((await failure()).data.type).toBe('InUse');
    expect(control.calls()).not.toContain('MpHandleClose update');
  });
});

describeInLab('the built bridge in the Windows build of Node', (lab) => {
  let control: MpClientControl;
  beforeEach(() => {
    control = controlMpClient(lab);
  });
  afterEach(() => {
    expect(control.calls().filter((call) => call.startsWith('MISUSE'))).toEqual([]);
    control.dispose();
  });

  defenderSuite('MpClient', (settings) => {
    control.script(...scriptOf(scenario.parse({ defender: settings }).defender));
    return startLabBridge(lab);
  });
});

describeInLab('defender/status over MpClient', (lab) => {
  test('shows flags, due and versions, from a status structure that is larger than documented', async () => {
    const control = controlMpClient(lab);
    control.script('status 0x80100060');
    await using bridge = startLabBridge(lab);
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
