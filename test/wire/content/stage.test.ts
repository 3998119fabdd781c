import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type Behaviour,
  type Content,
  generated,
  hashMember,
  image,
  literal,
  sha256Of,
  startCdn,
  zeros,
} from '../../support/cdn.mjs';
import {
  cdnOf,
  complete,
  contentsOf,
  failure,
  gets,
  mib,
  stagingBridge,
  stream,
  temporaryFolder,
  version,
} from '../../support/content-staging.js';

const { bridge, stageFrom } = stagingBridge();

test('an image holds every file of the list under its path, and a manifest, and nothing else', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const result = await stageFrom(cdn, folder.path, { channel: 'Monthly', version, arch: 'x64', languages: ['en-us'] });
  expect(await contentsOf(folder.path)).toEqual(
    complete(cdn.files.set('office/data/v64.cab', cdn.files.get(`office/data/v64_${version}.cab`) as never)),
  );
  expect(result).toMatchObject({ files: cdn.list.length, reused: 0, verified: cdn.list.length });
  expect(result.downloadedBytes).toBe(result.bytes);
  expect(Object.fromEntries(cdn.requests[0]?.query ?? [])).toEqual({
    channel: 'Current',
    version,
    arch: 'x64',
    lid: 'en-us',
  });
  const manifest = JSON.parse(await readFile(result.manifest, 'utf8'));
  expect(manifest.sources).toEqual([expect.objectContaining({ list: expect.stringContaining('channel=Current') })]);
  expect(manifest.files.map(({ path }: { path: string }) => path).sort()).toEqual(
    Object.keys(complete(cdn.files))
      .filter((path) => path !== 'manifest.json')
      .sort(),
  );
});

test('hashes are read from cabinets that gcab made, where it is installed', async ({ skip }) => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  await using work = await temporaryFolder();
  const content = cdn.files.get(stream);
  await writeFile(join(work.path, 'stream.x64.x-none.hash'), hashMember(sha256Of(content as Content), version));
  try {
    execFileSync('gcab', ['-c', '-z', 's640.cab', 'stream.x64.x-none.hash'], { cwd: work.path });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      skip('gcab is not installed; a committed cabinet of it is read');
    throw error;
  }
  cdn.files.set(`office/data/${version}/s640.cab`, literal(await readFile(join(work.path, 's640.cab'))));
  await stageFrom(cdn, folder.path);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test.each(['mszip', 'lzx', 'stored'] as const)('hashes are read from %s cabinets', async (compression) => {
  await using cdn = await cdnOf({ compression });
  await using folder = await temporaryFolder();
  await stageFrom(cdn, folder.path);
  expect(await bridge.request('content/verify', { path: folder.path })).toMatchObject({
    ok: true,
    counts: { corrupt: 0 },
  });
});

test('files of 0 bytes, of 1 byte and of several segments arrive whole, the large one over several connections', async () => {
  await using cdn = await cdnOf({
    dats: { 'x-none': generated(100 * mib + 17, 5), 'en-us': zeros(0), 'fr-fr': generated(1, 6) },
  });
  await using folder = await temporaryFolder();
  await stageFrom(cdn, folder.path, { concurrency: 4 });
  const expected = complete(cdn.files);
  expect(await contentsOf(folder.path)).toEqual(expected);
  const ranges = gets(cdn, /x-none\.dat$/).map(({ headers }) => headers.range);
  expect(ranges.length).toBeGreaterThan(1);
  expect(ranges.every((range) => /^bytes=\d+-\d+$/.test(range ?? ''))).toBe(true);
});

test('parts of a file that a server calls a page, as that of BusyBox does, are taken', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(100 * mib + 17, 5) } });
  await using folder = await temporaryFolder();
  const typed: Behaviour = ({ headers }, _response, serve) => serve(headers.range ? { type: 'text/html' } : {});
  cdn.misbehave(/GET .*x-none\.dat$/, typed, 99);
  await stageFrom(cdn, folder.path, { concurrency: 4 });
  expect(gets(cdn, /x-none\.dat$/).some(({ headers }) => headers.range)).toBe(true);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('a file of which a server says that it is a page, as Twisted does of types that it does not know, is taken', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(100 * mib + 17, 5), 'en-us': generated(70_000, 6) } });
  await using folder = await temporaryFolder();
  cdn.misbehave(/\.(?:dat|cat)$/, (_request, _response, serve) => serve({ type: 'text/html' }), 999);
  await stageFrom(cdn, folder.path, { concurrency: 4 });
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('a single large file is fetched over all connections', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(160 * mib, 5) } });
  await using folder = await temporaryFolder();
  let [active, peak] = [0, 0];
  let allAsked = () => undefined as unknown;
  const four = new Promise((resolve) => {
    allAsked = () => resolve(undefined);
  });
  cdn.misbehave(
    /GET .*x-none\.dat$/,
    async (_request, _response, serve) => {
      peak = Math.max(peak, ++active);
      if (active === 4) allAsked();
      await four;
      await serve().finally(() => active--);
    },
    99,
  );
  await stageFrom(cdn, folder.path, { concurrency: 4 });
  expect(peak).toBe(4);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('a second run downloads and hashes nothing, and force hashes everything and downloads nothing', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const first = await stageFrom(cdn, folder.path);
  const [sent] = [gets(cdn, /./).length];
  const second = await stageFrom(cdn, folder.path);
  expect(second).toMatchObject({
    files: first.files,
    bytes: first.bytes,
    reused: first.files,
    verified: 0,
    downloadedBytes: 0,
  });
  const forced = await stageFrom(cdn, folder.path, { force: true });
  expect(forced).toMatchObject({ reused: first.files, verified: first.files, downloadedBytes: 0 });
  expect(gets(cdn, /\/office\//).length).toBe(sent - gets(cdn, /^\/filelist/).length + 2);
});

test('force hashes what is there also where the server tells no sizes, and downloads nothing', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(
    /(HEAD|GET) .*x-none\.dat$/,
    (request, response) => {
      response.writeHead(200, { etag: '"chunked"' });
      if (request.method === 'HEAD') return response.end();
      for (const piece of cdn.files.get(stream)?.read(0, 300_000) ?? []) response.write(piece);
      return response.end();
    },
    99,
  );
  const { files } = await stageFrom(cdn, folder.path);
  expect(await stageFrom(cdn, folder.path, { force: true })).toMatchObject({ verified: files, downloadedBytes: 0 });
});

