import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bridge, startBridge } from '../bridge.js';
import { cabinet } from '../cdn/cabinet.mjs';
import {
  type Cdn,
  type Content,
  generated,
  hashMember,
  image,
  literal,
  type ServeOptions,
  sha256Of,
  startCdn,
  zeros,
} from '../cdn/cdn.mjs';
import { complete, contentsOf, gets, temporaryFolder } from './content-staging.js';

const mib = 1_048_576;
const version = '16.0.19929.20172';
const stream = `office/data/${version}/stream.x64.x-none.dat`;

let bridge: Bridge;
beforeAll(() => {
  bridge = startBridge({ args: ['--log-level', 'info'] });
});
afterAll(async () => {
  expect(await bridge.stop()).toBe(0);
});

/** A CDN with small streams (or those given), closed at the end of the scope. */
async function cdnOf(dats?: Parameters<typeof image>[0]): Promise<Cdn & AsyncDisposable> {
  const cdn = await startCdn(image(dats));
  return Object.assign(cdn, { [Symbol.asyncDispose]: async () => void (await cdn.close()) });
}

const stageFrom = (cdn: Cdn, destination: string, more: object = {}) =>
  bridge.request('content/stage', { endpoint: cdn.endpoint, destination, ...more });

/** The error that a request ends with. */
async function failure(
  request: Promise<unknown>,
): Promise<{ code: number; message: string; data: Record<string, unknown> }> {
  return request.then(
    () => expect.unreachable('the request should fail'),
    (error) => error,
  );
}

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

test('a second version joins the first in one destination, and both are verified', async () => {
  const newer = image({ version: '16.0.20026.20048', dats: { 'x-none': generated(200_000, 9) } });
  await using old = await cdnOf();
  const cdn = await startCdn([image(), newer]);
  await using folder = await temporaryFolder();
  try {
    await stageFrom(old, folder.path);
    await stageFrom(cdn, folder.path);
    expect(await contentsOf(folder.path)).toEqual({ ...complete(old.files), ...complete(newer.files) });
    const verified = await bridge.request('content/verify', { path: folder.path });
    expect(verified).toMatchObject({ ok: true, manifest: true, counts: { missing: 0, corrupt: 0, extra: 0 } });
  } finally {
    await cdn.close();
  }
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

/** Misbehaviour that a run survives. */
const survivable: [string, RegExp, ServeOptions | ((cdn: Cdn) => void)][] = [
  ['a reset in the middle of a file', /GET .*x-none\.dat$/, { stopAt: 123_456 }],
  ['a reset before the first byte', /GET .*x-none\.dat$/, { stopAt: 0 }],
  ['a reset without a validator to resume by', /(GET|HEAD) .*x-none\.dat$/, { stopAt: 123_456, validator: false }],
  ['a server that sends no ranges', /GET .*x-none\.dat$/, { stopAt: 123_456, ranges: false }],
];
test.each(survivable)('survives %s', async (_what, pattern, options) => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(pattern, (_request, _response, serve) => serve(options as ServeOptions), 2);
  await stageFrom(cdn, folder.path);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('after a reset only the rest is asked for, on condition that the file is the same', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(/GET .*x-none\.dat$/, (_request, _response, serve) => serve({ stopAt: 123_456 }));
  await stageFrom(cdn, folder.path);
  const [first, second] = gets(cdn, /x-none\.dat$/).map(({ headers }) => headers);
  expect(first?.range).toBeUndefined();
  expect(second).toMatchObject({ range: expect.stringMatching(/^bytes=[1-9]\d*-299999$/), 'if-range': '"300000"' });
});

test.each([408, 429, 500, 502, 503, 504])('status %i is tried again', async (status) => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(/GET .*en-us\.dat/, (_request, response) => response.writeHead(status, { 'retry-after': '0' }).end());
  cdn.misbehave(/HEAD .*s640\.cab/, (_request, response) => response.writeHead(status).end());
  cdn.misbehave(/GET \/filelist/, (_request, response) => response.writeHead(status).end());
  await stageFrom(cdn, folder.path);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('Retry-After of a second is waited for', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const times: number[] = [];
  cdn.misbehave(/GET .*en-us\.dat/, (_request, response) => {
    times.push(performance.now());
    response.writeHead(429, { 'retry-after': '1' }).end();
  });
  cdn.misbehave(/GET .*en-us\.dat/, (_request, _response, serve) => {
    times.push(performance.now());
    return serve();
  });
  await stageFrom(cdn, folder.path);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990);
});

test('Retry-After of more than 30 seconds is NetworkError at once', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(/GET .*en-us\.dat/, (_request, response) => response.writeHead(503, { 'retry-after': '31' }).end(), 9);
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({
    code: 1007,
    data: { type: 'NetworkError', status: 503, attempts: 1, retryAfterSeconds: 31 },
  });
});

