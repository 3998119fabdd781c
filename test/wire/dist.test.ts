import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { buildInto } from '../../.scripts/build.mjs';
import { bridgePath, startBridge } from '../support/bridge.js';
import { deadline } from '../support/deadline.js';
import { dereferenced } from '../support/openrpc.js';

const dist = dirname(bridgePath);

test('[dist] dist/ is, byte for byte, what the sources build', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-dist-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const built = join(folder, 'dist');
  await buildInto(built);
  expect(readdirSync(built).sort()).toEqual(readdirSync(dist).sort());
  for (const file of readdirSync(built)) {
    expect(readFileSync(join(built, file)).equals(readFileSync(join(dist, file))), file).toBe(true);
  }
});

test('[dist] the bridge is at most 150 kB: what most starts do not need, such as the names of HRESULTs, lies beside it', () => {
  const bridge = readFileSync(bridgePath, 'utf8');
  expect(bridge.length).toBeLessThanOrEqual(150_000);
  expect(bridge).not.toContain('ERROR_INTERNET_NAME_NOT_RESOLVED');
});

test('[dist] a session starts with the bridge alone: what lies beside it is read on first use', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-dist-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  copyFileSync(bridgePath, join(folder, 'c2r-bridge.cjs'));
  await using bridge = startBridge({ command: [process.execPath, join(folder, 'c2r-bridge.cjs')] });
  expect(await bridge.request('initialize', { protocolVersion: 1 })).toMatchObject({ protocolVersion: 1 });
  expect(await bridge.request('bridge/ping')).toEqual({});
  await expect(bridge.request('c2r/status')).rejects.toMatchObject({ code: 1002 });
  expect(await bridge.stop()).toBe(0);
});

/** Counts the characters that the bridge gives V8 to compile, after its own file. */
const countCompiled = `
  const vm = require('vm');
  const { compileFunction } = vm;
  let compiled = 0;
  vm.compileFunction = (text, ...others) => {
    compiled += text.length;
    return compileFunction(text, ...others);
  };
  process.on('exit', () => require('fs').writeSync(2, String(compiled)));
`;

test('[dist] of features.cjs a first request compiles what it needs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-dist-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const counter = join(folder, 'count.cjs');
  writeFileSync(counter, countCompiled);
  const args = ['--require', counter, bridgePath, '--backend', 'simulated', 'call', 'c2r/status'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: deadline(20_000) });
  expect(status).toBe(0);
  expect(Number(stderr)).toBeGreaterThan(0);
  expect(Number(stderr)).toBeLessThan(readFileSync(join(dist, 'features.cjs')).length / 2);
});

test('[discover] dist/openrpc.json is what rpc.discover gives, and lists every method once', async () => {
  await using bridge = startBridge();
  const discovered = await bridge.request('rpc.discover');
  expect(JSON.parse(readFileSync(join(dist, 'openrpc.json'), 'utf8'))).toEqual(discovered);
  const names = discovered.methods.map(({ name }: { name: string }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(
    expect.arrayContaining(['initialize', 'shutdown', 'rpc.discover', 'bridge/ping', 'c2r/update']),
  );
  expect(discovered.openrpc).toMatch(/^1\.3\./);
});

test('[discover] every method says what it takes, gives and may fail with', async () => {
  await using bridge = startBridge();
  for (const method of (await bridge.request('rpc.discover')).methods) {
    expect(method).toMatchObject({
      summary: expect.stringMatching(/^[A-Z].*\.$/),
      paramStructure: 'by-name',
      result: { name: 'result', schema: expect.any(Object) },
    });
    for (const param of method.params)
      expect(param).toMatchObject({
        name: expect.any(String),
        required: expect.any(Boolean),
        schema: expect.any(Object),
      });
    for (const error of method.errors)
      expect(error).toMatchObject({ code: expect.any(Number), message: expect.any(String) });
  }
});

test('[discover] clients can be generated from it: required params come first, each object is a type with a name, null is one of two', async () => {
  await using bridge = startBridge();
  const document = await bridge.request('rpc.discover');
  for (const { params } of document.methods) {
    const required = params.map((param: { required: boolean }) => param.required);
    expect(required).toEqual([...required].sort().reverse());
  }
  const { schemas } = document.components;
  for (const [name, type] of Object.entries(schemas)) expect(type).toMatchObject({ title: name, type: 'object' });
  expect(document.methods.find(({ name }: { name: string }) => name === 'c2r/cancel').result.schema).toEqual({
    $ref: '#/components/schemas/UpdateStatus',
  });
  expect(schemas.ComponentVersion.properties.updatedAt.oneOf).toEqual([expect.anything(), { type: 'null' }]);
  // No object stands inside of another, and every reference leads to one.
  const inline = (schema: unknown): unknown[] =>
    typeof schema !== 'object' || schema === null
      ? []
      : [
          ...(Object.keys((schema as { properties?: object }).properties ?? {}).length > 0 ? [schema] : []),
          ...Object.values(schema).flatMap(inline),
        ];
  const typesInside = Object.values(schemas).flatMap((type) => Object.values(type as object).flatMap(inline));
  expect([...inline(document.methods), ...typesInside]).toEqual([]);
  expect(() => dereferenced(document)).not.toThrow();
});
