import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { parseSourceUrl } from '../../../src/bits/source-url.js';
import { proxyServer } from '../../../src/content/http/proxy.js';
import { fileListUrl, siblingUrl } from '../../../src/content/list/endpoint.js';
import { bits } from '../../../src/contract/bits.js';
import { bridge } from '../../../src/contract/bridge.js';
import { c2r } from '../../../src/contract/c2r.js';
import { content } from '../../../src/contract/content.js';
import { defender } from '../../../src/contract/defender.js';
import { desired } from '../../../src/contract/desired.js';
import type { Method } from '../../../src/contract/method.js';
import { bracedClsid, contentKey } from '../../../src/contract/types.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';
import { session } from '../../support/office-handlers.js';
import { report, scriptedOffice } from '../../support/scripted-office.js';

const methods = [bridge, c2r, defender, content, bits].flatMap((area) => Object.values<Method>(area));

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: unknown;
}

/** The patterns of a schema, with those of its members. */
function patternsIn(schema: z.core.$ZodType): RegExp[] {
  const { checks, shape, element, options, innerType } = schema._zod.def as {
    checks?: readonly z.core.$ZodCheck[];
    shape?: Readonly<Record<string, z.core.$ZodType>>;
    element?: z.core.$ZodType;
    options?: readonly z.core.$ZodType[];
    innerType?: z.core.$ZodType;
  };
  const inner = [
    ...Object.values(shape ?? {}),
    ...(options ?? []),
    ...[element, innerType].filter((each) => each !== undefined),
  ];
  const own = (checks ?? []).map(({ _zod }) => (_zod.def as { pattern?: RegExp }).pattern);
  return [...own.filter((each) => each !== undefined), ...inner.flatMap(patternsIn)];
}

test('no pattern needs a flag that JSON Schema does not have: rpc.discover would say something else', () => {
  const patterns = [...methods, ...Object.values<Method>(desired)].flatMap(({ params }) => patternsIn(params));
  expect(patterns.length).toBeGreaterThan(10);
  // Validators of JSON Schema read patterns as with u.
  expect(patterns.filter(({ flags }) => !['', 'u'].includes(flags))).toEqual([]);
});

/** The paths below a schema at which a caller may write text of his own. */
function textsIn(schema: Schema, path: string): string[] {
  if (schema.enum) return [];
  if (schema.type === 'string') return [path];
  if (schema.anyOf) return schema.anyOf.flatMap((each) => textsIn(each, path));
  if (schema.items) return textsIn(schema.items, `${path}[]`);
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, each]) => textsIn(each, `${path}.${name}`));
  return schema.type === 'object' && schema.additionalProperties !== false ? [...named, `${path}.*`] : named;
}

const texts = methods
  .flatMap((method) => textsIn(z.toJSONSchema(method.params, { io: 'input' }) as Schema, method.name))
  .map((path) => path.replace(/^(.*?)\./, '$1 '));

/**
 * Where each text of the contract goes. A new one must be put where it belongs, and with that under the tests of that place:
 * those below, or the named ones.
 */
const places: Readonly<Record<string, readonly string[]>> = {
  // What is said in the session stays in it: tokens go back to the caller.
  'the session': [
    'initialize client.name',
    'initialize client.version',
    ...[
      'c2r/apply',
      'c2r/detect',
      'c2r/download',
      'c2r/update',
      'c2r/wait',
      'content/stage',
      'content/verify',
      'content/prune',
      'defender/update',
    ].map((method) => `${method} progressToken`),
  ],
  "Office's parameter string": ['c2r/download', 'c2r/update'].flatMap((method) =>
    ['updateBaseUrl', 'updateToVersion', 'downloadSource', 'contentId'].map((name) => `${method} ${name}`),
  ),
  'a value of the registry, as a version': ['c2r/setTargetVersion version'],
  'a BSTR of its own': ['c2r/deploymentData name'],
  'a URL that is asked': [
    'content/channels endpoint',
    'content/channels releaseHistory',
    'content/skus endpoint',
    'content/fileList endpoint',
    'content/stage endpoint',
    'content/stage baseUrl',
    'bits/register baseUrl',
  ],
  'the query of a URL': ['content/fileList', 'content/stage'].flatMap((method) =>
    ['channel', 'version', 'languages[]', 'proofingLanguages[]'].map((name) => `${method} ${name}`),
  ),
  // They are compared with what a service sent.
  'a name in a list': ['content/channels productIds[]', 'content/skus channel'],
  'a proxy and its header': ['channels', 'skus', 'fileList', 'stage'].flatMap((name) => [
    `content/${name} proxy`,
    ...['url', 'username', 'password'].map((key) => `content/${name} proxy.${key}`),
  ]),
  // unit/content/service-path, parsers-fuzz
  'text that is taken apart': ['content/servicePath moreInfoUrl'],
  // unit/content/image-path, file-list; wire/content-stage, content-races
  'a file object': ['content/stage files[].*'],
  // wire/content/whole-image: they name files that must be there, and none is opened by such a name unless it is.
  'the names in an image': [
    ...['version', 'languages[]', 'proofingLanguages[]'].map((name) => `content/verify ${name}`),
    'content/prune versions[]',
  ],
  // A folder that the caller names is his to name.
  'a path': ['content/stage destination', 'content/verify path', 'content/prune path', 'bits/register path'],
  'the registry and a content URL': ['bits/register contentId', 'bits/register clsid', 'bits/unregister contentId'],
};

