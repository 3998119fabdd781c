import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/base/failure.js';
import { cloudPolicyKey, configurationKey, policyKey } from '../../../src/c2r/registry-keys.js';
import { c2r, updateErrorNames } from '../../../src/contract/c2r.js';
import { session, simulated } from '../../support/office-handlers.js';
import { report, scriptedOffice } from '../../support/scripted-office.js';

const idle = report('UPDATE_UNKNOWN');

describe('c2r/update', () => {
  test('downloads, applies and tells that the version moved, with the time of each phase', async () => {
    const { call, clock } = simulated({ downloadMs: 90_000, applyMs: 30_000 });
    const result = await call('update');
    expect(result).toMatchObject({
      changed: true,
      versionBefore: '16.0.17928.20114',
      versionAfter: '16.0.19929.20172',
      backend: 'simulated',
    });
    expect(result.phases.map(({ phase, status }) => [phase, status])).toEqual([
      ['preflight', 'UPDATE_UNKNOWN'],
      ['download', 'DOWNLOAD_SUCCEEDED'],
      ['apply', 'APPLY_SUCCEEDED'],
    ]);
    const [, download, apply] = result.phases;
    expect(download?.elapsedMs).toBeGreaterThanOrEqual(90_000);
    expect(apply?.elapsedMs).toBeGreaterThanOrEqual(30_000);
    expect(result.phases.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0)).toBe(clock.now());
    expect(clock.sleeping).toBe(0);
  });

  test('says what it does in sentences, with the time since its start', async () => {
    const { call, progress } = simulated({ downloadMs: 3000, applyMs: 3000 });
    await call('update', { updateToVersion: '16.0.19929.20172' });
    const messages = [...new Set(progress.map(({ phase, message }) => `${phase}: ${message}`))];
    expect(messages).toEqual([
      'preflight: Checking Click-to-Run.',
      'download: Click-to-Run is about to download.',
      'download: Downloading Office 16.0.19929.20172.',
      'apply: Click-to-Run is about to apply the update.',
      'apply: Applying Office 16.0.19929.20172.',
    ]);
    const times = progress.map(({ elapsedMs }) => elapsedMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(progress.every(({ percent }) => percent === null)).toBe(true);
  });

  test('calls Office with its params split over Download and Apply', async () => {
    const looks = [idle, idle, report('DOWNLOAD_SUCCEEDED'), report('DOWNLOAD_SUCCEEDED'), report('APPLY_SUCCEEDED')];
    const office = scriptedOffice(looks);
    await session(() => office).call('update', {
      displayLevel: false,
      updateBaseUrl: 'http://server/office',
      forceAppShutdown: true,
    });
    expect(office.calls).toEqual([
      'Download(displaylevel=false updatebaseurl=http://server/office)',
      'Apply(displaylevel=false forceappshutdown=true)',
    ]);
  });

  test('does not begin while another action runs', async () => {
    const office = scriptedOffice([report('APPLY_WIP')]);
    const error = await session(() => office).fail('update');
    expect(error.data).toMatchObject({ type: 'IllegalState', status: 'APPLY_WIP', hresultHex: '0x8000000E' });
    expect(error.data.recommendation).toContain('c2r/wait');
    expect(office.calls).toEqual([]);
  });

  test.each(['status', 'download', 'cancel', 'wait', 'blockingApps'] as const)(
    'c2r/%s, too, tells an Office that is not there from an object that is not registered',
    async (name) => {
      expect((await simulated({ installed: false }).fail(name)).data).toMatchObject({ reason: 'notInstalled' });
      expect((await simulated({ comRegistered: false }).fail(name)).data).toMatchObject({ reason: 'comNotRegistered' });
    },
  );

  test('does not begin without Click-to-Run, which is another fault than an unregistered object', async () => {
    expect((await simulated({ installed: false }).fail('update')).data).toMatchObject({
      type: 'NotAvailable',
      reason: 'notInstalled',
    });
    expect((await simulated({ comRegistered: false }).fail('update')).data).toMatchObject({
      type: 'NotAvailable',
      reason: 'comNotRegistered',
    });
  });

  test('does not apply what was not downloaded', async () => {
    const { fail, call } = simulated({ fail: [{ at: 'download', errorCode: 1 }] });
    const error = await fail('update');
    expect(error.data).toMatchObject({ type: 'UpdateFailed', action: 'download', errorName: 'FAILED_UNEXPECTED' });
    expect(await call('installation')).toMatchObject({ version: '16.0.17928.20114' });
    expect(await call('status')).toMatchObject({ status: 'DOWNLOAD_FAILED' });
  });

  test('tells honestly where the version stays although Office reports success', async () => {
    const { call } = simulated({ availableVersion: '16.0.17928.20114' });
    expect(await call('update')).toMatchObject({ changed: false, versionAfter: '16.0.17928.20114' });
  });

  test('counts a version that moved by itself between the start and the Apply as a change', async () => {
    const script = [idle, idle, report('DOWNLOAD_WIP'), report('DOWNLOAD_SUCCEEDED')];
    const office = scriptedOffice([], {
      async status() {
        const next = script.shift() ?? report('APPLY_SUCCEEDED');
        if (next.status === 2) office.registry.add({ [configurationKey]: { VersionToReport: '16.0.2.2' } });
        return next;
      },
    });
    expect(await session(() => office).call('update')).toMatchObject({
      changed: true,
      versionBefore: '16.0.1.1',
      versionAfter: '16.0.2.2',
    });
  });

  test('survives a COM server that goes away in the middle', async () => {
    const { call } = simulated({ downloadMs: 20_000, vanishAfterMs: 3000, vanishForMs: 30_000 });
    expect(await call('update')).toMatchObject({ changed: true });
  });

  test('fails where the service restarts and forgets the download', async () => {
    const { fail } = simulated({ downloadMs: 20_000, vanishAfterMs: 3000, vanishForgets: true });
    expect((await fail('update')).data).toMatchObject({ type: 'UpdateFailed', status: 'UPDATE_UNKNOWN' });
  });

  test('can be sent again after any failure', async () => {
    const { fail, call } = simulated({ downloadMs: 5000 });
    await fail('update', { timeoutMs: 1000 });
    await call('wait');
    expect(await call('update')).toMatchObject({ changed: true });
  });
});

