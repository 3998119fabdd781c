import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ValuePlace } from '../../../src/c2r/port.js';
import { cloudPolicyKey, configurationKey, policyKey } from '../../../src/c2r/registry-keys.js';
import { simulatedOffice } from '../../../src/simulated/office.js';
import { scenario } from '../../../src/simulated/scenario.js';
import { ManualClock } from '../../support/manual-clock.js';
import { session, simulated } from '../../support/office-handlers.js';

const day = 86_400_000;
const policy = async ({ office }: ReturnType<typeof simulated>) =>
  (await office.registry.values(policyKey))?.get('UpdateBranch');
const reasons = (pending: readonly { reason: string }[]) => pending.map(({ reason }) => reason);

describe('a change of the channel', () => {
  test("writes the policy's own word for the channel, and says what it waits for until the version has moved", async () => {
    const machine = simulated({ channel: 'MonthlyEnterprise', channelTaskMs: day });
    const { call, clock } = machine;
    const result = await call('setChannel', { channel: 'SemiAnnual' });
    expect(result).toMatchObject({
      changed: true,
      before: { rule: 'cdnBaseUrl', channel: 'MonthlyEnterprise' },
      after: { rule: 'policyUpdateBranch', value: 'Deferred', channel: 'SemiAnnual' },
    });
    expect(reasons(result.pending)).toEqual(['scheduledTask', 'update']);
    expect(await policy(machine)).toBe('Deferred');

    await clock.advance(day);
    const taken = await call('installation');
    expect(taken).toMatchObject({ channel: 'SemiAnnual', channelChangePending: true });
    expect(taken.channelSwitch).toMatchObject({
      channel: 'SemiAnnual',
      requestedAt: '2026-01-01T00:00:00.000Z',
      versionThen: '16.0.17928.20114',
    });
    expect(reasons(taken.channelSwitch?.pending ?? [])).toEqual(['update']);

    await call('update');
    expect((await call('installation')).channelSwitch?.pending).toEqual([]);
  });

  test('a second change waits for an update of the first, as Office does', async () => {
    const { call, clock } = simulated({ channel: 'Current' });
    await call('setChannel', { channel: 'MonthlyEnterprise' });
    await clock.advance(1000);
    await call('installation');
    const second = await call('setChannel', { channel: 'SemiAnnual' });
    expect(reasons(second.pending)).toEqual(['earlierChange', 'scheduledTask', 'update']);
    await clock.advance(1000);
    expect((await call('installation')).channel).toBe('MonthlyEnterprise');

    await call('update');
    await clock.advance(1000);
    const { channel, channelSwitch } = await call('installation');
    expect(channel).toBe('SemiAnnual');
    expect(reasons(channelSwitch?.pending ?? [])).toEqual(['update']);
  });

  test('what-if makes every check, says whether it would change anything, and writes nothing', async () => {
    const machine = simulated({ channel: 'MonthlyEnterprise' });
    const contents = async () => machine.office.registry.values(policyKey);
    const untouched = await contents();
    const preview = await machine.call('setChannel', { channel: 'SemiAnnual', whatIf: true });
    expect(preview).toMatchObject({ changed: true, after: { rule: 'cdnBaseUrl', channel: 'MonthlyEnterprise' } });
    expect(await machine.call('setChannel', { undo: true, whatIf: true })).toMatchObject({ changed: false });
    expect(await contents()).toEqual(untouched);
    await machine.call('setChannel', { channel: 'SemiAnnual' });
    expect(await machine.call('setChannel', { undo: true, whatIf: true })).toMatchObject({ changed: true });
    expect(await policy(machine)).toBe('Deferred');
    const licensed = simulated({ products: ['ProPlus2024Volume'], channel: 'PerpetualVL2024' });
    await expect(licensed.call('setChannel', { channel: 'Current', whatIf: true })).rejects.toMatchObject({
      data: { type: 'Blocked' },
    });
  });

  test('one that is in force already changes nothing', async () => {
    const machine = simulated({ channel: 'Current' });
    const { call } = machine;
    expect(await call('setChannel', { channel: 'Current' })).toMatchObject({ changed: false, pending: [] });
    expect(await policy(machine)).toBeUndefined();
    await call('setChannel', { channel: 'BetaChannel' });
    expect(await call('setChannel', { channel: 'BetaChannel' })).toMatchObject({ changed: false });
  });

  test.each([
    ['cloudUpdatePath', { [cloudPolicyKey]: { UpdatePath: 'http://cloud/office' } }, 'cloudUpdate'],
    ['cloudUpdateBranch', { [cloudPolicyKey]: { UpdateBranch: 'Current' } }, 'cloudUpdate'],
    ['policyUpdatePath', { [policyKey]: { UpdatePath: '\\\\server\\office' } }, 'policy'],
    ['policyUpdateBranch', { [policyKey]: { UpdateBranch: 'Current' } }, 'policy'],
    ['updateUrl', { [configurationKey]: { UpdateUrl: '\\\\server\\office' } }, 'policy'],
  ])('is refused where %s stands against it, and written by force', async (rule, registry, owner) => {
    const machine = simulated({ registry });
    const before = await policy(machine);
    const error = await machine.fail('setChannel', { channel: 'SemiAnnual' });
    expect(error.data).toMatchObject({ type: 'Blocked', rule, owner });
    expect(await policy(machine)).toBe(before);

    const forced = await machine.call('setChannel', { channel: 'SemiAnnual', force: true });
    expect(forced.changed).toBe(true);
    expect(await policy(machine)).toBe('Deferred');
    const overruled = rule.startsWith('cloud') || rule === 'policyUpdatePath';
    expect(forced.after.rule).toBe(overruled ? rule : 'policyUpdateBranch');
    expect(reasons(forced.pending)).toEqual(overruled ? ['otherRuleDecides'] : ['scheduledTask', 'update']);
  });

  test('an UpdateUrl that names a channel of the CDN does not stand against it', async () => {
    const url = 'http://officecdn.microsoft.com/pr/492350f6-3a01-4f97-b9c0-c7c6ddf67d60';
    const { call } = simulated({ registry: { [configurationKey]: { UpdateUrl: url } } });
    const result = await call('setChannel', { channel: 'SemiAnnual' });
    expect([result.before.rule, result.after.rule]).toEqual(['updateUrl', 'policyUpdateBranch']);
  });
});

