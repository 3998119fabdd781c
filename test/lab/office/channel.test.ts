import { afterAll, beforeAll, expect, test } from 'vitest';
import { branchValue, channelSwitchKey, configurationKey, policyKey } from '../../../src/c2r/registry-keys.js';
import { describeInLab } from '../../support/lab.js';
import { openProbe, type Probe } from '../../support/run-probe.js';

describeInLab('c2r/setChannel on the registry of Windows', (lab) => {
  const current = 'http://officecdn.microsoft.com/pr/492350f6-3a01-4f97-b9c0-c7c6ddf67d60';
  const configuration = { CDNBaseUrl: current, UpdateChannel: current, VersionToReport: '16.0.17928.20114' };
  let probe: Probe;

  const values = async (key: string) =>
    Object.fromEntries((await probe('registryValues', key)).result as [string, unknown][]);

  beforeAll(async () => {
    probe = await openProbe(lab);
    for (const [name, value] of Object.entries(configuration))
      await probe('registrySet', configurationKey, name, value);
  });
  afterAll(async () => {
    for (const name of Object.keys(configuration)) await probe('registryDelete', configurationKey, name);
    await probe('registryDelete', policyKey, 'UpdatePath');
  });

  test('writes the policy and a note, tells which rule decides, and takes both back', async () => {
    const changed = await probe('setChannel', { channel: 'SemiAnnual' });
    expect(changed.result).toMatchObject({
      changed: true,
      before: { rule: 'cdnBaseUrl', channel: 'Current' },
      after: { rule: 'policyUpdateBranch', value: 'Deferred', channel: 'SemiAnnual' },
      pending: [{ reason: 'scheduledTask' }, { reason: 'update' }],
    });
    expect(await values(policyKey)).toMatchObject({ [branchValue]: 'Deferred' });
    expect(await values(channelSwitchKey)).toMatchObject({
      WrittenUpdateBranch: 'Deferred',
      VersionThen: configuration.VersionToReport,
    });
    expect(await values(channelSwitchKey)).not.toHaveProperty('PreviousUpdateBranch');
    expect((await probe('installation')).result).toMatchObject({ channelSwitch: { channel: 'SemiAnnual' } });

    expect((await probe('setChannel', { undo: true })).result).toMatchObject({ changed: true, pending: [] });
    expect(await values(policyKey)).not.toHaveProperty(branchValue);
    expect(await values(channelSwitchKey)).toEqual({});
  });

  test.each([
    ['REG_EXPAND_SZ', 2, `${Buffer.from('%CHANNEL%').toString('hex').replaceAll(/../g, '$&00')}0000`, '%CHANNEL%'],
    ['REG_DWORD', 4, '05000000', '0x5'],
    ['REG_BINARY', 3, 'c0ffee', 'C0FFEE'],
  ])('puts a policy of type %s back as it was', async (typeName, type, hex, shown) => {
    await probe('registrySetRaw', policyKey, branchValue, type, hex);
    await probe('setChannel', { channel: 'SemiAnnual', force: true });
    expect(await values(policyKey)).toMatchObject({ [branchValue]: 'Deferred' });
    expect((await probe('setChannel', { undo: true })).result).toMatchObject({ changed: true });
    expect((await probe('registryShown', policyKey, branchValue)).result).toEqual([branchValue, typeName, shown]);
    await probe('registryDelete', policyKey, branchValue);
  });

  test('refuses where a policy path would still win', async () => {
    await probe('registrySet', policyKey, 'UpdatePath', '\\\\server\\office');
    const { error } = await probe('setChannel', { channel: 'SemiAnnual' });
    expect(error).toMatchObject({ type: 'Blocked', rule: 'policyUpdatePath', value: '\\\\server\\office' });
    expect(await values(policyKey)).not.toHaveProperty(branchValue);
  });
});
