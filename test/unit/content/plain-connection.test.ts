import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.js';
import { HttpClient } from '../../../src/content/http/http.js';
import { readText } from '../../../src/content/http/read-text.js';
import { readPlainHead } from '../../../src/content/http/response-head.js';

const ok = 'HTTP/1.1 200 OK';

describe('a head', () => {
  test('of a file is read', () => {
    const head = [ok, 'Content-Length: 5', 'ETag:  "a:b" ', 'Set-Cookie: a', 'set-cookie: b', 'Via: x', 'via: y'];
    expect(readPlainHead(head.join('\r\n'), 'GET')).toEqual({
      status: 200,
      headers: { 'content-length': '5', etag: '"a:b"', via: 'y' },
      length: 5,
      keepsAlive: true,
    });
  });

  test.each<[string, string[], 'GET' | 'HEAD']>([
    ['HTTP/1.0', ['HTTP/1.0 200 OK', 'content-length: 5'], 'GET'],
    ['a server that closes', [ok, 'content-length: 5', 'connection: close'], 'GET'],
  ])('of %s does not promise another answer', (_what, lines, method) => {
    expect(readPlainHead(lines.join('\r\n'), method)).toMatchObject({ keepsAlive: false });
  });

  test('of an answer to HEAD needs no length and has no body', () => {
    expect(readPlainHead(ok, 'HEAD')).toMatchObject({ length: 0 });
    expect(readPlainHead(`${ok}\r\nContent-Length: 7`, 'HEAD')).toMatchObject({ length: 0 });
  });

  test.each<[string, string[]]>([
    ['another status', ['HTTP/1.1 302 Found', 'content-length: 5']],
    ['another protocol', ['HTTP/2 200 OK', 'content-length: 5']],
    ['a status that is not one', ['HTTP/1.1 2000 OK', 'content-length: 5']],
    ['no length', [ok]],
    ['two lengths', [ok, 'content-length: 5', 'Content-Length: 5']],
    ['a length with a sign', [ok, 'content-length: +5']],
    ['a list of lengths', [ok, 'content-length: 5, 5']],
    ['a length that no number holds', [ok, 'content-length: 99999999999999999999']],
    ['chunks', [ok, 'transfer-encoding: chunked', 'content-length: 5']],
    ['an encoding', [ok, 'content-encoding: gzip', 'content-length: 5']],
    ['two validators', [ok, 'content-length: 5', 'etag: "a"', 'etag: "b"']],
    ['a folded field', [ok, 'content-length: 5', 'x: a', ' b']],
    ['a field without a name', [ok, 'content-length: 5', ': a']],
    ['a space before the colon', [ok, 'content-length : 5']],
    ['a control character', [ok, 'content-length: 5', 'x: a\x01']],
    ['a line feed in a field', [ok, 'content-length: 5', 'x: a\nb: c']],
  ])('with %s is left to Node', (_what, lines) => {
    expect(readPlainHead(lines.join('\r\n'), 'GET')).toBeNull();
  });
});

const servers: Server[] = [];
const clients: HttpClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) server.close();
});