test('a file that stays away is NetworkError with url, file, status and attempts', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(/GET .*en-us\.dat/, (_request, response) => response.writeHead(503).end(), 9);
  const error = await failure(stageFrom(cdn, folder.path, { retries: 1 }));
  expect(error.data).toMatchObject({
    type: 'NetworkError',
    file: stream.replace('x-none', 'en-us'),
    url: `${cdn.url}/${stream.replace('x-none', 'en-us')}`,
    status: 503,
    attempts: 2,
    recommendation: expect.any(String),
  });
});

test('404 is not tried again', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.files.delete(stream);
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error.data).toMatchObject({ type: 'NetworkError', file: stream, status: 404, attempts: 1 });
  expect(gets(cdn, /\/office\//)).toEqual([]);
});

test('a silent server is a broken transfer after the idle timeout', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(/GET .*en-us\.dat/, (_request, response) => {
    response.writeHead(200, { 'content-length': 70_000, etag: '"70000"' }).write(Buffer.alloc(10));
  });
  await stageFrom(cdn, folder.path, { idleTimeoutMs: 200 });
  cdn.misbehave(/HEAD .*en-us\.dat/, () => undefined, 9);
  const error = await failure(stageFrom(cdn, join(folder.path, 'other'), { idleTimeoutMs: 200, retries: 1 }));
  expect(error.data).toMatchObject({ type: 'NetworkError', errno: 'ETIMEDOUT', attempts: 2 });
});

test('a refused connection is NetworkError with the errno', async () => {
  await using folder = await temporaryFolder();
  const cdn = await startCdn(image());
  const list = cdn.list;
  await cdn.close();
  const error = await failure(bridge.request('content/stage', { files: list, destination: folder.path, retries: 0 }));
  expect(error.data).toMatchObject({ type: 'NetworkError', errno: 'ECONNREFUSED', attempts: 1 });
});

test('a file that changes on the server while it is fetched is begun anew and ends as one of the two', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const path = `/pr/${cdn.url.split('/pr/')[1]}/office/data/${version}/i640.cab`;
  const next = cabinet({ 'setup.txt': Buffer.from('another installer '.repeat(40_000)) }, 'stored');
  cdn.misbehave(/GET .*i640\.cab/, async (_request, _response, serve) => {
    await serve({ stopAt: 100 });
    cdn.files.set(`office/data/${version}/i640.cab`, literal(next));
    cdn.etags.set(path, '"next"');
  });
  await stageFrom(cdn, folder.path);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('a large file whose ETag changes between two parts is begun anew as a whole', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(250 * mib, 5) } });
  await using folder = await temporaryFolder();
  const path = `/pr/${cdn.url.split('/pr/')[1]}/${stream}`;
  cdn.misbehave(/GET .*x-none\.dat$/, (_request, _response, serve) => serve());
  cdn.misbehave(/GET .*x-none\.dat$/, (_request, _response, serve) => {
    cdn.etags.set(path, '"next"');
    return serve();
  });
  // More connections than a file may be begun anew: all of them find out at the same time.
  await stageFrom(cdn, folder.path, { concurrency: 8 });
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
  const conditions = gets(cdn, /x-none\.dat$/).map(({ headers }) => headers['if-range']);
  expect(conditions).toContain('"next"');
  expect(bridge.stderr()).toContain('The file changed on the server.');
});

