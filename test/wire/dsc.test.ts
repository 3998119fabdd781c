import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { policyKey } from '../../src/c2r/registry-keys.js';
import { bridgePath } from '../support/bridge.js';
import { dscChanged, dscTest } from '../support/dsc-replay.js';

const manifests = fileURLToPath(new URL('../../powershell/dsc', import.meta.url));

/** The reference that DSC's own schema wants for this property. */
const inDesiredStateId =
  'https://raw.githubusercontent.com/PowerShell/DSC/main/schemas/v3/resource/properties/inDesiredState.json';

/** The embedded schema with its reference resolved, which zod follows within a document only. */
function instanceSchema({ $defs, properties, ...schema }: z.output<typeof manifestSchema>['schema']['embedded']) {
  return z.fromJSONSchema({
    ...schema,
    properties: { ...properties, _inDesiredState: $defs[inDesiredStateId] },
  } as never);
}

const arg = z.union([z.string(), z.strictObject({ jsonInputArg: z.string(), mandatory: z.boolean().optional() })]);
const securityContext = z.enum(['current', 'elevated', 'restricted']);
const operation = {
  executable: z.string(),
  args: z.array(arg),
  input: z.enum(['stdin', 'env']),
  requireSecurityContext: securityContext.optional(),
};
const returns = z.enum(['state', 'stateAndDiff']);

/** The rules of DSC 3.2 for the manifest of a command resource, which refuses unknown fields. */
const manifestSchema = z.strictObject({
  $schema: z.literal('https://aka.ms/dsc/schemas/v3/bundled/resource/manifest.json'),
  type: z.string().regex(/^\w+(\.\w+){0,3}\/\w+$/),
  version: z.string().regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/),
  description: z.string(),
  tags: z.array(z.string().regex(/^\w+$/)),
  get: z.strictObject(operation),
  set: z.strictObject({
    ...operation,
    args: z.array(z.union([arg, z.strictObject({ whatIfArg: z.string() })])),
    implementsPretest: z.boolean(),
    return: returns,
    whatIfReturns: returns,
  }),
  test: z.strictObject({ ...operation, return: returns }),
  export: z.strictObject(operation),
  exitCodes: z.record(z.string().regex(/^-?\d+$/), z.string()),
  schema: z.strictObject({
    embedded: z.looseObject({
      $schema: z.literal('https://json-schema.org/draft/2020-12/schema'),
      additionalProperties: z.literal(false),
      properties: z.looseObject({ _inDesiredState: z.strictObject({ $ref: z.literal(inDesiredStateId) }) }),
      $defs: z.strictObject({ [inDesiredStateId]: z.looseObject({ $id: z.literal(inDesiredStateId) }) }),
    }),
  }),
});

const files = readdirSync(manifests).filter((name) => name.endsWith('.dsc.resource.json'));
const byType = new Map(
  files.map((name) => {
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(manifests, name), 'utf8')));
    return [manifest.type, manifest];
  }),
);

type Operation = 'get' | 'set' | 'test' | 'export';

interface Settings {
  readonly office?: object;
  readonly defender?: object;
  readonly whatIf?: boolean;
  readonly level?: string;
}

interface Outcome {
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever arrives
  readonly state: any;
  readonly lines: readonly string[];
  readonly traces: readonly Record<string, string>[];
  readonly exitCode: number | null;
}