/** A server that answers each request, told by its number and by its connection's, as bytes on the socket. */
async function serving(answer: (socket: Socket, request: number, connection: number) => void) {
  let [connections, requests] = [0, 0];
  const texts: string[] = [];
  const server = createServer((socket) => {
    const connection = connections++;
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      texts.push(bytes.toString());
      answer(socket, requests++, connection);
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const client = new HttpClient({ proxy: null, idleTimeoutMs: 2000, connections: 2, log: silentLog });
  clients.push(client);
  const { signal } = new AbortController();
  const port = (server.address() as AddressInfo).port;
  const get = (more: Partial<Parameters<HttpClient['send']>[0]> = {}) =>
    client.send({ method: 'GET', url: `http://127.0.0.1:${port}/a?b`, signal, ...more });
  return { get, text: async () => readText(await get(), 1 << 20), texts, count: () => connections, port };
}

const plain = (body: string) => `${ok}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

test('bodies of known length come one after another over one connection', async () => {
  const { text, texts, count } = await serving((socket, request) => socket.write(plain(`body ${request}`)));
  expect([await text(), await text(), await text()]).toEqual(['body 0', 'body 1', 'body 2']);
  expect(count()).toBe(1);
  expect(texts[0]).toMatch(
    /^GET \/a\?b HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n(?:[^\r]+\r\n)*connection: keep-alive\r\n\r\n$/,
  );
});

test('a head that comes byte by byte is read', async () => {
  const { text } = await serving(async (socket) => {
    socket.setNoDelay(true);
    for (const byte of plain('slow')) {
      socket.write(byte);
      await setTimeout(1);
    }
  });
  expect(await text()).toBe('slow');
});

test.each<[string, (socket: Socket) => void, string]>([
  ['in chunks', (s) => s.write(`${ok}\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`), 'abcde'],
  ['until the connection ends', (s) => s.end(`${ok}\r\n\r\nto the end`), 'to the end'],
  [
    'compressed',
    (s) => {
      const body = gzipSync('zipped');
      s.write(`${ok}\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`);
      s.write(body);
    },
    'zipped',
  ],
  ['after an interim answer', (s) => s.write(`HTTP/1.1 103 Early Hints\r\n\r\n${plain('late')}`), 'late'],
])('a body %s is read by Node from the same answer, asked for once', async (_what, answer, body) => {
  const { text, texts } = await serving(answer);
  expect(await text()).toBe(body);
  expect(texts).toHaveLength(1);
});

test('a redirect is followed, asked for once', async () => {
  const { text, texts } = await serving((socket, request) =>
    socket.write(
      request === 0 ? `HTTP/1.1 302 Found\r\nlocation: /moved\r\ncontent-length: 0\r\n\r\n` : plain('there'),
    ),
  );
  expect(await text()).toBe('there');
  expect(texts.map((each) => each.split(' ')[1])).toEqual(['/a?b', '/moved']);
});

test.each<[string, string]>([
  ['lines that end in a line feed alone', `${ok}\ncontent-length: 2\n\nab`],
  ['something else than HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['a head without end', `${ok}\r\nx: ${'y'.repeat(100_000)}`],
])('%s is a failed connection', async (_what, bytes) => {
  const { get } = await serving((socket) => socket.write(bytes));
  await expect(get()).rejects.toMatchObject({ name: 'HttpFault', details: { errno: expect.stringMatching(/^HPE_/) } });
});

test('a connection that the server gave up meanwhile is not taken for the failure of the next request', async () => {
  const { text, count } = await serving((socket, request, connection) => {
    if (connection === 0 && request > 0) socket.destroy();
    else socket.write(plain(`over ${connection}`));
  });
  expect([await text(), await text()]).toEqual(['over 0', 'over 1']);
  expect(count()).toBe(2);
});

test('what comes after the end of a body is never part of another', async () => {
  const { text, count } = await serving((socket, _request, connection) =>
    socket.write(`${plain(`over ${connection}`)}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`),
  );
  expect([await text(), await text()]).toEqual(['over 0', 'over 1']);
  expect(count()).toBe(2);
});

test('a body that breaks off is a fault that may be tried again', async () => {
  const { get } = await serving((socket) => socket.end(`${ok}\r\ncontent-length: 9\r\n\r\nabc`));
  const received = (await get()).receive(() => undefined);
  await expect(received).rejects.toMatchObject({ details: { errno: 'ECONNRESET', retryable: true } });
});

test('a header that would begin another request is refused', async () => {
  const { get, texts } = await serving((socket) => socket.write(plain('x')));
  await expect(get({ headers: { 'if-range': '"a"\r\n\r\nGET /evil HTTP/1.1' } })).rejects.toThrow('Invalid character');
  expect(texts).toEqual([]);
});

test('a name with several addresses is reached, and an aborted request leaves no connection', async () => {
  const { get, port } = await serving(() => undefined);
  const abort = new AbortController();
  const asked = get({ url: `http://localhost:${port}/`, signal: abort.signal });
  const [socket] = (await once(servers[0] as Server, 'connection')) as [Socket];
  const closed = once(socket, 'close');
  abort.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  await closed;
});

test.each([
  ['of known length', (body: Buffer) => `${ok}\r\ncontent-length: ${body.length}\r\n\r\n`],
  ['until the connection ends', () => `${ok}\r\n\r\n`],
])('a reader that is slower than the network gets every byte of a body %s, in order', async (_what, head) => {
  const body = Buffer.from(Array.from({ length: 400_000 }, (_, index) => index % 251));
  const { get } = await serving((socket) => {
    socket.write(head(body));
    socket.end(body);
  });
  const pieces: Buffer[] = [];
  await (await get()).receive(async (piece) => {
    // Not copied before the wait: a piece is valid until its taker has settled.
    await setTimeout(1);
    pieces.push(Buffer.from(piece));
  });
  expect(Buffer.concat(pieces).equals(body)).toBe(true);
});

test.each([
  ['of known length', `${ok}\r\ncontent-length: 3\r\n\r\nabc`],
  ['in chunks', `${ok}\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`],
])('a body %s is received only when its last piece is taken', async (_what, answer) => {
  const { get } = await serving((socket) => socket.end(answer));
  let taken = '';
  await (await get()).receive(async (piece) => {
    const text = piece.toString();
    await setTimeout(20);
    taken += text;
  });
  expect(taken).toBe('abc');
});

test('a reader that stops ends the connection', async () => {
  const { get } = await serving((socket) => socket.write(`${ok}\r\ncontent-length: 1000000\r\n\r\nabc`));
  const closed = once(servers[0] as Server, 'connection').then(([socket]) => once(socket, 'close'));
  const response = await get();
  const received = response.receive((piece) => {
    expect(piece.toString()).toBe('abc');
    return Promise.reject(new Error('enough'));
  });
  await expect(received).rejects.toThrow('enough');
  response.discard();
  await closed;
});
