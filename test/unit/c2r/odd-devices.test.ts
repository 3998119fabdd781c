import { describe, expect, test } from 'vitest';
import type * as z from 'zod/mini';
import { E_ACCESSDENIED } from '../../../src/base/hresult.js';
import { HResultError } from '../../../src/base/hresult-error.js';
import { officeChecks } from '../../../src/c2r/doctor.js';
import {
  cloudPolicyKey,
  configurationKey,
  configurationKey32,
  policyKey,
  updateNotifyClasses,
} from '../../../src/c2r/registry-keys.js';
import type { scenario } from '../../../src/simulated/scenario.js';
import { simulated } from '../../support/office-handlers.js';

type Office = NonNullable<z.input<typeof scenario>['office']>;

const { signal } = new AbortController();
const facts = (office: Office) => simulated(office).call('installation');

async function findings(office: Office) {
  const machine = simulated(office);
  return machine.clock.until(officeChecks(machine.office, machine.clock.date(), signal));
}

const finding = async (wanted: string, office: Office) => (await findings(office)).find(({ id }) => id === wanted);

/** The first finding of the doctor that is a fault; undefined on a healthy device. */
const firstFault = async (office: Office) => (await findings(office)).find(({ ok }) => ok === false);

describe('a healthy device stays green', () => {
  test.each<[string, Office]>([
    ['by itself', {}],
    ['without any manager', { manager: 'none', registry: { [policyKey]: { OfficeMgmtCOM: 1 } } }],
    ['with a policy', { manager: 'policy' }],
    ['with settings from the admin center', { manager: 'adminCenter' }],
    ['with Configuration Manager', { manager: 'configurationManager' }],
    ['with a pinned version', { targetVersion: '16.0.17928.20114', updateDeadline: '3', enableDisableHidden: true }],
    ['with a restart pending', { restartPending: true }],
    ['with a volume licence on its channel', { products: ['ProPlus2024Volume'], channel: 'PerpetualVL2024' }],
    [
      'with the CDN over https',
      {
        registry: {
          [configurationKey]: {
            UpdateChannel: 'https://officecdn.microsoft.com/PR/55336B82-a18d-4dd6-b5f6-9e5095c314a6/',
          },
        },
      },
    ],
    [
      'with a last run that succeeded',
      {
        lastError: '30088-27',
        registry: { 'SOFTWARE\\Microsoft\\Office\\ClickToRun': { LastScenarioResult: 'Success' } },
      },
    ],
  ])('%s', async (_, office) => {
    expect(await firstFault(office)).toBeUndefined();
    expect((await facts(office)).conflicts).toEqual([]);
  });
});

describe('the first failing line of the doctor names the cause', () => {
  test.each<[string, Office, string, RegExp]>([
    [
      'of channels that differ',
      { conflicts: ['channelMismatch'] },
      'office.updateSource',
      /CDNBaseUrl names MonthlyEnterprise, but UpdateChannel names SemiAnnual/,
    ],
    [
      'of a setting that the cloud left behind',
      { conflicts: ['staleCloudSetting'] },
      'office.updateSource',
      /IgnoreGPO is 0.*UpdateBranch/,
    ],
    [
      'of a policy that does not count',
      { conflicts: ['shadowedPolicy'] },
      'office.updateSource',
      /UpdateBranch says Deferred, but policyUpdatePath/,
    ],
    [
      'of a share that is not there',
      { conflicts: ['unreachableSource'] },
      'office.updateSource',
      /\\\\server\.invalid\\office.*cannot be reached/,
    ],
    [
      'of a licence for another channel',
      { conflicts: ['licence'] },
      'office.updateSource',
      /ProPlus2024Volume.*PerpetualVL2024/,
    ],
    [
      'of a subscription on a perpetual channel',
      { channel: 'PerpetualVL2021' },
      'office.updateSource',
      /O365ProPlusRetail is a subscription/,
    ],
    [
      'of a version that is left over',
      { leftoverTargetVersion: '16.0.17928.20114' },
      'office.targetVersion',
      /UpdateToVersion is left over \(16\.0\.17928\.20114\)/,
    ],
    ["of Click-to-Run's own last error", { lastError: '30088-27' }, 'office.lastError', /30088-27/],
    ['of a cloud that owns the device', { manager: 'cloudUpdate' }, 'office.updateOwner', /Cloud Update owns/],
    ['of a configuration that is left over', { leftover: true }, 'office.clickToRun', /left over/],
    [
      'of a COM+ application that is gone',
      { comPlus: 'missing' },
      'office.comPlusApplication',
      /no COM\+ application OfficeC2RCom/,
    ],
    [
      'of a COM+ application of another identity',
      { comPlus: 'otherIdentity' },
      'office.comPlusApplication',
      /Interactive User/,
    ],
    [
      'of a COM+ application without a component',
      { comPlus: 'componentMissing' },
      'office.comPlusApplication',
      /B7F1785F/,
    ],
  ])('%s', async (_, office, id, detail) => {
    const fault = await firstFault(office);
    expect(fault).toMatchObject({
      id,
      detail: expect.stringMatching(detail),
      recommendation: expect.stringMatching(/\.$/),
    });
  });
});

