import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Failure } from '../../../src/base/failure.js';
import { readJsonFile } from '../../../src/base/json-file.js';
import { silentLog } from '../../../src/base/log.js';
import { sourceTable, statisticsFile } from '../../../src/bits/source-table.js';
import { proxyServer } from '../../../src/content/http/proxy.js';
import {
  bytesInMemory,
  CabinetFault,
  checkBlocks,
  readDirectory,
} from '../../../src/content/image/cabinet-directory.js';
import { parseManifest, readManifest } from '../../../src/content/image/manifest.js';
import { readPublishedHash } from '../../../src/content/image/published-hash.js';
import { parseFileList } from '../../../src/content/list/file-list.js';
import { requestChannels, requestFileList, requestSkus } from '../../../src/content/list/release-service.js';
import { servicePath } from '../../../src/content/list/service-path.js';
import { acquireStagingLock } from '../../../src/content/stage/staging-lock.js';
import { StagingState } from '../../../src/content/stage/staging-state.js';
import { content, contentFile } from '../../../src/contract/content.js';
import { cabinet, cabinetOf } from '../../support/cabinet.mjs';
import { fuzzParameters } from '../../support/fuzz-parameters.js';
import { inPlaceOf } from '../../support/in-place-of.js';
import { ManualClock } from '../../support/manual-clock.js';
import { staysBelow } from '../../support/stays-below.js';

