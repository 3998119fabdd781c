import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

const manifests = fileURLToPath(new URL('../../powershell/dsc', import.meta.url));

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
  schema: z.strictObject({ embedded: z.looseObject({ additionalProperties: z.literal(false) }) }),
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
    const schema = z.fromJSONSchema(manifest.schema.embedded as never);
    const states = lines.map((line) => schema.parse(JSON.parse(line)));
    const traces = err
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, string>);
    for (const trace of traces)
      expect(Object.keys(trace)).toEqual([expect.stringMatching(/^(error|warn|info|debug|trace)$/)]);
    if (exitCode !== 0) expect(traces.some(({ error }) => error)).toBe(true);
    expect(manifest.exitCodes).toHaveProperty(String(exitCode));
    return { state: states[0], lines, traces, exitCode };
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
      expect((await dsc(type, 'test', desired, machine)).state).toEqual({
        ...before.state,
        // The simulated machine counts its times from the start of the process.
        ...(before.state.updatedAt && { updatedAt: expect.any(String) }),
      });

      const set = await dsc(type, 'set', desired, machine);
      expect(set.state).toMatchObject({ ...reached, _inDesiredState: true });
      expect(set.exitCode).toBe(0);
      expect((await dsc(type, 'test', desired, machine)).state._inDesiredState).toBe(true);

      const again = await dsc(type, 'set', desired, machine);
      expect(again.state._inDesiredState).toBe(true);
      expect(again.traces.filter(({ info }) => info)).toEqual([]);
      for (const { lines } of [before, preview, set, again]) expect(lines).toHaveLength(1);
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