const source = fileURLToPath(new URL('../../../src', import.meta.url));

/** Text as somebody would write it who wants to say more than he may. */
const hostile = fc.oneof(
  fc.constantFrom(
    'x forceappshutdown=true',
    'x\tdisplaylevel=true',
    'x\u00a0forceappshutdown=true',
    'x\u2028forceappshutdown=true',
    'x\r\nforceappshutdown=true',
    '"x" forceappshutdown=true',
    "x' forceappshutdown=true",
    'x\0 forceappshutdown=true',
    '16.0.1.1 forceappshutdown=true',
    '{5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C} forceappshutdown=true',
    '..\\..\\Run',
    '%SystemRoot%',
    '$(id)',
    '& calc.exe',
    '| calc.exe',
    '-o ProxyCommand=id',
    '--backend=windows',
  ),
  fc.string({
    unit: fc.constantFrom(' ', '\t', '\n', '=', '"', "'", '&', '?', '#', '/', '\\', '.', 'a', '\u3000', '\ufeff'),
  }),
  fc.string({ unit: 'grapheme' }),
);

/** A good text more often than not, because what the contract refuses goes nowhere. */
const mostly = (good: string | undefined) => fc.oneof({ arbitrary: fc.constant(good), weight: 4 }, hostile);

describe('texts of the contract', () => {
  test('each has its place, so that a new one is not forgotten', () => {
    expect(texts.length).toBeGreaterThan(30);
    expect([...new Set(texts)].sort()).toEqual(Object.values(places).flat().sort());
  });

  test('none can get on a command line: the bridge starts no program but itself, as it was started', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(50);
    const starts =
      /['"](?:node:)?(?:child_process|cluster)['"]|CreateProcess|ShellExecute|WinExec|\beval\(|new Function\(/;
    const launcher = join('windows', 'bits', 'com-launcher.ts');
    expect(files.filter((name) => starts.test(readFileSync(join(source, name), 'utf8')))).toEqual([launcher]);
    const text = readFileSync(join(source, launcher), 'utf8');
    expect(text.match(/\bspawn\(.*/g)).toEqual([
      'spawn(process.execPath, [...v8Options, ...process.argv.slice(1), argument], {',
    ]);
    expect(text).not.toMatch(/from '\.|shell: true/);
  });

  test("whatever is said in any of them, Office's parameter string has the given pairs and no other", async () => {
    const names = (places["Office's parameter string"] ?? []).map((place) => place.split(' ')[1] as string);
    const good: Readonly<Record<string, string>> = {
      updateBaseUrl: 'http://server/office',
      updateToVersion: '16.0.19929.20172',
      downloadSource: '{5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C}',
      contentId: 'a',
    };
    const record = fc.record(Object.fromEntries([...new Set(names)].map((name) => [name, mostly(good[name])])), {
      requiredKeys: [],
    });
    let called = 0;
    await fc.assert(
      fc.asyncProperty(record, fc.constantFrom('download', 'update'), async (given, method) => {
        const office = scriptedOffice([report('UPDATE_UNKNOWN'), report('DOWNLOAD_WIP')], {
          async apply() {
            throw new Error('no further');
          },
        });
        const params = { ...given, ...(method === 'download' ? { wait: false } : { timeoutMs: 1 }) };
        await session(() => office)
          .call(method as 'download', params as never)
          .catch(() => undefined);
        for (const call of office.calls) {
          const [, text = ''] = /^Download\((.*)\)$/su.exec(call) ?? [];
          const pairs = text === '' ? [] : text.split(/[\s\p{Z}\p{C}]+/u);
          const keys = pairs.map((pair) => pair.split('=')[0] ?? '');
          const wanted = names.filter((name) => name in params).map((name) => name.toLowerCase());
          expect([...keys].sort()).toEqual([...new Set(wanted)].sort());
          called++;
        }
      }),
      fuzzParameters(150),
    );
    expect(called).toBeGreaterThan(0);
  });

  test('those in the query of a URL stay the values of their names, and the rest of the URL stays as it was', () => {
    const schema = content.fileList.params;
    let listed = 0;
    const record = fc.record(
      {
        channel: mostly('Current'),
        version: mostly('16.0.19929.20172'),
        languages: fc.array(mostly('en-us'), { maxLength: 3 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(record, (given) => {
        const { data } = schema.safeParse(given);
        if (!data) return;
        const url = fileListUrl({ ...data, endpoint: 'https://lists.example/filelist?own=1' });
        expect(`${url.origin}${url.pathname}`).toBe('https://lists.example/filelist');
        expect([...url.searchParams.keys()].sort()).toEqual(
          [
            'own',
            ...['channel', 'version'].filter((name) => name in given),
            ...(given.languages ?? []).map(() => 'lid'),
          ].sort(),
        );
        expect(url.hash).toBe('');
        listed++;
      }),
      fuzzParameters(300),
    );
    expect(listed).toBeGreaterThan(0);
  });

  test('an endpoint is asked by https or on this machine, whatever it says', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          fc.webUrl(),
          hostile.map((text) => `http://127.0.0.1@${text}`),
        ),
        (endpoint) => {
          for (const ask of [() => fileListUrl({ endpoint }), () => siblingUrl(endpoint, 'skus')]) {
            let url: URL;
            try {
              url = ask();
            } catch (error) {
              expect(error).toMatchObject({ data: { type: 'InvalidParams' } });
              continue;
            }
            expect(url.protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)).toBe(true);
          }
        },
      ),
      fuzzParameters(60),
    );
  });

  test('the user and password of a proxy put one value into one header', () => {
    fc.assert(
      fc.property(hostile, hostile, (username, password) => {
        const { authorization, url } = proxyServer({ url: 'http://proxy:8080', username, password });
        expect(url.href).toBe('http://proxy:8080/');
        if (username !== '') expect(authorization).toMatch(/^Basic [A-Za-z0-9+/]*=*$/);
      }),
      fuzzParameters(200),
    );
  });

  test('the names of contents and classes are one name in a content URL and in the registry', () => {
    const { contentId, clsid } = bits.register.params.shape;
    fc.assert(
      fc.property(fc.oneof(hostile, fc.stringMatching(/^[\w.{}-]{1,40}$/)), (text) => {
        if (contentId.safeParse(text).success) {
          expect(parseSourceUrl(`cmbits://${text}/a/b.dat`)).toEqual({
            contentId: contentKey(text),
            path: 'a/b.dat',
          });
          expect(text).not.toMatch(/[\\/\p{C}]/u);
        }
        if (clsid.safeParse(text).success) expect(bracedClsid(text)).toMatch(/^\{[0-9A-F-]{36}\}$/);
      }),
      fuzzParameters(300),
    );
  });

  test('the name of deployment data arrives as one text, as it was', async () => {
    const names: string[] = [];
    const office = scriptedOffice([report('UPDATE_UNKNOWN')], {
      async deploymentData(_, name) {
        names.push(name);
        return null;
      },
    });
    await fc.assert(
      fc.asyncProperty(hostile, async (name) => {
        if (!c2r.deploymentData.params.safeParse({ dataType: 1, name }).success) return;
        names.length = 0;
        await session(() => office)
          .call('deploymentData', { dataType: 1, name })
          .catch(() => undefined);
        expect(names).toEqual([name]);
      }),
      fuzzParameters(100),
    );
  });
});
