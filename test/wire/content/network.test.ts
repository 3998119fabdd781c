import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cabinet } from '../../support/cabinet.mjs';
import { type Cdn, type Content, generated, image, literal, type ServeOptions, startCdn } from '../../support/cdn.mjs';
import {
  complete,
  contentsOf,
  failure,
  gets,
  mib,
  overTls,
  cdnOf as plainCdnOf,
  stagingBridge,
  stream,
  temporaryFolder,
  version,
} from '../../support/content-staging.js';

const { bridge, stageFrom } = stagingBridge();

// A plain connection is read by ourselves, one over TLS by Node's client: both keep every promise.
describe.each([
  ['a plain connection', undefined],
  ['TLS', overTls],
])('over %s', (_way, tls) => {
  const cdnOf = (dats?: Parameters<typeof image>[0]) => plainCdnOf(dats, tls);

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

  test('a server that serves one connection and has no time for the others is good enough while that one gets on', async () => {
    const size = 40 * mib;
    await using cdn = await cdnOf({ dats: { 'x-none': generated(size, 5) } });
    await using folder = await temporaryFolder();
    let [serving, refused] = [false, 0];
    let onRefusal: () => void = () => undefined;
    cdn.misbehave(
      /GET .*x-none\.dat$/,
      async (request, response, serve) => {
        if (serving) {
          refused++;
          onRefusal();
          return response.writeHead(503).end();
        }
        serving = true;
        response.once('close', () => {
          serving = false;
        });
        const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
        if (first !== '0') return serve();
        response.writeHead(206, {
          etag: `"${size}"`,
          'content-range': `bytes 0-${last}/${size}`,
          'content-length': Number(last) + 1,
        });
        // Two MiB with each connection that is refused; the rest at once.
        const content = cdn.files.get(stream) as Content;
        const send = (start: number, end: number) => {
          for (const piece of content.read(start, end)) response.write(piece);
        };
        let sent = 0;
        await new Promise<void>((resolve) => {
          onRefusal = () => {
            send(sent, sent + 2 * mib);
            sent += 2 * mib;
            if (refused >= 4) resolve();
          };
        });
        onRefusal = () => undefined;
        send(sent, Number(last) + 1);
        return response.end();
      },
      99,
    );
    await stageFrom(cdn, folder.path, { concurrency: 2, retries: 2 });
    expect(refused).toBeGreaterThan(3);
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
    cdn.misbehave(
      /GET .*en-us\.dat/,
      (_request, response) => response.writeHead(503, { 'retry-after': '31' }).end(),
      9,
    );
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

  test.each(['a file', 'the list'])(
    'a server that wants another protocol in place of %s is NetworkError',
    async (what) => {
      await using cdn = await cdnOf();
      await using folder = await temporaryFolder();
      const switching = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n';
      const pattern = what === 'a file' ? /GET .*x-none\.dat$/ : /GET \/filelist/;
      cdn.misbehave(pattern, (_request, response) => response.socket?.write(switching), 9);
      const error = await failure(stageFrom(cdn, folder.path));
      expect(error).toMatchObject({ data: { type: 'NetworkError', status: 101, attempts: 1 } });
    },
  );

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

  test.each<[string, (response: ServerResponse) => (piece: string) => void]>([
    [
      'a file',
      (response) => {
        response.writeHead(200, { 'content-length': 70_000, etag: '"70000"' });
        return (piece) => response.write(piece);
      },
    ],
    [
      'a file in chunks',
      (response) => {
        response.writeHead(200, { etag: '"70000"' });
        return (piece) => response.write(piece);
      },
    ],
    [
      'the head of its answer',
      (response) => {
        response.socket?.write('HTTP/1.1 200 OK\r\nx: ');
        return (piece) => response.socket?.write(piece);
      },
    ],
  ])('a server that trickles %s is a broken transfer', async (_, begin) => {
    await using cdn = await cdnOf();
    await using folder = await temporaryFolder();
    const timers: NodeJS.Timeout[] = [];
    onTestFinished(() => {
      for (const timer of timers) clearInterval(timer);
    });
    cdn.misbehave(
      /GET .*en-us\.dat/,
      (_request, response) => {
        const write = begin(response);
        timers.push(setInterval(() => write('x'), 25));
      },
      9,
    );
    const error = await failure(stageFrom(cdn, folder.path, { idleTimeoutMs: 500, retries: 0 }));
    expect(error.data).toMatchObject({ type: 'NetworkError', errno: 'ETIMEDOUT', attempts: 1 });
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
    cdn.misbehave(/GET .*i640\.cab$/, async (_request, _response, serve) => {
      await serve({ stopAt: 100 });
      cdn.files.set(`office/data/${version}/i640.cab`, literal(next));
      cdn.etags.set(path, '"next"');
    });
    await stageFrom(cdn, folder.path);
    expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
  });

  test('a large file whose ETag changes between two parts is begun anew as a whole', async () => {
    await using cdn = await cdnOf({ dats: { 'x-none': generated(160 * mib, 5) } });
    await using folder = await temporaryFolder();
    const path = `/pr/${cdn.url.split('/pr/')[1]}/${stream}`;
    cdn.misbehave(/GET .*x-none\.dat$/, (_request, _response, serve) => serve());
    cdn.misbehave(/GET .*x-none\.dat$/, (_request, _response, serve) => {
      cdn.etags.set(path, '"next"');
      return serve();
    });
    // More connections than a file may be begun anew: all of them find out at the same time.
    await stageFrom(cdn, folder.path, { concurrency: 5 });
    expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
    const conditions = gets(cdn, /x-none\.dat$/).map(({ headers }) => headers['if-range']);
    expect(conditions).toContain('"next"');
    expect(bridge.stderr()).toContain('The file changed on the server.');
  });

  test('a large file that changes on a server without If-Range is begun anew once, however many connections find out', async () => {
    await using cdn = await cdnOf({ dats: { 'x-none': generated(160 * mib, 5) } });
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
    await stageFrom(cdn, folder.path, { concurrency: 5 });
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

  test('a server that says with HEAD that every file is empty is asked again', async () => {
    await using cdn = await cdnOf();
    await using folder = await temporaryFolder();
    cdn.misbehave(/HEAD/, (_request, response) => response.writeHead(200, { 'content-length': 0 }).end(), 99);
    await stageFrom(cdn, folder.path);
    expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
  });

  test('a file of unknown size that breaks off is begun anew, and never asked for in parts', async () => {
    await using cdn = await cdnOf();
    await using folder = await temporaryFolder();
    const pieces = [...(cdn.files.get(stream)?.read(0, 300_000) ?? [])];
    let broken = 0;
    cdn.misbehave(
      /(HEAD|GET) .*x-none\.dat$/,
      (request, response) => {
        if (request.headers.range) return response.writeHead(400).end();
        response.writeHead(200, { etag: '"chunked"', 'transfer-encoding': 'chunked' });
        if (request.method === 'HEAD') return response.end();
        if (broken++ < 4) return response.write(Buffer.alloc(50_000), () => response.destroy());
        for (const piece of pieces) response.write(piece);
        return response.end();
      },
      99,
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

  test.each([
    ['p%40ss', 'p@ss'],
    ['pass50%', 'pass50%'],
  ])(
    'user and password %s in a URL are given to that server, after a redirect too, and to no other',
    async (written, password) => {
      await using cdn = await cdnOf();
      await using other = await cdnOf();
      await using folder = await temporaryFolder();
      const basic = `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;
      const path = new URL(cdn.url).pathname;
      cdn.misbehave(/GET .*en-us\.dat$/, (request, response) =>
        response.writeHead(302, { location: `${new URL(cdn.url).origin}${request.url}?moved` }).end(),
      );
      cdn.misbehave(/GET .*i640\.cab$/, (_request, response) =>
        response.writeHead(302, { location: `${other.url}/office/data/${version}/i640.cab` }).end(),
      );
      const { files } = await bridge.request('content/fileList', { endpoint: cdn.endpoint });
      const baseUrl = cdn.url.replace('//', `//user:${written}@`);
      await bridge.request('content/stage', { files, destination: folder.path, baseUrl });
      const asked = cdn.requests.filter((request) => request.path.startsWith(path));
      expect(asked.every(({ headers }) => headers.authorization === basic)).toBe(true);
      expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
      const everywhere = bridge.stderr() + (await readFile(join(folder.path, 'manifest.json'), 'utf8'));
      expect(everywhere).not.toMatch(/p(@|%40)ss|pass50|dXNlcjpw/);
    },
  );

  test('a redirect to a name that is not encoded leads to that name', async () => {
    await using cdn = await cdnOf();
    await using folder = await temporaryFolder();
    cdn.files.set('b\u00fcro/i640.cab', cdn.files.get(`office/data/${version}/i640.cab`) as Content);
    const location = `${new URL(cdn.url).pathname}/b\u00fcro/i640.cab`;
    cdn.misbehave(/GET .*i640\.cab$/, (_request, response) =>
      response.socket?.end(Buffer.from(`HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`)),
    );
    await stageFrom(cdn, folder.path);
    expect(gets(cdn, /b\u00fcro/)).toHaveLength(1);
  });

  test('maxBytesPerSecond is kept', async () => {
    await using cdn = await cdnOf({ dats: { 'x-none': generated(4 * mib, 4) } });
    await using folder = await temporaryFolder();
    const { seconds } = await stageFrom(cdn, folder.path, { maxBytesPerSecond: 2 * mib });
    expect(seconds).toBeGreaterThan(1.8);
  });
});

test('a proxy that cannot be reached is told as such, and not as the server', async () => {
  await using cdn = await plainCdnOf();
  const closed = await startCdn(image());
  const proxy = new URL(closed.url).origin;
  await closed.close();
  await using folder = await temporaryFolder();
  const error = await failure(stageFrom(cdn, folder.path, { proxy, retries: 0 }));
  expect(error).toMatchObject({
    message: expect.stringContaining('The connection to the proxy failed: ECONNREFUSED.'),
    data: { type: 'NetworkError', errno: 'ECONNREFUSED' },
  });
});

/** A server that takes no connection, as one behind a firewall that drops them; its queue of two is full. */
async function blackhole() {
  const listening = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  })`;
  const child = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = Number(String((await once(child.stdout, 'data'))[0]));
  const queued = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  for (const socket of queued) socket.on('error', () => undefined);
  await Promise.all(queued.map((socket) => once(socket, 'connect')));
  const end = async () => {
    for (const socket of queued) socket.destroy();
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: end };
}

// Linux drops what does not fit into the queue; elsewhere a connection beyond it is refused.
test.runIf(process.platform === 'linux').each([
  ['server', 'http', false],
  ['proxy for http', 'http', true],
  ['proxy for https', 'https', true],
])('a %s that takes no connection is a broken transfer after the idle timeout', async (_what, scheme, isProxy) => {
  await using hole = await blackhole();
  await using folder = await temporaryFolder();
  const url = isProxy ? `${scheme}://cdn.invalid/a.cat` : `${hole.url}/a.cat`;
  const error = await failure(
    bridge.request('content/stage', {
      files: [{ url, name: 'a.cat', relativePath: '/office/' }],
      destination: folder.path,
      retries: 1,
      idleTimeoutMs: 200,
      ...(isProxy ? { proxy: hole.url } : {}),
    }),
  );
  expect(error.data).toMatchObject({ type: 'NetworkError', errno: 'ETIMEDOUT', attempts: 2 });
});

test('a proxy with credentials carries everything, and its password is nowhere', async () => {
  await using cdn = await plainCdnOf();
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