describe('who manages a device', () => {
  test.each<[Office['manager'] & string, RegExp]>([
    ['cloudUpdate', /cloud\\office.*IgnoreGPO = 1/],
    ['adminCenter', /cloud\\office.*UpdateBranch = MonthlyEnterprise/],
    ['policy', /Policies\\Microsoft\\office.*UpdateBranch = MonthlyEnterprise/],
    ['configurationManager', /OfficeMgmtCOM = 1/],
  ])('%s, with the values that say so', async (manager, evidence) => {
    const found = (await facts({ manager })).manager;
    expect(found.name).toBe(manager);
    expect(found.evidence.join('; ')).toMatch(evidence);
  });

  test('no credential of a URL is among the evidence or in a conflict', async () => {
    const secret = 'https://user:hunter2@server.example/office?sig=hunter2';
    for (const registry of [
      { [policyKey]: { UpdatePath: secret, UpdateBranch: 'Deferred' } },
      { [cloudPolicyKey]: { UpdatePath: 'https://cloud.example/office' }, [policyKey]: { UpdatePath: secret } },
      { [cloudPolicyKey]: { UpdatePath: secret, IgnoreGPO: 1 } },
      { [configurationKey]: { UpdateChannel: secret } },
    ]) {
      const told = await facts({ registry });
      expect(told.conflicts.length + told.manager.evidence.length).toBeGreaterThan(0);
      expect(JSON.stringify(told)).not.toContain('hunter2');
    }
  });

  test('of several the one that wins is named', async () => {
    const registry = {
      [cloudPolicyKey]: { IgnoreGPO: 1 },
      [policyKey]: { UpdateBranch: 'Deferred', OfficeMgmtCOM: 1 },
    };
    expect((await facts({ registry })).manager.name).toBe('cloudUpdate');
    expect((await facts({ registry: { [policyKey]: registry[policyKey] } })).manager.name).toBe('policy');
  });

  test('a device that the cloud has handed back follows its policy', async () => {
    const registry = {
      [cloudPolicyKey]: { IgnoreGPO: 0, UpdateBranch: 'Current' },
      [policyKey]: { UpdateBranch: 'Deferred' },
    };
    const { manager, updateSource, conflicts } = await facts({ registry });
    expect(manager.name).toBe('policy');
    expect(updateSource).toMatchObject({ rule: 'policyUpdateBranch', channel: 'SemiAnnual' });
    expect(conflicts).toMatchObject([{ kind: 'staleCloudSetting', confidence: 'low' }]);
  });
});

