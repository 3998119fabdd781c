import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startBridge } from '../../support/bridge.js';
import { type Content, generated, image, startCdn } from '../../support/cdn.mjs';
import { contentsOf, failure, layOut, temporaryFolder } from '../../support/content-staging.js';
import { deadline } from '../../support/deadline.js';
import { kills } from '../../support/killing.js';
import { makesLinks } from '../../support/links.js';

const bridge = startBridge();
afterAll(() => bridge.stop());

/** The oldest first; the numbers are of different lengths, so that the order is not that of the names. */
const versions = ['16.0.9126.20100', '16.0.10730.20102', '16.0.19822.20100', '16.0.19929.20172'] as const;
const [oldest, , older, newest] = versions;

const dats = { 'x-none': generated(60_000, 1), 'en-us': generated(20_000, 2) };
const imageOf = (version: string) => image({ version, dats });

/** An image of every version, with `v64.cab` of the newest. */
function all(): Map<string, Content> {
  return new Map(versions.flatMap((version) => [...imageOf(version).files]));
}

/** An image of every version, staged or laid out without a manifest. */
async function imageFolder(how: 'staged' | 'laid out') {
  const folder = await temporaryFolder();
  if (how === 'laid out') await layOut(folder.path, all());
  for (const version of how === 'staged' ? versions : []) {
    const cdn = await startCdn(imageOf(version));
    await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path });
    await cdn.close();
  }
  return folder;
}

const verified = (path: string) => bridge.request('content/verify', { path });

/** What must be there once only these versions are. */
async function expectOnly(path: string, kept: readonly string[]): Promise<void> {
  expect(await verified(path)).toMatchObject({ ok: true, counts: { missing: 0, corrupt: 0, unproven: 0, extra: 0 } });
  const expected = new Map(kept.flatMap((version) => [...imageOf(version).files.keys()].map((file) => [file, true])));
  const there = Object.keys(await contentsOf(path)).filter((file) => file !== 'manifest.json');
  expect(there.sort()).toEqual([...expected.keys()].sort());
}

test.each(['staged', 'laid out'] as const)(
  'an image that was %s keeps its newest versions, and verifies',
  async (how) => {
    await using folder = await imageFolder(how);
    const progress: { percent: number | null }[] = [];
    const result = await bridge.request(
      'content/prune',
      { path: folder.path, keep: 2 },
      { onProgress: (value: { percent: number | null }) => progress.push(value) },
    );
    expect(result).toEqual({
      path: folder.path,
      removed: [oldest, versions[1]].map((version) => ({ version, files: 9, bytes: expect.any(Number) })),
      kept: [older, newest],
      freedBytes: expect.any(Number),
    });
    expect(result.freedBytes).toBeGreaterThan(2 * 80_000);
    expect(progress.at(-1)).toMatchObject({ phase: 'prune', percent: 100 });
    await expectOnly(folder.path, [older, newest]);
    const again = await bridge.request('content/prune', { path: folder.path, keep: 2 });
    expect(again).toMatchObject({ removed: [], freedBytes: 0 });
  },
);

test.each(['staged', 'laid out'] as const)(
  'without the newest version, the version cabinet of an image that was %s leads to the one before',
  async (how) => {
    await using folder = await imageFolder(how);
    const cabinet = join(folder.path, 'office/data/v64.cab');
    await bridge.request('content/prune', { path: folder.path, versions: [newest, oldest, '16.0.1.1'] });
    await expectOnly(folder.path, [versions[1], older]);
    expect(await readFile(cabinet)).toEqual(await readFile(join(folder.path, `office/data/v64_${older}.cab`)));
  },
);

test.each<[string, string[], string, number, string[]]>([
  ['the newest', [oldest, older], newest, 1, [older, newest]],
  ['one in between', [oldest, newest], older, 2, [oldest, older, newest]],
  ['the oldest', [older, newest], oldest, 2, [older, newest]],
])('a version whose staging was interrupted, %s, does not count', async (_, whole, interrupted, keep, kept) => {
  await using folder = await temporaryFolder();
  for (const version of [...whole, interrupted]) {
    const cdn = await startCdn(imageOf(version));
    if (version === interrupted)
      cdn.misbehave(/GET .*x-none\.dat$/, (_request, response) => response.writeHead(404).end());
    const staging = bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path });
    await (version === interrupted ? failure(staging) : staging);
    await cdn.close();
  }
  const before = Object.keys(await contentsOf(folder.path));
  expect(before.some((path) => path.includes(`/${interrupted}/`))).toBe(true);
  const result = await bridge.request('content/prune', { path: folder.path, keep });
  expect(result.kept).toEqual(kept);
  const stays = (path: string) => !path.includes('16.0.') || kept.some((version) => path.includes(version));
  expect(Object.keys(await contentsOf(folder.path))).toEqual(before.filter(stays));
});

