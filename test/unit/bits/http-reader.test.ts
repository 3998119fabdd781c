import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.js';
import { httpReader } from '../../../src/bits/http-reader.js';
import { type Bench, bytes, hex, openBench } from '../../support/source-service.js';

const path = 'Office/Data/16.0.1.2/stream.x64.x-none.dat';
let content = bytes(300_000);
const original = content;

interface Site {
  readonly manifest?: object | string;
  /** The path under which the server has the file; Office asks with another case. */
  readonly file?: string;
  etag?: string;
  /** What it says of the file instead of its ETag. */
  readonly head?: Readonly<Record<string, string>>;
  readonly ranges?: boolean;
  /** Called before each GET of the file; true where it has answered. */
  readonly disturb?: (...args: Parameters<RequestListener>) => boolean;
  /** The same for the manifest. */
  readonly disturbManifest?: (...args: Parameters<RequestListener>) => boolean;
}

let bench: Bench;
let site: Site;
let server: Server;
const asked: string[] = [];
afterEach(async () => {
  await bench.close();
  server.closeAllConnections();
  server.close();
  asked.length = 0;
  content = original;
});

function manifestOf(sha256: string, file = path, size = content.length): object {
  const at = '2026-01-01T00:00:00Z';
  const entry = { path: file, size, sha256, modifiedMs: 0, url: 'https://x/', stagedAt: at };
  const none = { validator: null, lcid: null, hashLocation: null, hashAlgorithm: null };
  return { schema: 1, createdAt: at, updatedAt: at, sources: [], files: [{ ...entry, ...none }] };
}

/** Serves what `site` and `content` are when it is asked. */
async function open(first: Site): Promise<void> {
  site = first;
  server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '').slice('/base/'.length);
    if (url === 'manifest.json' && site.disturbManifest?.(request, response)) return;
    if (url === 'manifest.json' && site.manifest !== undefined) {
      response.end(typeof site.manifest === 'string' ? site.manifest : JSON.stringify(site.manifest));
      return;
    }
    if (url !== (site.file ?? path)) {
      response.writeHead(404).end();
      return;
    }
    asked.push(`${request.method} ${request.headers.range ?? 'all'}`);
    if (request.method === 'GET' && site.disturb?.(request, response)) return;
    const etag = site.etag ?? '"1"';
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const fits = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    const part = from !== undefined && site.ranges !== false && fits;
    const body = part ? content.subarray(Number(from), Number(to) + 1) : content;
    const range = part ? { 'content-range': `bytes ${from}-${to}/${content.length}` } : {};
    const identity = site.head ?? { etag };
    response.writeHead(part ? 206 : 200, { 'content-length': body.length, ...identity, ...range });
    response.end(request.method === 'HEAD' ? undefined : body);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  bench = openBench(() => httpReader(`http://127.0.0.1:${port}/base`, silentLog));
}

async function download(ranges?: { offset: number; length: number | null }[]) {
  const job = bench.created(path, ranges);
  job.resume();
  const state = await bench.reached(job, 'TRANSFERRED', 'ERROR');
  const code = state === 'ERROR' ? hex(job.error?.hresult) : null;
  job.complete();
  const local = job.files[0]?.localName as string;
  return { state, code, bytes: existsSync(local) ? readFileSync(local) : null };
}

const digest = createHash('sha256').update(content).digest('hex');

