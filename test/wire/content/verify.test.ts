import { appendFile, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bridge, startBridge } from '../../support/bridge.js';
import { type Cdn, image, startCdn } from '../../support/cdn.mjs';
import { temporaryFolder } from '../../support/content-staging.js';
import { makesLinks } from '../../support/links.js';

const folderOfVersion = 'office/data/16.0.19929.20172';
const stream = `${folderOfVersion}/stream.x64.x-none.dat`;

let bridge: Bridge;
let cdn: Cdn;
beforeAll(async () => {
  bridge = startBridge();
  cdn = await startCdn(image());
});
afterAll(async () => {
  await bridge.stop();
  await cdn.close();
});

async function staged() {
  const folder = await temporaryFolder();
  await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path });
  return folder;
}

/** The files of a verification that are not ok, by path. */
async function faults(path: string) {
  const result = await bridge.request('content/verify', { path });
  const files = result.files.filter(({ state }: { state: string }) => state !== 'ok');
  return { ...result, files: Object.fromEntries(files.map((file: { path: string }) => [file.path, file])) };
}

test.skipIf(process.platform !== 'linux')(
  'a verification that is cancelled at any moment leaves no file open',
  async () => {
    await using folder = await staged();
    const openFiles = async () => {
      const descriptors = `/proc/${bridge.process.pid}/fd`;
      const paths = (await readdir(descriptors)).map((fd) => readlink(join(descriptors, fd)).catch(() => ''));
      return (await Promise.all(paths)).filter((path) => path.startsWith(folder.path));
    };
    const cancelled: number[] = [];
    for (let turns = 0; turns < 30; turns++) {
      const wish = new AbortController();
      const code = bridge.request('content/verify', { path: folder.path }, { signal: wish.signal }).then(
        () => 0,
        (error) => error.code,
      );
      // A moment is counted in turns of the bridge, which are shorter on a faster machine.
      for (let turn = 0; turn < 15 * turns; turn++) await bridge.request('bridge/ping');
      wish.abort();
      if ((await code) === -32800) cancelled.push(turns);
    }
    expect(cancelled).toContain(0);
    await expect.poll(openFiles).toEqual([]);
  },
);

test.each(['with its manifest', 'without a manifest'])(
  'a whole image %s is ok, and nothing is asked of any server',
  async (how) => {
    await using folder = await staged();
    if (how !== 'with its manifest') await rm(join(folder.path, 'manifest.json'));
    if (how !== 'with its manifest') await rm(join(folder.path, `${stream}.cat`));
    const before = cdn.requests.length;
    const result = await faults(folder.path);
    expect(result).toMatchObject({ ok: true, files: {}, manifest: how === 'with its manifest' });
    expect(result.counts.ok).toBeGreaterThanOrEqual(cdn.list.length - 1);
    expect(cdn.requests.length).toBe(before);
  },
);

test.each(['with its manifest', 'without a manifest'])('says what is missing, corrupt and extra %s', async (how) => {
  await using folder = await staged();
  if (how !== 'with its manifest') await rm(join(folder.path, 'manifest.json'));
  const bytes = await readFile(join(folder.path, stream));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0xff;
  await writeFile(join(folder.path, stream), bytes);
  await rm(join(folder.path, folderOfVersion, 'stream.x64.en-us.dat'));
  await writeFile(join(folder.path, folderOfVersion, 'notes.txt'), 'mine');
  const result = await faults(folder.path);
  expect(result.ok).toBe(false);
  expect(result.files).toMatchObject({
    [stream]: {
      state: 'corrupt',
      expected: expect.stringMatching(/^[0-9a-f]{64}$/),
      actual: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    [`${folderOfVersion}/stream.x64.en-us.dat`]: { state: 'missing', actual: null },
    [`${folderOfVersion}/notes.txt`]: { state: 'extra', expected: null },
  });
  expect(result.counts).toMatchObject({ missing: 1, corrupt: 1 });
});

test('extra files alone do no harm', async () => {
  await using folder = await staged();
  await writeFile(join(folder.path, 'notes.txt'), 'mine');
  expect(await faults(folder.path)).toMatchObject({ ok: true, counts: { extra: 1 } });
});

test('a file of another size is corrupt without being read', async () => {
  await using folder = await staged();
  await appendFile(join(folder.path, stream), 'x');
  const result = await faults(folder.path);
  expect(result.files[stream]).toMatchObject({ state: 'corrupt', expected: '300000 bytes', actual: '300001 bytes' });
});

test('a damaged cabinet is corrupt, with and without a manifest', async () => {
  await using folder = await staged();
  const cabinet = `${folderOfVersion}/i640.cab`;
  const bytes = await readFile(join(folder.path, cabinet));
  await writeFile(join(folder.path, cabinet), bytes.subarray(0, bytes.length - 10));
  expect((await faults(folder.path)).files).toMatchObject({ [cabinet]: { state: 'corrupt' } });
  await rm(join(folder.path, 'manifest.json'));
  expect((await faults(folder.path)).files).toMatchObject({ [cabinet]: { state: 'corrupt', expected: 'a cabinet' } });
});

test('a manifest that was changed to fit a changed file does not hide it: the cabinet decides', async () => {
  await using folder = await staged();
  const { createHash } = await import('node:crypto');
  const forged = Buffer.alloc(300_000, 7);
  await writeFile(join(folder.path, stream), forged);
  const manifest = JSON.parse(await readFile(join(folder.path, 'manifest.json'), 'utf8'));
  for (const file of manifest.files) {
    if (file.path === stream) file.sha256 = createHash('sha256').update(forged).digest('hex');
  }
  await writeFile(join(folder.path, 'manifest.json'), JSON.stringify(manifest));
  expect((await faults(folder.path)).files).toMatchObject({ [stream]: { state: 'corrupt' } });
});

test.skipIf(!makesLinks)('a link in the place of a file is corrupt', async () => {
  await using folder = await staged();
  await using elsewhere = await staged();
  await rm(join(folder.path, stream));
  await symlink(join(elsewhere.path, stream), join(folder.path, stream));
  expect((await faults(folder.path)).files).toMatchObject({ [stream]: { state: 'corrupt' } });
});

test('a manifest cannot make the bridge read outside the image', async () => {
  await using folder = await staged();
  const manifest = JSON.parse(await readFile(join(folder.path, 'manifest.json'), 'utf8'));
  manifest.files.push({ ...manifest.files[0], path: '../../etc/passwd' });
  await writeFile(join(folder.path, 'manifest.json'), JSON.stringify(manifest));
  const result = await bridge.request('content/verify', { path: folder.path });
  expect(JSON.stringify(result)).not.toContain('passwd');
});

test('a folder that is no image, one that is missing and a relative one are refused', async () => {
  await using folder = await temporaryFolder();
  const refused = (path: string) => bridge.request('content/verify', { path }).catch(({ data }) => data);
  expect(await refused(folder.path)).toMatchObject({ type: 'ContentInvalid' });
  expect(await refused(join(folder.path, 'missing'))).toMatchObject({ type: 'AccessDenied', errno: 'ENOENT' });
  expect(await refused('relative')).toMatchObject({ type: 'InvalidParams', issues: [{ path: 'path' }] });
});

test('signatures need Windows', async () => {
  await using folder = await staged();
  const refused = bridge.request('content/verify', { path: folder.path, signatures: true });
  if (process.platform === 'win32') await refused;
  else await expect(refused).rejects.toMatchObject({ data: { type: 'NotAvailable', reason: 'needsWindows' } });
});