test('a large file that changes on a server without If-Range is begun anew once, however many connections find out', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(250 * mib, 5) } });
  await using folder = await temporaryFolder();
  const path = `/pr/${cdn.url.split('/pr/')[1]}/${stream}`;
  let changed = false;
  cdn.misbehave(
    /GET .*x-none\.dat$/,
    (request, _response, serve) => {
      delete request.headers['if-range'];
      if (!changed) cdn.etags.set(path, '"next"');
      changed = true;
      return serve();
    },
    99,
  );
  await stageFrom(cdn, folder.path, { concurrency: 8 });
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('a file that never stays the same is refused by name', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  let size = 300_000;
  cdn.misbehave(
    /(HEAD|GET) .*x-none\.dat$/,
    (request, response) => {
      const body = Buffer.alloc(++size);
      response.writeHead(200, { 'content-length': size, etag: `"${size}"` });
      return response.end(request.method === 'HEAD' ? undefined : body);
    },
    99,
  );
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({
    message: expect.stringContaining('changed on the server'),
    data: { type: 'ContentInvalid', file: stream },
  });
});

test('servers behind one name that do not agree on validators do no harm', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(70 * mib, 5) } });
  await using folder = await temporaryFolder();
  let server = 0;
  cdn.misbehave(/GET .*x-none\.dat$/, (_request, _response, serve) => serve({ etag: `"server ${++server}"` }), 99);
  await stageFrom(cdn, folder.path);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('wrong content is ContentInvalid with both hashes, and nothing of it is in place', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.files.set(stream, generated(300_000, 77));
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error.data).toMatchObject({
    type: 'ContentInvalid',
    file: stream,
    url: `${cdn.url}/${stream}`,
    expected: expect.stringMatching(/^[0-9a-f]{64}$/),
    actual: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(Object.keys(await contentsOf(folder.path)).filter((path) => path.includes('x-none.dat'))).toEqual([
    `${stream}.cat`,
  ]);
});

test('wrong content ends the whole run at once, and what else has arrived is gone on with later', async () => {
  const wrong = stream.replace('x-none', 'en-us');
  await using cdn = await cdnOf({ dats: { 'x-none': generated(48 * mib, 1), 'en-us': generated(9 * mib, 2) } });
  await using folder = await temporaryFolder();
  const right = cdn.files.get(wrong);
  cdn.files.set(wrong, generated(9 * mib, 77));
  const error = await failure(stageFrom(cdn, folder.path, { maxBytesPerSecond: 16 * mib, concurrency: 2 }));
  expect(error).toMatchObject({ code: 1006, data: { type: 'ContentInvalid', file: wrong } });
  const left = Object.keys(await contentsOf(folder.path));
  expect(left).toContain(`${stream}.partial`);
  expect(left.filter((path) => path.startsWith(wrong))).toEqual([]);
  cdn.files.set(wrong, right as never);
  const resumed = await stageFrom(cdn, folder.path);
  expect(resumed.downloadedBytes).toBeLessThan(56 * mib);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('an HTML page instead of a file names url and file', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(
    /(HEAD|GET) .*i640\.cab/,
    (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(),
    9,
  );
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({
    message: expect.stringContaining('HTML page'),
    data: {
      type: 'ContentInvalid',
      file: `office/data/${version}/i640.cab`,
      url: `${cdn.url}/office/data/${version}/i640.cab`,
    },
  });
});

test('a page that calls itself a file is refused as a cabinet', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.files.set(`office/data/${version}/i640.cab`, literal(Buffer.from('<html>sign in</html>')));
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({
    message: expect.stringContaining('is no cabinet'),
    data: { file: `office/data/${version}/i640.cab` },
  });
});

test('an HTML page instead of the list names the url', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(/GET \/filelist/, (_request, response) => response.end('<!DOCTYPE html><html></html>'));
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({
    message: expect.stringContaining('HTML page'),
    data: { type: 'ContentInvalid', url: cdn.endpoint },
  });
});

