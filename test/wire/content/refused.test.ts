import { execFileSync } from 'node:child_process';
import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBridge } from '../../support/bridge.js';
import { cabinet } from '../../support/cabinet.mjs';
import { generated, hashMember, literal, sha256Of } from '../../support/cdn.mjs';
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
import { makesLinks } from '../../support/links.js';

const { bridge, stageFrom } = stagingBridge();

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

test.each([
  ['an empty one', '', /(HEAD|GET) .*i640\.cab$/],
  ['one with a byte order mark', '\ufeff\r\n<!DOCTYPE html>', /(HEAD|GET) .*i640\.cab$/],
  ['one that comes for GET alone', '<html>sign in</html>', /GET .*i640\.cab$/],
])('an HTML page instead of a file, %s, names url and file', async (_name, page, asked) => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(asked, (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(page), 99);
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
    message: expect.stringContaining('is not a cabinet'),
    data: { file: `office/data/${version}/i640.cab` },
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

test.skipIf(!makesLinks)(
  'a symbolic link in the destination is ContentInvalid and nothing is written through it',
  async () => {
    await using cdn = await cdnOf();
    await using folder = await temporaryFolder();
    await using outside = await temporaryFolder();
    await symlink(outside.path, join(folder.path, 'office'));
    const error = await failure(stageFrom(cdn, folder.path));
    expect(error.data).toMatchObject({ type: 'ContentInvalid' });
    expect(await contentsOf(outside.path)).toEqual({});
  },
);

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

test.skipIf(!makesLinks)(
  'links in the place of the files that staging keeps for itself change nothing elsewhere',
  async () => {
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
  },
);

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

test('a file that is suddenly announced to be huge is NoSpace before any of it is fetched', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const huge = { 'content-length': 9_000_000_000_000_000, etag: '"300000"' };
  cdn.misbehave(/GET .*x-none\.dat$/, (_request, response) => response.writeHead(200, huge).write('x'));
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({ code: 1011, data: { type: 'NoSpace', needed: huge['content-length'] } });
});

test('room is asked for again for a file that seemed to be there and is wrong', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  await stageFrom(cdn, folder.path);
  const other = generated(300_000, 9);
  const hash = hashMember(sha256Of(other), version);
  cdn.files.set(stream, other);
  cdn.files.set(`office/data/${version}/s640.cab`, literal(cabinet({ 'stream.x64.x-none.hash': hash }, 'stored')));
  const huge = { 'content-length': 9_000_000_000_000_000, etag: '"huge"' };
  cdn.misbehave(/HEAD .*x-none\.dat$/, (_request, response) => response.writeHead(200, huge).end());
  cdn.etags.set(`/pr/${cdn.url.split('/pr/')[1]}/office/data/${version}/s640.cab`, '"next"');
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({ code: 1011, data: { type: 'NoSpace', needed: huge['content-length'] } });
  expect(gets(cdn, /x-none\.dat$/)).toHaveLength(1);
});

test('a file that is listed twice with different addresses is refused by name', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.list = [...cdn.list, { ...cdn.list[0], url: `${cdn.url}/elsewhere.cab` }];
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({
    message: expect.stringContaining('is listed more than once'),
    data: { type: 'ContentInvalid', file: `office/data/v64_${version}.cab` },
  });
});

test.each(['manifest.json', '.c2r-stage.json', '.c2r-stage.lock'])(
  'a folder that is called %s is named',
  async (name) => {
    await using cdn = await cdnOf();
    await using folder = await temporaryFolder();
    const path = join(folder.path, name);
    await mkdir(path);
    const { message, data } = await failure(stageFrom(cdn, folder.path));
    expect({ message, data }).toMatchObject({
      message: expect.stringContaining(path),
      data: { type: 'AccessDenied', path, errno: 'EISDIR' },
    });
  },
);

test.skipIf(process.platform === 'win32')(
  'named pipes in the place of the files that staging keeps for itself are replaced, and hold nobody up',
  async () => {
    await using cdn = await cdnOf();
    await using folder = await temporaryFolder();
    await using bridge = startBridge();
    for (const name of ['manifest.json', '.c2r-stage.json', '.c2r-stage.lock']) {
      execFileSync('mkfifo', [join(folder.path, name)]);
    }
    await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path });
    expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
    expect(await bridge.stop()).toBe(0);
  },
);

test('a destination that is a file is AccessDenied with its path', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'file');
  await writeFile(file, 'mine');
  const error = await failure(stageFrom(cdn, file));
  expect(error).toMatchObject({ code: 1009, data: { type: 'AccessDenied', path: expect.stringContaining(file) } });
  expect(await readFile(file, 'utf8')).toBe('mine');
});

test.each([
  ['content/stage', 'destination', {}],
  ['content/verify', 'path', {}],
  ['content/prune', 'path', { keep: 1 }],
])('%s takes no path that is not absolute or contains a NUL', async (method, path, more) => {
  for (const [value, message] of [
    ['image', expect.stringMatching(/^must be an absolute path/)],
    [join(tmpdir(), 'im\0age'), 'must not contain the character NUL'],
  ]) {
    const error = await failure(bridge.request(method, { ...more, [path]: value }));
    expect(error.data).toMatchObject({ type: 'InvalidParams', issues: [{ path, message }] });
  }
});
