import { expect, test } from 'vitest';
import { signed } from '../../../src/base/hresult.js';
import { officeChecks } from '../../../src/c2r/doctor.js';
import { cloudPolicyKey, configurationKey, policyKey, updatesKey } from '../../../src/c2r/registry-keys.js';
import { check } from '../../../src/contract/bridge.js';
import { simulatedOffice } from '../../../src/simulated/office.js';
import { scenario } from '../../../src/simulated/scenario.js';
import { ManualClock } from '../../support/manual-clock.js';
import { report, scriptedOffice } from '../../support/scripted-office.js';

const { signal } = new AbortController();

async function findings(office: object, now = '2026-01-01T00:00:00Z') {
  const clock = new ManualClock(new Date(now));
  const checks = await officeChecks(simulatedOffice(scenario.parse({ office }), clock), clock.date(), signal);
  return new Map(checks.map((finding) => [check().parse(finding).id, finding]));
}

test('a healthy Office has no fault, and every check says what it found', async () => {
  const checks = await findings({});
  for (const { ok, detail } of checks.values()) {
    expect(ok).not.toBe(false);
    expect(detail).toMatch(/\.$/);
  }
  expect([...checks.keys()]).toEqual([
    'office.clickToRun',
    'office.comRegistered',
    'office.management',
    'office.updateOwner',
    'office.manager',
    'office.updateSource',
    'office.targetVersion',
    'office.updatesEnabled',
    'office.updateDeadline',
    'office.channelChange',
    'office.stagedUpdate',
    'office.lastError',
    'office.restart',
    'office.status',
    'office.blockingApps',
    'office.comPlusApplication',
    'bridge.backend',
    'bridge.elevation',
  ]);
});

test.each([
  ['office.clickToRun', { installed: false }],
  ['office.clickToRun', { registry: { [configurationKey]: { VersionToReport: 'x' } } }],
  ['office.comRegistered', { comRegistered: false }],
  ['office.management', { comRegistered: false }],
  ['office.management', { registry: { [policyKey]: { OfficeMgmtCOM: 0 } } }],
  ['office.management', { comRegistered: false, registry: { [policyKey]: { OfficeMgmtCOM: 1 } } }],
  ['office.updateOwner', { registry: { [cloudPolicyKey]: { ignoregpo: 1 } } }],
  ['office.updatesEnabled', { registry: { [policyKey]: { EnableAutomaticUpdates: 0 } } }],
  ['office.status', { fail: [{ at: 'status', hresult: '0x80004005', when: 'call' }] }],
  ['office.status', { elevated: false }],
  ['bridge.elevation', { elevated: false }],
])('%s is a fault with %j, with what to do about it', async (id, office) => {
  expect((await findings(office)).get(id)).toMatchObject({ ok: false, recommendation: expect.stringMatching(/\.$/) });
});

test('what is not asked for want of the object is neither good nor bad', async () => {
  const checks = await findings({ comRegistered: false });
  expect(checks.get('office.status')?.ok).toBeNull();
  expect(checks.get('office.blockingApps')?.ok).toBeNull();
});

test('a staged update, blocking apps and a pending change of channel are no faults, but come with advice', async () => {
  const checks = await findings({
    initialStatus: 'DOWNLOAD_SUCCEEDED',
    blockingApps: ['WINWORD.EXE'],
    registry: { [configurationKey]: { UpdateChannelChanged: 'True' } },
  });
  for (const id of ['office.stagedUpdate', 'office.blockingApps', 'office.channelChange']) {
    expect(checks.get(id)).toMatchObject({ ok: true, recommendation: expect.any(String) });
  }
  expect(checks.get('office.stagedUpdate')?.detail).toContain('16.0.19929.20172');
  expect(checks.get('office.blockingApps')?.detail).toContain('WINWORD.EXE');
});

test('a machine that answers nothing still gets its report', async () => {
  const now = new Date();
  const office = scriptedOffice([signed(0x80004005)]);
  const broken = {
    ...office,
    registry: { ...office.registry, values: () => Promise.reject(new Error('the registry is gone')) },
  };
  expect(await officeChecks(broken as never, now, signal)).toMatchObject([{ id: 'office.clickToRun', ok: false }]);
  expect(
    await officeChecks(scriptedOffice([report(77)], {}, { [configurationKey]: {}, [updatesKey]: {} }), now, signal),
  ).toBeInstanceOf(Array);
});