test('a hash cabinet without the member names the file and the cabinet', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.files.set(`office/data/${version}/s640.cab`, literal(cabinet({ 'other.hash': Buffer.alloc(4) })));
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({
    message: expect.stringContaining('does not hold stream.x64.x-none.hash'),
    data: {
      type: 'ContentInvalid',
      file: stream,
      url: `${cdn.url}/${stream}`,
      cabinet: `office/data/${version}/s640.cab`,
    },
  });
});

test.each([
  ['announces too much', 300_500],
  ['announces too little', 299_500],
])('a server that %s is not believed', async (_what, length) => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const content = cdn.files.get(stream);
  const bytes = Buffer.concat([...(content?.read(0, 300_000) ?? [])]);
  cdn.misbehave(
    /(HEAD|GET) .*x-none\.dat$/,
    (request, response) => {
      response.writeHead(200, { 'content-length': length, connection: 'close' });
      if (request.method === 'HEAD') return response.end();
      response.socket?.end(bytes);
      return undefined;
    },
    99,
  );
  const error = await failure(stageFrom(cdn, folder.path, { retries: 1 }));
  expect(error.data).toMatchObject({ file: stream, url: `${cdn.url}/${stream}` });
  expect(['NetworkError', 'ContentInvalid']).toContain(error.data.type);
});

test('a body that is compressed on the way arrives as the file', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const content = cdn.files.get(stream);
  const zipped = gzipSync(Buffer.concat([...(content?.read(0, 300_000) ?? [])]));
  cdn.misbehave(
    /(HEAD|GET) .*x-none\.dat$/,
    (request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': zipped.length, etag: '"z"' });
      return response.end(request.method === 'HEAD' ? undefined : zipped);
    },
    9,
  );
  cdn.misbehave(/GET \/filelist/, (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(JSON.stringify({ files: cdn.list }))),
  );
  await stageFrom(cdn, folder.path);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('a server without sizes and HEAD is good enough', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(/HEAD/, (_request, response) => response.writeHead(405).end(), 99);
  cdn.misbehave(
    /GET .*x-none\.dat$/,
    (_request, response) => {
      const content = cdn.files.get(stream);
      for (const piece of content?.read(0, 300_000) ?? []) response.write(piece);
      response.end();
    },
    9,
  );
  await stageFrom(cdn, folder.path);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('redirects are followed and logged, and a loop of them ends', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(/GET .*en-us\.dat$/, (request, response) =>
    response.writeHead(302, { location: `${request.url}?moved` }).end(),
  );
  await stageFrom(cdn, folder.path);
  expect(bridge.stderr()).toMatch(/"message":"redirected".*en-us\.dat\?moved/);
  cdn.misbehave(
    /HEAD .*en-us\.dat$/,
    (request, response) => response.writeHead(307, { location: request.url }).end(),
    99,
  );
  const error = await failure(stageFrom(cdn, join(folder.path, 'other')));
  expect(error).toMatchObject({
    message: expect.stringContaining('redirects'),
    data: { type: 'NetworkError', attempts: 1 },
  });
});

test('a redirect that drops the query of the list does not change what is asked', async () => {
  await using cdn = await cdnOf();
  cdn.misbehave(/GET \/forward/, (_request, response) => response.writeHead(302, { location: '/filelist' }).end());
  const endpoint = `${new URL(cdn.endpoint).origin}/forward?linkid=2190568`;
  await bridge.request('content/fileList', { endpoint, channel: 'Current', version });
  expect(Object.fromEntries(cdn.requests.at(-1)?.query ?? [])).toMatchObject({ channel: 'Current', version });
});

test('a list is not followed to plain http elsewhere', async () => {
  await using cdn = await cdnOf();
  cdn.misbehave(/GET \/filelist/, (_request, response) =>
    response.writeHead(302, { location: 'http://example.com/' }).end(),
  );
  const error = await failure(bridge.request('content/fileList', { endpoint: cdn.endpoint }));
  expect(error).toMatchObject({ message: expect.stringContaining('plain http'), data: { type: 'NetworkError' } });
});

test('plain http is refused for lists, and every bad parameter is named', async () => {
  const error = await failure(
    bridge.request('content/fileList', { endpoint: 'http://config.office.com/api/filelist' }),
  );
  expect(error).toMatchObject({ code: -32602, data: { issues: [{ path: 'endpoint' }] } });
  const stage = await failure(
    bridge.request('content/stage', { files: [{}], channel: 'Current', destination: 'relative', baseUrl: 'ftp://x' }),
  );
  expect((stage.data.issues as { path: string }[]).map(({ path }) => path)).toEqual([
    'destination',
    'channel',
    'baseUrl',
  ]);
});

test.each([
  ['a parent folder', { relativePath: '/office/../../' }],
  ['a device', { name: 'NUL.dat' }],
  ['a stream', { name: 'a.dat:b' }],
  ['a drive', { relativePath: '/C:/' }],
])('a list with %s is ContentInvalid and nothing is written', async (_what, change) => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.list = [...cdn.list, { ...cdn.list[0], name: 'a.dat', ...change }];
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error.data).toMatchObject({ type: 'ContentInvalid', file: expect.objectContaining(change) });
  expect(await contentsOf(folder.path)).toEqual({});
});

