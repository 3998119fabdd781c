import { describe, expect, test } from 'vitest';
import { cloudPolicyKey, configurationKey, policyKey, targetVersionKey } from '../../../src/c2r/registry-keys.js';
import { simulated } from '../../support/office-handlers.js';

const older = '16.0.17928.20114';
const other = '16.0.18827.20102';

const policyOf = async ({ office }: ReturnType<typeof simulated>) =>
  (await office.registry.values(policyKey))?.get('updatetargetversion');

describe('pinning a version', () => {
  test('writes the policy, says which rule decides and what is still to be done', async () => {
    const machine = simulated();
    expect(await machine.call('setTargetVersion', { version: other })).toMatchObject({
      changed: true,
      before: { rule: null, version: null },
      after: { rule: 'policyTargetVersion', version: other, policy: other, written: other },
      pending: [{ reason: 'update' }],
    });
    expect(await policyOf(machine)).toBe(other);
    expect(await machine.call('setTargetVersion', { version: other })).toMatchObject({ changed: false });
    expect(await machine.call('setTargetVersion', { version: older })).toMatchObject({ changed: true, pending: [] });
    expect((await machine.call('installation')).targetVersion).toMatchObject({ version: older, written: older });
  });

  test.each([
    ['the cloud', 'cloudTargetVersion', 'cloudUpdate', { [cloudPolicyKey]: { updatetargetversion: other } }],
    ['another manager', 'policyTargetVersion', 'policy', { [policyKey]: { updatetargetversion: other } }],
  ])('is refused where %s pins another version, and written by force', async (_, rule, owner, registry) => {
    const machine = simulated({ registry });
    const before = await policyOf(machine);
    expect((await machine.fail('setTargetVersion', { version: older })).data).toMatchObject({
      type: 'Blocked',
      rule,
      owner,
      value: other,
    });
    expect(await policyOf(machine)).toBe(before);
    const forced = await machine.call('setTargetVersion', { version: older, force: true });
    expect(forced.changed).toBe(true);
    expect(forced.pending.map(({ reason }) => reason)).toEqual(
      rule === 'cloudTargetVersion' ? ['otherRuleDecides', 'update'] : [],
    );
    expect(await machine.call('setTargetVersion', { undo: true })).toMatchObject({ after: { version: other } });
    expect(await policyOf(machine)).toBe(before);
  });

  test('the pin of a cloud that has handed the device back does not count', async () => {
    const machine = simulated({ registry: { [cloudPolicyKey]: { updatetargetversion: other, IgnoreGPO: 0 } } });
    expect(await machine.call('setTargetVersion', { version: older })).toMatchObject({ after: { version: older } });
  });

  test.each([
    {},
    { version: older, undo: true },
    { clearLeftover: true, undo: true },
    { version: older, clearLeftover: true },
  ])('%j is refused: exactly one thing is done', async (params) => {
    expect((await simulated().fail('setTargetVersion', params)).data).toMatchObject({
      type: 'InvalidParams',
      issues: [{ path: 'version' }],
    });
  });

  test('is refused without the right to write policies, and nothing is noted', async () => {
    const machine = simulated({ elevated: false });
    expect((await machine.fail('setTargetVersion', { version: older })).data.type).toBe('AccessDenied');
    expect(await machine.office.registry.values(targetVersionKey)).toBeNull();
  });
});

describe('undoing a pin', () => {
  test('removes the policy where there was none, and a second time does nothing', async () => {
    const machine = simulated();
    await machine.call('setTargetVersion', { version: other });
    expect(await machine.call('setTargetVersion', { undo: true })).toMatchObject({
      changed: true,
      after: { rule: null, written: null },
    });
    expect(await policyOf(machine)).toBeUndefined();
    expect(await machine.call('setTargetVersion', { undo: true })).toMatchObject({ changed: false });
  });

  test('leaves a policy alone that another program has written since, unless forced', async () => {
    const machine = simulated();
    await machine.call('setTargetVersion', { version: older });
    await machine.office.registry.setValue(policyKey, 'updatetargetversion', other);
    expect((await machine.fail('setTargetVersion', { undo: true })).data).toMatchObject({ type: 'Blocked' });
    expect(await policyOf(machine)).toBe(other);
    await machine.call('setTargetVersion', { undo: true, force: true });
    expect(await policyOf(machine)).toBeUndefined();
  });

  test('a pin that was cut off before it wrote the policy can be made again, and undone', async () => {
    const machine = simulated({ registry: { [policyKey]: { updatetargetversion: other } } });
    await machine.call('setTargetVersion', { version: older, force: true });
    const { registry } = machine.office;
    await registry.setValue(targetVersionKey, 'ReplacedTargetVersion', older);
    await registry.setValue(targetVersionKey, 'WrittenTargetVersion', '16.0.1.1');
    expect(await machine.call('setTargetVersion', { version: '16.0.1.1' })).toMatchObject({ changed: true });
    await machine.call('setTargetVersion', { undo: true });
    expect(await policyOf(machine)).toBe(other);
  });
});

