import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runWine } from '../../support/bits-client.js';
import { startBridge } from '../../support/bridge.js';
import { describeInLab } from '../../support/lab.js';
import { squidMissing, startSquid } from '../../support/squid.js';

/** A server that says who it is, whatever it is asked for, as a proxy too. */
async function answering(name: string, asked: string[]): Promise<Server> {
  const server = createServer((request, response) => {
    asked.push(`${name}: ${request.url}`);
    const list = JSON.stringify({
      files: [{ name: `${name}.cab`, url: 'http://cdn.example/a.cab', relativePath: '/' }],
    });
    response.setHeader('content-type', 'application/json').end(list);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
const portOf = (server: Server) => (server.address() as AddressInfo).port;

describeInLab('the proxy that Windows names', (lab) => {
  const settings = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Connections';
  const asked: string[] = [];
  const servers: Server[] = [];
  let script = '';
  let [one, two, direct]: Server[] = [];

  beforeAll(async () => {
    for (const name of ['one', 'two', 'direct']) servers.push(await answering(name, asked));
    [one, two, direct] = servers as [Server, Server, Server];
    const pac = `function FindProxyForURL(url, host) {
      if (url.indexOf('first') >= 0) return 'PROXY 127.0.0.1:${portOf(one)}';
      if (url.indexOf('second') >= 0) return 'PROXY 127.0.0.1:${portOf(two)}';
      return 'DIRECT';
    }`;
    const pacServer = createServer((_request, response) => {
      response.setHeader('content-type', 'application/x-ns-proxy-autoconfig').end(pac);
    }).listen(0, '127.0.0.1');
    await once(pacServer, 'listening');
    servers.push(pacServer);
    script = `http://127.0.0.1:${portOf(pacServer)}/proxy.pac`;
  });
  afterAll(() => {
    for (const server of servers) server.close();
  });

  /** The settings of a user as the control panel writes them: flags, then proxies, bypass and script, each with its length. */
  function userSettings({ proxies = '', bypass = '', pac = '' }): void {
    const flags = 1 | (proxies === '' ? 0 : 2) | (pac === '' ? 0 : 4);
    const header = Buffer.alloc(12);
    header.writeUInt32LE(0x46, 0);
    header.writeUInt32LE(1, 4);
    header.writeUInt32LE(flags, 8);
    const texts = [proxies, bypass, pac].flatMap((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      return [length, Buffer.from(text, 'latin1')];
    });
    const blob = Buffer.concat([header, ...texts, Buffer.alloc(32)]).toString('hex');
    runWine(lab, 'reg', 'add', settings, '/v', 'DefaultConnectionSettings', '/t', 'REG_BINARY', '/d', blob, '/f');
  }
  afterAll(() => {
    runWine(lab, 'reg', 'delete', settings, '/v', 'DefaultConnectionSettings', '/f');
  });

  const start = () => startBridge({ command: lab.bridgeCommand, env: { ...process.env, ...lab.environment } });
  const namesOf = ({ files }: { files: { name: string }[] }) => files.map(({ name }) => name);

  test('a script sends each URL its own way: by one proxy, by another, or by none', async () => {
    userSettings({ pac: script });
    await using bridge = start();
    const ask = async (path: string) => {
      const endpoint = `http://127.0.0.1:${portOf(direct as Server)}/${path}`;
      return namesOf(await bridge.request('content/fileList', { endpoint, proxy: 'system' }));
    };
    expect([await ask('first'), await ask('second'), await ask('third')]).toEqual([
      ['one.cab'],
      ['two.cab'],
      ['direct.cab'],
    ]);
    expect(asked).toEqual([
      expect.stringMatching(/^one: http:\/\/127\.0\.0\.1:\d+\/first/),
      expect.stringMatching(/^two: http:\/\/127\.0\.0\.1:\d+\/second/),
      expect.stringMatching(/^direct: \/third/),
    ]);
  });

  test('the proxy of the user is used, but for what goes around it', async () => {
    const endpoint = `http://127.0.0.1:${portOf(direct as Server)}/list`;
    for (const [bypass, name] of [
      ['', 'one.cab'],
      ['127.*', 'direct.cab'],
    ] as const) {
      userSettings({ proxies: `127.0.0.1:${portOf(one as Server)}`, bypass });
      await using bridge = start();
      expect(namesOf(await bridge.request('content/fileList', { endpoint, proxy: 'system' }))).toEqual([name]);
    }
  });

  test('without any setting there is no proxy', async () => {
    userSettings({});
    await using bridge = start();
    const endpoint = `http://127.0.0.1:${portOf(direct as Server)}/list`;
    expect(namesOf(await bridge.request('content/fileList', { endpoint, proxy: 'system' }))).toEqual(['direct.cab']);
  });

  // Wine signs in by Samba's ntlm_auth, and for the user of a process only where winbind knows one: usually it refuses, and says why.
  test.skipIf(squidMissing)('a proxy that asks for NTLM is answered by SSPI, or the reason is told', async () => {
    await using squid = await startSquid(['NTLM']);
    await using bridge = start();
    const endpoint = `http://127.0.0.1:${portOf(direct as Server)}/list`;
    const asked = bridge.request('content/fileList', { endpoint, proxy: squid.url });
    const outcome = await asked.then(namesOf, (error) => error);
    if (Array.isArray(outcome)) expect(outcome).toEqual(['direct.cab']);
    else {
      expect(outcome).toMatchObject({
        message: expect.stringMatching(
          /The sign-in to the proxy failed: .*(?:AcquireCredentialsHandle|InitializeSecurityContext)/,
        ),
        data: { type: 'NetworkError', status: 407, attempts: 1 },
      });
    }
    expect(await bridge.request('bridge/ping')).toEqual({});
  });
});