test('a symbolic link in the destination is ContentInvalid and nothing is written through it', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  await using outside = await temporaryFolder();
  await symlink(outside.path, join(folder.path, 'office'));
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error.data).toMatchObject({ type: 'ContentInvalid' });
  expect(await contentsOf(outside.path)).toEqual({});
});

test('a partial file that is a link to another file does not change that one', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  await using outside = await temporaryFolder();
  const victim = join(outside.path, 'victim');
  await writeFile(victim, 'mine');
  await mkdir(join(folder.path, `office/data/${version}`), { recursive: true });
  await link(victim, join(folder.path, `${stream}.partial`));
  await stageFrom(cdn, folder.path);
  expect(await readFile(victim, 'utf8')).toBe('mine');
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('links in the place of the files that staging keeps for itself change nothing elsewhere', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  await using outside = await temporaryFolder();
  const victim = join(outside.path, 'victim');
  await writeFile(victim, 'mine');
  cdn.list = cdn.list.filter(({ name }) => name !== 'v64.cab');
  await mkdir(join(folder.path, 'office/data'), { recursive: true });
  for (const name of ['manifest.json', 'manifest.json.new', '.c2r-stage.json', '.c2r-stage.json.new']) {
    await symlink(victim, join(folder.path, name));
  }
  await stageFrom(cdn, folder.path);
  expect(await readFile(victim, 'utf8')).toBe('mine');
  expect(await bridge.request('content/verify', { path: folder.path })).toMatchObject({
    ok: true,
    counts: { extra: 0 },
  });
});

test('too little room is NoSpace with the figures before the first byte', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const huge = { 'content-length': 9_000_000_000_000_000, etag: '"huge"' };
  cdn.misbehave(/HEAD .*x-none\.dat$/, (_request, response) => response.writeHead(200, huge).end());
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({
    code: 1011,
    data: { type: 'NoSpace', needed: expect.any(Number), free: expect.any(Number) },
  });
  expect(error.data.needed).toBeGreaterThan(9e15 - 1);
  expect(gets(cdn, /\/office\//)).toEqual([]);
  expect(await contentsOf(folder.path)).toEqual({});
});

test('a second run into the same destination is InUse with who and since, and the first is not disturbed', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    cdn.misbehave(/GET .*x-none\.dat$/, async (_request, _response, serve) => {
      resolve();
      await held;
      await serve();
    });
  });
  const first = stageFrom(cdn, folder.path);
  await reached;
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({
    code: 1010,
    data: {
      type: 'InUse',
      pid: bridge.process.pid,
      since: expect.stringMatching(/^\d{4}-.*Z$/),
      who: expect.any(String),
    },
  });
  expect(await bridge.request('bridge/ping')).toEqual({});
  release();
  await first;
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('several destinations are staged at once', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const places = ['a', 'b', 'c'].map((name) => join(folder.path, name));
  await Promise.all(places.map((place) => stageFrom(cdn, place)));
  for (const place of places) expect(await contentsOf(place)).toEqual(complete(cdn.files));
});

