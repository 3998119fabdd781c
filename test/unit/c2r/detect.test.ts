import { describe, expect, test } from 'vitest';
import { HResultError } from '../../../src/base/hresult-error.js';
import { updatesKey } from '../../../src/c2r/registry-keys.js';
import { session, simulated } from '../../support/office-handlers.js';
import { report, scriptedOffice } from '../../support/scripted-office.js';

const lastRun = '13424659200000';
const registry = { [updatesKey]: { UpdateDetectionLastRunTime: lastRun } };

describe('c2r/detect', () => {
  test('runs the task, waits for it and tells what moved', async () => {
    const { call, progress } = simulated({ registry, detectMs: 3000 });
    expect(await call('detect', { wait: true })).toMatchObject({
      reset: false,
      running: false,
      before: { detectedAt: '2026-05-31T00:00:00.000Z' },
      after: { detectedAt: '2026-01-01T00:00:03.000Z' },
      moved: ['detectedAt'],
    });
    expect(new Set(progress.map(({ phase }) => phase))).toEqual(new Set(['detect']));
  });

  test('without wait it returns while the task runs', async () => {
    const { call } = simulated({ detectMs: 3000 });
    expect(await call('detect')).toMatchObject({ running: true, moved: [] });
  });

  test('takes up a new channel at once', async () => {
    const { call } = simulated({ channel: 'MonthlyEnterprise', channelTaskMs: null });
    await call('setChannel', { channel: 'SemiAnnual' });
    const { moved, after } = await call('detect', { wait: true });
    expect(moved).toEqual(['detectedAt', 'channel', 'channelChangePending']);
    expect(after).toMatchObject({ channel: 'SemiAnnual', channelChangePending: true });
  });

  test('removes the time of the last detection where it is to, and says whether there was one', async () => {
    const machine = simulated({ registry, detectMs: 3000 });
    expect(await machine.call('detect', { reset: true })).toMatchObject({
      reset: true,
      after: { detectedAt: null },
      moved: ['detectedAt'],
    });
    expect(await simulated().call('detect', { reset: true })).toMatchObject({ reset: false });
  });

  test('leaves that time alone where the task cannot be run', async () => {
    for (const updateTask of ['missing', 'disabled'] as const) {
      const machine = simulated({ registry, updateTask });
      await machine.fail('detect', { reset: true });
      expect((await machine.office.registry.values(updatesKey))?.get('UpdateDetectionLastRunTime')).toBe(lastRun);
    }
  });

  test.each([lastRun, 5, 13_400_000_000_000n, ''])('puts %s back where the task does not start', async (kept) => {
    const office = scriptedOffice([report('UPDATE_UNKNOWN')]);
    office.registry.add({ ...registry, [updatesKey]: { UpdateDetectionLastRunTime: kept } });
    const refused = async () => {
      throw new HResultError('IRegisteredTask::Run', 0x80070005);
    };
    const { fail } = session(() => ({ ...office, updateTask: { ...office.updateTask, run: refused } }));
    expect((await fail('detect', { reset: true })).data).toMatchObject({ type: 'AccessDenied' });
    expect((await office.registry.values(updatesKey))?.get('UpdateDetectionLastRunTime')).toBe(kept);
  });

  test.each([
    ['missing', { type: 'NotAvailable', reason: 'taskMissing' }],
    ['disabled', { type: 'Blocked', reason: 'taskDisabled' }],
  ] as const)('a task that is %s is told as that', async (updateTask, data) => {
    expect((await simulated({ updateTask }).fail('detect')).data).toMatchObject({
      ...data,
      recommendation: expect.stringMatching(/\.$/),
    });
  });

  test('a task that was disabled meanwhile is told as that, with the HRESULT', async () => {
    const { fail } = session(() => ({
      ...scriptedOffice([report('UPDATE_UNKNOWN')]),
      updateTask: {
        state: async () => ({ enabled: true, running: false }),
        run: async () => {
          throw new HResultError('IRegisteredTask::Run', 0x80041326);
        },
      },
    }));
    expect((await fail('detect')).data).toMatchObject({ type: 'Blocked', hresultName: 'SCHED_E_TASK_DISABLED' });
  });

  test('access denied is that', async () => {
    expect((await simulated({ elevated: false }).fail('detect')).data).toMatchObject({
      type: 'AccessDenied',
      hresultName: 'E_ACCESSDENIED',
    });
  });

  test('a time limit ends the wait, not the task', async () => {
    const { fail, clock } = simulated({ detectMs: 60_000 });
    expect((await fail('detect', { wait: true, timeoutMs: 5000 })).data).toMatchObject({ type: 'Timeout' });
    expect(clock.sleeping).toBe(0);
  });
});
