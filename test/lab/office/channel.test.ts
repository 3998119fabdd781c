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

  test('puts a policy back with its type', async () => {
    const text = Buffer.from('%CHANNEL%\0', 'utf16le').toString('hex');
    const { result } = await probe('policiesPutBack', [
      [2, text],
      [4, '05000000'],
      [3, 'c0ffee'],
    ]);
    expect(result).toEqual([
      ['Deferred', 'REG_EXPAND_SZ', '%CHANNEL%'],
      ['Deferred', 'REG_DWORD', '0x5'],
      ['Deferred', 'REG_BINARY', 'C0FFEE'],
    ]);
  });

  test('refuses where a policy path would still win', async () => {
    await probe('registrySet', policyKey, 'UpdatePath', '\\\\server\\office');
    const { error } = await probe('setChannel', { channel: 'SemiAnnual' });
    expect(error).toMatchObject({ type: 'Blocked', rule: 'policyUpdatePath', value: '\\\\server\\office' });
    expect(await values(policyKey)).not.toHaveProperty(branchValue);
  });
});