test('a file without a hash, from a server that says nothing about changes, is fetched anew; streams are not', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(/./, (_request, _response, serve) => serve({ validator: false }), 999);
  await stageFrom(cdn, folder.path);
  cdn.files.set(`${stream}.cat`, literal(Buffer.from('CATALOG')));
  cdn.requests.length = 0;
  await stageFrom(cdn, folder.path);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
  expect(gets(cdn, /\.dat$/)).toEqual([]);
});

test('two lists in one, which share what belongs to no language, make one image', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.list = [...cdn.list, ...cdn.list];
  const { files } = await stageFrom(cdn, folder.path);
  expect(files).toBe(cdn.list.length / 2);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('force finds a file that was changed under its old size and time, and downloads it again', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  await stageFrom(cdn, folder.path);
  const file = join(folder.path, stream);
  const { atime, mtime } = await stat(file);
  const bytes = await readFile(file);
  bytes[1000] = (bytes[1000] ?? 0) ^ 1;
  await writeFile(file, bytes);
  await utimes(file, atime, mtime);
  const forced = await stageFrom(cdn, folder.path, { force: true });
  expect(forced.downloadedBytes).toBe(bytes.length);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('a file that is there and right is kept without a manifest, and a wrong one is replaced', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const content = cdn.files.get(stream);
  await mkdir(join(folder.path, `office/data/${version}`), { recursive: true });
  await writeFile(join(folder.path, stream), Buffer.concat([...(content?.read(0, content.size) ?? [])]));
  await writeFile(join(folder.path, stream.replace('x-none', 'en-us')), Buffer.alloc(70_000));
  const result = await stageFrom(cdn, folder.path);
  expect(gets(cdn, /x-none\.dat$/)).toEqual([]);
  expect(result).toMatchObject({ reused: 1, verified: result.files });
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

/** A CDN with one version, and one with a newer version beside it. */
async function twoReleases() {
  const newer = image({ version: '16.0.20026.20048', dats: { 'x-none': generated(200_000, 9) } });
  const [old, cdn] = await Promise.all([cdnOf(), startCdn([image(), newer])]);
  const close = async () => void (await Promise.all([old.close(), cdn.close()]));
  return { newer, old, cdn, [Symbol.asyncDispose]: close };
}

test('a second version joins the first in one destination, and both are verified', async () => {
  await using releases = await twoReleases();
  const { newer, old, cdn } = releases;
  await using folder = await temporaryFolder();
  await stageFrom(old, folder.path);
  await stageFrom(cdn, folder.path);
  expect(await contentsOf(folder.path)).toEqual({ ...complete(old.files), ...complete(newer.files) });
  const verified = await bridge.request('content/verify', { path: folder.path });
  expect(verified).toMatchObject({ ok: true, manifest: true, counts: { missing: 0, corrupt: 0, extra: 0 } });
});

test('a version whose folder was deleted is forgotten by the next run, and a file that was lost is not', async () => {
  await using releases = await twoReleases();
  const { newer, old, cdn } = releases;
  await using folder = await temporaryFolder();
  await stageFrom(old, folder.path);
  await rm(join(folder.path, stream));
  await stageFrom(cdn, folder.path);
  const lost = await bridge.request('content/verify', { path: folder.path });
  expect(lost).toMatchObject({ ok: false, counts: { missing: 1 } });
  await rm(join(folder.path, 'office/data', version), { recursive: true });
  await rm(join(folder.path, `office/data/v64_${version}.cab`));
  await stageFrom(cdn, folder.path);
  const files = newer.list.length;
  expect(await bridge.request('content/verify', { path: folder.path })).toMatchObject({
    ok: true,
    counts: { ok: files, missing: 0, corrupt: 0, extra: 0 },
  });
});

test('a manifest that somebody edited is read with a BOM, and what cannot be the path of a file is left out of it', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  await stageFrom(cdn, folder.path);
  const file = join(folder.path, 'manifest.json');
  const before = await readFile(file, 'utf8');
  const manifest = JSON.parse(before);
  for (const path of ['office/data/a\0b', 'x'.repeat(5000), `office/data/${'x'.repeat(300)}`, '../x']) {
    manifest.files.push({ ...manifest.files[0], path });
  }
  await writeFile(file, `\ufeff${JSON.stringify(manifest)}`);
  expect(await bridge.request('content/verify', { path: folder.path })).toMatchObject({ ok: true, manifest: true });
  expect(await stageFrom(cdn, folder.path)).toMatchObject({ reused: cdn.list.length, downloadedBytes: 0 });
  const paths = (text: string) => JSON.parse(text).files.map(({ path }: { path: string }) => path);
  expect(paths(await readFile(file, 'utf8'))).toEqual(paths(before));
});

test('progress does not reach the end before a file that is larger than was said at first', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(20 * mib, 3) } });
  await using folder = await temporaryFolder();
  const small = { 'content-length': 1000, etag: '"small"' };
  cdn.misbehave(/HEAD .*x-none\.dat$/, (_request, response) => response.writeHead(200, small).end());
  const values: { phase: string; percent: number | null; totalBytes: number | null }[] = [];
  const onProgress = (value: (typeof values)[number]) => values.push(value);
  const params = { endpoint: cdn.endpoint, destination: folder.path, maxBytesPerSecond: 40 * mib };
  const { bytes } = await bridge.request('content/stage', params, { onProgress });
  const during = values.filter(({ phase, totalBytes }) => phase === 'download' && (totalBytes ?? 0) > mib);
  expect(during.length).toBeGreaterThan(1);
  expect(during[0]).toMatchObject({ totalBytes: bytes });
  expect(during[0]?.percent).toBeLessThan(100);
  const percents = values.flatMap(({ percent }) => percent ?? []);
  expect(percents).toEqual([...percents].sort((a, b) => a - b));
});

