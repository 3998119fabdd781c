import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { parseFileList } from '../../../src/content/file-list.js';
import { parseManifest } from '../../../src/content/manifest.js';
import { readPublishedHash } from '../../../src/content/published-hash.js';
import { servicePath } from '../../../src/content/service-path.js';
import { content, contentFile } from '../../../src/contract/content.js';
import { RpcError } from '../../../src/contract/errors.js';
import { cabinet } from '../../cdn/cabinet.mjs';
import { fuzzParameters } from '../../fuzz-parameters.js';

const folder = mkdtempSync(join(tmpdir(), 'c2r-parsers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a parser gives, or undefined where it refuses as it should. Anything else that it throws is a fault of ours. */
async function refusedOr<T>(parse: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await parse();
  } catch (error) {
    expect(error, (error as Error).stack).toBeInstanceOf(RpcError);
    expect((error as RpcError).data).toMatchObject({ type: 'ContentInvalid', recommendation: expect.any(String) });
    return undefined;
  }
}

const digest = 'ab'.repeat(32);
const member = 'stream.x64.x-none.hash';
const hash = Buffer.from(`${digest}\r\n16.0.1.1\r\n`, 'utf16le');
const cabinets = (['stored', 'mszip', 'lzx'] as const).map((compression) => cabinet({ [member]: hash }, compression));

/** Bytes that were changed, cut off or lengthened in a few places. */
const damaged = fc
  .record({
    bytes: fc.constantFrom(...cabinets),
    changes: fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), { maxLength: 8 }),
    length: fc.option(fc.nat({ max: 400 })),
    tail: fc.uint8Array({ maxLength: 40 }),
  })
  .map(({ bytes, changes, length, tail }) => {
    const copy = Buffer.concat([bytes.subarray(0, length ?? bytes.length), tail]);
    for (const { at, to } of changes) if (copy.length > 0) copy[at % copy.length] = to;
    return copy;
  });

test('a damaged cabinet is refused by name, or gives some SHA-256: it neither hangs nor breaks the library', async () => {
  const cabinetFile = join(folder, 'damaged.cab');
  const source = { file: 'a.dat', cabinet: 'damaged.cab', cabinetFile, member };
  await fc.assert(
    fc.asyncProperty(damaged, async (bytes) => {
      writeFileSync(cabinetFile, bytes);
      const found = await refusedOr(() => readPublishedHash(source));
      if (found !== undefined) expect(found).toMatch(/^[0-9a-f]{64}$/);
    }),
    fuzzParameters(300),
  );
  for (const bytes of cabinets) {
    writeFileSync(cabinetFile, bytes);
    expect(await readPublishedHash(source)).toBe(digest);
  }
});

const awkward = fc.oneof(
  fc.constantFrom(
    '/office/data/',
    '/',
    '//',
    '/../',
    '\\\\server\\',
    'C:\\',
    '%2e%2e',
    'a.cab',
    'CON',
    'a.hash',
    '\u0000',
  ),
  fc.constantFrom(
    'http://a.example/x.cab',
    'https://[::1]/y',
    'file:///etc/passwd',
    'javascript:1',
    'v64.cab/v64.hash',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const key = fc.constantFrom(
  'url',
  'URL',
  'name',
  'relativePath',
  'lcid',
  'hashLocation',
  'hashAlgorithm',
  '__proto__',
  'x',
);
const entry = fc
  .tuple(
    fc.dictionary(
      key,
      fc.oneof({ weight: 6, arbitrary: awkward }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) }),
    ),
    fc.boolean(),
  )
  .map(([fields, plausible]) =>
    plausible ? { url: 'https://a.example/x.cab', name: 'x.cab', relativePath: '/office/', ...fields } : fields,
  );
const list = fc.oneof(
  fc.array(entry, { maxLength: 4 }),
  fc.array(entry, { maxLength: 4 }).map((files) => ({ files })),
  fc.jsonValue({ maxDepth: 3 }),
);

test('a file list is refused, or lists files that meet the contract, lie below the image and come over http', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(list, async (body) => {
      // As it comes over the wire: `__proto__` is a key like any other there.
      const files = (await refusedOr(() => parseFileList(JSON.parse(JSON.stringify(body))))) ?? [];
      for (const file of files) {
        accepted++;
        expect(contentFile.safeParse(file).error?.issues ?? []).toEqual([]);
        expect(file.url).toMatch(/^https?:/i);
        expect(resolve('/image', file.path).startsWith('/image/')).toBe(true);
      }
    }),
    fuzzParameters(2000),
  );
  expect(accepted).toBeGreaterThan(0);
});

const part = fc.oneof(
  fc.constantFrom(
    'ServicePath=',
    '?',
    '&',
    '&amp;',
    '%20',
    '+',
    'https://clients.config.office.net/',
    'https%3A%2F%2Fa.example%2F',
  ),
  fc.constantFrom(
    'Channel=',
    'Version=16.0.1.1',
    'Arch=64',
    'Arch=x',
    'Lid=en-us',
    'AllLanguages=true',
    'Ver=',
    'Branch=',
    '%',
    '#',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

test('a MoreInfoUrl is refused, or taken apart into what meets the contract', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 12 }), async (parts) => {
      const found = await refusedOr(() => servicePath(`https://a.example/x?${parts.join('')}`));
      if (!found) return;
      accepted++;
      expect(content.servicePath.result.safeParse(found).error?.issues ?? []).toEqual([]);
      expect(URL.canParse(found.endpoint)).toBe(true);
    }),
    fuzzParameters(2000),
  );
  expect(accepted).toBeGreaterThan(0);
});

test('a manifest is read or is none, whatever stands in its place', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string({ unit: 'binary' }),
        fc.json().map((text) => text.slice(1)),
      ),
      (text) => {
        const manifest = parseManifest(text);
        if (manifest !== null) expect(manifest).toMatchObject({ files: expect.any(Array) });
      },
    ),
    fuzzParameters(500),
  );
});
