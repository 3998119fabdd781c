import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { installation } from '../../../src/c2r/installation.js';
import type { RegistryValue } from '../../../src/c2r/port.js';
import {
  cloudPolicyKey,
  configurationKey,
  policyKey,
  updateNotifyClasses,
  updatesKey,
} from '../../../src/c2r/registry-keys.js';
import { installation as schema } from '../../../src/contract/c2r.js';
import { channelByName, channelByUrl } from '../../../src/contract/channels.js';
import type { RegistryContents } from '../../../src/simulated/registry.js';
import { scriptedOffice } from '../../support/scripted-office.js';

const read = async (contents: RegistryContents) => schema.parse(await installation(scriptedOffice([], {}, contents)));

const monthly = 'http://officecdn.microsoft.com/pr/55336b82-a18d-4dd6-b5f6-9e5095c314a6';

test('reads what a healthy Office writes', async () => {
  const facts = await read({
    [configurationKey]: {
      VersionToReport: '16.0.17928.20114',
      Platform: 'x64',
      ProductReleaseIds: 'O365ProPlusRetail,VisioProRetail',
      ClientCulture: 'de-de',
      CDNBaseUrl: monthly,
      UpdateChannel: monthly,
      UpdatesEnabled: 'True',
      UpdateChannelChanged: 'False',
      OfficeMgmtCOM: 'True',
    },
    [updatesKey]: {
      UpdatesReadyToApply: '16.0.19929.20172',
      UpdateDetectionLastRunTime: '13424659200000',
      DownloadTime: '13424659200001',
      UpdatesAppliedTime: '0',
    },
    [updateNotifyClasses[0]]: { '': 'UpdateNotify' },
  });
  expect(facts).toEqual({
    installed: true,
    leftover: false,
    registryView: '64-bit',
    version: '16.0.17928.20114',
    channel: 'MonthlyEnterprise',
    platform: 'x64',
    products: ['O365ProPlusRetail', 'VisioProRetail'],
    languages: ['de-de'],
    updateSource: { rule: 'cdnBaseUrl', value: monthly, channel: 'MonthlyEnterprise' },
    manager: {
      name: 'configurationManager',
      evidence: [
        `HKLM\\${configurationKey}: OfficeMgmtCOM = True`,
        'no Configuration Manager client was found; this bridge may have set it',
      ],
    },
    conflicts: [],
    updatesEnabled: true,
    targetVersion: { rule: null, version: null, policy: null, leftover: null, written: null },
    updateDeadline: null,
    enableDisableHidden: null,
    comManagement: { enabled: true, policy: null, local: true, registered: true, cloudUpdate: false },
    stagedVersion: '16.0.19929.20172',
    channelChangePending: false,
    channelSwitch: null,
    lastError: null,
    restartPending: [],
    lastUpdate: { detectedAt: '2026-05-31T00:00:00.000Z', downloadedAt: '2026-05-31T00:00:00.001Z', appliedAt: null },
    backend: 'simulated',
  });
});

test('says so where Click-to-Run is not installed', async () => {
  expect(await read({})).toMatchObject({
    installed: false,
    version: null,
    channel: null,
    products: [],
    languages: [],
    updateSource: { rule: null, value: null, channel: null },
    comManagement: { enabled: false, registered: false },
    stagedVersion: null,
  });
});

describe('the update source', () => {
  // From the last to the first rule: each one that is added decides.
  const settings: readonly (readonly [
    rule: string,
    key: string,
    name: string,
    value: string,
    channel: string | null,
  ])[] = [
    ['cdnBaseUrl', configurationKey, 'CDNBaseUrl', monthly, 'MonthlyEnterprise'],
    ['unmanagedUpdateUrl', configurationKey, 'UnmanagedUpdateUrl', `${monthly}/`, 'MonthlyEnterprise'],
    [
      'updateUrl',
      configurationKey,
      'UpdateUrl',
      'http://officecdn.microsoft.com/pr/492350F6-3A01-4F97-B9C0-C7C6DDF67D60',
      'Current',
    ],
    ['policyUpdateBranch', policyKey, 'updatebranch', 'FirstReleaseDeferred', 'SemiAnnualPreview'],
    ['policyUpdatePath', policyKey, 'updatepath', '\\\\server\\office', null],
    ['cloudUpdateBranch', cloudPolicyKey, 'updatebranch', 'InsiderFast', 'BetaChannel'],
    [
      'cloudUpdatePath',
      cloudPolicyKey,
      'updatepath',
      'https://officecdn.microsoft.com/pr/7ffbc6bf-bc32-4f92-8982-f9dd17fd3114',
      'SemiAnnual',
    ],
  ];

  test.each(settings.map((setting, index) => [setting[0], index] as const))(
    '%s goes before what follows it',
    async (rule, index) => {
      const contents: Record<string, Record<string, string>> = { [configurationKey]: {} };
      for (const [, key, name, value] of settings.slice(0, index + 1))
        contents[key] = { ...contents[key], [name]: value };
      const [, , , value, channel] = settings[index] ?? [];
      expect((await read(contents)).updateSource).toEqual({ rule, value, channel });
    },
  );

  test('an empty setting decides nothing', async () => {
    const { updateSource } = await read({
      [configurationKey]: { CDNBaseUrl: monthly, UpdateUrl: '' },
      [policyKey]: { updatepath: '  ' },
    });
    expect(updateSource.rule).toBe('cdnBaseUrl');
  });
});