describe('traces that are no Office to update', () => {
  test('a configuration key without a version is left over, and no update begins', async () => {
    const machine = simulated({ leftover: true });
    expect(await machine.call('installation')).toMatchObject({ installed: false, leftover: true, version: null });
    for (const [method, params] of [
      ['update', {}],
      ['setChannel', { channel: 'Current' }],
      ['detect', {}],
    ] as const) {
      expect((await machine.fail(method, params)).data).toMatchObject({ type: 'NotAvailable', reason: 'notInstalled' });
    }
  });

  test('an Office in the 32-bit view alone is told as that', async () => {
    expect(await facts({ wow64Only: true })).toMatchObject({
      installed: true,
      registryView: '32-bit',
      platform: 'x86',
      version: '16.0.17928.20114',
      channel: 'MonthlyEnterprise',
    });
  });

  test('all of its settings are read and changed there', async () => {
    const machine = simulated({ wow64Only: true, leftoverTargetVersion: '16.0.17928.20100', channelChangeStuck: true });
    const { comManagement, manager } = await machine.call('installation');
    expect(comManagement).toMatchObject({ enabled: true, local: true });
    expect(manager).toMatchObject({
      name: 'configurationManager',
      evidence: expect.arrayContaining([`HKLM\\${configurationKey32}: OfficeMgmtCOM = True`]),
    });
    const before = await machine.office.registry.values(configurationKey32);
    expect(await machine.call('setTargetVersion', { clearLeftover: true })).toMatchObject({
      changed: true,
      after: { leftover: null },
    });
    expect(await machine.call('installation')).toMatchObject({ channelChangePending: false });
    expect(await machine.call('setTargetVersion', { undo: true })).toMatchObject({ changed: true });
    expect(await machine.office.registry.values(configurationKey32)).toEqual(before);
    expect(await machine.office.registry.values(configurationKey)).toBeNull();
  });

  test('where both views have one, the 64-bit one counts', async () => {
    const registry = { [configurationKey32]: { VersionToReport: '16.0.1.1' } };
    expect(await facts({ registry })).toMatchObject({ registryView: '64-bit', version: '16.0.17928.20114' });
  });
});

describe('a pending restart', () => {
  const sessionManager = 'SYSTEM\\CurrentControlSet\\Control\\Session Manager';

  test('is told with the key that says so', async () => {
    expect((await facts({ restartPending: true })).restartPending).toEqual([expect.stringContaining('RebootRequired')]);
    expect((await facts({})).restartPending).toEqual([]);
  });

  test.each([
    ['of Office counts', '\\??\\C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE', 1],
    ['of another program does not', '\\??\\C:\\Windows\\Temp\\other.tmp', 0],
  ])('a file %s', async (_, file, count) => {
    const registry = { [sessionManager]: { PendingFileRenameOperations: file } };
    expect((await facts({ registry })).restartPending).toHaveLength(count);
  });
});

describe('licences and channels', () => {
  test.each<[Office, string]>([
    [{ products: ['ProPlus2024Volume'], channel: 'PerpetualVL2024' }, 'Current'],
    [{ products: ['ProPlus2021Volume', 'VisioPro2021Volume'], channel: 'PerpetualVL2021' }, 'PerpetualVL2024'],
    [{ products: ['O365ProPlusRetail'] }, 'PerpetualVL2024'],
  ])('%j is refused %s, unless forced', async (office, channel) => {
    const machine = simulated(office);
    const { data, message } = await machine.fail('setChannel', { channel });
    expect(data).toMatchObject({ type: 'Blocked', owner: 'licence' });
    expect(message).toContain('The channel is not changed.');
    expect(await machine.call('setChannel', { channel, force: true })).toMatchObject({ changed: true });
  });

  test.each<[Office, string]>([
    [{ products: ['O365ProPlusRetail', 'VisioPro2021Volume'] }, 'Current'],
    [{ products: ['ProPlus2021Retail'] }, 'Current'],
    [{ products: ['ProPlus2024Volume'], channel: 'Current' }, 'PerpetualVL2024'],
  ])('%j may change to %s', async (office, channel) => {
    expect(await simulated(office).call('setChannel', { channel })).toMatchObject({ after: { channel } });
  });
});

