import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { bits } from '../../src/contract/bits.js';
import { bridge as bridgeArea, protocolVersion } from '../../src/contract/bridge.js';
import { c2r } from '../../src/contract/c2r.js';
import { content } from '../../src/contract/content.js';
import { defender } from '../../src/contract/defender.js';
import type { Method } from '../../src/contract/method.js';
import { type Bridge, type RequestOptions, startBridge } from '../support/bridge.js';
import { deadline } from '../support/deadline.js';
import { fuzzParameters } from '../support/fuzz-parameters.js';
import { dereferenced } from '../support/openrpc.js';
import { type JsonSchema, meeting, refusedBy } from '../support/params-arbitrary.js';

/** Runs a method; an update that polls takes near half a second. */
const parameters = fuzzParameters(8, 0.1);
const { numRuns } = parameters;
// A long run takes its time by command only; the deadline is there to find what hangs.
const timeout = deadline(30_000 + numRuns * 500);

interface Described {
  readonly name: string;
  readonly params: readonly { readonly name: string; readonly required: boolean; readonly schema: JsonSchema }[];
  readonly result: { readonly schema: z.core.JSONSchema.JSONSchema };
  readonly 'x-progress'?: z.core.JSONSchema.JSONSchema;
  readonly errors: readonly { readonly code: number; readonly message: string }[];
}

/** A described method whose schemas have become what values can be held against. */
interface Promised extends Described {
  readonly resultSchema: z.ZodType;
  readonly progressSchema: z.ZodType | undefined;
}

const areas = [bridgeArea, c2r, defender, content, bits].flatMap((area) => Object.values<Method>(area));
const methods = new Map(areas.map((method) => [method.name, method]));
/** They end or open the session; test/wire/session.test.ts has them. */
const ofTheSession = new Set(['initialize', 'shutdown']);
const names = [...methods.keys()].filter((name) => !ofTheSession.has(name));