describe('who manages', () => {
  test.each([
    [{ [policyKey]: { OfficeMgmtCOM: 1 }, [configurationKey]: { OfficeMgmtCOM: 'False' } }, true, true, false],
    [{ [policyKey]: { OfficeMgmtCOM: 0 }, [configurationKey]: { OfficeMgmtCOM: 'True' } }, false, false, true],
    [{ [configurationKey]: { OfficeMgmtCOM: 'True' } }, true, null, true],
    [{ [configurationKey]: {} }, false, null, null],
    [{ [policyKey]: { officemgmtcom: '1' } }, true, true, null],
  ] as const)('the policy goes before the local setting: %j', async (contents, enabled, policy, local) => {
    expect((await read(contents as RegistryContents)).comManagement).toMatchObject({ enabled, policy, local });
  });

  test('either class of the update object counts as registered', async () => {
    for (const key of updateNotifyClasses) {
      expect((await read({ [key]: {} })).comManagement.registered).toBe(true);
    }
  });

  test('a policy for updates goes before the setting of Office', async () => {
    const off = { [policyKey]: { enableautomaticupdates: 0 }, [configurationKey]: { UpdatesEnabled: 'True' } };
    expect((await read(off)).updatesEnabled).toBe(false);
    expect((await read({ [configurationKey]: { UpdatesEnabled: 'False' } })).updatesEnabled).toBe(false);
    expect((await read({ [configurationKey]: {} })).updatesEnabled).toBeNull();
  });
});

test.each([
  ['0', null],
  ['', null],
  ['16.0.2.2', '16.0.2.2'],
  ['True', '16.0.3.3'],
])('UpdatesReadyToApply %j with UpdateToVersion 16.0.3.3 waits as %j', async (ready, staged) => {
  const contents = { [updatesKey]: { UpdatesReadyToApply: ready, UpdateToVersion: '16.0.3.3' } };
  expect((await read(contents)).stagedVersion).toBe(staged);
});

test.each([{ UpdatesReadyToApply: '16.0.2.2' }, { UpdatesReadyToApply: 'True', UpdateToVersion: '16.0.2.2' }])(
  'what is left of an update that is installed does not wait: %j',
  async (updates) => {
    const contents = { [configurationKey]: { VersionToReport: '16.0.2.2' }, [updatesKey]: updates };
    expect((await read(contents)).stagedVersion).toBeNull();
  },
);

test.each([
  ['13424659200000', '2026-05-31T00:00:00.000Z'],
  [13424659200000n, '2026-05-31T00:00:00.000Z'],
  ['0', null],
  ['', null],
  ['-1', null],
  ['13424659200000.5', null],
  [String(Date.UTC(10_000, 0, 1) - Date.UTC(1601, 0, 1)), null],
  ['999999999999999999', null],
  ['99999999999999999999', null],
  [1, null],
])('the time %s is %j', async (value, time) => {
  expect((await read({ [updatesKey]: { DownloadTime: value } })).lastUpdate.downloadedAt).toBe(time);
});

test('a registry full of garbage gives facts that meet the contract', async () => {
  const names = [
    'VersionToReport',
    'Platform',
    'ProductReleaseIds',
    'ClientCulture',
    'CDNBaseUrl',
    'UpdateChannel',
    'UpdateUrl',
    'UpdatesEnabled',
    'UpdateChannelChanged',
    'OfficeMgmtCOM',
    'UpdatesReadyToApply',
    'UpdateToVersion',
    'DownloadTime',
    'UpdateDetectionLastRunTime',
    'UpdatesAppliedTime',
    'UpdatePath',
    'UpdateBranch',
    'IgnoreGPO',
    '__proto__',
  ];
  const value: fc.Arbitrary<RegistryValue> = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('True', '1', '16.0.1.1', '\u0000', 'http://', `${monthly}x`, '9'.repeat(400)),
    fc.integer({ min: 0, max: 0xffff_ffff }),
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  );
  const key = fc.dictionary(fc.constantFrom(...names), value);
  const contents = fc.record({ [configurationKey]: key, [updatesKey]: key, [policyKey]: key, [cloudPolicyKey]: key });
  await fc.assert(
    fc.asyncProperty(contents, async (values) => void (await read(values))),
    { numRuns: 300 },
  );
});

test('channels are known by their URL in every spelling, and by every name that they had', () => {
  expect(channelByUrl('HTTPS://OfficeCDN.Microsoft.com/PR/55336B82-A18D-4DD6-B5F6-9E5095C314A6/')).toBe(
    'MonthlyEnterprise',
  );
  expect(channelByUrl(`${monthly}/office/data`)).toBe('MonthlyEnterprise');
  expect(channelByUrl(`${monthly}0`)).toBeNull();
  expect(channelByUrl('\\\\server\\pr\\55336b82-a18d-4dd6-b5f6-9e5095c314a6')).toBeNull();
  expect(channelByUrl('http://server/pr/00000000-0000-0000-0000-000000000000')).toBeNull();
  const renamed = {
    monthly: 'Current',
    Targeted: 'SemiAnnualPreview',
    FirstReleaseDeferred: 'SemiAnnualPreview',
    Broad: 'SemiAnnual',
    DEFERRED: 'SemiAnnual',
    Insiders: 'CurrentPreview',
    FirstReleaseCurrent: 'CurrentPreview',
    InsiderFast: 'BetaChannel',
    monthlyenterprise: 'MonthlyEnterprise',
    PerpetualVL2024: 'PerpetualVL2024',
  };
  for (const [name, channel] of Object.entries(renamed)) expect(channelByName(name)).toBe(channel);
  expect(channelByName('constructor')).toBeNull();
  expect(channelByName('nothing')).toBeNull();
});