describe('undoing a change of the channel', () => {
  test('puts back what was there before the first of several changes', async () => {
    const machine = simulated({ registry: { [policyKey]: { UpdateBranch: 'Current' } } });
    await machine.call('setChannel', { channel: 'SemiAnnual', force: true });
    await machine.call('setChannel', { channel: 'BetaChannel' });
    expect(await policy(machine)).toBe('InsiderFast');
    expect(await machine.call('setChannel', { undo: true })).toMatchObject({
      changed: true,
      after: { value: 'Current' },
    });
    expect((await machine.call('installation')).channelSwitch).toBeNull();
  });

  test.each([5, ' Current ', ''])('puts back %j, which no channel is called', async (odd) => {
    const machine = simulated({ registry: { [policyKey]: { UpdateBranch: odd } } });
    await machine.call('setChannel', { channel: 'SemiAnnual', force: true });
    expect(await policy(machine)).toBe('Deferred');
    expect(await machine.call('setChannel', { undo: true })).toMatchObject({ changed: true });
    expect(await policy(machine)).toBe(odd);
  });

  test('removes the policy where there was none, and a second time does nothing', async () => {
    const machine = simulated();
    await machine.call('setChannel', { channel: 'SemiAnnual' });
    const undone = await machine.call('setChannel', { undo: true });
    expect(undone).toMatchObject({ changed: true, after: { rule: 'cdnBaseUrl' }, pending: [] });
    expect(await policy(machine)).toBeUndefined();
    expect(await machine.call('setChannel', { undo: true })).toMatchObject({ changed: false });
  });

  test('leaves alone that somebody else has removed the policy since, unless forced', async () => {
    const machine = simulated({ registry: { [policyKey]: { UpdateBranch: 'Current' } } });
    await machine.call('setChannel', { channel: 'SemiAnnual', force: true });
    await machine.office.registry.deleteValue(policyKey, 'UpdateBranch');
    expect((await machine.fail('setChannel', { undo: true })).data).toMatchObject({ type: 'Blocked', value: null });
    expect(await policy(machine)).toBeUndefined();
    await machine.call('setChannel', { undo: true, force: true });
    expect(await policy(machine)).toBe('Current');
  });

  test('leaves a policy alone that somebody else has set since, unless forced', async () => {
    const machine = simulated();
    await machine.call('setChannel', { channel: 'SemiAnnual' });
    await machine.office.registry.setValue(policyKey, 'UpdateBranch', 'Current');
    expect((await machine.fail('setChannel', { undo: true })).data).toMatchObject({
      type: 'Blocked',
      value: 'Current',
    });
    expect(await policy(machine)).toBe('Current');
    await machine.call('setChannel', { undo: true, force: true });
    expect(await policy(machine)).toBeUndefined();
  });
});