test('without the newest whole version, Office is not led to one whose staging was interrupted', async () => {
  await using folder = await temporaryFolder();
  const interrupted = '16.0.20000.20000';
  for (const version of [older, newest, interrupted]) {
    const cdn = await startCdn(imageOf(version));
    if (version === interrupted)
      cdn.misbehave(/GET .*x-none\.dat$/, (_request, response) => response.writeHead(404).end());
    const staging = bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path });
    await (version === interrupted ? failure(staging) : staging);
    await cdn.close();
  }
  await bridge.request('content/prune', { path: folder.path, versions: [newest] });
  const cabinet = (name: string) => readFile(join(folder.path, 'office/data', name));
  expect(await cabinet('v64.cab')).toEqual(await cabinet(`v64_${older}.cab`));
  expect(await failure(bridge.request('content/prune', { path: folder.path, versions: [older] }))).toMatchObject({
    message: expect.stringContaining(`leads to ${older}, and no whole version that stays has a version cabinet`),
  });
});

test('a dry run says what would go, and changes nothing', async () => {
  await using folder = await imageFolder('staged');
  const before = await contentsOf(folder.path);
  const plan = await bridge.request('content/prune', { path: folder.path, keep: 1, dryRun: true });
  expect(plan.removed.map(({ version }: { version: string }) => version)).toEqual(versions.slice(0, 3));
  expect(await contentsOf(folder.path)).toEqual(before);
});

test('a pruned version can be staged again, and is whole', async () => {
  await using folder = await imageFolder('staged');
  await bridge.request('content/prune', { path: folder.path, keep: 1 });
  await using cdn = Object.assign(await startCdn(imageOf(oldest)), {
    [Symbol.asyncDispose]: () => cdn.close().then(() => undefined),
  });
  await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path });
  expect(await verified(folder.path)).toMatchObject({ ok: true, judged: [{ version: oldest }, { version: newest }] });
});

test('what cannot be meant is refused, and nothing is removed', async () => {
  await using folder = await imageFolder('laid out');
  await using empty = await temporaryFolder();
  const before = await contentsOf(folder.path);
  const { path } = folder;
  const refused = async (params: object) => (await failure(bridge.request('content/prune', params))).data;
  expect(await refused({ path })).toMatchObject({ issues: [{ path: 'keep' }] });
  expect(await refused({ path, keep: 1, versions: [oldest] })).toMatchObject({ issues: [{ path: 'keep' }] });
  expect(await refused({ path, keep: 0 })).toMatchObject({ issues: [{ path: 'keep' }] });
  expect(await refused({ path: 'relative', keep: 1 })).toMatchObject({ issues: [{ path: 'path' }] });
  expect(await refused({ path, versions: [...versions] })).toMatchObject({
    issues: [{ path: 'versions', message: expect.stringContaining('no version') }],
  });
  expect(await refused({ path: empty.path, keep: 1 })).toMatchObject({ type: 'ContentInvalid' });
  expect(await refused({ path: join(path, 'none'), keep: 1 })).toMatchObject({ type: 'AccessDenied', errno: 'ENOENT' });
  for (const version of versions.slice(0, 3)) await rm(join(path, `office/data/v64_${version}.cab`));
  expect(await refused({ path, versions: [newest] })).toMatchObject({
    type: 'ContentInvalid',
    recommendation: expect.stringContaining(newest),
  });
  expect(Object.keys(await contentsOf(path))).toHaveLength(Object.keys(before).length - 3);
});

test('nothing is removed while a run stages into the image', async () => {
  await using folder = await imageFolder('laid out');
  await using cdn = Object.assign(await startCdn(image({ dats: { 'x-none': generated(30_000_000, 9) } })), {
    [Symbol.asyncDispose]: () => cdn.close().then(() => undefined),
  });
  const slow = { endpoint: cdn.endpoint, destination: folder.path, maxBytesPerSecond: 1_000_000 };
  await using other = startBridge();
  const staging = other.request('content/stage', slow).catch(() => undefined);
  await expect.poll(() => existsSync(join(folder.path, '.c2r-stage.lock')), { timeout: deadline(30_000) }).toBe(true);
  const error = await failure(bridge.request('content/prune', { path: folder.path, keep: 1 }));
  expect(error.data).toMatchObject({ type: 'InUse' });
  other.process.kill('SIGKILL');
  await staging;
});