describe('what is left over', () => {
  const odd = { leftoverTargetVersion: older, channelChangeStuck: true };

  test('keeps updates away until it is removed', async () => {
    const machine = simulated(odd);
    const stuck = await machine.call('update');
    expect(stuck).toMatchObject({ changed: false, targetVersion: { rule: 'updateToVersion', version: older } });
    expect(
      machine.progress.some(({ message }) => message.includes(`updateToVersion holds this device at ${older}`)),
    ).toBe(true);

    const cleared = await machine.call('setTargetVersion', { clearLeftover: true });
    expect(cleared).toMatchObject({
      changed: true,
      before: { leftover: older },
      after: { rule: null, leftover: null },
    });
    expect((await machine.call('installation')).channelChangePending).toBe(false);
    expect(await machine.call('update')).toMatchObject({ changed: true, versionAfter: '16.0.19929.20172' });
  });

  test('can be put back', async () => {
    const machine = simulated(odd);
    await machine.call('setTargetVersion', { clearLeftover: true });
    await machine.call('setTargetVersion', { undo: true });
    const { targetVersion, channelChangePending } = await machine.call('installation');
    expect([targetVersion.leftover, channelChangePending]).toEqual([older, true]);
    expect(await machine.call('setTargetVersion', { undo: true })).toMatchObject({ changed: false });
  });

  test('is put back as it was, also where it is not text', async () => {
    const values = { UpdateToVersion: 16, UpdateChannelChanged: 1 };
    const machine = simulated({ registry: { [configurationKey]: values } });
    await machine.call('setTargetVersion', { clearLeftover: true });
    const after = await machine.office.registry.values(configurationKey);
    expect([after?.get('UpdateToVersion'), after?.get('UpdateChannelChanged')]).toEqual([undefined, 'False']);
    await machine.call('setTargetVersion', { undo: true });
    expect(Object.fromEntries((await machine.office.registry.values(configurationKey)) ?? [])).toMatchObject(values);
  });

  test('nothing left over is nothing to do', async () => {
    expect(await simulated().call('setTargetVersion', { clearLeftover: true })).toMatchObject({ changed: false });
  });

  test('does not touch the policy', async () => {
    const machine = simulated({ ...odd, targetVersion: other });
    await machine.call('setTargetVersion', { clearLeftover: true });
    expect((await machine.call('installation')).targetVersion).toMatchObject({
      rule: 'policyTargetVersion',
      version: other,
    });
    expect((await machine.office.registry.values(configurationKey))?.has('UpdateToVersion')).toBe(false);
  });
});

describe('an update with pin', () => {
  test('stays at the version to which it rolled back', async () => {
    const machine = simulated({ installedVersion: '16.0.19929.20172', availableVersion: '16.0.19929.20172' });
    const rolledBack = await machine.call('update', { updateToVersion: older, pin: true });
    expect(rolledBack).toMatchObject({
      changed: true,
      versionAfter: older,
      targetVersion: { rule: 'policyTargetVersion', version: older },
    });
    expect(await machine.call('update')).toMatchObject({ changed: false, versionAfter: older });
  });

  test('without it the next update moves on', async () => {
    const machine = simulated({ installedVersion: '16.0.19929.20172', availableVersion: '16.0.19929.20172' });
    expect(await machine.call('update', { updateToVersion: older })).toMatchObject({ targetVersion: { rule: null } });
    expect(await machine.call('update')).toMatchObject({ changed: true, versionAfter: '16.0.19929.20172' });
  });

  test('is refused before anything is downloaded where the pin would not count', async () => {
    const machine = simulated({ registry: { [cloudPolicyKey]: { updatetargetversion: other } } });
    expect((await machine.fail('update', { updateToVersion: older, pin: true })).data).toMatchObject({
      type: 'Blocked',
    });
    expect((await machine.call('status')).status).toBe('UPDATE_UNKNOWN');
  });

  test('that fails pins nothing', async () => {
    const machine = simulated({ fail: [{ at: 'apply', errorCode: 1 }] });
    await machine.fail('update', { updateToVersion: other, pin: true });
    expect(await policyOf(machine)).toBeUndefined();
  });

  test('that Office calls a success and does not carry out is an error, and pins nothing', async () => {
    const machine = simulated({ installedVersion: '16.0.19929.20172', availableVersion: '16.0.19929.20172' });
    const { updates } = machine.office;
    const download = updates.download.bind(updates);
    // An update source that has no other version.
    updates.download = (_, call) => download('', call);
    expect(await machine.fail('update', { updateToVersion: older, pin: true })).toMatchObject({
      message: `Office reported success, but it is at 16.0.19929.20172, not at ${older}: it is not held there.`,
      data: { type: 'UpdateFailed', status: 'APPLY_SUCCEEDED', action: 'apply', version: '16.0.19929.20172' },
    });
    expect(await policyOf(machine)).toBeUndefined();
  });

  test('needs a version', async () => {
    expect((await simulated().fail('update', { pin: true })).data).toMatchObject({
      type: 'InvalidParams',
      issues: [{ path: 'updateToVersion' }],
    });
  });
});
