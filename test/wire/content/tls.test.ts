import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, createServer as createSocketServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBridge } from '../../support/bridge.js';
import { type Cdn, generated, image, startCdn } from '../../support/cdn.mjs';
import { complete, contentsOf, temporaryFolder } from '../../support/content-staging.js';
import { deadline } from '../../support/deadline.js';

// Made for 127.0.0.1, valid for a hundred years, and trusted by nobody but these tests.
const certificate = fileURLToPath(new URL('../../support/tls/cert.pem', import.meta.url));
const key = fileURLToPath(new URL('../../support/tls/key.pem', import.meta.url));
const trusting = { ...process.env, NODE_EXTRA_CA_CERTS: certificate };

let cdn: Cdn;
let tls: { readonly key: string; readonly cert: string };
beforeAll(async () => {
  tls = { key: await readFile(key, 'utf8'), cert: await readFile(certificate, 'utf8') };
  cdn = await startCdn(image({ dats: { 'x-none': generated(40 * 1_048_576, 1), 'en-us': generated(70_000, 2) } }), {
    tls,
  });
});
afterAll(() => cdn.close());

/** A proxy that lets CONNECT with the right credentials through, over TLS itself where it has a certificate. */
async function tunnelProxy(authorization: string | undefined, tls?: { readonly key: string; readonly cert: string }) {
  const seen: { target: string; authorization: string | undefined }[] = [];
  const proxy = tls ? createSecureServer(tls) : createServer();
  proxy.on('connect', (request, client, head) => {
    seen.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    if (request.headers['proxy-authorization'] !== authorization) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const [host, port] = (request.url ?? '').split(':');
    const server = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      server.write(head);
      server.pipe(client).pipe(server);
    });
    for (const socket of [server, client]) socket.on('error', () => socket.destroy());
    client.on('close', () => server.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${(proxy.address() as { port: number }).port}`;
  const close = () => {
    proxy.closeAllConnections();
    return new Promise<void>((resolve) => proxy.close(() => resolve()));
  };
  return { url, seen, [Symbol.asyncDispose]: close };
}

test('an image is staged over https', async () => {
  await using bridge = startBridge({ env: trusting });
  await using folder = await temporaryFolder();
  await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path });
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('a server whose certificate proves nothing is NetworkError at once', async () => {
  await using bridge = startBridge();
  await expect(bridge.request('content/fileList', { endpoint: cdn.endpoint })).rejects.toMatchObject({
    data: {
      type: 'NetworkError',
      errno: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      attempts: 1,
      recommendation: expect.stringContaining('inspects TLS'),
    },
  });
});

test('https goes through a proxy in tunnels, with credentials for the proxy alone', async () => {
  const basic = `Basic ${Buffer.from('user:secret').toString('base64')}`;
  await using proxy = await tunnelProxy(basic);
  await using bridge = startBridge({ env: trusting });
  await using folder = await temporaryFolder();
  cdn.requests.length = 0;
  const params = { endpoint: cdn.endpoint, destination: folder.path };
  await bridge.request('content/stage', { ...params, proxy: { url: proxy.url, username: 'user', password: 'secret' } });
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
  const authority = new URL(cdn.endpoint).host;
  expect(proxy.seen.length).toBeGreaterThan(0);
  expect(proxy.seen.every(({ target, authorization }) => target === authority && authorization === basic)).toBe(true);
  expect(cdn.requests.some(({ headers }) => 'proxy-authorization' in headers)).toBe(false);
  expect(await readFile(join(folder.path, 'manifest.json'), 'utf8')).not.toContain('secret');
});

test('a tunnel to an IPv6 address is asked for in brackets', async () => {
  await using proxy = await tunnelProxy('Basic nobody');
  await using bridge = startBridge();
  const endpoint = 'https://[2001:db8::1]:8443/filelist';
  const refused = await bridge.request('content/fileList', { endpoint, proxy: proxy.url }).catch((error) => error);
  expect(refused.data).toMatchObject({ status: 407, url: 'https://[2001:db8::1]:8443' });
  expect(proxy.seen.map(({ target }) => target)).toEqual(['[2001:db8::1]:8443']);
});

test('the proxy may be one of https, also by its address', async () => {
  await using proxy = await tunnelProxy(undefined, tls);
  await using bridge = startBridge({ env: trusting });
  await using folder = await temporaryFolder();
  await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path, proxy: proxy.url });
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
  expect(proxy.seen.length).toBeGreaterThan(0);
  // Node warns where an address is given as the name of a server.
  expect(bridge.stderr()).toBe('');
});

test('a request that waits for a proxy can be cancelled, and leaves no connection to it', async () => {
  const sockets = new Set<Socket>();
  let asked: (() => void) | undefined;
  const asking = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const silent = createSocketServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    socket.once('data', () => asked?.());
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  await using bridge = startBridge({ env: trusting });
  const cancellation = new AbortController();
  const proxy = `http://127.0.0.1:${(silent.address() as { port: number }).port}`;
  const list = bridge.request('content/fileList', { endpoint: cdn.endpoint, proxy }, { signal: cancellation.signal });
  await asking;
  cancellation.abort();
  // Far less than the half minute of silence after which the proxy would be given up.
  const late = setTimeout(10_000, 'late', { ref: false });
  await expect(Promise.race([list, late])).rejects.toMatchObject({ code: -32800 });
  await expect.poll(() => sockets.size, { timeout: deadline(5000) }).toBe(0);
  silent.close();
});

test('a proxy that refuses the credentials is NetworkError with status 407, and they are not in it', async () => {
  await using proxy = await tunnelProxy('Basic nobody');
  await using bridge = startBridge({ env: trusting, args: ['--log-level', 'debug'] });
  const refused = await bridge
    .request('content/fileList', { endpoint: cdn.endpoint, proxy: proxy.url.replace('//', '//user:secret@') })
    .catch((error) => error);
  const recommendation = expect.stringContaining('takes Basic');
  expect(refused.data).toMatchObject({ type: 'NetworkError', status: 407, attempts: 1, recommendation });
  expect(JSON.stringify(refused) + bridge.stderr()).not.toContain('secret');
});

test('a redirect from https to http is refused', async () => {
  await using bridge = startBridge({ env: trusting });
  cdn.misbehave(/GET \/filelist/, (_request, response) =>
    response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
  );
  await expect(bridge.request('content/fileList', { endpoint: cdn.endpoint })).rejects.toMatchObject({
    message: expect.stringContaining('from https to http'),
    data: { type: 'NetworkError', attempts: 1 },
  });
});
