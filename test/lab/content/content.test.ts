import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runWine } from '../../support/bits-client.js';
import { startBridge } from '../../support/bridge.js';
import { type Cdn, generated, image, startCdn } from '../../support/cdn.mjs';
import { complete, contentsOf } from '../../support/content-staging.js';
import { describeInLab } from '../../support/lab.js';
import { trustedRoot } from '../../support/trusted-root.js';

const mib = 1_048_576;
const cabinets = ['gcab-mszip.cab', 'self-signed.cab'];

describeInLab('content on Windows', (lab) => {
  const folder = join(lab.driveC, 'c2r-content');
  const destination = 'C:\\c2r-content\\image';
  const start = () => startBridge({ command: lab.bridgeCommand, env: { ...process.env, ...lab.environment } });
  let cdn: Cdn;

  beforeAll(async () => {
    cdn = await startCdn(image({ dats: { 'x-none': generated(70 * mib, 1), 'en-us': generated(70_000, 2) } }));
    mkdirSync(folder, { recursive: true });
  });
  afterAll(async () => {
    await cdn.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a killed run is gone on with, a live one is InUse, and the image is whole', async () => {
    const params = { endpoint: cdn.endpoint, destination };
    {
      await using bridge = start();
      let reached = () => undefined as unknown;
      const far = new Promise((resolve) => {
        reached = () => resolve(undefined);
      });
      const onProgress = ({ bytes }: { bytes: number }) => {
        if (bytes > 45 * mib) reached();
      };
      bridge
        .request('content/stage', { ...params, maxBytesPerSecond: 20 * mib }, { onProgress })
        .catch(() => undefined);
      await far;
      await expect(bridge.request('content/stage', params)).rejects.toMatchObject({ data: { type: 'InUse' } });
      bridge.process.kill('SIGKILL');
      await once(bridge.process, 'exit');
    }
    await using bridge = start();
    const result = await bridge.request('content/stage', params);
    expect(result.downloadedBytes).toBeLessThan(result.bytes - 10 * mib);
    expect(await contentsOf(join(folder, 'image'))).toEqual(complete(cdn.files));
    expect(await bridge.request('content/verify', { path: destination })).toMatchObject({
      ok: true,
      counts: { extra: 0 },
    });
  });

  test('a server whose certificate Windows trusts is trusted, as behind a firewall that inspects TLS', async () => {
    const file = (name: string) =>
      readFileSync(fileURLToPath(new URL(`../../support/tls/${name}`, import.meta.url)), 'utf8');
    const tls = { key: file('key.pem'), cert: file('cert.pem') };
    const secure = await startCdn(image({ dats: { 'x-none': generated(70_000, 3) } }), { tls });
    const { key, blob } = trustedRoot(new X509Certificate(tls.cert).raw);
    const list = async () => {
      await using bridge = start();
      return await bridge.request('content/fileList', { endpoint: secure.endpoint });
    };
    try {
      await expect(list()).rejects.toMatchObject({
        data: { type: 'NetworkError', errno: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      });
      runWine(lab, 'reg', 'add', key, '/v', 'Blob', '/t', 'REG_BINARY', '/d', blob, '/f');
      try {
        expect((await list()).files.length).toBeGreaterThan(0);
      } finally {
        runWine(lab, 'reg', 'delete', key, '/f');
      }
    } finally {
      await secure.close();
    }
  });

  test('an image in folders that the Office Deployment Tool made, in other letters, is whole', async () => {
    const root = join(folder, 'deployment');
    mkdirSync(join(root, 'Office', 'Data'), { recursive: true });
    await using bridge = start();
    const path = 'C:\\c2r-content\\deployment';
    await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: path });
    expect(readdirSync(root).sort()).toEqual(['Office', 'manifest.json']);
    const { ok, counts, files } = await bridge.request('content/verify', { path });
    expect({ ok, counts }).toEqual({
      ok: true,
      counts: { ok: cdn.list.length, missing: 0, corrupt: 0, unproven: 0, extra: 0 },
    });
    expect(files).toContainEqual(expect.objectContaining({ path: 'Office/Data/v64.cab', state: 'ok' }));
  });

  test('a path that the current drive would complete is refused, and nothing is written there', async () => {
    await using bridge = start();
    for (const path of ['\\\\c2r-nowhere', '//c2r-nowhere', '\\c2r-nowhere', 'C:c2r-nowhere']) {
      const refused = { code: -32602, message: expect.stringContaining('must be an absolute path') };
      await expect(
        bridge.request('content/stage', { endpoint: cdn.endpoint, destination: path }),
      ).rejects.toMatchObject(refused);
      await expect(bridge.request('content/verify', { path })).rejects.toMatchObject(refused);
      await expect(bridge.request('content/prune', { path, keep: 1 })).rejects.toMatchObject(refused);
      await expect(bridge.request('bits/register', { contentId: 'nowhere', path })).rejects.toMatchObject(refused);
    }
    expect(existsSync(join(lab.driveC, 'c2r-nowhere')) || existsSync('/c2r-nowhere')).toBe(false);
  });

  test('a version leaves the image also while a program has a file of it open, and is deleted later', async () => {
    const path = 'C:\\c2r-content\\held';
    const older = image({ version: '16.0.19001.20001', dats: { 'x-none': generated(70_000, 5) } });
    const old = await startCdn(older);
    await using bridge = start();
    for (const { endpoint } of [old, cdn]) await bridge.request('content/stage', { endpoint, destination: path });
    await old.close();
    const held = `${path}\\office\\data\\${older.version}\\stream.x64.x-none.dat`;
    const script = `fs.openSync(${JSON.stringify(held)}, 'r'); console.log('open'); setInterval(() => 0, 1000)`;
    const holder = spawn(lab.node, ['-e', script], { env: { ...process.env, ...lab.environment } });
    try {
      await once(holder.stdout, 'data');
      // Windows itself does not move a folder with an open file; Wine does, and then does not delete it.
      const pruned = await bridge.request('content/prune', { path, keep: 1 });
      expect(pruned.removed).toMatchObject([{ version: older.version }]);
      expect(await bridge.request('content/verify', { path })).toMatchObject({ ok: true, counts: { extra: 0 } });
      const staging = bridge.request('content/stage', { endpoint: cdn.endpoint, destination: path });
      await expect(staging).rejects.toMatchObject({ data: { type: 'InUse' } });
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    await expect.poll(() => bridge.request('content/prune', { path, keep: 1 })).toMatchObject({ removed: [] });
    await expect.poll(() => readdirSync(join(folder, 'held')).sort()).toEqual(['manifest.json', 'office']);
  });

  test('a folder that nothing but Node could open or delete is not made', async () => {
    await using bridge = start();
    for (const destination of ['C:\\c2r-nowhere.', 'C:\\c2r-nowhere \\image', 'C:\\c2r-nowhere\\aux']) {
      const staging = bridge.request('content/stage', { endpoint: cdn.endpoint, destination });
      await expect(staging).rejects.toMatchObject({ code: -32602, message: expect.stringContaining('destination: ') });
    }
    expect(readdirSync(lab.driveC).filter((name) => name.startsWith('c2r-nowhere'))).toEqual([]);
  });

  test('a drive and a share that are not there are AccessDenied, also for a dry run', async () => {
    await using bridge = start();
    for (const destination of ['Q:\\image', '\\\\no-such-server\\share\\image']) {
      for (const dryRun of [true, false]) {
        const staging = bridge.request('content/stage', { endpoint: cdn.endpoint, destination, dryRun });
        const message = expect.stringContaining(dryRun ? destination.replace(/image$/, '') : destination);
        await expect(staging, destination).rejects.toMatchObject({ message, data: { type: 'AccessDenied' } });
      }
    }
  });

  test('a cabinet that Microsoft did not sign is corrupt where signatures are asked for, with what is wrong with it', async () => {
    const data = join(folder, 'signatures', 'office', 'data');
    mkdirSync(data, { recursive: true });
    for (const name of cabinets) {
      copyFileSync(fileURLToPath(new URL(`../../unit/content/data/${name}`, import.meta.url)), join(data, name));
    }
    expect(readdirSync(data).sort()).toEqual(cabinets);
    await using bridge = start();
    const path = 'C:\\c2r-content\\signatures';
    const judged = async (signatures: boolean) => {
      const { files } = await bridge.request('content/verify', { path, signatures });
      // The streams that their hashes stand for are not there.
      return files.filter((file: { path: string }) => file.path.endsWith('.cab'));
    };
    expect(await judged(false)).toEqual(cabinets.map(() => expect.objectContaining({ state: 'ok' })));
    const corrupt = { state: 'corrupt', expected: 'a signature of Microsoft' };
    expect(await judged(true)).toEqual([
      expect.objectContaining({ ...corrupt, actual: expect.stringMatching(/^0x800B0100/) }),
      expect.objectContaining({ ...corrupt, actual: expect.stringContaining('was not issued by Microsoft') }),
    ]);
  });
});