describe('running apps', () => {
  test('fail the update before anything is downloaded', async () => {
    const { fail, call } = simulated({ blockingApps: ['WINWORD.EXE'] });
    const error = await fail('update');
    expect(error).toMatchObject({ data: { type: 'Blocked', apps: ['WINWORD.EXE'], owner: null } });
    expect(await call('status')).toMatchObject({ status: 'UPDATE_UNKNOWN' });
  });

  test('that were opened during the download stop the Apply, not the download', async () => {
    let apps: string | null = null;
    const office = scriptedOffice([idle, idle, report('DOWNLOAD_WIP'), report('DOWNLOAD_SUCCEEDED')], {
      blockingApps: async () => apps,
    });
    const { start, clock } = session(() => office);
    const request = start('update');
    await clock.advance(500);
    apps = 'EXCEL.EXE, OUTLOOK.EXE,';
    await expect(clock.until(request)).rejects.toMatchObject({
      data: { type: 'Blocked', apps: ['EXCEL.EXE', 'OUTLOOK.EXE'] },
    });
    expect(office.calls).toEqual(['Download()']);
  });

  test.each([{ onBlockingApps: 'force' }, { forceAppShutdown: true }])('are closed by %j', async (params) => {
    const { call } = simulated({ blockingApps: ['WINWORD.EXE'] });
    expect(await call('update', params)).toMatchObject({ changed: true });
    expect(await call('blockingApps')).toMatchObject({ apps: [] });
  });

  test('are waited for also where the COM server goes away meanwhile', async () => {
    const { call, progress } = simulated({
      downloadMs: 1000,
      blockingApps: ['WINWORD.EXE'],
      appsCloseAfterMs: 60_000,
      vanishAfterMs: 5000,
      vanishForMs: 10_000,
    });
    const result = await call('update', { onBlockingApps: 'wait' });
    expect(result).toMatchObject({ changed: true });
    expect(result.phases.map(({ phase }) => phase)).toEqual(['preflight', 'download', 'blocked', 'apply']);
    expect(progress.filter(({ message }) => message.includes('does not answer')).map(({ phase }) => phase)).toContain(
      'blocked',
    );
  });

  test('are not waited for where the COM server stays away', async () => {
    const { fail, clock } = simulated({
      downloadMs: 1000,
      blockingApps: ['WINWORD.EXE'],
      vanishAfterMs: 5000,
      vanishForMs: null,
    });
    expect((await fail('update', { onBlockingApps: 'wait' })).data).toMatchObject({ type: 'WindowsError' });
    expect(clock.now()).toBeGreaterThanOrEqual(120_000);
  });

  test('are waited for after the download, and the Apply begins when they are closed', async () => {
    const { call, progress, clock } = simulated({ blockingApps: ['WINWORD.EXE'], appsCloseAfterMs: 60_000 });
    const result = await call('update', { onBlockingApps: 'wait' });
    expect(result.changed).toBe(true);
    expect(result.phases.map(({ phase }) => phase)).toEqual(['preflight', 'download', 'blocked', 'apply']);
    expect(progress.find(({ phase }) => phase === 'blocked')?.message).toContain('WINWORD.EXE');
    expect(clock.now()).toBeGreaterThanOrEqual(60_000);
  });

  test('are no reason to wait where they are closed already', async () => {
    const { call } = simulated();
    const { phases } = await call('update', { onBlockingApps: 'wait' });
    expect(phases.map(({ phase }) => phase)).toEqual(['preflight', 'download', 'apply']);
  });

  test('that an Office is too old to name are left to Apply to find', async () => {
    const { call } = session(() =>
      scriptedOffice(
        [idle, idle, report('DOWNLOAD_SUCCEEDED'), report('DOWNLOAD_SUCCEEDED'), report('APPLY_SUCCEEDED')],
        { blockingApps: () => Promise.reject(notAvailable()) },
      ),
    );
    expect(await call('update')).toMatchObject({ changed: false });
  });

  test('are named by an Apply that failed because of them', async () => {
    let looks = 0;
    const office = scriptedOffice([idle, report('APPLY_WIP'), report('APPLY_FAILED', 10)], {
      blockingApps: async () => (looks++ === 0 ? '' : 'WINWORD.EXE'),
    });
    const error = await session(() => office).fail('apply', { wait: true });
    expect(error.data).toMatchObject({
      type: 'UpdateFailed',
      errorName: 'FAILED_APPLY_UPGRADE_PACKAGE',
      apps: ['WINWORD.EXE'],
    });
    expect(error.data.recommendation).toContain('Close WINWORD.EXE');
  });

  test.each([
    [0x80070070 + 13, 'ERROR_DISK_FULL', 'Free disk space'],
    [3, 'PIPELINE_IN_USE', 'Another Office installation'],
  ])('are not blamed for error %i, %s', async (code, name, advice) => {
    let looks = 0;
    const office = scriptedOffice([idle, report('APPLY_WIP'), report('APPLY_FAILED', code)], {
      blockingApps: async () => (looks++ === 0 ? '' : 'WINWORD.EXE'),
    });
    const error = await session(() => office).fail('apply', { wait: true });
    expect(error.message).toContain(name);
    expect(error.data.apps).toEqual(['WINWORD.EXE']);
    expect(error.data.recommendation).toContain(advice);
  });

  test('are not to be closed and to be left open at once', async () => {
    const error = await simulated().fail('update', { onBlockingApps: 'force', forceAppShutdown: false });
    expect(error.data).toMatchObject({ type: 'InvalidParams', issues: [{ path: 'forceAppShutdown' }] });
  });
});

