import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bridgeClsid } from '../../../src/bits/handlers.js';
import {
  IBackgroundCopyCallback,
  IBackgroundCopyCallback2,
  IBackgroundCopyError,
  IBackgroundCopyFile,
  IBackgroundCopyFile2,
  IBackgroundCopyJob,
  IBackgroundCopyJob2,
  IBackgroundCopyJob3,
  IBackgroundCopyJob4,
  IBackgroundCopyJobHttpOptions,
  IBackgroundCopyManager,
  IEnumBackgroundCopyFiles,
  IEnumBackgroundCopyJobs,
} from '../../../src/windows/abi/bits.js';
import {
  comServers,
  registerBitsProxy,
  registryTree,
  runClient,
  runWine,
  shortenIdle,
  startClient,
} from '../../support/bits-client.js';
import { type Bridge, startBridge } from '../../support/bridge.js';
import { type ImageFile, randomFile, writeImage } from '../../support/content-image.js';
import { deadline } from '../../support/deadline.js';
import { describeWithComServers } from '../../support/lab.js';
import { startLabBridge } from '../../support/office-bridge.js';

const dat = 'Office/Data/16.0.1.2/stream.x64.x-none.dat';
const classKey = `HKLM\\SOFTWARE\\Classes\\CLSID\\${bridgeClsid}`;
const appIdKey = 'HKLM\\SOFTWARE\\Classes\\AppID\\{24FEBC8B-1935-4BDE-B44A-4E183CB02838}';

