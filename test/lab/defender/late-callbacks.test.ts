import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deferred } from '../../../src/defender/deferred.js';
import type { Bridge } from '../../support/bridge.js';
import { deadline } from '../../support/deadline.js';
import { describeInLab } from '../../support/lab.js';
import { controlMpClient, type MpClientControl, nothingOpen, startLabBridge } from '../../support/mpclient.js';
import { complete, wholeUpdate } from '../../support/mpclient-sequences.js';

describeInLab('callbacks of MpClient that come when nobody expects them', (lab) => {
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

  const update = (params: object = {}, options = {}) => bridge.request('defender/update', params, options);
  const failure = (params: object = {}, options = {}) =>
    update(params, options).then(
      () => Promise.reject(new Error('the update succeeded')),
      (error) => error,
    );
  const called = (call: string) =>
    expect.poll(() => control.calls(), { timeout: deadline(20_000), interval: 20 }).toContain(call);
  const begun = (updates: number) =>
    expect
      .poll(() => control.calls().filter((call) => call.startsWith('MpUpdateStart')), { timeout: deadline(20_000) })
      .toHaveLength(updates);
  /** Cancels an update that has begun; gives the error. */
  async function cancelled() {
    const controller = new AbortController();
    const answer = failure({}, { signal: controller.signal });
    answer.catch(() => undefined);
    await called('MpUpdateStart 0x003 0x00000000');
    controller.abort();
    return await answer;
  }
  const letGo = (name: string) => writeFileSync(join(dirname(control.scriptPath), name), '');
  const exit = () => new Promise((resolve) => bridge.process.once('exit', (code) => resolve(code)));
  const unheard = ['notify 0x8001 0', 'notify 0x8008 0x80004005', 'notify 0x80EE 0', 'notify 0x3007 0x80004005'];
  const untouched = { hresult: 0, phases: [], failures: [], unknownNotifications: [] };

  test('after COMPLETE and before the handle is closed, they change nothing', async () => {
    control.script(complete, 'closing', ...unheard, 'foreign 0x3001 1', 'say all');
    expect(await update()).toMatchObject(untouched);
    await called('MpHandleClose manager');
    expect(control.calls()).toContain('said all');
    expect(control.open()).toMatchObject({ ...nothingOpen, callbacks: 6 });
  });

  test('from the thread that closes the handle, they change nothing and hold nothing', async () => {
    control.script('close notify 0x8001 0x80004005', complete);
    expect(await update()).toMatchObject(untouched);
    await called('MpHandleClose manager');
    expect(control.open()).toMatchObject({ ...nothingOpen, callbacks: 2 });
  });

  test('after the handle was closed, they are heard by nobody, however many threads they come from', async () => {
    control.script(
      complete,
      'stray',
      'closed',
      ...unheard,
      'threads 16 50 0x8006',
      'notify 0x800D 0x80004005',
      'say all',
    );
    expect(await update()).toMatchObject(untouched);
    await called('said all');
    expect(await bridge.request('bridge/ping')).toBeDefined();
    control.script(complete);
    expect(await update()).toMatchObject(untouched);
    expect(control.open()).toMatchObject({ ...nothingOpen, callbacks: 2 + 4 + 800 + 1 });
  });

  test('those of an update before are not taken for those of the next', async () => {
    control.script(complete, 'stray', 'closed', 'until go', ...unheard, 'notify 0x800D 0x80004005', 'say all');
    expect(await update()).toMatchObject(untouched);
    control.script('notify 0x8001 0', 'notify 0x8002 0', 'until end', complete);
    const second = update();
    await begun(2);
    letGo('go');
    await called('said all');
    letGo('end');
    expect(await second).toMatchObject({ ...untouched, phases: [{ phase: 'search' }] });
    expect(control.open()).toMatchObject({ ...nothingOpen, callbacks: 9 });
  });

  test('those of an update that was refused at its start are not taken for those of the next', async () => {
    control.script('gives 0x80004005', 'stray', 'until go', ...unheard, complete, 'say all');
    expect(await failure()).toMatchObject({ data: { source: 'MpUpdateStart', hresultName: 'E_FAIL' } });
    control.script('notify 0x8001 0', 'notify 0x8002 0', 'until end', 'notify 0x800D 1');
    const second = update();
    await begun(2);
    letGo('go');
    await called('said all');
    letGo('end');
    expect(await second).toMatchObject({ ...untouched, hresult: 1, phases: [{ phase: 'search' }] });
    expect(control.open()).toMatchObject({ ...nothingOpen, callbacks: 8 });
  });

  test('after an abort, they change neither its outcome nor what is closed', async () => {
    control.script(
      ...['heedless', 'notify 0x8002 0', 'wait 600000', 'threads 8 20 0x8006', 'notify 0x800D 0x80004004'],
      ...['closing', ...unheard, 'stray', 'closed', ...unheard, 'say all'],
    );
    expect(await cancelled()).toMatchObject({ code: -32800, data: { continues: false, hresultName: 'E_ABORT' } });
    await called('said all');
    control.script(complete);
    expect(await update()).toMatchObject(untouched);
    expect(control.open()).toMatchObject(nothingOpen);
  });

  test('from many threads at once, all are heard and the bridge answers', async () => {
    control.script('notify 0x8002 0', 'notify 0x8005 0', 'threads 64 200 0x80EE', complete);
    const running = update();
    await bridge.request('bridge/ping');
    expect(await running).toMatchObject({
      hresult: 0,
      phases: [{ phase: 'search' }, { phase: 'download' }],
      unknownNotifications: [{ notification: 0x80ee, count: 12_800 }],
    });
    expect(control.open()).toMatchObject({ ...nothingOpen, callbacks: 12_803 });
  });

  test.each(['0', '7FF612345678'])(
    'with the context %s, which is none of ours, are those of the update',
    async (context) => {
      control.script(`context ${context}`, ...wholeUpdate, complete);
      expect(await update()).toMatchObject({
        hresult: 0,
        phases: [{ phase: 'search' }, { phase: 'download' }, { phase: 'install' }],
      });
      expect(control.open()).toMatchObject({ ...nothingOpen, callbacks: 11 });
    },
  );

  test('none at all: the update waits, and can be stopped', async () => {
    control.script('control ignored', 'wait 600000');
    expect(await cancelled()).toMatchObject({ code: -32800, data: { continues: true, phase: null } });
    expect((await failure()).data.type).toBe('InUse');
    const ended = exit();
    bridge.process.stdin?.end();
    expect(await ended).toBe(0);
  });

  describe('an update that began without a handle', () => {
    test('is told as it ends', async () => {
      control.script('gives 0', ...wholeUpdate, 'signature 1 421 99', complete);
      expect(await update()).toMatchObject({
        changed: true,
        hresult: 0,
        phases: [{ phase: 'search' }, { phase: 'download' }, { phase: 'install' }],
      });
      expect(control.open()).toMatchObject(nothingOpen);
    });

    test('is told as it ended before MpUpdateStart returned', async () => {
      control.script('gives 1', 'inline', 'notify 0x800D 1');
      expect(await update()).toMatchObject({ changed: false, hresult: 1 });
      expect(control.open()).toMatchObject(nothingOpen);
    });

    test('is aborted by the handle of the manager', async () => {
      control.script('gives 0', 'notify 0x8001 0', 'wait 600000', complete);
      expect(await cancelled()).toMatchObject({ data: { continues: false, hresultName: 'E_ABORT' } });
      expect(control.open()).toMatchObject(nothingOpen);
    });

    test('continues where that is refused, and holds the way until it ends', async () => {
      control.script('gives 0', 'control none', 'notify 0x8001 0', 'until end', complete);
      expect(await cancelled()).toMatchObject({
        data: { continues: true, abortRefused: { hresultName: 'E_ACCESSDENIED' } },
      });
      expect((await failure()).data.type).toBe('InUse');
      letGo('end');
      await called('MpHandleClose manager');
      control.script(complete);
      await expect.poll(() => update().catch(() => null), { timeout: deadline(10_000) }).toMatchObject(untouched);
      expect(control.open()).toMatchObject(nothingOpen);
    });
  });

  describe('while they come from many threads', () => {
    const endless = ['notify 0x8001 0', 'notify 0x8005 0', 'threads 64 1000000000 0x8006', complete];
    /** Gives the answer of the update to come, once its callbacks come. */
    const flooding = async () => {
      control.script('control ignored', ...endless);
      const started = deferred<void>();
      const answer = failure(
        {},
        { onProgress: ({ phase }: { phase: string }) => void (phase === 'download' && started.resolve()) },
      );
      answer.catch(() => undefined);
      await started.promise;
      return { answer };
    };

    test('a client that goes away leaves a bridge that ends with code 0', async () => {
      const { answer } = await flooding();
      const ended = exit();
      bridge.process.stdin?.end();
      expect(await ended).toBe(0);
      expect((await answer).code).toBe(-32800);
    });

    test('so does one that says shutdown and exit', async () => {
      const { answer } = await flooding();
      const ended = exit();
      await bridge.request('shutdown');
      bridge.notify('exit');
      expect(await ended).toBe(0);
      expect((await answer).code).toBe(-32800);
    });
  });
});