describe('another owner of the updates', () => {
  test.each(['download', 'apply', 'update'] as const)('Cloud Update blocks c2r/%s', async (name) => {
    const { fail, call } = simulated({ registry: { [cloudPolicyKey]: { ignoregpo: 1 } } });
    expect((await fail(name)).data).toMatchObject({ type: 'Blocked', owner: 'cloudUpdate', apps: [] });
    expect(await call('status')).toMatchObject({ status: 'UPDATE_UNKNOWN' });
  });

  test('a policy that forbids management blocks too', async () => {
    const { fail } = simulated({ registry: { [policyKey]: { OfficeMgmtCOM: 0 } } });
    expect((await fail('update')).data).toMatchObject({ type: 'Blocked', owner: 'policy' });
  });
});

describe('failures', () => {
  test.each(updateErrorNames.slice(1).map((name, index) => [index + 1, name] as const))(
    'error %i of an action is told as %s, with advice',
    async (errorCode, errorName) => {
      for (const at of ['download', 'apply'] as const) {
        const { fail } = simulated({ fail: [{ at, errorCode }] });
        const error = await fail(at, { wait: true });
        expect(error.message).toContain(errorName);
        expect(error.data).toMatchObject({ type: 'UpdateFailed', errorCode, errorName, action: at });
        expect(error.data.recommendation).toMatch(/^[A-Z].*\.$/);
      }
    },
  );

  test('a download that failed for want of a name server says so by name, in words and with what to do', async () => {
    const { fail } = simulated({ fail: [{ at: 'download', hresult: '0x80072EE7' }] });
    const { message, data } = await fail('download', { wait: true });
    expect(message).toBe(
      'The download ended as DOWNLOAD_FAILED: ERROR_INTERNET_NAME_NOT_RESOLVED (The name of a server could not be resolved.)',
    );
    expect(data.recommendation).toMatch(/DNS/);
  });

  test('a download that failed for a reason without a name advises to look at the network and the source', async () => {
    const { fail } = simulated({ fail: [{ at: 'download', hresult: '0x8004FFFF' }] });
    const { message, data } = await fail('download', { wait: true });
    expect(message).toContain('0x8004FFFF');
    expect(data.recommendation).toMatch(/network.*source/);
  });

  test('a request that does not wait returns without the failure that comes later', async () => {
    const { call } = simulated({ fail: [{ at: 'download', errorCode: 1 }] });
    expect(await call('download')).toMatchObject({ busy: true });
    expect(await call('wait')).toMatchObject({ status: 'DOWNLOAD_FAILED', errorName: 'FAILED_UNEXPECTED' });
  });

  test('a second own request is refused while the first is at work, and not after', async () => {
    const { start, fail, clock, call } = simulated({ downloadMs: 5000 });
    const first = start('download', { wait: true });
    await clock.advance(100);
    const error = await fail('apply');
    expect(error).toMatchObject({ data: { type: 'InUse', who: 'c2r/download', since: '2026-01-01T00:00:00.000Z' } });
    await clock.until(first);
    expect(await call('apply', { wait: true })).toMatchObject({ status: 'APPLY_SUCCEEDED' });
  });

  test('every error that a method may fail with is listed in the contract', () => {
    for (const name of ['download', 'apply', 'update'] as const) {
      expect(c2r[name].errors).toEqual(
        expect.arrayContaining(['NotAvailable', 'IllegalState', 'UpdateFailed', 'Timeout', 'Blocked', 'InUse']),
      );
    }
  });
});

function notAvailable() {
  return new Failure('NotAvailable', 'IUpdateNotify2 is not there.', { recommendation: 'Update Office.' });
}
