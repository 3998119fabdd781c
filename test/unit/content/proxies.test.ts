import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Failure } from '../../../src/base/failure.js';
import { HResultError } from '../../../src/base/hresult-error.js';
import { silentLog } from '../../../src/base/log.js';
import { HttpClient } from '../../../src/content/http/http.js';
import { proxyRoutes, proxyServer } from '../../../src/content/http/proxy.js';
import { challengesOf, ProxySignIn } from '../../../src/content/http/proxy-sign-in.js';
import { readText } from '../../../src/content/http/read-text.js';
import { configuredProxies } from '../../../src/content/http/system-proxy.js';
import type { SystemNetwork } from '../../../src/content/port.js';

test.each<[string, string, readonly (string | null)[]]>([
  ['proxy:8080', 'http://cdn/', ['http://proxy:8080']],
  ['proxy', 'https://cdn/', ['http://proxy']],
  ['one:80;two:81', 'http://cdn/', ['http://one:80', 'http://two:81']],
  ['one:80 two:81', 'http://cdn/', ['http://one:80', 'http://two:81']],
  ['one:80;DIRECT', 'http://cdn/', ['http://one:80', null]],
  ['http=one:80;https=two:81', 'https://cdn/', ['http://two:81']],
  ['HTTP=one:80;ftp=two:81', 'https://cdn/', [null]],
  ['https=https://two:81', 'https://cdn/', ['https://two:81']],
  ['http=[2001:db8::1]:80', 'http://cdn/', ['http://[2001:db8::1]:80']],
  ['socks=sock:1080', 'http://cdn/', [null]],
  ['a b:c:d;one:80', 'http://cdn/', ['http://a', 'http://one:80']],
  ['', 'http://cdn/', [null]],
])('the proxies %j lead to %s by way of %j', (proxies, url, found) => {
  expect(configuredProxies({ proxies, bypass: '' }, new URL(url))).toEqual(found);
});

test.each<[string, string, boolean]>([
  ['cdn.example', 'http://cdn.example/', true],
  ['CDN.example', 'http://cdn.EXAMPLE/', true],
  ['cdn.example', 'http://other.cdn.example/', false],
  ['*.example', 'http://a.b.example/', true],
  ['*.example', 'http://example/', false],
  ['10.*;<local>', 'http://10.1.2.3/', true],
  ['10.*.3', 'http://10.1.2.3/', true],
  ['<local>', 'http://server/', true],
  ['<LOCAL>', 'http://server.example/', false],
  ['<local>', 'http://[::1]/', false],
  ['[::1]', 'http://[::1]/', true],
  ['https://cdn.example', 'http://cdn.example/', false],
  ['cdn.example:8080', 'http://cdn.example/', false],
  ['cdn.example:80 other', 'http://cdn.example/', true],
  ['a*a', 'http://a/', false],
  ['*', 'https://anything.example/', true],
  ['', 'http://cdn.example/', false],
])('the bypass list %j lets %s go around the proxy: %s', (bypass, url, around) => {
  expect(configuredProxies({ proxies: 'proxy:80', bypass }, new URL(url))).toEqual([around ? null : 'http://proxy:80']);
});

test.each<[string, Record<string, string>]>([
  ['Negotiate', { negotiate: '' }],
  ['NTLM TlRMTVNTUAACAAAA==', { ntlm: 'TlRMTVNTUAACAAAA==' }],
  ['Negotiate, NTLM, Basic realm="a, NTLM b", charset="UTF-8"', { negotiate: '', ntlm: '', basic: '' }],
  ['Basic realm="\\", Negotiate"', { basic: '' }],
  ['Digest qop=auth, nonce="x", Negotiate', { digest: '', negotiate: '' }],
  ['', {}],
])('the challenges in %j', (header, found) => {
  expect(Object.fromEntries(challengesOf(header))).toEqual(found);
});

const network = (found: Awaited<ReturnType<SystemNetwork['proxyFor']>>): SystemNetwork & { asked: string[] } => {
  const asked: string[] = [];
  const proxyFor = async (url: string) => {
    asked.push(url);
    return found;
  };
  return { asked, proxyFor, signIn: () => ({ answer: async () => Buffer.alloc(0), end: () => undefined }) };
};

test('the proxy of the system is asked for by URL, without what is in it for the server alone, once for each', async () => {
  const windows = network({ proxies: 'one:80;DIRECT', bypass: '' });
  const routes = proxyRoutes('System', windows);
  for (const query of ['?token=1', '?token=2']) {
    const found = await routes?.(new URL(`http://user:secret@cdn.example/a${query}`));
    expect(found?.map((proxy) => proxy?.url.href)).toEqual(['http://one/', undefined]);
  }
  expect(windows.asked).toEqual(['http://cdn.example/a']);
});