describe.concurrent('the DSC v3 resources', () => {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-dsc-'));
  let devices = 0;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Does what DSC does: the manifest's command in the manifest's folder; each line is held against the embedded schema. */
  async function run(
    statePath: string,
    type: string,
    name: Operation,
    desired: object | string,
    { office = {}, defender = {}, whatIf = false, level = 'info' }: Settings,
  ): Promise<Outcome> {
    const manifest = byType.get(type);
    if (!manifest) throw new Error(`There is no manifest for ${type}.`);
    const { executable, args } = manifest[name];
    const words = args.flatMap((word) => {
      if (typeof word === 'string') return [word];
      return whatIf && 'whatIfArg' in word ? [String(word.whatIfArg)] : [];
    });
    const simulation = { office: { downloadMs: 50, applyMs: 50, ...office }, defender, statePath };
    const child = spawn(executable, words, {
      cwd: manifests,
      env: {
        ...process.env,
        C2R_BACKEND: 'simulated',
        C2R_SIMULATION: JSON.stringify(simulation),
        DSC_TRACE_LEVEL: level,
      },
    });
    child.stdin.on('error', () => undefined).end(typeof desired === 'string' ? desired : JSON.stringify(desired));
    const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
    const [out, err, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    const lines = out.split('\n').filter(Boolean);
    const schema = instanceSchema(manifest.schema.embedded);
    if (typeof desired === 'object' && exitCode !== 2) schema.parse(desired);
    const [first] = lines;
    const state = first === undefined ? undefined : (schema.parse(JSON.parse(first)) as Outcome['state']);
    const traces = err
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, string>);
    for (const trace of traces)
      expect(Object.keys(trace)).toEqual([expect.stringMatching(/^(error|warn|info|debug|trace)$/)]);
    if (exitCode !== 0) expect(traces.some(({ error }) => error)).toBe(true);
    expect(manifest.exitCodes).toHaveProperty(String(exitCode));
    return { state, lines, traces, exitCode };
  }

  /** A simulated machine of its own, which stays from one call to the next. */
  function device() {
    const statePath = join(folder, `device-${++devices}.json`);
    return (type: string, name: Operation, desired: object | string = '', settings: Settings = {}) =>
      run(statePath, type, name, desired, settings);
  }

  test('each manifest meets the published rules, and is what the bridge writes by itself', async () => {
    expect([...byType.keys()].sort()).toEqual(['C2RBridge/DefenderSignature', 'C2RBridge/Office']);
    for (const [type, manifest] of byType) {
      const [script = ''] = manifest.get.args as string[];
      const child = spawn(process.execPath, [script, 'dsc', 'manifest', type], { cwd: manifests });
      expect(JSON.parse(await text(child.stdout))).toEqual(manifest);
      const schema = spawn(process.execPath, [script, 'dsc', 'schema', type], { cwd: manifests });
      expect(JSON.parse(await text(schema.stdout))).toEqual(manifest.schema.embedded);
    }
  });

  test.each<[string, string, object, object, object]>([
    ['an exact version', 'C2RBridge/Office', { version: '16.0.19929.20172' }, {}, { version: '16.0.19929.20172' }],
    ['an older version', 'C2RBridge/Office', { version: '16.0.16731.20600' }, {}, { version: '16.0.16731.20600' }],
    [
      'a minimum version',
      'C2RBridge/Office',
      { minimumVersion: '16.0.18000.20000' },
      {},
      { version: '16.0.19929.20172' },
    ],
    ['a channel', 'C2RBridge/Office', { channel: 'SemiAnnual' }, {}, { channel: 'SemiAnnual' }],
    [
      'COM management',
      'C2RBridge/Office',
      { comManagement: false },
      {},
      { _restartRequired: [{ service: 'ClickToRunSvc' }] },
    ],
    ['a staged update', 'C2RBridge/Office', { updateStaged: true }, {}, { stagedVersion: '16.0.19929.20172' }],
    [
      'no staged update',
      'C2RBridge/Office',
      { updateStaged: false, onBlockingApps: 'force' },
      { office: { initialStatus: 'DOWNLOAD_SUCCEEDED', blockingApps: ['WINWORD.EXE'] } },
      { version: '16.0.19929.20172', updateStaged: false },
    ],
    [
      'fresh signatures',
      'C2RBridge/DefenderSignature',
      { maxAgeHours: 24, source: 'managed' },
      { defender: { durationMs: 50 } },
      { ageHours: 0 },
    ],
  ])(
    'brings about %s: test, what-if, set, test, and a second set that changes nothing',
    async (_, type, desired, machine, reached) => {
      const dsc = device();
      const before = await dsc(type, 'test', desired, machine);
      expect(before.state._inDesiredState).toBe(false);

      const preview = await dsc(type, 'set', desired, { ...machine, whatIf: true });
      expect(preview.state._metadata.whatIf).toHaveLength(1);
      expect(preview.state._inDesiredState).toBe(true);
      expect((await dsc(type, 'test', desired, machine)).state).toEqual({
        ...before.state,
        // The simulated machine counts its times from the start of the process.
        ...(before.state.updatedAt && { updatedAt: expect.any(String) }),
      });

      const set = await dsc(type, 'set', desired, machine);
      expect(set.state).toMatchObject({ ...reached, _inDesiredState: true });
      expect(set.exitCode).toBe(0);
      expect((await dsc(type, 'test', desired, machine)).state._inDesiredState).toBe(true);
      const { _metadata, ...predicted } = preview.state;
      // Of a minimum version the least is predicted, and the newest comes.
      const unforeseen = 'minimumVersion' in desired ? /(At|Since|Hours|^version)$/ : /(At|Since|Hours)$/;
      const cameTrue = Object.keys(predicted).filter((name) => !unforeseen.test(name) && name in set.state);
      expect(cameTrue.map((name) => [name, predicted[name]])).toEqual(cameTrue.map((name) => [name, set.state[name]]));

      const again = await dsc(type, 'set', desired, machine);
      expect(again.state._inDesiredState).toBe(true);
      expect(again.traces.filter(({ info }) => info)).toEqual([]);
      for (const { lines } of [before, preview, set, again]) expect(lines).toHaveLength(2);
      expect(JSON.parse(again.lines[1] ?? '')).toEqual([]);
    },
  );

  test('get and export show the state, and an absent Office has no instance', async () => {
    const dsc = device();
    const { state } = await dsc('C2RBridge/Office', 'get');
    expect(state).toMatchObject({
      installed: true,
      channel: 'MonthlyEnterprise',
      version: '16.0.17928.20114',
      updateStaged: false,
    });
    expect((await dsc('C2RBridge/Office', 'export')).state).toEqual(state);
    const absent = { office: { installed: false } };
    const bare = device();
    expect((await bare('C2RBridge/Office', 'get', '', absent)).state).toEqual({ installed: false });
    expect((await bare('C2RBridge/Office', 'export', '', absent)).lines).toEqual([]);
    expect((await dsc('C2RBridge/DefenderSignature', 'export')).state).toMatchObject({ ageHours: 72 });
  });

  test.each(['MonthlyEnterprise', 'PerpetualVL2021'])(
    'what export gives for %s is in the desired state',
    async (channel) => {
      const dsc = device();
      const scenario = { office: { channel } };
      const { state } = await dsc('C2RBridge/Office', 'export', '', scenario);
      expect(state).toMatchObject({ channel });
      expect((await dsc('C2RBridge/Office', 'test', state, scenario)).state).toMatchObject({ _inDesiredState: true });
      expect((await dsc('C2RBridge/Office', 'set', state, scenario)).state).toMatchObject({ _inDesiredState: true });
    },
  );

  test.each<[string, string, Record<string, unknown>, object]>([
    ['an exact version', 'C2RBridge/Office', { version: '16.0.19929.20172', onBlockingApps: 'force' }, {}],
    ['a minimum version', 'C2RBridge/Office', { minimumVersion: '16.0.18000.20000', onBlockingApps: 'fail' }, {}],
    ['a channel and the rest', 'C2RBridge/Office', { channel: 'Current', comManagement: false, maxStagedDays: 3 }, {}],
    [
      'fresh signatures',
      'C2RBridge/DefenderSignature',
      { maxAgeHours: 24, source: 'http', retryCount: 1 },
      { durationMs: 50 },
    ],
    [
      'sources in turn',
      'C2RBridge/DefenderSignature',
      { maxAgeHours: 24, sources: ['managed', 'http'] },
      { durationMs: 50 },
    ],
  ])(
    'DSC sees no noise about %s: nothing differs and nothing changes once it is so',
    async (_, type, desired, defender) => {
      const dsc = device();
      const kind = byType.get(type)?.test.return ?? 'state';
      const before = (await dsc(type, 'get', desired, { defender })).state;
      const first = dscTest(desired, (await dsc(type, 'test', desired, { defender })).lines, kind);
      expect(first.inDesiredState).toBe(false);
      expect(first.differingProperties).not.toEqual([]);
      const preview = await dsc(type, 'set', desired, { defender, whatIf: true });
      const set = await dsc(type, 'set', desired, { defender });
      const changed = dscChanged(before, set.lines, kind);
      expect(changed).not.toEqual([]);
      // What set changes, its prediction has, but for what only Windows knows beforehand.
      for (const name of dscChanged(before, preview.lines, kind)) {
        expect(['channelPending', 'signatureVersion', ...changed]).toContain(name);
      }

      const calm = await dsc(type, 'test', desired, { defender });
      expect(dscTest(desired, calm.lines, kind)).toEqual({ inDesiredState: true, differingProperties: [] });
      const reached = (await dsc(type, 'get', desired, { defender })).state;
      const again = await dsc(type, 'set', desired, { defender });
      expect(dscChanged(reached, again.lines, kind)).toEqual([]);
      const nothing = await dsc(type, 'set', desired, { defender, whatIf: true });
      expect(dscChanged(reached, nothing.lines, kind)).toEqual([]);
      expect(nothing.state._metadata).toEqual({ whatIf: [] });
    },
  );

  test('without stateAndDiff DSC would take what can only be wanted for a difference', async () => {
    const desired = { minimumVersion: '16.0.16000.20000', onBlockingApps: 'fail' };
    const { lines } = await device()('C2RBridge/Office', 'test', desired);
    expect(dscTest(desired, lines.slice(0, 1), 'state').differingProperties).toEqual([
      'minimumVersion',
      'onBlockingApps',
    ]);
  });

  test('_inDesiredState null, as in the output of get, is accepted everywhere', async () => {
    const dsc = device();
    for (const name of ['get', 'test', 'set', 'export'] as const) {
      expect((await dsc('C2RBridge/Office', name, { installed: true, _inDesiredState: null })).exitCode).toBe(0);
    }
  });

  test.each<[object, number]>([
    [{}, 1],
    [{ channel: 'MonthlyEnterprise', installed: true, _inDesiredState: null }, 1],
    [{ channel: 'Current' }, 0],
    [{ minimumVersion: '16.0.17000.20000' }, 1],
    [{ minimumVersion: '16.0.19000.20000' }, 0],
    [{ installed: false }, 0],
  ])('export with the filter %j gives as many instances: %i', async (filter, count) => {
    const { lines, exitCode } = await device()('C2RBridge/Office', 'export', filter);
    expect({ count: lines.length, exitCode }).toEqual({ count, exitCode: 0 });
  });

  test('export honours a filter on the age, and a device without Defender has no instance', async () => {
    const dsc = device();
    const count = async (filter: object, defender: object = {}) =>
      (await dsc('C2RBridge/DefenderSignature', 'export', filter, { defender })).lines.length;
    expect(await count({ maxAgeHours: 100 })).toBe(1);
    expect(await count({ maxAgeHours: 24 })).toBe(0);
    const absent = await device()('C2RBridge/DefenderSignature', 'export', '', { defender: { present: false } });
    expect(absent).toMatchObject({ lines: [], exitCode: 0 });
  });

  test.each<[string, object, object, object]>([
    ['a version', { version: '16.0.19929.20172' }, {}, { version: '16.0.19929.20172', updateStaged: false }],
    [
      'a minimum version',
      { minimumVersion: '16.0.18000.20000' },
      {},
      { version: '16.0.18000.20000', updateStaged: false },
    ],
    ['a staged update', { updateStaged: true }, {}, { updateStaged: true, version: '16.0.17928.20114' }],
    [
      'no staged update',
      { updateStaged: false },
      { initialStatus: 'DOWNLOAD_SUCCEEDED' },
      { updateStaged: false, version: '16.0.19929.20172' },
    ],
  ])('what-if predicts %s with a state that does not contradict itself', async (_, desired, office, predicted) => {
    const { state, exitCode } = await device()('C2RBridge/Office', 'set', desired, { office, whatIf: true });
    expect(exitCode).toBe(0);
    expect(state).toMatchObject({ ...predicted, _inDesiredState: true });
    expect('stagedVersion' in state && !state.updateStaged).toBe(false);
  });

  test.each<[string, 'Office' | 'DefenderSignature', object, object, string]>([
    [
      'a minimum version that the update source has not',
      'Office',
      { minimumVersion: '16.0.29929.20000' },
      { office: { installedVersion: '16.0.19929.20172' } },
      'the update source has nothing newer than 16.0.19929.20172',
    ],
    [
      'signatures that nobody has newer',
      'DefenderSignature',
      { maxAgeHours: 24 },
      { defender: { updates: 0, durationMs: 0 } },
      'no newer signatures from default',
    ],
  ])('set fails with %s, and says what was done', async (_, resource, desired, scenario, done) => {
    const { lines, traces, exitCode } = await device()(`C2RBridge/${resource}`, 'set', desired, scenario);
    expect({ lines, exitCode }).toEqual({ lines: [], exitCode: 1 });
    expect(traces.at(-1)?.error).toContain(`Done: ${done}. Correct what is wanted`);
  });

  test('set warns where there is nothing newer to stage, and fails where more than that is left', async () => {
    const office = { installedVersion: '16.0.19929.20172' };
    const set = (desired: object) => device()('C2RBridge/Office', 'set', desired, { office });
    const upToDate = await set({ updateStaged: true });
    expect(upToDate).toMatchObject({ exitCode: 0, state: { updateStaged: false, _inDesiredState: false } });
    expect(upToDate.traces.at(-1)).toEqual({
      warn: 'No update is staged. Done: the update source has nothing newer than 16.0.19929.20172.',
    });
    const tooOld = await set({ updateStaged: true, minimumVersion: '16.0.29929.20000' });
    expect(tooOld).toMatchObject({ exitCode: 1, lines: [] });
  });

  test.each<[string, object, object, number]>([
    ['an absent Office', { channel: 'Current' }, { installed: false }, 4],
    ['no rights', { channel: 'Current' }, { elevated: false }, 3],
    ['no rights for an update', { minimumVersion: '16.0.18000.20000' }, { elevated: false }, 3],
    ['running apps', { minimumVersion: '16.0.18000.20000' }, { blockingApps: ['WINWORD.EXE'] }, 5],
    ['an object that is not registered', { updateStaged: true }, { comRegistered: false }, 4],
    ['a policy that forbids it', { updateStaged: true }, { registry: { [policyKey]: { OfficeMgmtCOM: 0 } } }, 5],
    ['a channel of another licence', { channel: 'Current' }, { products: ['ProPlus2024Volume'] }, 5],
    ['a rule that goes before the channel', { channel: 'Current' }, { manager: 'cloudUpdate' }, 5],
  ])('what-if fails with %s as set does', async (_, desired, office, exitCode) => {
    const preview = await device()('C2RBridge/Office', 'set', desired, { office, whatIf: true });
    const set = await device()('C2RBridge/Office', 'set', desired, { office });
    expect([preview.exitCode, set.exitCode]).toEqual([exitCode, exitCode]);
    expect(preview.lines).toEqual([]);
  });

  test('what needs the management through COM comes before it is turned off', async () => {
    const dsc = device();
    const desired = { updateStaged: true, channel: 'Current', comManagement: false };
    const office = { downloadMs: 50 };
    const preview = await dsc('C2RBridge/Office', 'set', desired, { office, whatIf: true });
    expect(preview.state._metadata.whatIf.at(-1)).toBe('Turn the management through COM off.');
    const { state, exitCode } = await dsc('C2RBridge/Office', 'set', desired, { office });
    expect({ exitCode, state }).toMatchObject({ exitCode: 0, state: { ...desired, _inDesiredState: true } });
  });

  test('running apps do not stop a what-if that forces them to close, or only downloads', async () => {
    const office = { blockingApps: ['WINWORD.EXE'] };
    for (const desired of [{ version: '16.0.19929.20172', onBlockingApps: 'force' }, { updateStaged: true }]) {
      const { exitCode } = await device()('C2RBridge/Office', 'set', desired, { office, whatIf: true });
      expect(exitCode).toBe(0);
    }
  });

  test.each([
    [null, 'never'],
    [-48, 'clockAhead'],
    [9999, 'tooOld'],
  ])(
    'signatures of %s hours are not in the desired state, and set makes them so',
    async (signatureAgeHours, ageState) => {
      const dsc = device();
      const defender = { signatureAgeHours, durationMs: 50 };
      const desired = { maxAgeHours: 8760 };
      const before = await dsc('C2RBridge/DefenderSignature', 'test', desired, { defender });
      expect(before.state).toMatchObject({ ageState, _inDesiredState: false });
      expect(before.traces.some(({ info }) => info?.includes('antivirus signatures'))).toBe(true);
      const set = await dsc('C2RBridge/DefenderSignature', 'set', desired, { defender });
      expect(set.state).toMatchObject({ ageState: 'current', ageHours: 0, _inDesiredState: true });
    },
  );

  test.each<[string, string, Operation, object | string, object, number]>([
    ['input that is no JSON', 'C2RBridge/Office', 'test', '{', {}, 2],
    ['an unknown property', 'C2RBridge/Office', 'set', { versoin: '16.0.1.1' }, {}, 2],
    ['a contradiction', 'C2RBridge/Office', 'test', { version: '16.0.1.1', minimumVersion: '16.0.1.1' }, {}, 2],
    ['a channel that cannot be set', 'C2RBridge/Office', 'test', { channel: 'PerpetualVL2024' }, {}, 2],
    ['no elevation', 'C2RBridge/Office', 'set', { channel: 'Current' }, { office: { elevated: false } }, 3],
    ['no Defender', 'C2RBridge/DefenderSignature', 'get', '', { defender: { present: false } }, 4],
    ['a stopped Defender', 'C2RBridge/DefenderSignature', 'get', '', { defender: { serviceRunning: false } }, 4],
    [
      'running apps',
      'C2RBridge/Office',
      'set',
      { version: '16.0.1.1' },
      { office: { blockingApps: ['WINWORD.EXE'] } },
      5,
    ],
    [
      'a failed update',
      'C2RBridge/Office',
      'set',
      { version: '16.0.1.1' },
      { office: { fail: [{ at: 'apply', errorCode: 10 }] } },
      1,
    ],
  ])('fail with %s by a trace and the exit code of the manifest', async (_, type, name, desired, machine, exitCode) => {
    const dsc = device();
    const failed = await dsc(type, name, desired, machine);
    expect(failed).toMatchObject({ exitCode, lines: [] });
  });

  test('name each unknown property of an input by itself', async () => {
    const { exitCode, traces } = await device()('C2RBridge/Office', 'test', { versoin: '16.0.1.1', chanel: 'Current' });
    expect(exitCode).toBe(2);
    expect(traces.at(-1)).toEqual({
      error: 'Invalid params: versoin: unknown property; chanel: unknown property.',
    });
  });

  test('take an input of a mebibyte, and none longer', async () => {
    const [longest, tooLong] = [1 << 20, (1 << 20) + 1].map((length) => '{}'.padEnd(length));
    expect(await device()('C2RBridge/Office', 'test', longest as string, {})).toMatchObject({ exitCode: 0 });
    const { exitCode, traces } = await device()('C2RBridge/Office', 'test', tooLong as string, {});
    expect([exitCode, traces.at(-1)]).toEqual([
      2,
      { error: 'Invalid params: input: must have at most 1048576 bytes.' },
    ]);
  });

  test.skipIf(process.platform === 'win32')('end with Ctrl+C also where nobody ends their input', async () => {
    const env = { ...process.env, C2R_BACKEND: 'simulated', C2R_SIMULATION: '{}' };
    const child = spawn(process.execPath, [bridgePath, 'dsc', 'get', 'C2RBridge/Office'], { env });
    const exit = new Promise((resolve) => child.on('close', resolve));
    const err = text(child.stderr);
    // The warning about the simulation.
    child.stderr.once('data', () => child.kill('SIGINT'));
    expect(await exit).toBe(1);
    expect(await err).toContain('The request was cancelled.');
  });

  test('trace as much as DSC asks for', async () => {
    const dsc = device();
    const levels = async (level: string) =>
      (await dsc('C2RBridge/Office', 'set', { comManagement: level === 'warn' }, { level })).traces.map(
        (trace) => Object.keys(trace)[0],
      );
    expect(await levels('error')).toEqual([]);
    expect(await levels('warn')).toEqual(['warn']);
    expect(await levels('info')).toEqual(['warn', 'info']);
  });
});