describe('a base URL', () => {
  test('gives a file whole, checked against the manifest that lies there', async () => {
    await open({ manifest: manifestOf(digest) });
    expect(await download()).toEqual({ state: 'TRANSFERRED', code: null, bytes: content });
    expect(asked).toEqual(['HEAD all', 'GET all']);
  });

  test('gives ranges in the order given, after the whole was found right once', async () => {
    await open({ manifest: manifestOf(digest) });
    const ranges = [
      { offset: 200_000, length: null },
      { offset: 10, length: 20 },
    ];
    const expected = Buffer.concat([content.subarray(200_000), content.subarray(10, 30)]);
    expect((await download(ranges)).bytes).toEqual(expected);
    expect((await download(ranges)).bytes).toEqual(expected);
    expect(asked.filter((each) => each === 'GET all')).toHaveLength(1);
  });

  test('is asked under the name that the manifest has, since servers tell cases apart', async () => {
    const file = path.toLowerCase();
    await open({ manifest: manifestOf(digest, file), file });
    expect((await download()).state).toBe('TRANSFERRED');
  });

  test('that serves something else than the manifest says gives nothing, neither whole nor in ranges', async () => {
    await open({ manifest: manifestOf('a'.repeat(64)) });
    expect(await download()).toEqual({ state: 'ERROR', code: '0x80200053', bytes: null });
    expect(await download([{ offset: 0, length: 10 }])).toEqual({ state: 'ERROR', code: '0x80200053', bytes: null });
  });

  test('of a server that has the manifest and cabinets but serves no .dat, as IIS does, says what to do there', async () => {
    await open({ manifest: manifestOf(digest), file: 'Office/Data/v64.cab' });
    const job = bench.created(path);
    job.resume();
    expect(await bench.reached(job, 'ERROR')).toBe('ERROR');
    expect([hex(job.error?.hresult), job.error?.message]).toEqual([
      '0x80200029',
      expect.stringContaining('add the MIME type application/octet-stream for .dat'),
    ]);
  });

  test('that knows nothing of a file is not told about MIME types', async () => {
    await open({ manifest: manifestOf(digest, 'Office/Data/v64.cab'), file: 'Office/Data/v64.cab' });
    const job = bench.created(path);
    job.resume();
    expect(await bench.reached(job, 'ERROR')).toBe('ERROR');
    expect(job.error?.message).not.toContain('MIME');
  });

  test('with a manifest that cannot be read gives nothing', async () => {
    await open({ manifest: '<html>' });
    expect(await download()).toMatchObject({ code: '0x8020001b', bytes: null });
  });

  test('without ranges is BG_E_INSUFFICIENT_RANGE_SUPPORT where ranges are asked for', async () => {
    await open({ ranges: false });
    expect(await download([{ offset: 0, length: 10 }])).toMatchObject({ code: '0x80200013', bytes: null });
  });

  test('that refuses says so by the HTTP status', async () => {
    await open({
      disturb: (_, response) => {
        response.writeHead(403).end();
        return true;
      },
    });
    expect(await download()).toMatchObject({ code: '0x80190193', bytes: null });
  });

  test('that breaks off is asked for the rest, and no byte comes twice', async () => {
    let breaks = 2;
    await open({
      manifest: manifestOf(digest),
      disturb: (request, response) => {
        if (breaks-- <= 0) return false;
        const [, from = '0'] = /^bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
        const start = Number(from);
        const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
        const head = { 'content-length': content.length - start, etag: '"1"', ...(start > 0 ? range : {}) };
        response.writeHead(start > 0 ? 206 : 200, head);
        response.write(content.subarray(start, start + 70_000), () => setImmediate(() => response.destroy()));
        return true;
      },
    });
    expect(await download()).toEqual({ state: 'TRANSFERRED', code: null, bytes: content });
    expect(bench.served.reduce((sum, each) => sum + each.bytes, 0)).toBe(content.length);
    expect(asked.some((each) => /^GET bytes=[1-9]/.test(each))).toBe(true);
  });

  test('without ranges that breaks off is asked for the whole once more', async () => {
    let breaks = 2;
    await open({
      manifest: manifestOf(digest),
      ranges: false,
      disturb(request, response) {
        if (request.headers.range !== undefined || breaks-- <= 0) return false;
        response.writeHead(200, { 'content-length': content.length, etag: '"1"' });
        response.write(content.subarray(0, 100_000), () => response.destroy());
        return true;
      },
    });
    expect(await download()).toEqual({ state: 'TRANSFERRED', code: null, bytes: content });
  });

  describe('that says neither ETag nor date of a file', () => {
    const other = bytes(original.length);

    test('gives no part of what took its place after it was found right', async () => {
      await open({ manifest: manifestOf(digest), head: {} });
      const part = [{ offset: 0, length: 10 }];
      expect((await download(part)).bytes).toEqual(content.subarray(0, 10));
      content = other;
      expect(await download(part)).toMatchObject({ state: 'ERROR', code: '0x80200053' });
    });

    test('gives a file of one piece, where it breaks off and another one takes its place', async () => {
      await open({
        head: {},
        disturb(_, response) {
          if (content === other) return false;
          response.writeHead(200, { 'content-length': content.length });
          response.write(content.subarray(0, 100_000), () => setImmediate(() => response.destroy()));
          content = other;
          return true;
        },
      });
      const { state, bytes: given } = await download();
      // Not toEqual, which takes minutes to tell how two random files differ.
      expect([state, given?.equals(other)]).toEqual(['TRANSFERRED', true]);
    });
  });

  test('that replaces a file between the question and the answer is asked once more', async () => {
    const other = bytes(original.length);
    await open({
      disturb: (_, response) => {
        if (content === other) return false;
        content = other;
        site.etag = '"2"';
        response.writeHead(200, { 'content-length': original.length, etag: '"2"' });
        response.end(original);
        return true;
      },
    });
    const { state, bytes: given } = await download();
    expect([state, given?.equals(other)]).toEqual(['TRANSFERRED', true]);
    expect(asked).toEqual(['HEAD all', 'GET all', 'HEAD all', 'GET all']);
  });

  test('behind which a page answers in place of the file gives nothing', async () => {
    await open({
      disturb: (_, response) => {
        response.writeHead(200, { 'content-length': content.length, etag: '"1"', 'content-type': 'text/html' });
        response.end('<html>'.padEnd(content.length));
        return true;
      },
    });
    expect(await download()).toEqual({ state: 'ERROR', code: '0x8020001b', bytes: null });
  });

  test('that is away is tried again, and the job then waits as TRANSIENT_ERROR', async () => {
    await open({
      disturb: (_, response) => {
        response.writeHead(503).end();
        return true;
      },
    });
    const job = bench.created(path);
    job.resume();
    expect(await bench.reached(job, 'TRANSIENT_ERROR')).toBe('TRANSIENT_ERROR');
    expect(hex(job.error?.hresult)).toBe('0x801901f7');
    expect(asked.filter((each) => each.startsWith('GET'))).toHaveLength(5);
    job.cancel();
  });

  test('is not asked for its manifest by one job alone: others go on when that one is cancelled', async () => {
    let waiting: (() => void) | undefined;
    const asking = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    let answer: (() => void) | undefined;
    await open({
      manifest: manifestOf(digest),
      disturbManifest: (_, response) => {
        answer = () => response.end(JSON.stringify(manifestOf(digest)));
        waiting?.();
        return true;
      },
    });
    const [first, second] = [bench.created(path), bench.created(path)];
    first.resume();
    await asking;
    second.resume();
    await new Promise(setImmediate);
    first.cancel();
    await new Promise(setImmediate);
    answer?.();
    expect(await bench.reached(second, 'TRANSFERRED', 'ERROR')).toBe('TRANSFERRED');
  });

  test('whose manifest breaks off is asked again', async () => {
    let breaks = 1;
    await open({
      manifest: manifestOf(digest),
      disturbManifest: (_, response) => {
        if (breaks-- <= 0) return false;
        response.writeHead(200, { 'content-length': 1000 });
        response.write('{"schema"', () => setImmediate(() => response.destroy()));
        return true;
      },
    });
    expect(await download()).toEqual({ state: 'TRANSFERRED', code: null, bytes: content });
  });

  describe('whose manifest is replaced', () => {
    const hashOf = (file: Buffer) => createHash('sha256').update(file).digest('hex');

    /** Serves what `site.manifest` and `content` are by then, and counts how often the manifest comes and how. */
    async function openReplaceable() {
      const statuses: number[] = [];
      await open({
        disturbManifest: (request, response) => {
          const text = JSON.stringify(site.manifest);
          const etag = `"${hashOf(Buffer.from(text))}"`;
          statuses.push(request.headers['if-none-match'] === etag ? 304 : 200);
          response.writeHead(statuses.at(-1) as number, { etag });
          response.end(statuses.at(-1) === 304 ? undefined : text);
          return true;
        },
        manifest: manifestOf(digest),
      });
      expect((await download()).bytes?.equals(original)).toBe(true);
      expect(statuses).toEqual([200]);
      return statuses;
    }

    test('with a file of another size gives the new one, checked against the new manifest', async () => {
      const statuses = await openReplaceable();
      content = bytes(200_000);
      site = { ...site, manifest: manifestOf(hashOf(content), path, content.length), etag: '"2"' };
      const { state, bytes: given } = await download();
      expect([state, given?.equals(content), statuses]).toEqual(['TRANSFERRED', true, [200, 200]]);
    });

    test('with a file of the same size gives the new one, whole and in ranges', async () => {
      const statuses = await openReplaceable();
      content = bytes(original.length);
      site = { ...site, manifest: manifestOf(hashOf(content)), etag: '"2"' };
      expect((await download([{ offset: 7, length: 9 }])).bytes).toEqual(content.subarray(7, 16));
      const { state, bytes: given } = await download();
      expect([state, given?.equals(content)]).toEqual(['TRANSFERRED', true]);
      expect(statuses).toEqual([200, 200]);
    });

    test('with a file that it did not know gives that one only where it is what the new manifest says', async () => {
      const statuses = await openReplaceable();
      content = bytes(1000);
      const added = 'Office/Data/16.0.1.3/added.dat';
      site = { ...site, file: added, manifest: manifestOf('b'.repeat(64), added, 1000) };
      const job = bench.created(added);
      job.resume();
      expect(await bench.reached(job, 'TRANSFERRED', 'ERROR')).toBe('ERROR');
      expect(hex(job.error?.hresult)).toBe('0x80200053');
      expect(statuses).toEqual([200, 200, 304]);
    });

    test('is not asked for again while every file fits to it', async () => {
      const statuses = await openReplaceable();
      for (let index = 0; index < 3; index++) expect((await download()).state).toBe('TRANSFERRED');
      expect(statuses).toEqual([200]);
    });

    test('and which then still says something else than the file is, gives nothing', async () => {
      const statuses = await openReplaceable();
      content = bytes(original.length);
      site = { ...site, etag: '"2"' };
      const { state, code, bytes: given } = await download();
      // What is there is from before.
      expect([state, code, given?.equals(original)]).toEqual(['ERROR', '0x80200053', true]);
      expect(statuses).toEqual([200, 304]);
    });
  });

  test('gives a file the time that the server tells', async () => {
    const modified = 'Thu, 01 Jan 2026 00:00:00 GMT';
    await open({ head: { 'last-modified': modified } });
    await download();
    const local = bench.local(path.replaceAll('/', '_'));
    expect(statSync(local).mtime.toUTCString()).toBe(modified);
  });

  test('may compress its manifest, as some servers do unasked', async () => {
    await open({
      disturbManifest: (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(gzipSync(JSON.stringify(manifestOf(digest))));
        return true;
      },
    });
    expect(await download()).toEqual({ state: 'TRANSFERRED', code: null, bytes: content });
  });

  test('need not repeat the date of a file with its parts: If-Range has compared it', async () => {
    const modified = 'Thu, 01 Jan 2026 00:00:00 GMT';
    await open({
      disturb: (request, response) => {
        const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
        expect(request.headers['if-range']).toBe(modified);
        const body = content.subarray(Number(from), Number(to) + 1);
        response.writeHead(206, { 'content-length': body.length, 'content-range': `bytes ${from}-${to}/300000` });
        response.end(body);
        return true;
      },
      head: { 'last-modified': modified },
    });
    const part = await download([{ offset: 5, length: 10 }]);
    expect(part).toEqual({ state: 'TRANSFERRED', code: null, bytes: content.subarray(5, 15) });
  });
});