// Windows that is done at once, and a web that has nothing.
const scenario = { office: { downloadMs: 1, applyMs: 1 }, defender: { durationMs: 1 } };
const folder = mkdtempSync(join(tmpdir(), 'c2r-fuzz-'));
const file = Buffer.from('content');
const image = {
  ...{ schema: 1, createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', sources: [] },
  files: [
    {
      ...{ path: 'x.dat', size: file.length, sha256: createHash('sha256').update(file).digest('hex'), modifiedMs: 0 },
      ...{ url: 'https://a.example/x', validator: null, lcid: null, hashLocation: null, hashAlgorithm: null },
      stagedAt: '2026-01-01T00:00:00Z',
    },
  ],
};
writeFileSync(join(folder, 'x.dat'), file);
writeFileSync(join(folder, 'manifest.json'), JSON.stringify(image));
const web = createServer((_, response) => response.writeHead(404).end());
let bridge: Bridge;
let described: ReadonlyMap<string, Promised>;
/** The methods that have reported progress. */
const reported = new Set<string>();
let origin: string;

beforeAll(async () => {
  web.listen(0, '127.0.0.1');
  await new Promise((resolve) => web.once('listening', resolve));
  origin = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  bridge = startBridge({ simulate: scenario, args: ['--log-level', 'error'] });
  const { methods: list } = dereferenced(await bridge.request('rpc.discover'));
  described = new Map(list.map((each: Described) => [each.name, promisedBy(each)]));
});
afterAll(async () => {
  await bridge[Symbol.asyncDispose]();
  web.close();
  rmSync(folder, { recursive: true, force: true });
});

function promisedBy(method: Described): Promised {
  const { result, 'x-progress': progress } = method;
  // A result, as it is described, has no more keys than those.
  return {
    ...method,
    resultSchema: z.fromJSONSchema(result.schema),
    progressSchema: progress && z.fromJSONSchema(progress),
  };
}

function schemaOf(name: string): JsonSchema {
  const { params } = described.get(name) as Promised;
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
    updateBaseUrl: fc.constantFrom(origin, '\\\\server\\office', 'C:\\Office', '/office'),
    releaseHistory: fc.constant(`${origin}/releasehistory.cab`),
    proxy: fc.constantFrom<unknown>(origin, { url: origin, username: 'u', password: 'p' }),
    destination: path,
    path: fc.constant(folder),
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

/** The same, with null for some of the params and members of objects that are absent. */
function withNulls(name: string): fc.Arbitrary<object> {
  return fc
    .tuple(validParams(name), fc.infiniteStream(fc.boolean()))
    .map(([params, coins]) => nulled(schemaOf(name), params, coins) as object);
}

function nulled(schema: JsonSchema, value: unknown, coins: Iterator<boolean>): unknown {
  const { properties, required = [] } = [schema, ...(schema.anyOf ?? [])].find((each) => each.properties) ?? {};
  if (!properties || typeof value !== 'object' || value === null) return value;
  const known = value as Record<string, unknown>;
  const members = Object.entries(properties).flatMap(([key, part]) => {
    if (Object.hasOwn(known, key)) return [[key, nulled(part, known[key], coins)]];
    return required.includes(key) || !coins.next().value ? [] : [[key, null]];
  });
  return { ...known, ...Object.fromEntries(members) };
}

function repaired(name: string, params: Record<string, unknown>): object {
  const { downloadSource: _, contentId: __, ...withoutPair } = params;
  if ('downloadSource' in params !== 'contentId' in params && name.startsWith('c2r/'))
    return repaired(name, withoutPair);
  if (name === 'c2r/setChannel') return params.undo ? { undo: true } : { channel: 'Current', ...params };
  if (name === 'c2r/setTargetVersion') return oneTarget(params);
  // A pin needs the version to stay at.
  if (name === 'c2r/update' && params.pin) return { ...params, updateToVersion: '16.0.1.1' };
  if (name === 'content/prune') {
    const { keep, versions, ...rest } = params;
    return { ...rest, ...(versions === undefined ? { keep: keep ?? 1 } : { versions }) };
  }
  if (name.startsWith('desired/')) {
    // One of the two, and no wish that contradicts itself.
    const { office: ______, defenderSignature, ...rest } = params;
    const { source: _______, ...signature } = (defenderSignature ?? {}) as Record<string, unknown>;
    return { ...rest, defenderSignature: signature };
  }
  if (name === 'defender/update' && 'sources' in params) {
    const { source: _____, ...rest } = params;
    return rest;
  }
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

/** Exactly one of the three things that c2r/setTargetVersion does. */
function oneTarget({ version, clearLeftover, undo, force }: Record<string, unknown>): object {
  if (undo) return { undo: true };
  return clearLeftover ? { clearLeftover: true } : { version: version ?? '16.0.1.1', ...(force ? { force } : {}) };
}

/** The result, or the error as the wire has it. */
const outcome = (name: string, params: object, options: RequestOptions = {}) =>
  bridge.request(name, params, options).then(
    (result) => ({ result, code: 0, data: undefined }),
    ({ code, data, message }) => ({ result: undefined, code, data, message }),
  );

/** The same with a progress token of its own, where the method has progress; each value is held against its schema. */
async function followed(name: string, params: object) {
  const { progressSchema } = described.get(name) as Promised;
  if (!progressSchema) return outcome(name, params);
  const issues: unknown[] = [];
  const onProgress = (value: unknown) => {
    reported.add(name);
    issues.push(...(progressSchema.safeParse(value).error?.issues ?? []));
  };
  const ended = await outcome(name, params, { onProgress });
  expect(issues).toEqual([]);
  return ended;
}

/** Holds an outcome against what `rpc.discover` says of the method; `allowed` are further codes. */
function expectAsDescribed(name: string, ended: Awaited<ReturnType<typeof outcome>>, allowed: readonly number[] = []) {
  const { resultSchema, errors } = described.get(name) as Promised;
  if (ended.code === 0) {
    expect(resultSchema.safeParse(ended.result).error?.issues ?? []).toEqual([]);
    return;
  }
  expect([...errors.map(({ code }) => code), ...allowed], JSON.stringify(ended)).toContain(ended.code);
  expect(ended.data).toMatchObject({ type: expect.any(String), recommendation: expect.any(String) });
}

test.each(names)(
  '[contract] [params-null] %s: valid params, also with null for what is absent, give a result and progress as rpc.discover describes them, or an error that it lists',
  async (name) => {
    await fc.assert(
      fc.asyncProperty(withNulls(name), async (params) => expectAsDescribed(name, await followed(name, params))),
      parameters,
    );
  },
  timeout,
);

test('[contract] initialize and shutdown: valid params give results as rpc.discover describes them', async () => {
  const overrides = { protocolVersion: fc.constant(protocolVersion), parentProcessId: fc.constant(process.pid) };
  await fc.assert(
    fc.asyncProperty(meeting(schemaOf('initialize'), overrides), async (params) => {
      await using session = startBridge();
      for (const [name, given] of [
        ['initialize', params],
        ['shutdown', undefined],
      ] as const) {
        const { resultSchema } = described.get(name) as Promised;
        expect(resultSchema.safeParse(await session.request(name, given)).error?.issues ?? []).toEqual([]);
      }
      await session.notify('exit');
    }),
    { ...parameters, numRuns: Math.min(numRuns, 50) },
  );
});

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
        fc.record({
          key: fc.constant(key),
          // null for an optional param means that it is absent.
          value: refusedBy(schema).filter((value) => value !== null || required.includes(key)),
        }),
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

/** Where a request would reach beyond the test's own folder and server. */
const places = new Set(['endpoint', 'baseUrl', 'proxy', 'destination', 'path']);
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    '',
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    [],
    {},
    [[]],
    '\u0000',
    '__proto__',
    'x'.repeat(10_000),
  ),
);

/** The same with one value at any depth replaced, added or taken away. */
function changedAnywhere(params: object, at: number, value: unknown, how: 'set' | 'add' | 'remove'): object {
  const copy = structuredClone(params);
  const found: (readonly [parent: Record<string, unknown>, key: string])[] = [];
  const visit = (parent: Record<string, unknown>) => {
    for (const [key, member] of Object.entries(parent)) {
      if (parent === copy && places.has(key)) continue;
      found.push([parent, key]);
      if (typeof member === 'object' && member !== null) visit(member as Record<string, unknown>);
    }
  };
  visit(copy as Record<string, unknown>);
  const [parent, key] = found[at % Math.max(found.length, 1)] ?? [copy as Record<string, unknown>, 'x'];
  if (how === 'remove') delete parent[key];
  else parent[how === 'set' ? key : `${key}x`] = value;
  return copy;
}

test.each(names)(
  '[contract] %s: params with anything anywhere are -32602, or end as rpc.discover describes it',
  async (name) => {
    const how = fc.constantFrom('set' as const, 'add' as const, 'remove' as const);
    await fc.assert(
      fc.asyncProperty(validParams(name), fc.nat(), odd, how, async (params, at, value, change) => {
        expectAsDescribed(name, await outcome(name, changedAnywhere(params, at, value, change)), [-32602]);
      }),
      parameters,
    );
  },
  timeout,
);

test('[contract] progress was among what was held against its schema', () => {
  expect([...reported].sort()).toEqual(expect.arrayContaining(['c2r/update', 'content/verify', 'defender/update']));
});

test('[contract] the bridge has logged no fault of its own, and still answers', async () => {
  expect(await bridge.request('bridge/ping', {})).toEqual({});
  expect(bridge.stderr()).toBe('');
});