/** Lets the registry refuse every write after the next `count`, as if the bridge had been killed then. */
function killedAfterWrites({ office: { registry } }: ReturnType<typeof simulated>, count: number): () => void {
  const { setValue, keep, deleteValue } = registry;
  let left = count;
  const counted = <A extends unknown[], R>(write: (...args: A) => Promise<R>) => {
    return async (...args: A) => {
      if (left-- <= 0) throw new Error('killed');
      return write(...args);
    };
  };
  Object.assign(registry, {
    setValue: counted(setValue),
    async keep(place: ValuePlace) {
      const value = await keep(place);
      return value && { putInto: counted(value.putInto) };
    },
    deleteValue: counted(deleteValue),
  });
  return () => void Object.assign(registry, { setValue, keep, deleteValue });
}

describe.each([
  ['no policy', {}, undefined],
  ['a policy of somebody else', { [policyKey]: { UpdateBranch: 'Current' } }, 'Current'],
])('a bridge that is killed between two writes, where there was %s before', (_, registry, original) => {
  const steps = [
    { channel: 'SemiAnnual', force: true },
    { channel: 'BetaChannel', force: true },
    { undo: true },
  ] as const;
  const places = steps.flatMap((_, step) => Array.from({ length: 7 }, (__, writes) => ({ step, writes })));

  test.each(places)('in step $step after $writes writes: undo still puts back what was there', async (place) => {
    const machine = simulated({ registry });
    for (const step of steps.slice(0, place.step)) await machine.call('setChannel', step);
    const revive = killedAfterWrites(machine, place.writes);
    await machine.call('setChannel', steps[place.step] as object).catch(() => undefined);
    revive();
    await machine.call('setChannel', { undo: true });
    expect(await policy(machine)).toBe(original);
    expect((await machine.call('installation')).channelSwitch).toBeNull();
  });

  test.each(places)('in step $step after $writes writes: the next change is made', async (place) => {
    const machine = simulated({ registry });
    for (const step of steps.slice(0, place.step)) await machine.call('setChannel', step);
    const revive = killedAfterWrites(machine, place.writes);
    await machine.call('setChannel', steps[place.step] as object).catch(() => undefined);
    revive();
    const force = original !== undefined;
    for (const channel of ['SemiAnnual', 'BetaChannel']) {
      expect((await machine.call('setChannel', { channel, force })).after.channel).toBe(channel);
      expect((await machine.call('installation')).channelSwitch).toMatchObject({ channel });
    }
    await machine.call('setChannel', { undo: true });
    expect(await policy(machine)).toBe(original);
  });
});

test('a change of the channel needs one wish, elevation and an Office', async () => {
  for (const params of [{}, { channel: 'Current', undo: true }]) {
    expect((await simulated().fail('setChannel', params)).data).toMatchObject({ issues: [{ path: 'channel' }] });
  }
  const denied = await simulated({ elevated: false }).fail('setChannel', { channel: 'Current' });
  expect(denied.data.type).toBe('AccessDenied');
  const absent = await simulated({ installed: false }).fail('setChannel', { channel: 'Current' });
  expect(absent.data).toMatchObject({ type: 'NotAvailable', reason: 'notInstalled' });
});

describe('a simulated machine with a state file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-state-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('is found by the next process as this one left it, with a download that went on meanwhile', async () => {
    const settings = scenario.parse({ office: { downloadMs: 5000 }, statePath: join(folder, 'state.json') });
    const first = session((clock) => simulatedOffice(settings, clock));
    await first.call('setChannel', { channel: 'SemiAnnual' });
    await first.call('download');

    const second = session((clock) => simulatedOffice(settings, clock));
    expect(await second.call('status')).toMatchObject({ busy: true });
    await second.clock.advance(5000);
    expect(await second.call('status')).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
    expect(await second.call('installation')).toMatchObject({
      stagedVersion: '16.0.19929.20172',
      channelSwitch: { channel: 'SemiAnnual' },
    });
  });

  test('has its new channel taken up in time, whichever process looks then', async () => {
    const settings = scenario.parse({ office: { channelTaskMs: 60_000 }, statePath: join(folder, 'task.json') });
    const processAfter = (ms: number) =>
      session((clock) => simulatedOffice(settings, new ManualClock(new Date(clock.epoch.getTime() + ms))));
    const changed = await processAfter(0).call('setChannel', { channel: 'SemiAnnual' });
    expect(changed.pending.map(({ reason }) => reason)).toEqual(['scheduledTask', 'update']);
    expect(await processAfter(59_000).call('installation')).toMatchObject({ channel: 'MonthlyEnterprise' });
    expect(await processAfter(61_000).call('installation')).toMatchObject({
      channel: 'SemiAnnual',
      channelSwitch: { pending: [{ reason: 'update' }] },
    });
  });

  test('says so where the file cannot be used', () => {
    const statePath = join(folder, 'broken.json');
    writeFileSync(statePath, '{');
    const settings = scenario.parse({ statePath });
    expect(() => session((clock) => simulatedOffice(settings, clock))).toThrow(
      /broken\.json of the simulation cannot be used/,
    );
  });
});
