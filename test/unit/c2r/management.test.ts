import { expect, test } from 'vitest';
import { configurationKey, policyKey } from '../../../src/c2r/registry-keys.js';
import { simulated } from '../../support/office-handlers.js';

const policyValue = async ({ office }: ReturnType<typeof simulated>) =>
  (await office.registry.values(policyKey))?.get('OfficeMgmtCOM');

test('turning management on writes the policy and asks for a restart where the object is not registered', async () => {
  const run = simulated({ comRegistered: false });
  expect(await run.call('setManagement', { enabled: true })).toEqual({
    before: { enabled: false, policy: null, local: null, registered: false, cloudUpdate: false },
    after: { enabled: true, policy: true, local: null, registered: false, cloudUpdate: false },
    changed: true,
    restartRequired: true,
    backend: 'simulated',
  });
  expect(await policyValue(run)).toBe(1);
});

test('turning it off writes 0, which unregisters a registered object at the next start of the service', async () => {
  const run = simulated();
  expect(await run.call('setManagement', { enabled: false })).toMatchObject({ changed: true, restartRequired: true });
  expect(await policyValue(run)).toBe(0);
});

test('null removes the value, and the local setting decides again', async () => {
  const run = simulated({ registry: { [policyKey]: { OfficeMgmtCOM: 0 } } });
  expect(await run.call('setManagement', { enabled: null })).toMatchObject({
    before: { policy: false, enabled: false },
    after: { policy: null, enabled: true, local: true },
    changed: true,
    restartRequired: false,
  });
  expect(await policyValue(run)).toBeUndefined();
});

test('taking the policy away leaves a registered object alone, so no restart helps', async () => {
  const run = simulated({
    registry: { [policyKey]: { OfficeMgmtCOM: 1 }, [configurationKey]: { OfficeMgmtCOM: 'False' } },
  });
  expect(await run.call('setManagement', { enabled: null })).toMatchObject({
    after: { enabled: false, registered: true },
    restartRequired: false,
  });
});

test.each([true, false, null])('setting what is set changes nothing: %j', async (enabled) => {
  const run = simulated();
  await run.call('setManagement', { enabled });
  expect(await run.call('setManagement', { enabled })).toMatchObject({ changed: false });
});

test('a value that says neither yes nor no is replaced', async () => {
  const run = simulated({ registry: { [policyKey]: { OfficeMgmtCOM: 'perhaps' } } });
  expect(await run.call('setManagement', { enabled: null })).toMatchObject({ after: { policy: null } });
  expect(await policyValue(run)).toBeUndefined();
});

test('the policy can be set before Office is installed, and no restart is due then', async () => {
  const run = simulated({ installed: false });
  expect(await run.call('setManagement', { enabled: true })).toMatchObject({ changed: true, restartRequired: false });
});

test.each([true, false])(
  'without elevation it is refused as access denied, and nothing is changed: %j',
  async (enabled) => {
    const run = simulated({ elevated: false });
    expect(await run.fail('setManagement', { enabled })).toMatchObject({
      data: { type: 'AccessDenied', hresultName: 'E_ACCESSDENIED' },
    });
    expect((await run.call('installation')).comManagement.policy).toBeNull();
  },
);