test('an old Office that has both classes elsewhere is not looked up in COM+', async () => {
  const machine = simulated({ comRegistered: false });
  const checks = await machine.clock.until(officeChecks(machine.office, machine.clock.date(), signal));
  expect(checks.some(({ id }) => id === 'office.comPlusApplication')).toBe(false);
  expect(updateNotifyClasses).toHaveLength(2);
});

test('a device whose CDNBaseUrl and UpdateChannel differ can be moved to either of the two', async () => {
  for (const channel of ['MonthlyEnterprise', 'SemiAnnual'] as const) {
    const machine = simulated({ conflicts: ['channelMismatch'], channelTaskMs: 100 });
    expect(await machine.call('setChannel', { channel })).toMatchObject({ changed: true, after: { channel } });
    await machine.clock.advance(200);
    expect(await machine.call('installation')).toMatchObject({ channel, conflicts: [] });
  }
});

test('facts that this account may not read are left out, and the rest is told', async () => {
  const machine = simulated({ lastError: '30088-27', restartPending: true, manager: 'configurationManager' });
  const { registry } = machine.office;
  const values = registry.values.bind(registry);
  registry.values = async (key) => {
    if (/CCM|Scenario|RebootRequired|ClickToRun$/.test(key)) throw new HResultError('RegOpenKeyExW', E_ACCESSDENIED);
    return values(key);
  };
  expect(await machine.call('installation')).toMatchObject({
    installed: true,
    lastError: null,
    restartPending: [],
    manager: { name: 'configurationManager' },
  });
});

test('the doctor shows that people cannot turn updates off', async () => {
  expect(await finding('office.updatesEnabled', { enableDisableHidden: true })).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/HideEnableDisableUpdates/),
  });
});

describe('the deadline for updates, on 2026-01-01 at midnight', () => {
  const staged = { stagedDays: 4 };
  const target = { targetVersion: '16.0.19929.20172' };

  test.each<[string, Office, RegExp]>([
    ['none', staged, /^No policy/],
    ['ahead', { ...staged, updateDeadline: '01/01/2026 00:01' }, /is 01\/01\/2026 00:01: Office closes/],
    ['some days after a download that was not made', { updateDeadline: '0' }, /is 0: Office closes/],
    ['more days than an update waits', { ...staged, updateDeadline: '5' }, /is 5: Office closes/],
    ['passed without anything that waits', { updateDeadline: '12/31/2025 23:59' }, /has passed, and no update waits/],
    [
      'passed with the wanted version installed',
      { ...target, installedVersion: target.targetVersion, updateDeadline: '12/31/2025 23:59' },
      /has passed, and no update waits/,
    ],
  ])('%s: is no fault', async (_, office, detail) => {
    expect(await finding('office.updateDeadline', office)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(detail),
    });
  });

  test.each<[string, Office, RegExp]>([
    ['12/31/2025 23:59', staged, /at 2025-12-31T23:59:00\.000Z, and Office 16\.0\.19929\.20172 is still not applied/],
    ['1/1/2026 0:00', staged, /at 2026-01-01T00:00:00\.000Z/],
    ['12/29/2025 17:00 Local', staged, /has passed at 2025-12-/],
    ['3', staged, /\(3\) has passed at 2025-12-31T00:00:00\.000Z/],
    ['12/31/2025 23:59', target, /Office 16\.0\.19929\.20172 is still not applied/],
    ['31.12.2025', staged, /neither a point in time nor a number of days/],
    ['13/31/2025 10:00', {}, /neither a point in time/],
  ])('%s with %j is the first fault', async (updateDeadline, office, detail) => {
    expect(await firstFault({ ...office, updateDeadline })).toMatchObject({
      id: 'office.updateDeadline',
      detail: expect.stringMatching(detail),
      recommendation: expect.stringMatching(/\.$/),
    });
  });
});