test('the version cabinet gets its second name where the list has one only', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.list = cdn.list.filter(({ name }) => name !== 'v64.cab');
  await stageFrom(cdn, folder.path);
  const cabinets = [`v64_${version}.cab`, 'v64.cab'].map((name) => readFile(join(folder.path, 'office/data', name)));
  const [named, plain] = await Promise.all(cabinets);
  expect(plain?.equals(named as Buffer)).toBe(true);
  expect(await bridge.request('content/verify', { path: folder.path })).toMatchObject({
    ok: true,
    counts: { extra: 0 },
  });
});

test('the version cabinet without a version names the newest that is there, also after a newer one was deleted', async () => {
  await using releases = await twoReleases();
  const { newer, old, cdn } = releases;
  await using folder = await temporaryFolder();
  for (const each of [old, cdn]) each.list = each.list.filter(({ name }) => name !== 'v64.cab');
  const named = (of: string) => readFile(join(folder.path, `office/data/v64_${of}.cab`));
  const plain = () => readFile(join(folder.path, 'office/data/v64.cab'));
  await stageFrom(cdn, folder.path);
  await stageFrom(old, folder.path);
  expect(await plain()).toEqual(await named(newer.version));
  await rm(join(folder.path, 'office/data', newer.version), { recursive: true });
  await stageFrom(old, folder.path);
  expect(await plain()).toEqual(await named(version));
});