test('a version that a content source serves stays until the download has ended, the others can go', async () => {
  await using folder = await temporaryFolder();
  const path = folder.path;
  // The simulated Click-to-Run reads what the manifest knows.
  await layOut(path, imageOf(oldest).files);
  const cdn = await startCdn(imageOf(newest));
  await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: path });
  await cdn.close();
  const scenario = { office: { installedVersion: oldest, availableVersion: newest, downloadMs: 50 } };
  await using own = startBridge({ args: ['--simulate', JSON.stringify(scenario)] });
  const { download } = await own.request('bits/register', { contentId: 'image', path });
  await own.request('c2r/download', download);
  const serving = async () => (await own.request('bits/list', {})).contents[0].versions;
  await expect.poll(serving, { timeout: deadline(30_000) }).toEqual([newest]);
  const refused = await failure(own.request('content/prune', { path, versions: [newest] }));
  expect(refused).toMatchObject({
    message: expect.stringContaining(`image serves ${newest}`),
    data: { type: 'InUse', who: 'image', versions: [newest] },
  });
  expect(await own.request('content/prune', { path, keep: 1 })).toMatchObject({ removed: [{ version: oldest }] });
  expect(await verified(path)).toMatchObject({ ok: true, judged: [{ version: newest }] });
});

test.skipIf(!makesLinks)('a link in the place of a folder is not followed', async () => {
  await using folder = await imageFolder('laid out');
  await using elsewhere = await temporaryFolder();
  const data = join(folder.path, 'office/data');
  await rename(data, join(elsewhere.path, 'data'));
  await symlink(join(elsewhere.path, 'data'), data);
  expect((await failure(bridge.request('content/prune', { path: folder.path, keep: 1 }))).data).toMatchObject({
    type: 'ContentInvalid',
  });
  expect(existsSync(join(elsewhere.path, 'data', oldest))).toBe(true);
});

test.each(Array.from({ length: Math.max(8, kills) }, (_, index) => index))(
  'killed at a random point, the image verifies, and the next run removes the rest (%i)',
  async (index) => {
    await using folder = await imageFolder(index % 2 === 0 ? 'staged' : 'laid out');
    const { path } = folder;
    const leaving = [oldest, versions[1], newest];
    {
      await using other = startBridge();
      let seen = 0;
      const kill = () => other.process.kill('SIGKILL');
      const onProgress = () => {
        // Each step but the last is told as it begins; what comes then takes some hundred microseconds.
        if (seen++ === index % 4) setTimeout(kill, Math.random() * 3);
      };
      const pruned = other.request('content/prune', { path, versions: leaving }, { onProgress }).catch(() => undefined);
      await Promise.race([pruned, once(other.process, 'exit')]);
      kill();
    }
    expect(await verified(path)).toMatchObject({ ok: true });
    await bridge.request('content/prune', { path, keep: 1, dryRun: true });
    await bridge.request('content/prune', { path, versions: leaving });
    await expectOnly(path, [older]);
    expect(existsSync(join(path, '.c2r-removed'))).toBe(false);
  },
);

test.each(['prune', 'stage'])('a version that a killed run had moved away is gone with the next %s', async (next) => {
  await using folder = await imageFolder('staged');
  const { path } = folder;
  await mkdir(join(path, '.c2r-removed'));
  await rename(join(path, 'office/data', oldest), join(path, '.c2r-removed', oldest));
  // The manifest still has it, and its version cabinet is there.
  expect(await verified(path)).toMatchObject({ ok: true, counts: { missing: 0, corrupt: 0, unproven: 0 } });
  if (next === 'prune') await bridge.request('content/prune', { path, keep: 4 });
  else {
    const cdn = await startCdn(imageOf(newest));
    await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: path });
    await cdn.close();
  }
  expect(existsSync(join(path, '.c2r-removed'))).toBe(false);
  expect(await verified(path)).toMatchObject({ ok: true });
});

test('a list cannot put files where versions are moved before they are deleted', async () => {
  await using folder = await temporaryFolder();
  const files = [{ url: 'http://127.0.0.1:1/a', name: 'a', relativePath: '/.C2R-removed/16.0.1.1/' }];
  const error = await failure(bridge.request('content/stage', { files, destination: folder.path }));
  expect(error.data).toMatchObject({ type: 'ContentInvalid' });
});