/** A server whose every file begins and never goes on. */
async function stalledServer() {
  const server = createServer((request, response) => {
    if (request.url?.includes('manifest')) response.writeHead(404).end();
    else {
      response.writeHead(200, { 'content-length': 1_000_000, etag: '"1"' });
      if (request.method === 'GET') response.write(Buffer.alloc(1000));
      else response.end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const disconnect = () => server.closeAllConnections();
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    disconnect,
    async [Symbol.asyncDispose]() {
      disconnect();
      server.close();
    },
  };
}

describeWithComServers('the custom BITS manager', (lab) => {
  const folder = join(lab.driveC, 'bits');
  const image = join(folder, 'image');
  const out = join(folder, 'out');
  const table = join(lab.driveC, 'ProgramData', 'c2r-bridge');
  const files: ImageFile[] = [
    randomFile('Office/Data/v64.cab', 5000),
    randomFile(dat, 3_000_000),
    { ...randomFile('Office/Data/16.0.1.2/corrupt.dat', 100_000), sha256: 'a'.repeat(64) },
    randomFile('large.dat', 100_000_000),
    ...Array.from({ length: 50 }, (_, index) => randomFile(`many/file${index}.dat`, 200_000 + index)),
  ];
  const bytesOf = (path: string) => files.find((file) => file.path === path)?.bytes as Buffer;
  const temporaries = () => readdirSync(out).filter((name) => name.endsWith('.tmp'));
  let bridge: Bridge;

  async function unregisterAll(): Promise<void> {
    for (const { contentId } of (await bridge.request('bits/list')).contents)
      await bridge.request('bits/unregister', { contentId });
  }

  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    writeImage(image, files);
    registerBitsProxy(lab);
  });
  beforeEach(async () => {
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out);
    bridge = startBridge({ command: lab.bridgeCommand });
    await unregisterAll();
    await bridge.request('bits/register', { contentId: 'Img', path: 'C:\\bits\\image' });
    shortenIdle(lab, 500);
  });
  afterEach(async () => {
    await unregisterAll();
    await bridge[Symbol.asyncDispose]();
    // Not killed: Wine would go on to send clients to a server that did not say goodbye.
    // One that Wine started for nobody waits half a minute.
    await expect.poll(() => comServers(lab), { timeout: deadline(45_000) }).toEqual([]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has each method in the slot that the headers give to it', async () => {
    const { output } = await runClient(lab, 'slots');
    const named = (name: string, ...tables: { methods: object }[]) =>
      tables.flatMap(({ methods }) => Object.keys(methods)).map((method, index) => `${name}.${method} ${index + 3}`);
    expect(output.trim().split('\n')).toEqual([
      ...named('IBackgroundCopyManager', IBackgroundCopyManager),
      ...named(
        'IBackgroundCopyJob4',
        IBackgroundCopyJob,
        IBackgroundCopyJob2,
        IBackgroundCopyJob3,
        IBackgroundCopyJob4,
      ),
      ...named('IBackgroundCopyJobHttpOptions', IBackgroundCopyJobHttpOptions),
      ...named('IBackgroundCopyFile2', IBackgroundCopyFile, IBackgroundCopyFile2),
      ...named('IBackgroundCopyError', IBackgroundCopyError),
      ...named('IEnumBackgroundCopyJobs', IEnumBackgroundCopyJobs),
      ...named('IEnumBackgroundCopyFiles', IEnumBackgroundCopyFiles),
      ...named('IBackgroundCopyCallback', IBackgroundCopyCallback),
      `IBackgroundCopyCallback2.FileTransferred ${IBackgroundCopyCallback2.methods.FileTransferred[0]}`,
    ]);
    for (const [method, [slot]] of Object.entries(IBackgroundCopyCallback.methods))
      expect(output).toContain(`IBackgroundCopyCallback.${method} ${slot}\n`);
  });

  test('behaves in every method as BITS documents, also for wrong arguments, states and identities', async () => {
    const { code, output } = await runClient(lab, 'conformance', bridgeClsid, 'img', 'C:\\bits\\out');
    expect(output.split('\n').filter((line) => line.startsWith('FAIL'))).toEqual([]);
    expect(output.match(/^ok /gm)?.length).toBeGreaterThan(270);
    expect(code).toBe(0);
    expect(readFileSync(join(out, 'conformance-3.bin'))).toEqual(
      Buffer.concat([bytesOf(dat).subarray(10, 15), bytesOf(dat).subarray(0, 10)]),
    );
    await expect.poll(temporaries).toEqual([]);
  });

  test('serves 50 jobs at once, which are completed and released in no order', async () => {
    const { output } = await runClient(lab, 'many', bridgeClsid, 'img', 'C:\\bits\\out', '50');
    expect(output).toContain('good 50\n');
    for (let index = 0; index < 50; index++)
      expect(readFileSync(join(out, `file${index}.dat`)).equals(bytesOf(`many/file${index}.dat`))).toBe(true);
  });

  test('counts what it served, and ends when nobody holds anything of it any more', async () => {
    const { code } = await runClient(lab, 'fetch', bridgeClsid, `cmbits://img/${dat}`, 'C:\\bits\\out\\stream.dat');
    expect(code).toBe(0);
    await expect.poll(() => comServers(lab), { timeout: deadline(10_000) }).toEqual([]);
    const { contents, backend } = await bridge.request('bits/list');
    expect(backend).toBe('windows');
    expect(contents).toEqual([
      {
        contentId: 'Img',
        clsid: bridgeClsid,
        path: 'C:\\bits\\image',
        baseUrl: null,
        registeredAt: expect.any(String),
        bytesServed: 3_000_000,
        files: 1,
        bytesPerSecond: expect.any(Number),
        percent: null,
        versions: [],
        lastError: null,
        download: { downloadSource: bridgeClsid, contentId: 'Img' },
      },
    ]);
    expect(contents[0].bytesPerSecond).toBeGreaterThan(0);
  });

  test('tells a client whose server was killed in the middle, and serves anew', async () => {
    await using stalled = await stalledServer();
    const { baseUrl } = stalled;
    // A class of its own and no other one, since Wine (unlike Windows) sends later clients to the dead server of a class.
    const clsid = `{${randomUUID().toUpperCase()}}`;
    await bridge.request('bits/unregister', { contentId: 'Img' });
    await bridge.request('bits/register', { contentId: 'slow', baseUrl, clsid });
    const client = startClient(lab, 'hold', clsid, 'cmbits://slow/any.dat', 'C:\\bits\\out\\any.dat');
    await once(client.stdout as NodeJS.ReadableStream, 'data');
    await expect.poll(temporaries).toHaveLength(1);
    const [server] = comServers(lab);
    process.kill(server as number, 'SIGKILL');
    const [code] = await once(client, 'exit');
    expect(code).toBe(1);
    expect(existsSync(join(out, 'any.dat'))).toBe(false);
    expect(temporaries()).toHaveLength(1);
    await bridge.request('bits/unregister', { contentId: 'slow' });
    // What the killed server left goes with the last content, if not with the next server.
    expect([temporaries(), existsSync(table)]).toEqual([[], false]);
    await bridge.request('bits/register', { contentId: 'Img', path: 'C:\\bits\\image' });
    shortenIdle(lab, 500);
    const again = await runClient(lab, 'fetch', bridgeClsid, `cmbits://img/${dat}`, 'C:\\bits\\out\\stream.dat');
    expect(again.code).toBe(0);
    expect(readFileSync(join(out, 'stream.dat')).equals(bytesOf(dat))).toBe(true);
  });

  test('lets go of what a client held that was killed in the middle', async () => {
    const client = startClient(lab, 'hold', bridgeClsid, 'cmbits://img/large.dat', 'C:\\bits\\out\\large.dat');
    await once(client.stdout as NodeJS.ReadableStream, 'data');
    await expect.poll(temporaries).toHaveLength(1);
    client.kill('SIGKILL');
    await once(client, 'exit');
    await expect.poll(() => comServers(lab), { timeout: deadline(20_000) }).toEqual([]);
    expect(temporaries()).toEqual([]);
    expect(existsSync(join(out, 'large.dat'))).toBe(false);
  });

  test('serves each of several clients whole while others are killed amid their jobs, and keeps nothing of those', async () => {
    const start = (index: number) => {
      const into = join(out, `client${index}`);
      mkdirSync(into);
      const client = startClient(lab, 'many', bridgeClsid, 'img', `C:\\bits\\out\\client${index}`, '50');
      const begun = () => expect.poll(() => readdirSync(into).length, { timeout: deadline(30_000) }).toBeGreaterThan(0);
      return { client, folder: into, begun, ended: once(client, 'exit') };
    };
    // Alone, so that there is one server for all: where several ask at once, Wine starts one for each.
    const first = start(0);
    await first.begun();
    const doomed = [first, start(1), start(2)];
    const others = [start(3), start(4), start(5)];
    for (const { client, begun, ended } of doomed) {
      await begun();
      client.kill('SIGKILL');
      await ended;
    }
    for (const { ended, folder: into } of others) {
      expect(await ended).toEqual([0, null]);
      for (let index = 0; index < 50; index++)
        expect(readFileSync(join(into, `file${index}.dat`)).equals(bytesOf(`many/file${index}.dat`))).toBe(true);
    }
    await expect.poll(() => comServers(lab), { timeout: deadline(20_000) }).toEqual([]);
    // What was completed before is theirs; of the rest there is no trace.
    for (const { folder: into } of doomed) {
      for (const name of readdirSync(into)) {
        expect(readFileSync(join(into, name)).equals(bytesOf(`many/${name}`))).toBe(true);
      }
    }
  });

  test('whose last content is unregistered while it serves keeps its files, and leaves nothing behind when it ends', async () => {
    await using stalled = await stalledServer();
    const { baseUrl } = stalled;
    await bridge.request('bits/register', { contentId: 'Img', baseUrl });
    shortenIdle(lab, 300);
    const client = startClient(lab, 'hold', bridgeClsid, 'cmbits://img/any.dat', 'C:\\bits\\out\\any.dat');
    await once(client.stdout as NodeJS.ReadableStream, 'data');
    await expect.poll(temporaries).toHaveLength(1);
    await bridge.request('bits/unregister', { contentId: 'Img' });
    // The notes about what it still has.
    expect(readdirSync(table)).toEqual([expect.stringMatching(/^temporaries-/)]);
    stalled.disconnect();
    client.kill('SIGKILL');
    await expect.poll(() => comServers(lab), { timeout: deadline(20_000) }).toEqual([]);
    expect([temporaries(), existsSync(table)]).toEqual([[], false]);
  });

  test('neither transfers nor tells others less because of twelve callbacks that never return', async () => {
    const local = 'C:\\bits\\out\\stream.dat';
    const { code, output } = await runClient(lab, 'deaf', bridgeClsid, `cmbits://img/${dat}`, local, '12');
    expect(output).toContain('state 6 beside 12 callbacks, told 1\n');
    expect(code).toBe(0);
  });

  test('stays for a client that waits to be called, also through a retry delay', async () => {
    const content = bytesOf(dat);
    const failing: string[] = [];
    const server = createServer((request, response) => {
      if (request.url !== `/${dat}`) response.writeHead(404).end();
      else if (request.method === 'GET' && failing.push(request.url) <= 5) response.writeHead(503).end();
      else {
        response.writeHead(200, { 'content-length': content.length, etag: '"1"' });
        response.end(request.method === 'HEAD' ? undefined : content);
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await bridge.request('bits/register', { contentId: 'flaky', baseUrl });
      // A client counts as gone after twenty of them: four seconds, which the first five attempts alone take.
      shortenIdle(lab, 200);
      const { code, output } = await runClient(
        lab,
        'silent',
        bridgeClsid,
        `cmbits://flaky/${dat}`,
        'C:\\bits\\out\\flaky.dat',
      );
      expect({ code, output }).toEqual({ code: 0, output: '' });
      expect(readFileSync(join(out, 'flaky.dat')).equals(content)).toBe(true);
    } finally {
      await bridge.request('bits/unregister', { contentId: 'flaky' });
      server.closeAllConnections();
      server.close();
    }
  });

  test('serves from a base URL, also in ranges', async () => {
    const content = bytesOf(dat);
    const ranges: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      if (request.url !== `/base/${dat}`) {
        response.writeHead(404).end();
        return;
      }
      ranges.push(request.headers.range);
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      const part = from === undefined ? content : content.subarray(Number(from), Number(to) + 1);
      const head = { 'content-length': part.length, etag: '"1"' };
      if (from === undefined) response.writeHead(200, head);
      else response.writeHead(206, { ...head, 'content-range': `bytes ${from}-${to}/${content.length}` });
      response.end(request.method === 'HEAD' ? undefined : part);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`;
      await bridge.request('bits/register', { contentId: 'web', baseUrl });
      shortenIdle(lab, 500);
      const url = `cmbits://web/${dat}`;
      const parts = ['900', '100', '100', '200', '2999990', '-1'];
      const { output } = await runClient(lab, 'fetch', bridgeClsid, url, 'C:\\bits\\out\\parts.dat', ...parts);
      expect(output).toContain('bytes 310 of 310\n');
      const expected = [content.subarray(900, 1000), content.subarray(100, 300), content.subarray(-10)];
      expect(readFileSync(join(out, 'parts.dat'))).toEqual(Buffer.concat(expected));
      expect(ranges.filter(Boolean)).toEqual(['bytes=900-999', 'bytes=100-299', 'bytes=2999990-2999999']);
      const whole = await runClient(lab, 'fetch', bridgeClsid, url, 'C:\\bits\\out\\whole.dat');
      expect(whole.code).toBe(0);
      expect(readFileSync(join(out, 'whole.dat')).equals(content)).toBe(true);
    } finally {
      await bridge.request('bits/unregister', { contentId: 'web' });
      server.closeAllConnections();
      server.close();
    }
  });

  test('is registered once, whatever is repeated, and unregistering leaves nothing behind', async () => {
    const again = await bridge.request('bits/register', { contentId: 'img', path: 'C:\\bits\\image' });
    // Only the command line, which this test had changed.
    expect(again).toMatchObject({ contentId: 'Img', changed: true });
    const tree = registryTree(lab, classKey);
    expect(tree).toContain(
      '"C:\\Program Files\\nodejs\\node.exe" "C:\\Program Files\\c2r-bridge\\c2r-bridge.cjs" --com-server',
    );
    expect(registryTree(lab, appIdKey)).toMatch(/LaunchPermission.*\n.*|AccessPermission/);
    const third = await bridge.request('bits/register', { contentId: 'IMG', path: 'C:\\bits\\image' });
    expect(third.changed).toBe(false);
    expect(registryTree(lab, classKey)).toBe(tree);
    await bridge.request('bits/register', { contentId: 'other', path: 'C:\\bits\\out' });
    expect(await bridge.request('bits/unregister', { contentId: 'other' })).toMatchObject({
      removed: true,
      classRemoved: false,
    });
    expect(await bridge.request('bits/unregister', { contentId: 'iMG' })).toEqual({
      contentId: 'Img',
      removed: true,
      classRemoved: true,
      backend: 'windows',
    });
    expect([registryTree(lab, classKey), registryTree(lab, appIdKey), existsSync(table)]).toEqual([null, null, false]);
    expect(await bridge.request('bits/unregister', { contentId: 'Img' })).toMatchObject({ removed: false });
    expect((await bridge.request('bits/list')).contents).toEqual([]);
  });

  test('takes a class of the caller, and none that belongs to another product', async () => {
    const clsid = '{0F0A9C6E-6B2C-4E6D-9E5D-0123456789AB}';
    const own = await bridge.request('bits/register', { contentId: 'own', path: 'C:\\bits\\image', clsid });
    expect(own.download).toEqual({ downloadSource: clsid, contentId: 'own' });
    shortenIdle(lab, 500, clsid);
    const { code } = await runClient(lab, 'fetch', clsid, `cmbits://own/${dat}`, 'C:\\bits\\out\\own.dat');
    expect(code).toBe(0);
    await bridge.request('bits/unregister', { contentId: 'own' });
    expect(registryTree(lab, `HKLM\\SOFTWARE\\Classes\\CLSID\\${clsid}`)).toBeNull();

    const windowsBits = '{4991D34B-80A1-4291-83B6-3328366B9097}';
    const before = registryTree(lab, `HKLM\\SOFTWARE\\Classes\\CLSID\\${windowsBits}`);
    const refused = bridge.request('bits/register', { contentId: 'x', path: 'C:\\bits\\image', clsid: windowsBits });
    await expect(refused).rejects.toMatchObject({ code: 1010, data: { type: 'InUse', clsid: windowsBits } });
    expect(registryTree(lab, `HKLM\\SOFTWARE\\Classes\\CLSID\\${windowsBits}`)).toBe(before);
  });

  test('takes a class again that a killed bridge left half registered', async () => {
    const clsid = '{0F0A9C6E-6B2C-4E6D-9E5D-0123456789AC}';
    const key = `HKLM\\SOFTWARE\\Classes\\CLSID\\${clsid}`;
    for (const values of [[], ['/ve', '/d', 'c2r-bridge content source']]) {
      runWine(lab, 'reg', 'add', key, ...values, '/f');
      await bridge.request('bits/register', { contentId: 'half', path: 'C:\\bits\\image', clsid });
      expect(registryTree(lab, key)).toContain('--com-server');
      await bridge.request('bits/unregister', { contentId: 'half' });
      expect(registryTree(lab, key)).toBeNull();
    }
    runWine(lab, 'reg', 'add', key, '/ve', '/d', 'Somebody', '/f');
    const refused = bridge.request('bits/register', { contentId: 'half', path: 'C:\\bits\\image', clsid });
    await expect(refused).rejects.toMatchObject({ data: { type: 'InUse', owner: 'Somebody' } });
    runWine(lab, 'reg', 'delete', key, '/f');
  });

  test('the doctor names a bridge that the class still starts and that an upgrade has removed', async () => {
    const clsid = '{0F0A9C6E-6B2C-4E6D-9E5D-0123456789AD}';
    const key = `HKLM\\SOFTWARE\\Classes\\CLSID\\${clsid}\\LocalServer32`;
    const content = { contentId: 'upgraded', path: 'C:\\bits\\image', clsid };
    const doctor = async () => {
      const { checks } = await bridge.request('bridge/doctor', {});
      return checks.find(({ id }: { id: string }) => id === 'bits.server');
    };
    await bridge.request('bits/register', content);
    expect(await doctor()).toMatchObject({ ok: true });
    runWine(lab, 'reg', 'add', key, '/ve', '/d', '"C:\\old\\node.exe" "C:\\old\\c2r-bridge.cjs" --com-server', '/f');
    expect(await doctor()).toMatchObject({
      ok: false,
      detail: expect.stringContaining('C:\\old\\node.exe does not exist'),
      recommendation: 'Register the content sources again.',
    });
    await bridge.request('bits/register', content);
    expect(await doctor()).toMatchObject({ ok: true });
    await bridge.request('bits/unregister', { contentId: 'upgraded' });
  });

  test('refuses to serve and to register when others may write its table or its own files', async () => {
    const serve = () =>
      spawnSync(lab.node, [lab.bridge, '--com-server'], { encoding: 'utf8', timeout: deadline(30_000) });
    const contents = join(table, 'contents.json');
    const features = join(dirname(lab.bridge), 'features.cjs');
    for (const path of [table, contents, lab.bridge, features]) {
      const { mode } = statSync(path);
      chmodSync(path, 0o777);
      try {
        const { status, stderr } = serve();
        expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('can be changed by S-1-1-0') });
        const refused = bridge.request('bits/register', { contentId: 'more', path: 'C:\\bits\\image' });
        await expect(refused).rejects.toMatchObject({ data: { type: 'AccessDenied' } });
        const { checks } = await bridge.request('bridge/doctor', {});
        expect(checks).toContainEqual({
          id: 'bits.server',
          area: 'bits',
          ok: false,
          detail: expect.stringContaining('can be changed by S-1-1-0'),
          recommendation: expect.stringContaining('repair the permissions'),
        });
      } finally {
        chmodSync(path, mode);
      }
    }
  });

  test('ends with its reason where it fails once it has begun to serve', async () => {
    const contents = join(table, 'contents.json');
    const whole = readFileSync(contents, 'utf8');
    const {
      schema,
      contents: [first],
    } = JSON.parse(whole);
    writeFileSync(contents, JSON.stringify({ schema, contents: [first, { ...first, contentId: 'x', clsid: 'none' }] }));
    try {
      const { status, stderr } = spawnSync(lab.node, [lab.bridge, '--com-server'], {
        encoding: 'utf8',
        timeout: deadline(20_000),
      });
      expect({ status, stderr }).toEqual({ status: 2, stderr: 'c2r-bridge: not a GUID: none\n' });
    } finally {
      writeFileSync(contents, whole);
    }
  });

  test('says that its table is damaged, and keeps what it holds', async () => {
    const contents = join(table, 'contents.json');
    const whole = readFileSync(contents, 'utf8');
    const half = whole.slice(0, whole.length / 2);
    const damaged = { code: 1002, data: { type: 'NotAvailable', reason: 'contentTable', path: expect.any(String) } };
    const doctor = async () => {
      const { checks } = await bridge.request('bridge/doctor', {});
      return checks.find(({ id }: { id: string }) => id === 'bits.server');
    };
    writeFileSync(contents, half);
    try {
      await expect(bridge.request('bits/list', {})).rejects.toMatchObject(damaged);
      const refused = bridge.request('bits/register', { contentId: 'more', path: 'C:\\bits\\image' });
      await expect(refused).rejects.toMatchObject(damaged);
      expect(readFileSync(contents, 'utf8')).toBe(half);
      expect(await doctor()).toMatchObject({ ok: false, recommendation: expect.stringMatching(/^Delete the file/) });
    } finally {
      writeFileSync(contents, whole);
    }
    expect(await doctor()).toMatchObject({ ok: true });
  });

  test('gives an update from a registered content true percentages, which rise', async () => {
    const version = '16.0.19929.20172';
    const streams = ['x-none', 'en-us'].map((name) => `Office/Data/${version}/stream.x64.${name}.dat`);
    const staged = [randomFile('Office/Data/v64.cab', 5000), ...streams.map((path) => randomFile(path, 5_000_000))];
    writeImage(join(folder, 'staged'), staged);
    await bridge.request('bits/register', { contentId: 'update', path: 'C:\\bits\\staged' });
    shortenIdle(lab, 5000);
    const steps = join(folder, 'steps');
    rmSync(steps, { recursive: true, force: true });
    mkdirSync(steps);
    const env = { C2R_LAB_CONTENT_TARGET: 'C:\\bits\\out', C2R_LAB_CONTENT_STEPS: 'C:\\bits\\steps' };
    const updating = startLabBridge(lab, { downloadMs: 300, applyMs: 300, availableVersion: version }, { env });
    try {
      const percents: number[] = [];
      // Each of the four first parts is a tenth of the version, and the next waits until it shows.
      const onProgress = ({ phase, percent }: { phase: string; percent: number | null }) => {
        if (phase !== 'download' || percent === null) return;
        percents.push(percent);
        const part = Math.round(percent) / 10;
        if ([1, 2, 3, 4].includes(part)) writeFileSync(join(steps, String(part)), '');
      };
      const result = await updating.request(
        'c2r/update',
        { downloadSource: bridgeClsid, contentId: 'update', pollMs: 100 },
        { onProgress },
      );
      expect(result).toMatchObject({ changed: true, versionAfter: version });
      const figures = [...new Set(percents.map(Math.round))];
      expect(figures).toEqual(figures.toSorted((a, b) => a - b));
      expect(figures).toEqual(expect.arrayContaining([10, 20, 30, 40]));
      expect(figures.at(-1)).toBe(100);
    } finally {
      await updating[Symbol.asyncDispose]();
    }
  });

  test('lets an update fail whose content is corrupt, with the reason that Office was given', async () => {
    const version = '16.0.19929.20172';
    const stream = randomFile(`Office/Data/${version}/stream.x64.x-none.dat`, 5_000_000);
    writeImage(join(folder, 'bad'), [randomFile('Office/Data/v64.cab', 5000), { ...stream, sha256: 'a'.repeat(64) }]);
    await bridge.request('bits/register', { contentId: 'bad', path: 'C:\\bits\\bad' });
    shortenIdle(lab, 500);
    const env = { C2R_LAB_CONTENT_TARGET: 'C:\\bits\\out' };
    const updating = startLabBridge(lab, { downloadMs: 300, availableVersion: version }, { env });
    try {
      const failing = updating.request('c2r/update', { downloadSource: bridgeClsid, contentId: 'bad', pollMs: 100 });
      await expect(failing).rejects.toMatchObject({
        data: { type: 'UpdateFailed', hresultName: 'BG_E_VALIDATION_FAILED' },
      });
      expect(readdirSync(out)).toEqual(['v64.cab']);
    } finally {
      await updating[Symbol.asyncDispose]();
    }
  });
});
