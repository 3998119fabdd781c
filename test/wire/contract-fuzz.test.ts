import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bits } from '../../src/contract/bits.js';
import { bridge as bridgeArea } from '../../src/contract/bridge.js';
import { c2r } from '../../src/contract/c2r.js';
import { content } from '../../src/contract/content.js';
import { defender } from '../../src/contract/defender.js';
import type { Method } from '../../src/contract/method.js';
import { type Bridge, startBridge } from '../bridge.js';
import { fuzzParameters } from '../fuzz-parameters.js';
import { type JsonSchema, meeting, refusedBy } from './params-arbitrary.js';

/** Runs a method. */
const parameters = fuzzParameters(8);
const { numRuns } = parameters;
// A long run takes its time by command only; the deadline is there to find what hangs.
const timeout = 30_000 + numRuns * 500;

interface Described {
  readonly name: string;
  readonly params: readonly { readonly name: string; readonly required: boolean; readonly schema: JsonSchema }[];
  readonly errors: readonly { readonly code: number; readonly message: string }[];
}

const areas = [bridgeArea, c2r, defender, content, bits].flatMap((area) => Object.values<Method>(area));
const methods = new Map(areas.map((method) => [method.name, method]));
/** They end or open the session; test/wire/session.test.ts has them. */
const ofTheSession = new Set(['initialize', 'shutdown']);
const names = [...methods.keys()].filter((name) => !ofTheSession.has(name));

// Windows that is done at once, and a web that has nothing.
const scenario = { office: { downloadMs: 1, applyMs: 1 }, defender: { durationMs: 1 } };
const folder = mkdtempSync(join(tmpdir(), 'c2r-fuzz-'));
const web = createServer((_, response) => response.writeHead(404).end());
let bridge: Bridge;
let described: ReadonlyMap<string, Described>;
let origin: string;

beforeAll(async () => {
  web.listen(0, '127.0.0.1');
  await new Promise((resolve) => web.once('listening', resolve));
  origin = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  bridge = startBridge({ simulate: scenario, args: ['--log-level', 'error'] });
  const { methods: list } = await bridge.request('rpc.discover');
  described = new Map(list.map((each: Described) => [each.name, each]));
});
afterAll(async () => {
  await bridge[Symbol.asyncDispose]();
  web.close();
  rmSync(folder, { recursive: true, force: true });
});

function schemaOf(name: string): JsonSchema {
  const { params } = described.get(name) as Described;
  return {
    properties: Object.fromEntries(params.map((param) => [param.name, param.schema])),
    required: params.filter(({ required }) => required).map((param) => param.name),
  };
}

/** Params that meet the schema of a method and the rules that no schema can say, which the method's summary does. */
function validParams(name: string): fc.Arbitrary<object> {
  const path = fc.constantFrom(folder, join(folder, 'image'));
  const overrides: Record<string, fc.Arbitrary<unknown>> = {
    endpoint: fc.constantFrom(`${origin}/filelist`, `${origin}/filelist?a=b`),
    baseUrl: fc.constant(origin),
    proxy: fc.constantFrom<unknown>(origin, { url: origin, username: 'u', password: 'p' }),
    destination: path,
    path: name === 'bits/register' ? fc.constant(folder) : path,
    retries: fc.constant(0),
    pollMs: fc.constant(100),
    timeoutMs: fc.integer({ min: 1, max: 2000 }),
  };
  return meeting(schemaOf(name), overrides).map((params) => {
    const { onBlockingApps, ...rest } = params as Record<string, unknown>;
    // `force` and `forceAppShutdown: false` contradict each other.
    return repaired(
      name,
      onBlockingApps === 'force' ? { ...rest, onBlockingApps, forceAppShutdown: true } : { ...params },
    );
  });
}

function repaired(name: string, params: Record<string, unknown>): object {
  const { downloadSource: _, contentId: __, ...withoutPair } = params;
  if ('downloadSource' in params !== 'contentId' in params && name.startsWith('c2r/')) return withoutPair;
  if (name === 'c2r/setChannel') return params.undo ? { undo: true } : { channel: 'Current', ...params };
  if (name === 'bits/register') {
    const { path: ___, baseUrl: ____, ...rest } = params;
    return { ...rest, ...('path' in params ? { path: params.path } : { baseUrl: origin }) };
  }
  if (name === 'content/fileList' || (name === 'content/stage' && !params.files)) {
    const { files: _____, ...rest } = params;
    return { channel: 'Current', version: '16.0.1.1', ...rest, endpoint: `${origin}/filelist` };
  }
  if (name === 'content/stage') {
    const { destination, files } = params;
    return { destination, files, baseUrl: origin, retries: 0 };
  }
  if (name.startsWith('content/') && 'endpoint' in (schemaOf(name).properties ?? {}))
    return { ...params, endpoint: `${origin}/filelist` };
  return params;
}

/** The result, or the error as the wire has it. */
const outcome = (name: string, params: object) =>
  bridge.request(name, params).then(
    (result) => ({ result, code: 0, data: undefined }),
    ({ code, data, message }) => ({ result: undefined, code, data, message }),
  );

test.each(names)(
  '[contract] %s: valid params give a result that meets the contract or an error that it lists',
  async (name) => {
    const method = methods.get(name) as Method;
    const codes = (described.get(name) as Described).errors.map(({ code }) => code);
    await fc.assert(
      fc.asyncProperty(validParams(name), async (params) => {
        const { result, code, data, ...rest } = await outcome(name, params);
        if (code === 0) {
          expect(method.result.safeParse(result).error?.issues ?? []).toEqual([]);
          return;
        }
        expect(codes, JSON.stringify({ code, data, ...rest })).toContain(code);
        expect(data).toMatchObject({ type: expect.any(String), recommendation: expect.any(String) });
      }),
      parameters,
    );
  },
  timeout,
);

test.each([...methods.keys()])(
  '[contract] %s: one param that is wrong, missing or too many is -32602 by its name',
  async (name) => {
    const { properties = {}, required = [] } = schemaOf(name);
    const kinds: fc.Arbitrary<{ key: string; value: unknown }>[] = [
      fc.record({
        key: fc.constantFrom('unknown', 'constructor', 'toString', ' ', 'é'),
        value: fc.jsonValue({ maxDepth: 1 }),
      }),
      ...Object.entries(properties).map(([key, schema]) =>
        fc.record({ key: fc.constant(key), value: refusedBy(schema) }),
      ),
      ...required.map((key) => fc.constant({ key, value: undefined })),
    ];
    await fc.assert(
      fc.asyncProperty(validParams(name), fc.oneof(...kinds), async (params, { key, value }) => {
        const { code, data } = await outcome(name, { ...params, [key]: value });
        expect({ code, data }).toMatchObject({ code: -32602, data: { type: 'InvalidParams' } });
        expect(data.issues.map(({ path }: { path: string }) => path.split('.')[0])).toContain(key);
      }),
      { ...parameters, numRuns: numRuns * 2 },
    );
  },
  timeout,
);

test('[contract] the bridge has logged no fault of its own, and still answers', async () => {
  expect(await bridge.request('bridge/ping', {})).toEqual({});
  expect(bridge.stderr()).toBe('');
});