const folder = mkdtempSync(join(tmpdir(), 'c2r-parsers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a parser gives, or undefined where it refuses as it should. Anything else that it throws is a fault of ours. */
async function refusedOr<T>(parse: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await parse();
  } catch (error) {
    expect(error, (error as Error).stack).toBeInstanceOf(Failure);
    expect((error as Failure).data).toMatchObject({ type: 'ContentInvalid', recommendation: expect.any(String) });
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

test('the blocks of a damaged cabinet are checked or refused as damaged, within the bytes that it has', async () => {
  const several = cabinetOf([{ members: { [member]: hash } }, { members: { 'b.bin': hash } }], { reserve: [3, 2, 1] });
  const { signal } = new AbortController();
  const checked = async (bytes: Buffer): Promise<number> => {
    let count = 0;
    const source = bytesInMemory(bytes);
    await checkBlocks(source, await readDirectory(source, bytes.length), signal, (more) => {
      count += more;
    });
    return count;
  };
  await fc.assert(
    fc.asyncProperty(damaged, async (bytes) => {
      const count = await checked(bytes).catch((error) => {
        expect(error).toBeInstanceOf(CabinetFault);
        return 0;
      });
      expect(count).toBeLessThanOrEqual(bytes.length);
    }),
    fuzzParameters(300),
  );
  expect(await checked(several)).toBeGreaterThan(0);
  // Folders whose blocks are the same.
  several.copy(several, 36 + 4 + 3 + 10, 36 + 4 + 3, 36 + 4 + 3 + 8);
  several.writeUInt16LE(60_000, 36 + 4 + 3 + 4);
  await expect(checked(several)).rejects.toThrow('is damaged');
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
        expect(staysBelow(file.path)).toBe(true);
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

test('a proxy is an http or https URL with the credentials that were meant, or -32602 without the text that was given', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'http://',
      'https://',
      'HTTP:',
      'proxy',
      ':8080',
      '@',
      ':',
      '%',
      '%25',
      '%ff',
      '%40',
      '/',
      '[::1]',
      ' ',
    ),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  const url = fc.oneof(
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
    fc.tuple(piece, piece).map(([user, password]) => `http://${user}:${password}@proxy:8080`),
  );
  let refused = 0;
  fc.assert(
    fc.property(url, fc.option(fc.string({ unit: 'binary', maxLength: 20 })), (text, username) => {
      const given = username === null ? text : { url: text, username, password: 'p%' };
      try {
        const { url: server, authorization } = proxyServer(given);
        expect(server.protocol).toMatch(/^https?:$/);
        expect([server.username, server.password]).toEqual(['', '']);
        if (authorization !== null) expect(authorization).toMatch(/^Basic [A-Za-z0-9+/=]+$/);
        const named = Buffer.from(authorization?.slice(6) ?? '', 'base64').toString();
        if (username) expect(named).toBe(`${Buffer.from(username).toString()}:p%`);
      } catch (error) {
        refused++;
        expect(error, (error as Error).stack).toBeInstanceOf(Failure);
        const { message, data } = error as Failure;
        expect(data).toMatchObject({ type: 'InvalidParams', issues: [{ path: 'proxy' }] });
        if (text.length > 12) expect(message).not.toContain(text);
      }
    }),
    fuzzParameters(1000),
  );
  expect(refused).toBeGreaterThan(0);
  expect(() => proxyServer('http://user:50%off@proxy:8080')).toThrow('percent-encoded');
  expect(proxyServer('http://user:50%25off@proxy:8080').authorization).toBe(`Basic ${btoa('user:50%off')}`);
});

const when = '2026-01-01T00:00:00Z';
const record = { url: 'https://a.example/x', size: 10, validator: '"1"', segments: [{ start: 0, end: 10, done: 5 }] };
const stagedFile = {
  ...{ path: 'office/x.cab', size: 1, sha256: digest, modifiedMs: 1.5, url: 'https://a.example/x' },
  ...{ validator: null, lcid: null, hashLocation: null, hashAlgorithm: null, stagedAt: when },
};

/** Damaged lines by number as the text that they stand for; what is something else is a text of its own. */
function lines(bytes: Buffer): string {
  try {
    return Object.values(JSON.parse(bytes.toString())).join('\n');
  } catch {
    return bytes.toString();
  }
}

test('the state of a run, the manifest, the content table and the statistics are read whole or are none, whatever lies there', async () => {
  const clock = new ManualClock();
  const state = [
    { schema: 2 },
    { partial: '../x', record },
    { partial: 'office/x.cab', record },
    { complete: stagedFile },
  ];
  const manifest = { schema: 1, createdAt: when, updatedAt: when, sources: [], files: [stagedFile] };
  const registered = { contentId: 'a', clsid: '{a}', path: 'C:\\', baseUrl: null, registeredAt: when };
  const served = { bytesServed: 1, files: 1, bytesPerSecond: 1, percent: null, lastError: null };
  const whole: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    'manifest.json': manifest,
    'contents.json': { schema: 1, contents: [registered] },
    'statistics.json': { contents: { a: { registeredAt: when, at: when, served } } },
  };
  const readAs: Readonly<Record<string, (file: string) => Promise<boolean>>> = {
    async '.c2r-stage.json'() {
      const { partial, complete } = await StagingState.open(folder, clock);
      expect([...partial.keys()].filter((path) => !staysBelow(path))).toEqual([]);
      for (const each of partial.values()) if (each) expect(each).toMatchObject({ segments: expect.any(Array) });
      return partial.size + complete.size > 0;
    },
    'manifest.json': async () => (await readManifest(folder)) !== null,
    'contents.json': async (file) => (await readJsonFile(file, sourceTable)) !== null,
    'statistics.json': async (file) => (await readJsonFile(file, statisticsFile)) !== null,
  };
  const isRead = async (name: string, bytes: Buffer) => {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    return readAs[name]?.(file);
  };
  for (const [name, content] of Object.entries(whole)) {
    const bytes = Buffer.from(JSON.stringify(content));
    expect([await isRead(name, bytes), await isRead(name, bytes.subarray(0, -1))]).toEqual([true, false]);
  }
  const journal = state.map((line) => JSON.stringify(line));
  const stateFile = '.c2r-stage.json';
  // What a torn last line said is lost, and nothing else.
  const torn = journal.join('\n').slice(0, -1);
  for (const [text, read] of [
    [journal.join('\n'), true],
    [torn, true],
    [torn.slice(10), false],
    ['', false],
  ] as const) {
    expect(await isRead(stateFile, Buffer.from(text))).toBe(read);
  }
  const journals = inPlaceOf({ ...journal }).map((bytes) => Buffer.from(lines(bytes)));
  const files = fc.oneof(
    fc.tuple(fc.constant(stateFile), journals),
    ...Object.entries(whole).map(([name, content]) => fc.tuple(fc.constant(name), inPlaceOf(content))),
  );
  await fc.assert(
    fc.asyncProperty(files, async ([name, bytes]) => {
      expect(await isRead(name, bytes)).toBeTypeOf('boolean');
      expect(({} as { segments?: unknown }).segments).toBeUndefined();
    }),
    fuzzParameters(1000),
  );
});

test('a lock is held by whom it names, or taken over, whatever lies there', async () => {
  const clock = new ManualClock(new Date());
  const { signal } = new AbortController();
  const file = join(folder, '.c2r-stage.lock');
  const id = '6f1c1c5e-7a43-4a0e-9f0e-2f6f3a4b5c6d';
  const holder = { id, pid: 1, host: hostname(), since: when };
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(inPlaceOf(holder), async (bytes) => {
      writeFileSync(file, bytes);
      try {
        // What cannot be read is a lock that is being written, for its first seconds.
        await (await clock.until(acquireStagingLock(folder, { clock, signal }))).release();
        taken++;
      } catch (error) {
        expect(error, (error as Error).stack).toBeInstanceOf(Failure);
        expect((error as Failure).data).toMatchObject({ type: 'InUse', lock: file });
      }
      rmSync(file, { force: true });
    }),
    fuzzParameters(300),
  );
  expect(taken).toBeGreaterThan(0);
  expect(existsSync(file)).toBe(false);
});

let body: string | Buffer = '';
const service = createServer((_, response) => response.end(body));
let endpoint: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}/filelist`;
});
afterAll(() => service.close());

test('what a release service sends is refused, or gives lists that meet the contract and can be sent on', async () => {
  const field = fc.constantFrom(
    ...['name', 'channelId', 'channel', 'displayName', 'baseUrl', 'latestVersion', 'officeVersions', 'releases'],
    ...[
      'version',
      'legacyVersion',
      'availabilityDate',
      'endOfSupportDate',
      'skuId',
      'id',
      'title',
      'NAME',
      '__proto__',
    ],
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(
        'Current',
        '16.0.1.1',
        '0001-01-01T00:00:00',
        `http://x/pr/${digest}`,
        '',
        0,
        null,
        true,
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(field, tie('any'), { maxKeys: 4 }),
    ),
  })).any;
  const entries = fc.array(fc.dictionary(field, value, { maxKeys: 5 }), { maxLength: 3 });
  const nested = fc.nat(200).map((levels) => `[{"name":"x","more":${'['.repeat(levels)}${']'.repeat(levels)}}]`);
  const bodies = fc.oneof(
    entries.map((list) => JSON.stringify(list)),
    entries.map((channels) => JSON.stringify({ channels, Skus: channels, files: channels })),
    nested,
    fc.json({ maxDepth: 3 }),
    fc.json({ maxDepth: 2 }).map((text) => `\ufeff${text.slice(0, -1)}`),
    fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
  );
  const run = { signal: new AbortController().signal, clock: new ManualClock(), log: silentLog };
  const wire = (result: unknown) => JSON.parse(JSON.stringify(result));
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(bodies, async (sent) => {
      body = sent;
      const channels = await refusedOr(() => requestChannels({ endpoint, proxy: null }, run));
      if (channels) expect(content.channels.result.safeParse(wire(channels)).error?.issues ?? []).toEqual([]);
      const skus = await refusedOr(() => requestSkus({ endpoint, proxy: null }, run));
      if (skus) expect(content.skus.result.safeParse(wire({ skus })).error?.issues ?? []).toEqual([]);
      const list = await refusedOr(() => requestFileList({ endpoint, proxy: null }, run));
      if (list) expect(content.fileList.result.safeParse(wire(list)).error?.issues ?? []).toEqual([]);
      if (channels?.channels.length || skus?.length) accepted++;
    }),
    fuzzParameters(200),
  );
  expect(accepted).toBeGreaterThan(0);
  body = `[{"name":"x","more":${'['.repeat(100_000)}${']'.repeat(100_000)}}]`;
  await expect(requestChannels({ endpoint, proxy: null }, run)).rejects.toThrow('nested deeper than 64 levels');
});
