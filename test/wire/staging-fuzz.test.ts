import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { content } from '../../src/contract/content.js';
import { type Bridge, startBridge } from '../support/bridge.js';
import { type Cdn, generated, image, startCdn } from '../support/cdn.mjs';
import { complete, contentsOf, temporaryFolder } from '../support/content-staging.js';
import { fuzzParameters } from '../support/fuzz-parameters.js';
import { inPlaceOf } from '../support/in-place-of.js';

const parameters = fuzzParameters(8, 0.1);

let cdn: Cdn;
let bridge: Bridge;
beforeAll(async () => {
  cdn = await startCdn(image({ dats: { 'x-none': generated(300_000, 1), 'en-us': generated(5_000, 2) } }));
  bridge = startBridge({ args: ['--log-level', 'error'] });
});
afterAll(async () => {
  expect(await bridge.stop()).toBe(0);
  expect(bridge.stderr()).toBe('');
  await cdn.close();
});

const offset = fc.oneof(fc.constantFrom(0, 1, 299_999, 300_000, 300_001, 2 ** 31, 2 ** 53 - 1), fc.nat(300_000));
const segment = fc.record({ start: offset, end: offset, done: offset });
const sha256 = fc.constantFrom('ab'.repeat(32), '0'.repeat(64));

/** What a run that did not reach its end might have left for these files, and much that none would. */
function leftovers(paths: readonly string[]) {
  // The large files most of all: a part of them can be gone on with.
  const large = paths.filter((path) => path.endsWith('.dat'));
  const path = fc.oneof(fc.constantFrom(...large), fc.constantFrom(...paths));
  // Mostly what the server says too, so that the record is gone on with, whatever the bytes are worth.
  const recordOf = (of: string) => {
    const size = cdn.files.get(of)?.size ?? 0;
    const urls = cdn.list.filter(({ url }) => String(url).endsWith(`/${of}`)).map(({ url }) => String(url));
    const middle = fc.nat(size);
    const plausible = middle.chain((cut) =>
      fc.tuple(fc.nat(cut), fc.nat(size - cut)).map(([first, second]) => [
        { start: 0, end: cut, done: first },
        { start: cut, end: size, done: second },
      ]),
    );
    return fc.tuple(
      fc.constant(of),
      fc.record({
        url: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(urls[0] ?? '') }, fc.constant('https://a.example/x')),
        size: fc.oneof({ weight: 6, arbitrary: fc.constant(size) }, offset),
        validator: fc.oneof({ weight: 6, arbitrary: fc.constant(`"${size}"`) }, fc.constantFrom('"1"', '')),
        segments: fc.oneof({ weight: 4, arbitrary: plausible }, fc.array(segment, { maxLength: 4 })),
      }),
      // The partial file: of the right length or another.
      fc.oneof({ weight: 4, arbitrary: fc.constant(size) }, fc.nat(size + 10)).map((length) => Buffer.alloc(length, 7)),
    );
  };
  const partials = fc.uniqueArray(path, { maxLength: 4 }).chain((of) => fc.tuple(...of.map(recordOf)));
  const file = fc.record({
    path,
    size: offset,
    sha256,
    modifiedMs: offset,
    url: fc.constant('https://a.example/x'),
    validator: fc.constant(null),
    lcid: fc.constant(null),
    hashLocation: fc.constant(null),
    hashAlgorithm: fc.constant(null),
    stagedAt: fc.constant('2026-01-01T00:00:00Z'),
  });
  const files = fc.array(file, { maxLength: 3 });
  const when = '2026-01-01T00:00:00Z';
  const manifest = files.map((given) => ({ schema: 1, createdAt: when, updatedAt: when, sources: [], files: given }));
  return fc.record({
    partials,
    complete: files,
    damage: fc.option(inPlaceOf({ schema: 1, partial: {}, complete: [], '../x': null }), { freq: 5 }),
    manifest: fc.option(
      fc.oneof(
        manifest.map((each) => JSON.stringify(each)),
        manifest.chain(inPlaceOf),
      ),
    ),
    // Of a process that is gone, on this machine: nobody holds it.
    lock: fc.boolean(),
    finished: fc.dictionary(path, fc.uint8Array({ maxLength: 2000 }), { maxKeys: 2 }),
  });
}

type Leftovers = ReturnType<typeof leftovers> extends fc.Arbitrary<infer T> ? T : never;

test(
  'whatever an earlier run seems to have left, the image is byte-identical in the end and nothing else lies in it',
  async () => {
    const expected = complete(cdn.files);
    const paths = Object.keys(expected).filter((path) => path !== 'manifest.json');
    // Always among them: a file that seems to be complete, of bytes that are not its own.
    const [path = ''] = paths.filter((each) => each.endsWith('x-none.dat'));
    const size = cdn.files.get(path)?.size ?? 0;
    const url = String(cdn.list.find((file) => String(file.url).endsWith(`/${path}`))?.url);
    const record = { url, size, validator: `"${size}"` as const, segments: [{ start: 0, end: size, done: size }] };
    const seemsComplete: Leftovers = {
      partials: [[path, record, Buffer.alloc(size, 7)]],
      complete: [],
      damage: null,
      manifest: null,
      lock: true,
      finished: {},
    };
    await fc.assert(
      fc.asyncProperty(leftovers(paths), async ({ partials, complete: named, damage, manifest, lock, finished }) => {
        await using folder = await temporaryFolder();
        const put = async (path: string, bytes: string | Uint8Array) => {
          const file = join(folder.path, path);
          await mkdir(dirname(file), { recursive: true });
          await writeFile(file, bytes);
        };
        const records = partials.map(([path, record]) => [path, record] as const);
        const state = [
          { schema: 2 },
          { partial: '../x', record: null },
          ...records.map(([partial, record]) => ({ partial, record })),
          ...named.map((complete) => ({ complete })),
        ];
        await put('.c2r-stage.json', damage ?? state.map((line) => JSON.stringify(line)).join('\n'));
        if (manifest !== null) await put('manifest.json', manifest);
        if (lock) {
          const holder = {
            id: '6f1c1c5e-7a43-4a0e-9f0e-2f6f3a4b5c6d',
            pid: 1,
            host: hostname(),
            since: '2026-01-01T00:00:00Z',
          };
          await put('.c2r-stage.lock', JSON.stringify(holder));
        }
        for (const [path, , bytes] of partials) await put(`${path}.partial`, bytes);
        for (const [path, bytes] of Object.entries(finished)) await put(path, bytes);
        const result = await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path });
        expect(content.stage.result.safeParse(result).error?.issues ?? []).toEqual([]);
        expect(await contentsOf(folder.path)).toEqual(expected);
        const verified = await bridge.request('content/verify', { path: folder.path });
        expect(verified).toMatchObject({ ok: true, counts: { missing: 0, corrupt: 0, extra: 0 } });
      }),
      { ...parameters, examples: [[seemsComplete]] },
    );
  },
  60_000 + parameters.numRuns * 5000,
);
