import { describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.js';
import { HttpClient } from '../../../src/content/http/http.js';
import { type ProxyRoutes, proxyRoutes } from '../../../src/content/http/proxy.js';
import { readText } from '../../../src/content/http/read-text.js';
import type { SystemNetwork } from '../../../src/content/port.js';
import { startBridge } from '../../support/bridge.js';
import { cdnOf, complete, contentsOf, overTls, stream, temporaryFolder } from '../../support/content-staging.js';
import { type SquidScheme, squidMissing, startSquid } from '../../support/squid.js';

if (squidMissing) console.warn(`The tests with squid are skipped: ${squidMissing}`);

/** The messages of NTLM as a client without a password of its own would send them. https://learn.microsoft.com/openspecs/windows_protocols/ms-nlmp */
const negotiateMessage = Buffer.concat([Buffer.from('NTLMSSP\0\x01\0\0\0\x02\x82\0\0', 'latin1'), Buffer.alloc(16)]);
function authenticateMessage(user: string, domain: string): Buffer {
  const fields = [
    Buffer.alloc(24),
    Buffer.alloc(24),
    ...[domain, user, 'PC'].map((text) => Buffer.from(text, 'utf16le')),
    Buffer.alloc(0),
  ];
  const head = Buffer.alloc(64);
  head.write('NTLMSSP\0\x03', 'latin1');
  let at = head.length;
  for (const [index, field] of fields.entries()) {
    head.writeUInt16LE(field.length, 12 + index * 8);
    head.writeUInt16LE(field.length, 14 + index * 8);
    head.writeUInt32LE(at, 16 + index * 8);
    at += field.length;
  }
  // Names in UTF-16.
  head.writeUInt32LE(0x8201, 60);
  return Buffer.concat([head, ...fields]);
}

/** What Windows would be asked: the sign-ins that were begun, and what is still open of them. */
function identity(user: string) {
  const begun: string[] = [];
  let open = 0;
  const network: SystemNetwork = {
    proxyFor: async () => null,
    signIn(scheme, host) {
      begun.push(`${scheme} ${host}`);
      open++;
      return {
        async answer(challenge) {
          if (!challenge) return negotiateMessage;
          expect(challenge.toString('latin1', 0, 9)).toBe('NTLMSSP\0\x02');
          return authenticateMessage(user, 'CORP');
        },
        end: () => void open--,
      };
    },
  };
  return { network, begun, open: () => open };
}

function clientOf(proxy: ProxyRoutes | null): HttpClient & Disposable {
  const client = new HttpClient({ proxy, idleTimeoutMs: 10_000, connections: 4, log: silentLog });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}
const { signal } = new AbortController();

describe.skipIf(squidMissing)('through a proxy of the company', () => {
  test.each<[SquidScheme[], string]>([
    [['NTLM'], 'NTLM 127.0.0.1'],
    [['Negotiate', 'NTLM', 'Basic'], 'Negotiate 127.0.0.1'],
  ])('that asks for %j, plain requests go signed in, over connections that stay so', async (schemes, sign) => {
    await using squid = await startSquid(schemes);
    await using cdn = await cdnOf();
    const { network, begun, open } = identity('jane');
    using client = clientOf(proxyRoutes(squid.url, network));
    const url = `${cdn.url}/${stream}.cat`;
    const catalog = Buffer.concat([...(cdn.files.get(`${stream}.cat`)?.read(0, 1 << 20) ?? [])]).toString();
    const ask = async () => readText(await client.send({ method: 'GET', url, signal }), 1 << 20);
    for (let times = 0; times < 3; times++) expect(await ask()).toBe(catalog);
    await client.send({ method: 'HEAD', url, signal });
    expect([begun, open()]).toEqual([[sign], 0]);
    await Promise.all([ask(), ask(), ask()]);
    expect(begun.length).toBeLessThanOrEqual(4);
    const served = () => squid.log().filter(({ status }) => status === '200');
    await expect.poll(() => served().length).toBe(7);
    expect(served().filter(({ user }) => !/^corp\\jane$/i.test(user))).toEqual([]);
    expect(cdn.requests.every(({ headers }) => !('proxy-authorization' in headers))).toBe(true);
  });

  test('that asks for NTLM, tunnels are opened signed in', async () => {
    await using squid = await startSquid(['NTLM']);
    await using cdn = await cdnOf(undefined, overTls);
    const { network, begun, open } = identity('jane');
    using client = clientOf(proxyRoutes(squid.url, network));
    // What is in the tunnel is for the certificate to prove, which nobody here trusts.
    const asked = client.send({ method: 'GET', url: cdn.endpoint, signal });
    await expect(asked).rejects.toMatchObject({ details: { errno: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    expect([begun, open()]).toEqual([['NTLM 127.0.0.1'], 0]);
    await expect
      .poll(() => squid.log().at(-1))
      .toMatchObject({ method: 'CONNECT', status: '200', user: expect.stringMatching(/^corp\\jane$/i) });
  });

  test('of the system is signed in to, and the next one is taken where the first cannot be reached', async () => {
    await using squid = await startSquid(['NTLM']);
    await using cdn = await cdnOf();
    const { network, begun } = identity('jane');
    const proxies = `127.0.0.1:9;127.0.0.1:${squid.port}`;
    using client = clientOf(proxyRoutes('system', { ...network, proxyFor: async () => ({ proxies, bypass: '' }) }));
    const response = await client.send({ method: 'GET', url: cdn.endpoint, signal });
    expect(JSON.parse(await readText(response, 1 << 20))).toHaveProperty('files');
    expect(begun).toHaveLength(1);
  });

  test('that refuses the account, the status is 407, and nobody is asked again and again', async () => {
    await using squid = await startSquid(['NTLM']);
    await using cdn = await cdnOf();
    const network: SystemNetwork = {
      proxyFor: async () => null,
      signIn: () => ({
        answer: async (challenge) => (challenge ? Buffer.from('no') : negotiateMessage),
        end: () => undefined,
      }),
    };
    using client = clientOf(proxyRoutes(squid.url, network));
    const refused = client.send({ method: 'GET', url: cdn.endpoint, signal });
    await expect(refused).rejects.toMatchObject({ details: { status: 407, retryable: false } });
    expect(cdn.requests).toEqual([]);
  });

  test.each(['http', 'https'] as const)(
    'that wants a sign-in of Windows for %s, a bridge without it says so at once',
    async (scheme) => {
      await using squid = await startSquid(['Negotiate', 'NTLM']);
      await using cdn = await cdnOf(undefined, scheme === 'https' ? overTls : undefined);
      await using bridge = startBridge({ args: ['--log-level', 'debug'] });
      const asked = bridge.request('content/fileList', { endpoint: cdn.endpoint, proxy: squid.url });
      await expect(asked).rejects.toMatchObject({
        message: expect.stringContaining('asks for Negotiate or NTLM'),
        data: { type: 'NetworkError', status: 407, attempts: 1, recommendation: expect.stringContaining('on Windows') },
      });
    },
  );

  test('that asks for Basic, an image is staged with a user and a password', async () => {
    await using squid = await startSquid(['Basic']);
    await using cdn = await cdnOf();
    await using folder = await temporaryFolder();
    await using bridge = startBridge({ args: ['--log-level', 'debug'] });
    const proxy = { url: squid.url, username: 'user', password: 'secret' };
    const params = { endpoint: cdn.endpoint, destination: folder.path };
    await bridge.request('content/stage', { ...params, proxy });
    expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
    const wrong = await bridge
      .request('content/stage', { ...params, force: true, proxy: { ...proxy, password: 'else' } })
      .catch((error) => error);
    expect(wrong.data).toMatchObject({ type: 'NetworkError', status: 407, attempts: 1 });
    expect(JSON.stringify(wrong) + bridge.stderr()).not.toMatch(/secret|else|dXNlcjp/);
  });
});

const elsewhere = test.skipIf(process.platform === 'win32');
elsewhere('the proxy of the system is NotAvailable where there is no Windows, in a thread too', async () => {
  await using bridge = startBridge();
  await using folder = await temporaryFolder();
  const files = [{ url: 'http://cdn.invalid/a.cat', name: 'a.cat', relativePath: '/office/' }];
  const unavailable = { data: { type: 'NotAvailable', reason: 'needsWindows' } };
  await expect(bridge.request('content/skus', { proxy: 'system' })).rejects.toMatchObject(unavailable);
  const staged = bridge.request('content/stage', { files, destination: folder.path, proxy: 'system' });
  await expect(staged).rejects.toMatchObject(unavailable);
});