test.each(['with', 'without'])(
  'an older version that joins does not take the image back, %s a manifest',
  async (how) => {
    await using releases = await twoReleases();
    const { newer, old, cdn } = releases;
    await using folder = await temporaryFolder();
    const named = (of: string) => readFile(join(folder.path, `office/data/v64_${of}.cab`));
    const plain = () => readFile(join(folder.path, 'office/data/v64.cab'));
    await stageFrom(cdn, folder.path);
    if (how === 'without') await rm(join(folder.path, 'manifest.json'));
    await stageFrom(old, folder.path);
    expect(await plain()).toEqual(await named(newer.version));
    expect(await bridge.request('content/verify', { path: folder.path })).toMatchObject({ ok: true });
    await bridge.request('content/prune', { path: folder.path, versions: [newer.version] });
    expect(await plain()).toEqual(await named(version));
    const again = await stageFrom(old, folder.path);
    expect(again.downloadedBytes).toBeLessThan(1000);
    expect(await bridge.request('content/verify', { path: folder.path })).toMatchObject({ ok: true });
  },
);

test('the version cabinet without a version leads to a new version only once that is whole', async () => {
  await using releases = await twoReleases();
  const { newer, old, cdn } = releases;
  await using folder = await temporaryFolder();
  const named = (of: string) => readFile(join(folder.path, `office/data/v64_${of}.cab`));
  const plain = () => readFile(join(folder.path, 'office/data/v64.cab'));
  await stageFrom(old, folder.path);
  cdn.misbehave(/GET .*x-none\.dat$/, (_request, response) => response.writeHead(404).end());
  await failure(stageFrom(cdn, folder.path));
  expect(await plain()).toEqual(await named(version));
  const { files } = await bridge.request('content/verify', { path: folder.path });
  const faults = files.filter(({ state }: { state: string }) => state !== 'ok' && state !== 'extra');
  expect(faults.map(({ path }: { path: string }) => path)).toEqual([expect.stringMatching(/x-none\.dat$/)]);
  await stageFrom(cdn, folder.path);
  expect(await plain()).toEqual(await named(newer.version));
});

test('a hash cabinet that the list lacks is fetched from beside its file', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.list = cdn.list.filter(({ name }) => name !== 's640.cab');
  await stageFrom(cdn, folder.path);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('files may be given, as content/fileList lists them, and come from a mirror', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const { files } = await bridge.request('content/fileList', { endpoint: cdn.endpoint });
  const elsewhere = files.map((file: { url: string }) => ({
    ...file,
    url: file.url.replace(/127\.0\.0\.1:\d+/, 'cdn.invalid'),
  }));
  await bridge.request('content/stage', { files: elsewhere, destination: folder.path, baseUrl: cdn.url });
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('what grants access to a mirror stays behind each of its paths, and out of the manifest', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const { files } = await bridge.request('content/fileList', { endpoint: cdn.endpoint });
  cdn.requests.length = 0;
  const { manifest } = await bridge.request('content/stage', {
    files,
    destination: folder.path,
    baseUrl: `${cdn.url}/?sv=1&sig=a%2Fb%3D`,
  });
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
  expect(new Set(cdn.requests.map(({ query }) => query.toString()))).toEqual(new Set(['sv=1&sig=a%2Fb%3D']));
  expect(await readFile(manifest, 'utf8')).not.toContain('a%2Fb');
});

test('a dry run names sizes and actions and writes nothing', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const destination = join(folder.path, 'not/there');
  const result = await stageFrom(cdn, destination, { dryRun: true });
  expect(result.plan).toContainEqual({ path: stream, size: 300_000, action: 'download' });
  expect(result).toMatchObject({ files: cdn.list.length, manifest: null, downloadedBytes: 0 });
  expect(gets(cdn, /\/office\//)).toEqual([]);
  expect(await contentsOf(folder.path)).toEqual({});
});

test('progress counts bytes up to all of them, with a percentage that never falls', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(20 * mib, 3) } });
  await using folder = await temporaryFolder();
  // biome-ignore lint/suspicious/noExplicitAny: whatever arrives
  const values: any[] = [];
  const onProgress = (value: unknown) => values.push(value);
  const params = { endpoint: cdn.endpoint, destination: folder.path };
  const result = await bridge.request('content/stage', params, { onProgress });
  const percents = values.map(({ percent }) => percent).filter((percent) => percent !== null);
  expect(percents).toEqual([...percents].sort((a, b) => a - b));
  expect(values.at(-1)).toMatchObject({ percent: 100, bytes: result.bytes, totalBytes: result.bytes, phase: 'finish' });
  expect(values.map(({ phase }) => phase)).toContain('list');
});

test('a file of more than 2 GiB arrives whole', async () => {
  const size = 2 ** 31 + 4097;
  await using cdn = await cdnOf({ dats: { 'x-none': zeros(size) } });
  await using folder = await temporaryFolder();
  const result = await stageFrom(cdn, folder.path);
  expect((await stat(join(folder.path, stream))).size).toBe(size);
  expect(result.verified).toBe(cdn.list.length);
});
