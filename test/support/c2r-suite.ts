import { describe, expect, test } from 'vitest';
import type * as z from 'zod/mini';
import { bridge as bridgeContract } from '../../src/contract/bridge.js';
import { c2r } from '../../src/contract/c2r.js';
import { applicationCodes, jsonRpcCodes } from '../../src/contract/errors.js';
import type { scenario } from '../../src/simulated/scenario.js';
import type { Bridge, RequestOptions } from './bridge.js';

export type OfficeSettings = z.input<typeof scenario>['office'];

type Name = keyof typeof c2r;

interface WireError {
  readonly code: number;
  readonly message: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever arrives
  readonly data: any;
}

const installedVersion = '16.0.17928.20114';
const availableVersion = '16.0.19929.20172';
const pollMs = 100;

/** Sends a request; its result and each of its progress values has passed the schema of the contract. */
async function call<K extends Name>(
  bridge: Bridge,
  name: K,
  params?: object,
  options: RequestOptions = {},
): Promise<z.output<(typeof c2r)[K]['result']>> {
  const method = c2r[name];
  const { onProgress } = options;
  const checked = onProgress && {
    onProgress: (value: unknown) => onProgress((method.progress as unknown as z.ZodMiniType).parse(value)),
  };
  return method.result.parse(await bridge.request(method.name, params, { ...options, ...checked })) as never;
}

/** Sends a request that must fail, and checks what every error has. */
async function fail(bridge: Bridge, name: Name, params?: object, options?: RequestOptions): Promise<WireError> {
  const error = await call(bridge, name, params, options).then(
    (result) => {
      throw new Error(`${c2r[name].name} gave ${JSON.stringify(result)} instead of an error`);
    },
    (reason: WireError) => reason,
  );
  expect(error.data, error.message).toMatchObject({
    type: expect.any(String),
    recommendation: expect.stringMatching(/\S.*[.]$/),
  });
  expect({ ...applicationCodes, ...jsonRpcCodes }).toMatchObject({ [error.data.type]: error.code });
  return error;
}

/** Resolves when a progress value for which `wanted` holds has arrived. */
function progressUntil(wanted: (value: { phase: string; status?: string }) => boolean) {
  let arrived: () => void;
  const seen = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  return { seen, onProgress: (value: { phase: string; status?: string }) => void (wanted(value) && arrived()) };
}

/**
 * What every backend of `c2r/*` does, seen through JSON-RPC. `open` starts a bridge whose Office behaves as the settings
 * say; each test ends its bridge.
 */