test('a way that led nowhere is asked for again: by another proxy, as in another network, or by none', async () => {
  const proxy = createServer((request, response) => void response.end(`by proxy ${request.url}`)).listen(
    0,
    '127.0.0.1',
  );
  await once(proxy, 'listening');
  const port = (server: Server) => (server.address() as AddressInfo).port;
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const answers: (string | Error)[] = [`127.0.0.1:${port(gone)}`, new Error('no script'), `127.0.0.1:${port(proxy)}`];
  gone.close();
  let asked = 0;
  const proxyFor = async () => {
    const answer = answers[asked++] as string | Error;
    if (answer instanceof Error) throw answer;
    return { proxies: answer, bypass: '' };
  };
  const settings = { idleTimeoutMs: 5000, connections: 1, log: silentLog };
  const client = new HttpClient({ ...settings, proxy: proxyRoutes('system', { ...network(null), proxyFor }) });
  const { signal } = new AbortController();
  const get = async () => readText(await client.send({ method: 'GET', url: 'http://cdn.example/a', signal }), 1000);
  try {
    await expect(get()).rejects.toMatchObject({ details: { toProxy: true } });
    await expect(get()).rejects.toThrow('no script');
    expect([await get(), await get()]).toEqual(Array(2).fill('by proxy http://cdn.example/a'));
    expect(asked).toBe(3);
  } finally {
    client.close();
    proxy.close();
  }
});

test('a proxy that is up again is used again, although there is a way without it, which leads nowhere', async () => {
  const answer = createServer((request, response) => void response.end(`by proxy ${request.url}`));
  const listening = (port: number) => new Promise<void>((resolve) => void answer.listen(port, '127.0.0.1', resolve));
  await listening(0);
  const { port } = answer.address() as AddressInfo;
  const settings = { idleTimeoutMs: 5000, connections: 1, log: silentLog };
  const windows = network({ proxies: `127.0.0.1:${port};DIRECT`, bypass: '' });
  const client = new HttpClient({ ...settings, proxy: proxyRoutes('system', windows) });
  const { signal } = new AbortController();
  const get = async () => readText(await client.send({ method: 'GET', url: 'http://cdn.invalid/a', signal }), 1000);
  try {
    expect(await get()).toBe('by proxy http://cdn.invalid/a');
    answer.closeAllConnections();
    await new Promise((resolve) => answer.close(resolve));
    for (let attempt = 0; attempt < 2; attempt++) await expect(get()).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/);
    await listening(port);
    expect([await get(), await get()]).toEqual(Array(2).fill('by proxy http://cdn.invalid/a'));
  } finally {
    client.close();
    answer.close();
  }
});

test('credentials for the proxy of the system are given to that proxy', async () => {
  const routes = proxyRoutes({ url: 'system', username: 'u', password: 'p' }, network({ proxies: 'one', bypass: '' }));
  expect(await routes?.(new URL('http://cdn/'))).toMatchObject([{ authorization: `Basic ${btoa('u:p')}` }]);
});

test('where the caller gave credentials, the identity of the process is never used beside them', async () => {
  let begun = 0;
  const signIn = () => {
    begun++;
    return { answer: async () => Buffer.from('token'), end: () => undefined };
  };
  const windows = { proxyFor: async () => null, signIn };
  const answer = (choice: Parameters<typeof proxyServer>[0]) =>
    new ProxySignIn(proxyServer(choice, windows)).answerTo('Negotiate, Basic realm=""', 'http://cdn/');
  expect(await answer({ url: 'http://proxy', username: 'u', password: 'p' })).toBeNull();
  expect(begun).toBe(0);
  expect(await answer('http://proxy')).toBe(`Negotiate ${btoa('token')}`);
});

test('where the account has no way to begin Negotiate, NTLM is begun; where neither, the reason is told without a token', async () => {
  const refusing = (refused: readonly string[]): SystemNetwork => ({
    proxyFor: async () => null,
    signIn: (scheme) => ({
      async answer() {
        if (refused.includes(scheme)) throw new HResultError(`InitializeSecurityContext(${scheme})`, 0x8009030e | 0);
        return Buffer.from('token');
      },
      end: () => undefined,
    }),
  });
  const answer = (refused: readonly string[]) =>
    new ProxySignIn(proxyServer('http://proxy', refusing(refused))).answerTo('Negotiate, NTLM', 'http://cdn/');
  expect(await answer(['Negotiate'])).toBe(`NTLM ${btoa('token')}`);
  await expect(answer(['Negotiate', 'NTLM'])).rejects.toMatchObject({
    message: expect.stringContaining('InitializeSecurityContext(NTLM)'),
    details: { status: 407, retryable: false },
  });
});

test('the proxy of the system is NotAvailable where there is no Windows', () => {
  expect(() => proxyRoutes('system', null)).toThrow(Failure);
  expect(() => proxyRoutes('system', null)).toThrow('on Windows only');
});