test('a cancelled run ends as cancelled, and the next one fetches only what is missing', async () => {
  const size = 64 * mib;
  await using cdn = await cdnOf({ dats: { 'x-none': generated(size, 4) } });
  await using folder = await temporaryFolder();
  const cancellation = new AbortController();
  const onProgress = ({ bytes }: { bytes: number }) => {
    if (bytes > 20 * mib) cancellation.abort();
  };
  const params = { endpoint: cdn.endpoint, destination: folder.path, maxBytesPerSecond: 40 * mib };
  const error = await failure(bridge.request('content/stage', params, { onProgress, signal: cancellation.signal }));
  expect(error.code).toBe(-32800);
  const left = Object.keys(await contentsOf(folder.path));
  expect(left).toContain(`${stream}.partial`);
  expect(left).not.toContain('.c2r-stage.lock');
  const resumed = await stageFrom(cdn, folder.path);
  expect(resumed.downloadedBytes).toBeLessThan(size - 15 * mib);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('what a cancelled run left is not trusted: a changed tail is found and fetched again', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(24 * mib, 4) } });
  await using folder = await temporaryFolder();
  const cancellation = new AbortController();
  const onProgress = ({ bytes }: { bytes: number }) => {
    if (bytes > 8 * mib) cancellation.abort();
  };
  const params = { endpoint: cdn.endpoint, destination: folder.path, maxBytesPerSecond: 20 * mib };
  await failure(bridge.request('content/stage', params, { onProgress, signal: cancellation.signal }));
  const partial = join(folder.path, `${stream}.partial`);
  const bytes = await readFile(partial);
  await writeFile(partial, bytes.fill(0, 1_000_000, 1_000_100));
  await stageFrom(cdn, folder.path);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
  expect(bridge.stderr()).toContain('the resumed file is wrong');
});

test('what a cancelled run left of a file that changed since is not used', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(24 * mib, 4) } });
  await using folder = await temporaryFolder();
  const cancellation = new AbortController();
  const onProgress = ({ bytes }: { bytes: number }) => {
    if (bytes > 8 * mib) cancellation.abort();
  };
  const params = { endpoint: cdn.endpoint, destination: folder.path, maxBytesPerSecond: 20 * mib };
  await failure(bridge.request('content/stage', params, { onProgress, signal: cancellation.signal }));
  cdn.etags.set(`/pr/${cdn.url.split('/pr/')[1]}/${stream}`, '"changed"');
  await stageFrom(cdn, folder.path);
  expect(gets(cdn, /x-none\.dat$/).at(-1)?.headers.range).toBeUndefined();
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('a file of more than 2 GiB arrives whole', async () => {
  const size = 2 ** 31 + 4097;
  await using cdn = await cdnOf({ dats: { 'x-none': zeros(size) } });
  await using folder = await temporaryFolder();
  const result = await stageFrom(cdn, folder.path);
  expect((await stat(join(folder.path, stream))).size).toBe(size);
  expect(result.verified).toBe(cdn.list.length);
}, 180_000);

test('a destination that is a file is AccessDenied with its path', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'file');
  await writeFile(file, 'mine');
  const error = await failure(stageFrom(cdn, file));
  expect(error).toMatchObject({ code: 1009, data: { type: 'AccessDenied', path: expect.stringContaining(file) } });
  expect(await readFile(file, 'utf8')).toBe('mine');
});