export function c2rSuite(name: string, open: (office: OfficeSettings) => Bridge | Promise<Bridge>): void {
  const office = (settings: OfficeSettings = {}) =>
    open({ installedVersion, availableVersion, downloadMs: 300, applyMs: 200, ...settings });

  describe(`c2r over ${name}`, () => {
    test('an idle Office without history says so, and a wait returns at once', async () => {
      await using bridge = await office();
      const status = await call(bridge, 'status');
      expect(status).toMatchObject({
        status: 'UPDATE_UNKNOWN',
        statusCode: 0,
        errorCode: 0,
        errorName: 'OK',
        hresult: null,
        contentId: null,
        busy: false,
        terminal: false,
      });
      expect(await call(bridge, 'wait')).toEqual(status);
    });

    test('the installation tells version, channel, platform and who decides', async () => {
      await using bridge = await office({ channel: 'MonthlyEnterprise' });
      expect(await call(bridge, 'installation')).toMatchObject({
        installed: true,
        version: installedVersion,
        channel: 'MonthlyEnterprise',
        platform: 'x64',
        updateSource: { rule: 'cdnBaseUrl', channel: 'MonthlyEnterprise' },
        comManagement: { registered: true, cloudUpdate: false },
      });
    });

    test('an update downloads and applies, reports both phases, and the version moves', async () => {
      await using bridge = await office();
      const phases = new Set<string>();
      const result = await call(bridge, 'update', { pollMs }, { onProgress: ({ phase }) => phases.add(phase) });
      expect(result).toMatchObject({
        changed: true,
        versionBefore: installedVersion,
        versionAfter: availableVersion,
        phases: [
          { phase: 'preflight' },
          { phase: 'download', status: 'DOWNLOAD_SUCCEEDED' },
          { phase: 'apply', status: 'APPLY_SUCCEEDED' },
        ],
      });
      expect([...phases]).toEqual(['preflight', 'download', 'apply']);
      expect(await call(bridge, 'installation')).toMatchObject({ version: availableVersion });
    });

    test('an update to a named version goes there, also where that is older', async () => {
      await using bridge = await office();
      const wanted = '16.0.16731.20600';
      expect(await call(bridge, 'update', { updateToVersion: wanted, pollMs })).toMatchObject({
        changed: true,
        versionAfter: wanted,
      });
    });

    test('an update that brings nothing new succeeds without a change', async () => {
      await using bridge = await office({ availableVersion: installedVersion });
      expect(await call(bridge, 'update', { pollMs })).toMatchObject({
        changed: false,
        versionBefore: installedVersion,
        versionAfter: installedVersion,
      });
    });

    test('an Apply without a download succeeds, and the versions say that nothing changed', async () => {
      await using bridge = await office();
      expect(await call(bridge, 'apply', { wait: true, pollMs })).toMatchObject({
        status: 'APPLY_SUCCEEDED',
        terminal: true,
        changed: false,
        versionBefore: installedVersion,
        versionAfter: installedVersion,
      });
    });

    test('a download that is not waited for runs on, shows its content id, and can be waited for', async () => {
      await using bridge = await office();
      const pair = { downloadSource: '5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C', contentId: 'build-20172' };
      expect(await call(bridge, 'download', pair)).toMatchObject({ busy: true, terminal: false });
      expect(await call(bridge, 'wait', { pollMs })).toMatchObject({
        status: 'DOWNLOAD_SUCCEEDED',
        statusCode: 6,
        busy: false,
        terminal: true,
        contentId: 'build-20172',
      });
    });

    test('the end of an earlier download is not mistaken for the end of this one', async () => {
      await using bridge = await office({ initialStatus: 'DOWNLOAD_SUCCEEDED', downloadMs: 600 });
      const running = progressUntil(({ status }) => status === 'DOWNLOAD_WIP');
      const done = call(bridge, 'download', { wait: true, pollMs }, running);
      await running.seen;
      expect(await done).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
    });

    test('a failed download tells which documented error it was', async () => {
      await using bridge = await office({ fail: [{ at: 'download', errorCode: 9 }] });
      const error = await fail(bridge, 'download', { wait: true, pollMs });
      expect(error.data).toMatchObject({
        type: 'UpdateFailed',
        status: 'DOWNLOAD_FAILED',
        errorCode: 9,
        errorName: 'FAILED_DOWNLOAD_UPGRADE_PACKAGE',
        hresult: null,
      });
      expect(await call(bridge, 'status')).toMatchObject({ status: 'DOWNLOAD_FAILED', errorCode: 9 });
    });

    test('a failed Apply tells the HRESULT that the report hides behind an added 13', async () => {
      await using bridge = await office({ fail: [{ at: 'apply', hresult: '0x80070070' }] });
      const error = await fail(bridge, 'update', { pollMs });
      expect(error.data).toMatchObject({
        type: 'UpdateFailed',
        status: 'APPLY_FAILED',
        errorCode: 0x80070070 + 13,
        errorName: null,
        hresult: -2147024784,
        hresultHex: '0x80070070',
        hresultName: 'ERROR_DISK_FULL',
      });
    });

    test('a call that Office refuses names the call and the HRESULT', async () => {
      await using bridge = await office({ fail: [{ at: 'download', hresult: '0x80070057', when: 'call' }] });
      const error = await fail(bridge, 'download');
      expect(error.data).toMatchObject({
        type: 'WindowsError',
        hresult: -2147024809,
        hresultHex: '0x80070057',
        hresultName: 'E_INVALIDARG',
        source: 'IUpdateNotify::Download',
      });
    });

    test('a second action while one runs is illegal, with the status that says why', async () => {
      await using bridge = await office({ downloadMs: 20_000 });
      await call(bridge, 'download');
      for (const method of ['download', 'apply', 'update'] as const) {
        const error = await fail(bridge, method);
        expect(error.data).toMatchObject({
          type: 'IllegalState',
          status: expect.stringMatching(/^DOWNLOAD_(PENDING|WIP)$/),
        });
      }
    });

    test('only one request of a bridge drives Office at a time', async () => {
      await using bridge = await office({ downloadMs: 20_000 });
      const running = progressUntil(({ status }) => status === 'DOWNLOAD_WIP');
      const first = fail(bridge, 'download', { wait: true, pollMs }, running);
      await running.seen;
      const error = await fail(bridge, 'update');
      expect(error.data).toMatchObject({ type: 'InUse', who: 'c2r/download', since: expect.stringMatching(/Z$/) });
      await call(bridge, 'cancel', { wait: true });
      expect((await first).data).toMatchObject({ type: 'UpdateFailed', status: 'DOWNLOAD_CANCELLED' });
    });

    test('a cancelled download ends as cancelled, and the next one may begin', async () => {
      await using bridge = await office();
      await call(bridge, 'download');
      expect(await call(bridge, 'cancel', { wait: true })).toMatchObject({ status: 'DOWNLOAD_CANCELLED', busy: false });
      expect(await call(bridge, 'download', { wait: true, pollMs })).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
    });

    test('a cancel with nothing to cancel shows the status, and one while applying is illegal', async () => {
      await using bridge = await office({ applyMs: 2500 });
      expect(await call(bridge, 'cancel')).toMatchObject({ status: 'UPDATE_UNKNOWN' });
      await call(bridge, 'apply');
      const error = await fail(bridge, 'cancel');
      expect(error.data).toMatchObject({
        type: 'IllegalState',
        status: expect.stringMatching(/^APPLY_(PENDING|WIP)$/),
      });
    });

    test('cancelling the request cancels the download in Windows', async () => {
      await using bridge = await office({ downloadMs: 20_000 });
      const running = progressUntil(({ status }) => status === 'DOWNLOAD_WIP');
      const abort = new AbortController();
      const request = fail(bridge, 'update', { pollMs }, { ...running, signal: abort.signal });
      await running.seen;
      abort.abort();
      const error = await request;
      expect(error.data).toMatchObject({ type: 'RequestCancelled', continues: false, status: 'DOWNLOAD_CANCELLED' });
      expect(await call(bridge, 'status')).toMatchObject({ status: 'DOWNLOAD_CANCELLED', busy: false });
    });

    test('cancelling the request while applying ends it at once and says that applying continues', async () => {
      await using bridge = await office({ applyMs: 2500 });
      const running = progressUntil(({ status }) => status === 'APPLY_WIP');
      const abort = new AbortController();
      const request = fail(bridge, 'update', { pollMs }, { ...running, signal: abort.signal });
      await running.seen;
      abort.abort();
      expect((await request).data).toMatchObject({ type: 'RequestCancelled', continues: true, status: 'APPLY_WIP' });
      expect(await call(bridge, 'wait', { pollMs })).toMatchObject({ status: 'APPLY_SUCCEEDED' });
      expect(await call(bridge, 'installation')).toMatchObject({ version: availableVersion });
    });

    test('a time limit ends the request, not the download', async () => {
      await using bridge = await office({ downloadMs: 3000 });
      const error = await fail(bridge, 'download', { wait: true, timeoutMs: 1000, pollMs });
      expect(error.data).toMatchObject({ type: 'Timeout', continues: true, timeoutMs: 1000, status: 'DOWNLOAD_WIP' });
      const late = await fail(bridge, 'wait', { timeoutMs: 500, pollMs });
      expect(late.data).toMatchObject({ type: 'Timeout', continues: true });
      expect(await call(bridge, 'wait', { pollMs })).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
    });

    test('running apps are listed and stop an update before anything is downloaded', async () => {
      await using bridge = await office({ blockingApps: ['WINWORD.EXE', 'EXCEL.EXE'] });
      expect(await call(bridge, 'blockingApps')).toMatchObject({ apps: ['WINWORD.EXE', 'EXCEL.EXE'] });
      for (const method of ['update', 'apply'] as const) {
        const error = await fail(bridge, method);
        expect(error.data).toMatchObject({ type: 'Blocked', apps: ['WINWORD.EXE', 'EXCEL.EXE'] });
      }
      expect(await call(bridge, 'status')).toMatchObject({ status: 'UPDATE_UNKNOWN' });
    });

    test('running apps are closed by force where that is asked for', async () => {
      await using bridge = await office({ blockingApps: ['WINWORD.EXE'] });
      expect(await call(bridge, 'update', { onBlockingApps: 'force', pollMs })).toMatchObject({ changed: true });
      expect(await call(bridge, 'blockingApps')).toMatchObject({ apps: [] });
    });

    test('an update that waits for apps downloads meanwhile and names the apps', async () => {
      await using bridge = await office({ blockingApps: ['WINWORD.EXE'] });
      const blocked: { phase: string; message: string }[] = [];
      const onProgress = (value: { phase: string; message: string }) => void blocked.push(value);
      const params = { onBlockingApps: 'wait', timeoutMs: 3000, pollMs };
      const error = await fail(bridge, 'update', params, { onProgress });
      expect(error.data).toMatchObject({ type: 'Timeout', continues: false, status: 'DOWNLOAD_SUCCEEDED' });
      expect(blocked.filter(({ phase }) => phase === 'blocked').at(-1)?.message).toContain('WINWORD.EXE');
    });

    test('an update that waits for apps applies once they are closed', async () => {
      await using bridge = await office({ blockingApps: ['WINWORD.EXE'], appsCloseAfterMs: 1500 });
      const result = await call(bridge, 'update', { onBlockingApps: 'wait', pollMs });
      expect(result).toMatchObject({ changed: true, versionAfter: availableVersion });
      expect(result.phases.map(({ phase }) => phase)).toEqual(['preflight', 'download', 'blocked', 'apply']);
    });

    test('deployment data is given as it is, and parsed where it is JSON or XML', async () => {
      await using bridge = await office({ deploymentData: { '1': '{"a":1}', '2': '<a b="c">d</a>', '3': 'text' } });
      const read = (dataType: number) => call(bridge, 'deploymentData', { dataType });
      expect(await read(1)).toMatchObject({ raw: '{"a":1}', value: { a: 1 } });
      expect(await read(2)).toMatchObject({ value: { name: 'a', attributes: { b: 'c' }, children: ['d'] } });
      expect(await read(3)).toMatchObject({ raw: 'text', value: null });
      expect(await read(4)).toMatchObject({ value: null });
    });

    test('the doctor finds no fault with an Office in order, and names the one that there is', async () => {
      const fault = async (settings: OfficeSettings, id: string) => {
        await using bridge = await office(settings);
        const { checks } = bridgeContract.doctor.result.parse(await bridge.request('bridge/doctor'));
        return checks.find((check) => check.id === id)?.ok;
      };
      expect(await fault({}, 'office.comRegistered')).toBe(true);
      expect(await fault({}, 'office.status')).toBe(true);
      expect(await fault({ comRegistered: false }, 'office.comRegistered')).toBe(false);
    });

    test('without elevation every call is refused as access denied, and the facts can still be read', async () => {
      await using bridge = await office({ elevated: false });
      for (const method of ['status', 'download', 'apply', 'cancel', 'wait', 'update', 'blockingApps'] as const) {
        const error = await fail(bridge, method);
        expect(error.data).toMatchObject({ type: 'AccessDenied', hresultName: 'E_ACCESSDENIED' });
      }
      expect(await call(bridge, 'installation')).toMatchObject({ installed: true, version: installedVersion });
    });

    test('an object that is not registered is not available, with what to do', async () => {
      await using bridge = await office({ comRegistered: false });
      for (const method of ['status', 'download', 'wait', 'update'] as const) {
        const error = await fail(bridge, method);
        expect(error.data).toMatchObject({ type: 'NotAvailable', reason: 'comNotRegistered' });
        expect(error.data.recommendation).toContain('c2r/setManagement');
      }
    });

    test('an update survives a COM server that goes away while it is waited for', async () => {
      await using bridge = await office({ downloadMs: 900, vanishAfterMs: 150, vanishForMs: 400 });
      expect(await call(bridge, 'update', { pollMs })).toMatchObject({ changed: true, versionAfter: availableVersion });
    });

    test('params that Office cannot be told are refused before any call', async () => {
      await using bridge = await office({ comRegistered: false });
      const refused: readonly (readonly [Name, object, string])[] = [
        ['download', { downloadSource: '{5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C}' }, 'contentId'],
        ['update', { contentId: 'build-20172' }, 'downloadSource'],
        ['download', { downloadSource: 'BITS', contentId: 'a' }, 'downloadSource'],
        ['download', { updateBaseUrl: 'http://server/a b' }, 'updateBaseUrl'],
        ['download', { updateBaseUrl: '\\\\server\\"office"' }, 'updateBaseUrl'],
        ['download', { updateBaseUrl: '.\\Office' }, 'updateBaseUrl'],
        ['download', { updateBaseUrl: '\\Office' }, 'updateBaseUrl'],
        ['update', { updateBaseUrl: 'D:Office' }, 'updateBaseUrl'],
        ['update', { updateBaseUrl: 'server/office' }, 'updateBaseUrl'],
        ['download', { updateToVersion: '15.0.1.1' }, 'updateToVersion'],
        ['apply', { forceAppShutdown: 'yes' }, 'forceAppShutdown'],
        ['update', { onBlockingApps: 'force', forceAppShutdown: false }, 'forceAppShutdown'],
        ['wait', { pollMs: 99 }, 'pollMs'],
        ['setManagement', {}, 'enabled'],
        ['setChannel', {}, 'channel'],
        ['setChannel', { channel: 'PerpetualVL2016' }, 'channel'],
        ['setTargetVersion', {}, 'version'],
        ['setTargetVersion', { version: '16.0' }, 'version'],
        ['update', { pin: true }, 'updateToVersion'],
      ];
      for (const [method, params, path] of refused) {
        const error = await fail(bridge, method, params);
        expect(error.data).toMatchObject({ type: 'InvalidParams', issues: [{ path }] });
      }
    });

    test('management is turned off and on and given back, and told apart from the local setting', async () => {
      await using bridge = await office();
      const off = await call(bridge, 'setManagement', { enabled: false });
      expect(off).toMatchObject({
        changed: true,
        before: { policy: null },
        after: { policy: false, enabled: false },
        restartRequired: true,
      });
      const blocked = await fail(bridge, 'download');
      expect(blocked.data).toMatchObject({ type: 'Blocked', owner: 'policy' });
      const on = await call(bridge, 'setManagement', { enabled: true });
      expect(on).toMatchObject({ changed: true, after: { policy: true, enabled: true }, restartRequired: false });
      expect(await call(bridge, 'setManagement', { enabled: true })).toMatchObject({ changed: false });
      expect(await call(bridge, 'setManagement', { enabled: null })).toMatchObject({ after: { policy: null } });
    });

    test('the channel is changed by policy, waits for its first update, and is given back', async () => {
      await using bridge = await office({ channel: 'Current', channelTaskMs: null });
      const changed = await call(bridge, 'setChannel', { channel: 'SemiAnnual' });
      expect(changed).toMatchObject({
        changed: true,
        before: { rule: 'cdnBaseUrl', channel: 'Current' },
        after: { rule: 'policyUpdateBranch', value: 'Deferred', channel: 'SemiAnnual' },
        pending: [{ reason: 'scheduledTask' }, { reason: 'update' }],
      });
      expect(await call(bridge, 'installation')).toMatchObject({
        channel: 'Current',
        channelSwitch: { channel: 'SemiAnnual', versionThen: installedVersion },
      });
      expect(await call(bridge, 'setChannel', { undo: true })).toMatchObject({ changed: true, after: changed.before });
      expect(await call(bridge, 'installation')).toMatchObject({ channelSwitch: null });
    });

    test('an odd device is described: manager, conflicts, pins, its last error and a pending restart', async () => {
      await using bridge = await office({
        manager: 'policy',
        conflicts: ['staleCloudSetting', 'unreachableSource'],
        leftoverTargetVersion: installedVersion,
        lastError: '30125-1011 (-2147012867)',
        restartPending: true,
        updateDeadline: '3',
        enableDisableHidden: true,
      });
      expect(await call(bridge, 'installation')).toMatchObject({
        installed: true,
        registryView: '64-bit',
        manager: {
          name: 'policy',
          evidence: [expect.stringContaining('UpdateBranch'), expect.anything(), expect.anything()],
        },
        conflicts: [{ kind: 'staleCloudSetting', confidence: 'low' }],
        targetVersion: { rule: 'updateToVersion', version: installedVersion },
        lastError: { code: '30125-1011', hresultName: 'ERROR_INTERNET_CANNOT_CONNECT', scenario: 'UPDATE' },
        restartPending: [expect.stringContaining('RebootRequired')],
        updateDeadline: '3',
        enableDisableHidden: true,
      });
      const { checks } = bridgeContract.doctor.result.parse(await bridge.request('bridge/doctor'));
      const faults = checks.filter(({ area, ok }) => area === 'office' && ok === false).map(({ id }) => id);
      expect(faults.slice(0, 3)).toEqual(['office.updateSource', 'office.targetVersion', 'office.lastError']);
    });

    test('a share that cannot be reached, channels that differ and a licence for another channel are conflicts', async () => {
      await using bridge = await office({ conflicts: ['unreachableSource', 'licence'] });
      const { conflicts } = await call(bridge, 'installation');
      expect(conflicts).toMatchObject([
        { kind: 'unreachableSource', detail: expect.stringContaining('server.invalid') },
      ]);
      await using other = await office({ conflicts: ['channelMismatch', 'licence'] });
      expect((await call(other, 'installation')).conflicts.map(({ kind }) => kind)).toEqual([
        'licence',
        'channelMismatch',
      ]);
    });

    test.each([
      [{ leftover: true }, { installed: false, leftover: true, registryView: '64-bit', version: null }],
      [{ wow64Only: true }, { installed: true, registryView: '32-bit', platform: 'x86', version: installedVersion }],
    ] as const)('what is there is told as what it is: %j', async (settings, facts) => {
      await using bridge = await office(settings);
      expect(await call(bridge, 'installation')).toMatchObject(facts);
    });

    test('a version is pinned, what is left over is cleared, and both are undone', async () => {
      await using bridge = await office({ leftoverTargetVersion: availableVersion, channelChangeStuck: true });
      const pinned = await call(bridge, 'setTargetVersion', { version: installedVersion });
      expect(pinned).toMatchObject({
        changed: true,
        before: { rule: 'updateToVersion' },
        after: { rule: 'policyTargetVersion', version: installedVersion, written: installedVersion },
        pending: [{ reason: 'channelChange' }],
      });
      expect(await call(bridge, 'setTargetVersion', { clearLeftover: true })).toMatchObject({
        changed: true,
        after: { leftover: null },
        pending: [],
      });
      expect(await call(bridge, 'setTargetVersion', { undo: true })).toMatchObject({
        changed: true,
        after: { rule: 'updateToVersion', leftover: availableVersion, written: null },
      });
      expect((await call(bridge, 'installation')).channelChangePending).toBe(true);
    });

    test('a bridge that waits for Office answers everything else meanwhile', async () => {
      await using bridge = await office({ downloadMs: 600 });
      // So that loading what c2r needs is not taken for waiting.
      await call(bridge, 'status');
      const update = call(bridge, 'update', { pollMs });
      let ended = false;
      const done = update.then(() => {
        ended = true;
      });
      let answered = 0;
      for (; !ended; answered++) {
        await bridge.request('bridge/ping');
        await call(bridge, 'status');
      }
      expect(answered).toBeGreaterThan(5);
      await done;
    });
  });
}
