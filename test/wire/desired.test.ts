import { describe, expect, test } from 'vitest';
import { channelSwitchKey, cloudPolicyKey, policyKey, updatesKey } from '../../src/c2r/registry-keys.js';
import { desired as area } from '../../src/contract/desired.js';
import { startBridge } from '../support/bridge.js';

const newest = '16.0.19929.20172';
const quick = { downloadMs: 50, applyMs: 50, channelTaskMs: 0 };

/** A simulated device; results have passed the schema of the contract. */
function device({ office = {}, defender = {} }: { office?: object; defender?: object } = {}) {
  const simulate = { office: { ...quick, ...office }, defender: { durationMs: 50, ...defender } };
  const bridge = startBridge({ args: ['--backend', 'simulated'], simulate });
  return {
    test: async (params: object) => area.test.result.parse(await bridge.request('desired/test', params)),
    set: async (params: object) => area.set.result.parse(await bridge.request('desired/set', params)),
    failure: (params: object) =>
      bridge.request('desired/set', params).then(
        () => Promise.reject(new Error('the request succeeded')),
        (error) => error,
      ),
    request: bridge.request.bind(bridge),
    [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose](),
  };
}

describe.concurrent('the desired state over the wire', () => {
  test('tells how far it is', async () => {
    await using machine = device();
    const values: unknown[] = [];
    const office = { minimumVersion: newest };
    await machine.request('desired/set', { office }, { onProgress: (value: unknown) => values.push(value) });
    const told = values.map((value) => area.set.progress?.parse(value));
    expect(values).toEqual(told);
    expect(told.map((value) => value?.phase)).toEqual(expect.arrayContaining(['download', 'apply']));
    const times = told.map((value) => value?.elapsedMs ?? -1);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('names what is not as wanted, in the order in which it is put right, and brings it about', async () => {
    await using machine = device({ office: { registry: { [policyKey]: { OfficeMgmtCOM: 0 } } } });
    const office = { channel: 'SemiAnnual', minimumVersion: '16.0.18000.20000', comManagement: true };
    expect(await machine.test({ office })).toMatchObject({
      inDesiredState: false,
      exempted: null,
      office: { channel: 'MonthlyEnterprise', version: '16.0.17928.20114', comManagement: false },
      defenderSignature: null,
      reasons: [
        { code: 'ComManagement', property: 'comManagement', phrase: expect.stringContaining('should be on.') },
        {
          code: 'Channel',
          property: 'channel',
          phrase: 'The update channel is MonthlyEnterprise and should be SemiAnnual.',
        },
        {
          code: 'MinimumVersion',
          property: 'minimumVersion',
          phrase: 'Version 16.0.17928.20114 is installed and should be at least 16.0.18000.20000.',
        },
      ],
      backend: 'simulated',
    });
    expect(await machine.set({ office })).toMatchObject({
      inDesiredState: true,
      reasons: [],
      done: ['management through COM turned on', 'channel set to SemiAnnual', `updated to ${newest}`],
      changed: true,
      versionBefore: '16.0.17928.20114',
      versionAfter: newest,
      continues: false,
    });
    expect(await machine.set({ office })).toMatchObject({ inDesiredState: true, done: [], changed: false });
  });

  test.each([{ whatIf: true }, { wait: false }, {}])(
    'at least a version does not roll back a device that a setting holds below the one that it has: %j',
    async (how) => {
      const office = { installedVersion: '16.0.20000.20000', targetVersion: newest };
      await using machine = device({ office });
      const { message, data } = await machine.failure({ office: { minimumVersion: '16.0.29929.20000' }, ...how });
      expect(message).toBe(
        `A setting holds Office at ${newest}: an update would roll it back from 16.0.20000.20000, which should be at least 16.0.29929.20000.`,
      );
      expect(data).toMatchObject({ type: 'Blocked', recommendation: expect.stringContaining('c2r/setTargetVersion') });
      expect(await machine.request('c2r/installation', {})).toMatchObject({
        version: '16.0.20000.20000',
        stagedVersion: null,
      });
    },
  );

  test('without waiting each call does the next step and leaves', async () => {
    await using machine = device();
    const office = { minimumVersion: newest };
    const step = { office, wait: false };
    expect(await machine.set(step)).toMatchObject({
      done: ['download started'],
      continues: true,
      inDesiredState: false,
    });
    await machine.request('c2r/wait');
    expect(await machine.set(step)).toMatchObject({ done: [`applying ${newest}`], continues: true });
    await machine.request('c2r/wait');
    expect(await machine.set(step)).toMatchObject({ done: [], continues: false, inDesiredState: true });
  });

  test.each<[string, object, string]>([
    [
      'failed, with an HRESULT',
      { fail: [{ at: 'download', hresult: '0x80072EE7' }] },
      'download started; the last try failed with ERROR_INTERNET_NAME_NOT_RESOLVED (The name of a server could not be resolved.)',
    ],
    ['failed, without a reason', { initialStatus: 'DOWNLOAD_FAILED' }, 'download started; the last try failed'],
    ['was cancelled', { initialStatus: 'DOWNLOAD_CANCELLED' }, 'download started; the last one was cancelled'],
    [
      'had nothing newer',
      { installedVersion: '16.0.19000.20000', availableVersion: '16.0.19000.20000' },
      'download started; the last one brought no update to apply',
    ],
    [
      'could not be applied',
      { stagedDays: 1, fail: [{ at: 'apply', errorCode: 10 }] },
      `applying ${newest}; the last try failed with FAILED_APPLY_UPGRADE_PACKAGE`,
    ],
  ])('without waiting the next call says that the step before %s', async (_, office, done) => {
    await using machine = device({ office });
    const step = { office: { minimumVersion: newest }, wait: false };
    if (!('initialStatus' in office)) await machine.set(step);
    await machine.request('c2r/wait');
    expect((await machine.set(step)).done).toEqual([done]);
  });

  test('a step that fails does not hide those that were done before it', async () => {
    const blockingApps = ['WINWORD.EXE'];
    await using machine = device({ office: { blockingApps, registry: { [policyKey]: { OfficeMgmtCOM: 0 } } } });
    const office = { comManagement: true, channel: 'SemiAnnual', minimumVersion: newest };
    const { message, data } = await machine.failure({ office });
    expect(message).toBe(
      'Running Office apps block the update: WINWORD.EXE. Done before: management through COM turned on, channel set to SemiAnnual.',
    );
    expect(data).toMatchObject({
      type: 'Blocked',
      apps: blockingApps,
      done: ['management through COM turned on', 'channel set to SemiAnnual'],
    });
    const { inDesiredState, reasons } = await machine.test({ office });
    expect([inDesiredState, reasons.map(({ code }) => code)]).toEqual([false, ['MinimumVersion']]);
  });

  test('what comes after a service has to restart is left to the next call, and the restart is told', async () => {
    const registry = { [policyKey]: { OfficeMgmtCOM: 0 } };
    await using machine = device({ office: { comRegistered: false, registry } });
    const office = { comManagement: true, minimumVersion: newest };
    expect(await machine.set({ office, whatIf: true })).toMatchObject({
      inDesiredState: false,
      done: ['Turn the management through COM on'],
    });
    expect(await machine.set({ office })).toMatchObject({
      inDesiredState: false,
      done: ['management through COM turned on'],
      restartRequired: [{ service: 'ClickToRunSvc' }],
      reasons: [{ code: 'MinimumVersion' }],
    });
  });

  test('an update that was applied is told where the one after it fails', async () => {
    await using machine = device({ office: { stagedDays: 9, fail: [{ at: 'download', hresult: '0x80072EE7' }] } });
    const { message, data } = await machine.failure({ office: { minimumVersion: '16.0.29929.20000' } });
    expect(message).toMatch(new RegExp(`^The download ended as DOWNLOAD_FAILED.* Done before: applied ${newest}\\.$`));
    expect(data).toMatchObject({ type: 'UpdateFailed', hresultHex: '0x80072EE7', done: [`applied ${newest}`] });
  });

  test('an action that runs is left alone without waiting, and waited for with it', async () => {
    await using machine = device({ office: { initialStatus: 'APPLY_WIP', applyMs: 2000 } });
    const office = { minimumVersion: newest };
    expect(await machine.set({ office, wait: false })).toMatchObject({
      done: [expect.stringMatching(/^APPLY_(PENDING|WIP) continues$/)],
      continues: true,
    });
    expect(await machine.set({ office })).toMatchObject({ done: [], inDesiredState: true });
  });

  test('an update source that has nothing good enough leaves the reason standing', async () => {
    await using machine = device({ office: { installedVersion: newest } });
    expect(await machine.set({ office: { minimumVersion: '16.0.29929.20000' } })).toMatchObject({
      inDesiredState: false,
      reasons: [{ code: 'MinimumVersion' }],
      done: [`the update source has nothing newer than ${newest}`],
      nothingNewer: false,
    });
  });

  test('nothing newer to stage is told apart from what could not be brought about', async () => {
    await using machine = device({ office: { installedVersion: newest } });
    const reasons = [{ code: 'UpdateStaged' }];
    expect(await machine.set({ office: { updateStaged: true } })).toMatchObject({
      inDesiredState: false,
      reasons,
      done: [`the update source has nothing newer than ${newest}`],
      nothingNewer: true,
    });
    const preview = await machine.set({ office: { updateStaged: true }, whatIf: true });
    expect(preview).toMatchObject({ inDesiredState: true, nothingNewer: false });
  });

  test('an update that waits too long, or nobody knows how long, is a reason, and is applied', async () => {
    await using machine = device({ office: { initialStatus: 'DOWNLOAD_SUCCEEDED' } });
    const office = { maxStagedDays: 3 };
    expect((await machine.test({ office })).reasons).toEqual([
      {
        code: 'MaxStagedDays',
        property: 'maxStagedDays',
        phrase: `The update ${newest} has waited to be applied since an unknown day.`,
      },
    ]);
    expect(await machine.set({ office })).toMatchObject({ done: [`applied ${newest}`], inDesiredState: true });
  });

  test('what is left of an update that is installed does not wait, by the account of every method', async () => {
    const left = { [updatesKey]: { UpdatesReadyToApply: newest } };
    await using machine = device({ office: { installedVersion: newest, registry: left } });
    expect(await machine.test({ office: { maxStagedDays: 0, updateStaged: false } })).toMatchObject({
      inDesiredState: true,
      office: { version: newest, updateStaged: false },
    });
    const { checks } = await machine.request('bridge/doctor');
    const staged = checks.find(({ id }: { id: string }) => id === 'office.stagedUpdate');
    expect(staged).toMatchObject({ ok: true, detail: 'No downloaded update waits to be applied.' });
    expect(await machine.request('c2r/update')).toMatchObject({ changed: false });
  });

  test('an update does not wait until a day ahead, from before the clock was set back', async () => {
    const ahead = { [updatesKey]: { DownloadTime: String(Date.UTC(2400, 0, 1) - Date.UTC(1601, 0, 1)) } };
    await using machine = device({ office: { initialStatus: 'DOWNLOAD_SUCCEEDED', registry: ahead } });
    expect((await machine.test({ office: { maxStagedDays: 3 } })).reasons).toMatchObject([
      { phrase: `The update ${newest} has waited to be applied since an unknown day.` },
    ]);
  });

  test('what-if changes nothing and says what would be done', async () => {
    await using machine = device();
    const office = { minimumVersion: newest };
    expect(await machine.set({ office, whatIf: true })).toMatchObject({
      inDesiredState: true,
      office: { version: newest },
      changed: false,
      versionAfter: '16.0.17928.20114',
      done: [`Update Office to at least ${newest}`],
    });
    expect((await machine.test({ office })).inDesiredState).toBe(false);
  });

  test('what-if without waiting is stopped by running apps where the next step applies, and not where it downloads', async () => {
    const office = { minimumVersion: newest };
    const preview = { office, wait: false, whatIf: true };
    const blockingApps = ['WINWORD.EXE'];
    await using fresh = device({ office: { blockingApps } });
    expect((await fresh.set(preview)).done).toEqual([`Update Office to at least ${newest}`]);
    await expect(fresh.set({ ...preview, wait: true })).rejects.toMatchObject({ data: { type: 'Blocked' } });
    await using staged = device({ office: { blockingApps, stagedDays: 1 } });
    await expect(staged.set(preview)).rejects.toMatchObject({ data: { type: 'Blocked', apps: blockingApps } });
  });

  test.each([{ whatIf: true }, { wait: false }, {}])(
    'a channel that was written, and is overruled since, is not said to be set again: %j',
    async (how) => {
      const written = {
        [policyKey]: { UpdateBranch: 'Current' },
        [channelSwitchKey]: { WrittenUpdateBranch: 'Current' },
        [cloudPolicyKey]: { UpdateBranch: 'Deferred' },
      };
      await using machine = device({ office: { registry: written } });
      const wanted = { office: { channel: 'Current' } };
      expect((await machine.test(wanted)).reasons).toMatchObject([{ code: 'Channel' }]);
      const { message, data } = await machine.failure({ ...wanted, ...how });
      expect(message).toBe(
        'The channel is not changed. cloudUpdateBranch (Deferred) decides, not the policy UpdateBranch for Current.',
      );
      expect(data).toMatchObject({ type: 'Blocked', owner: 'cloudUpdate', rule: 'cloudUpdateBranch' });
    },
  );

  test('what may explain a device that does not get there is told: a pin, the last error, a contradiction', async () => {
    await using machine = device({
      office: {
        conflicts: ['staleCloudSetting'],
        leftoverTargetVersion: '16.0.17928.20114',
        lastError: '30182-39',
        restartPending: true,
      },
    });
    const office = { minimumVersion: newest };
    const { notes, inDesiredState } = await machine.test({ office });
    expect(inDesiredState).toBe(false);
    expect(notes).toEqual([
      'The leftover setting UpdateToVersion holds it at 16.0.17928.20114.',
      expect.stringMatching(/^Last error of Click-to-Run: 30182-39 /),
      expect.stringMatching(/^Its settings contradict each other: /),
      'Windows waits for a restart.',
    ]);
    // A setting holds the device below what is wanted: what-if does not promise it.
    expect(await machine.set({ office, whatIf: true })).toMatchObject({
      inDesiredState: false,
      office: { version: '16.0.17928.20114' },
    });
    const wanted = await machine.test({ office: { minimumVersion: '16.0.17000.20000' } });
    expect(wanted).toMatchObject({ inDesiredState: true, notes: [expect.stringContaining('contradict')] });
  });

  test('a device without Office is a reason, or exempt where that is wished', async () => {
    await using machine = device({ office: { installed: false } });
    const office = { minimumVersion: newest };
    expect((await machine.test({ office })).reasons).toMatchObject([{ code: 'NotInstalled', property: 'installed' }]);
    expect((await machine.failure({ office })).data).toMatchObject({ type: 'NotAvailable' });
    const exempted = 'Microsoft 365 Apps (Click-to-Run) is not installed on this device.';
    const exempt = ['noOffice'];
    expect(await machine.test({ office, exempt })).toMatchObject({ inDesiredState: true, exempted, office: null });
    expect(await machine.set({ office, exempt })).toMatchObject({ inDesiredState: true, exempted, done: [] });
  });

  test.each<[string, object, boolean]>([
    ['a passive Defender', { mode: 'passive' }, true],
    ['a stopped Defender', { serviceRunning: false }, true],
    ['no Defender', { present: false }, true],
    ['a Defender that protects', {}, false],
  ])('another antivirus beside %s exempts the device, where that is wished', async (_, defender, exempts) => {
    await using machine = device({ defender: { ...defender, thirdPartyAntivirus: ['Contoso AV'] } });
    const defenderSignature = { maxAgeHours: 24 };
    const { inDesiredState, exempted } = await machine.test({ defenderSignature, exempt: ['thirdPartyAntivirus'] });
    expect({ inDesiredState, exempted }).toEqual(
      exempts
        ? { inDesiredState: true, exempted: 'Another antivirus protects this device: Contoso AV.' }
        : { inDesiredState: false, exempted: null },
    );
    expect((await machine.test({ defenderSignature })).inDesiredState).toBe(false);
  });

  test('sources are tried in turn for signatures that are too old', async () => {
    await using machine = device({ defender: { failSources: [{ source: 'managed', hresult: '0x80240024' }] } });
    const defenderSignature = { maxAgeHours: 24, sources: ['managed', 'http'] };
    expect((await machine.test({ defenderSignature })).reasons).toEqual([
      {
        code: 'MaxAgeHours',
        property: 'maxAgeHours',
        phrase: 'The antivirus signatures are 3 days old, at most 24 hours are allowed.',
      },
    ]);
    expect(await machine.set({ defenderSignature })).toMatchObject({
      done: ['signatures updated'],
      inDesiredState: true,
      defenderSignature: { ageState: 'current', ageHours: 0 },
    });
  });

  test.each<[string, object]>([
    ['neither', {}],
    ['both', { office: {}, defenderSignature: {} }],
    ['two versions', { office: { version: newest, minimumVersion: newest } }],
    ['source and sources', { defenderSignature: { source: 'http', sources: ['http'] } }],
    ['an unknown property', { office: { versoin: newest } }],
  ])('%s is refused as wrong params', async (_, params) => {
    await using machine = device();
    expect((await machine.failure(params)).code).toBe(-32602);
  });

  test('the time limit is that of the whole request', async () => {
    await using machine = device({ office: { downloadMs: 60_000 } });
    const error = await machine.failure({ office: { minimumVersion: newest }, timeoutMs: 500 });
    expect(error.data).toMatchObject({ type: 'Timeout' });
  });
});
