import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Bridge } from '../../support/bridge.js';
import { describeInLab } from '../../support/lab.js';
import {
  controlMpClient,
  type MpClientControl,
  nothingOpen,
  runInLab,
  startLabBridge,
} from '../../support/mpclient.js';
import { wholeUpdate } from '../../support/mpclient-sequences.js';

describeInLab('defender/update under load', (lab) => {
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

  test('100,000 notifications: the bridge answers pings throughout, at most 10 messages a second, no phase lost', async () => {
    control.script(
      ...['notify 0x8001 0', 'notify 0x8002 0', 'notify 0x8003 0 0 4 0 1 -', 'notify 0x8005 0', 'flood 50000 0x8006'],
      ...['notify 0x8007 0 100 4 3 1 -', 'notify 0x8008 0', 'flood 50000 0x8009', 'notify 0x800A 0 100 4 3 1 -'],
      'notify 0x800D 0',
    );
    const messages: { phase: string; percent: number }[] = [];
    const update = bridge.request(
      'defender/update',
      {},
      { onProgress: ({ phase, percent }) => messages.push({ phase, percent }) },
    );
    let running = true;
    void update.finally(() => {
      running = false;
    });
    let pings = 0;
    while (running) {
      await bridge.request('bridge/ping');
      pings++;
      // Without a pause the pings themselves are what the bridge is busy with, and the notifications take minutes.
      await setTimeout(5);
    }
    const result = await update;
    expect(pings).toBeGreaterThan(100);
    expect(control.open()).toMatchObject({ ...nothingOpen, callbacks: 100_008 });
    expect(new Set(messages.map(({ phase }) => phase))).toEqual(new Set(['search', 'download', 'install']));
    expect(messages.length).toBeLessThanOrEqual(10 * Math.ceil(result.elapsedMs / 1000) + 3);
    expect(messages.at(-1)?.percent).toBe(100);
    expect(result.phases).toMatchObject([{ phase: 'search' }, { phase: 'download' }, { phase: 'install' }]);
  });

  test('500 updates in a row: no growth of handles or private bytes, no lost notification', async () => {
    control.script(...wholeUpdate, 'notify 0x800C 0', 'notify 0x80FF 0', 'notify 0x800D 0');
    const { process } = await bridge.request('initialize', { protocolVersion: 1 });
    const usage = (): { handles: number; privateBytes: number } =>
      JSON.parse(runInLab(lab, 'process-usage.exe', String(process.pid)));
    const updates = async (count: number) => {
      for (let index = 0; index < count; index++) {
        const { phases, unknownNotifications } = await bridge.request('defender/update');
        expect(phases).toMatchObject([{ phase: 'search' }, { phase: 'download' }, { phase: 'install' }]);
        expect(unknownNotifications).toMatchObject([{ count: 1 }]);
      }
    };
    await updates(100);
    const warm = usage();
    await updates(400);
    const after = usage();
    console.info(`after 100 updates ${JSON.stringify(warm)}, after 500 ${JSON.stringify(after)}`);
    expect(control.open()).toMatchObject({ ...nothingOpen, callbacks: 500 * 13 });
    expect(after.handles - warm.handles).toBeLessThanOrEqual(4);
    expect(after.privateBytes - warm.privateBytes).toBeLessThan(16 << 20);
  });
});