test('the end of stdin lets a run leave everything in order, and the next one goes on with it', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(40 * mib, 4) } });
  await using folder = await temporaryFolder();
  await using other = startBridge();
  const far = new Promise<void>((resolve) => {
    const onProgress = ({ bytes }: { bytes: number }) => bytes > 10 * mib && resolve();
    const params = { endpoint: cdn.endpoint, destination: folder.path, maxBytesPerSecond: 5 * mib };
    other.request('content/stage', params, { onProgress }).catch(() => undefined);
  });
  await far;
  const ended = once(other.process, 'exit', { signal: AbortSignal.timeout(6000) });
  other.process.stdin?.end();
  expect((await ended)[0]).toBe(0);
  expect(Object.keys(await contentsOf(folder.path))).not.toContain('.c2r-stage.lock');
  const resumed = await stageFrom(cdn, folder.path);
  expect(resumed.downloadedBytes).toBeLessThan(32 * mib);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('maxBytesPerSecond is kept', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(4 * mib, 4) } });
  await using folder = await temporaryFolder();
  const { seconds } = await stageFrom(cdn, folder.path, { maxBytesPerSecond: 2 * mib });
  expect(seconds).toBeGreaterThan(1.8);
  expect(seconds).toBeLessThan(6);
});

test('a proxy with credentials carries everything, and its password is nowhere', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const seen: string[] = [];
  const proxy = createServer(async (request, response) => {
    seen.push(request.url ?? '');
    if (request.headers['proxy-authorization'] !== `Basic ${Buffer.from('user:se:cret').toString('base64')}`) {
      return response.writeHead(407).end();
    }
    const { headers, body, status } = await forwarded(request.url ?? '', request.method ?? 'GET');
    return response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
    await stageFrom(cdn, folder.path, { proxy: { url, username: 'user', password: 'se:cret' } });
    expect(seen.length).toBe(cdn.requests.length);
    expect(seen.every((target) => target.startsWith('http://127.0.0.1:'))).toBe(true);
    const inUrl = url.replace('//', '//user:se%3Acret@');
    await stageFrom(cdn, join(folder.path, 'other'), { proxy: inUrl });
    const error = await failure(stageFrom(cdn, join(folder.path, 'third'), { proxy: inUrl.replace('cret', 'wrong') }));
    expect(error.data).toMatchObject({ type: 'NetworkError', status: 407 });
    const everywhere =
      JSON.stringify(error) + bridge.stderr() + (await readFile(join(folder.path, 'manifest.json'), 'utf8'));
    expect(everywhere).not.toMatch(/se:cret|se%3A|dXNlcjpzZT|wrong@/);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

async function forwarded(url: string, method: string) {
  const response = await fetch(url, { method, headers: { 'accept-encoding': 'identity' } });
  const headers = Object.fromEntries(
    [...response.headers].filter(([name]) => !/^(connection|keep-alive|transfer)/.test(name)),
  );
  return { headers, status: response.status, body: Buffer.from(await response.arrayBuffer()) };
}

test('what content/servicePath gives is what content/fileList takes', async () => {
  await using cdn = await cdnOf();
  const moreInfoUrl = `http://go.microsoft.com/fwlink/?LinkId=626090& ServicePath=${cdn.endpoint}?Channel=Insiders&Version=${version}&Arch=64&AllLanguages=True`;
  const query = await bridge.request('content/servicePath', { moreInfoUrl });
  const { files } = await bridge.request('content/fileList', query);
  expect(files).toHaveLength(cdn.list.length);
  expect(files[0]).toMatchObject({ path: `office/data/v64_${version}.cab`, hashLocation: null });
});

test('channels and products are typed, with what the service sent beside it', async () => {
  await using cdn = await cdnOf();
  const { channels } = await bridge.request('content/channels', { endpoint: cdn.endpoint });
  expect(channels).toEqual([
    {
      name: 'MonthlyEnterprise',
      displayName: 'Monthly Enterprise Channel',
      cdnGuid: '55336b82-a18d-4dd6-b5f6-9e5095c314a6',
      latestVersion: '16.0.19929.20172',
      releases: [],
      raw: expect.objectContaining({ latestUpdateVersion: '16.0.19929.20172' }),
    },
    expect.objectContaining({
      name: 'PerpetualVL2024',
      releases: [{ version: '16.0.17932.20790', availableAt: '2026-05-12T00:00:00', endOfSupportAt: null }],
    }),
  ]);
  const { skus } = await bridge.request('content/skus', { endpoint: cdn.endpoint });
  expect(skus).toEqual([{ name: 'O365ProPlusRetail', displayName: 'Microsoft 365 Apps', raw: expect.any(Object) }]);
});
