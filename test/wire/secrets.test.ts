import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge.js';
import { type Cdn, image, startCdn } from '../support/cdn.mjs';
import { temporaryFolder } from '../support/content-staging.js';

const secret = 's3cr3t';
const query = `sv=2024-11-04&sig=${secret}%2Babc&access_token=${secret}&code=${secret}`;

let cdn: Cdn;
let bridge: Bridge;
beforeAll(async () => {
  cdn = await startCdn(image());
  bridge = startBridge({ args: ['--log-level', 'debug'] });
});
afterAll(async () => {
  await bridge[Symbol.asyncDispose]();
  await cdn.close();
});

const withQuery = (url: string) => `${url}${url.includes('?') ? '&' : '?'}${query}`;
const credentials = (url: string) => url.replace('//', `//user:${secret}@`);

/** What a failed request tells its caller, whole. */
async function told(method: string, params: object): Promise<string> {
  return bridge.request(method, params).then(
    () => expect.unreachable('the request should fail'),
    ({ code, message, data }) => JSON.stringify({ code, message, data }),
  );
}

test('[secrets] tokens in URLs reach the server, and are in no manifest, no state, no result and no log', async () => {
  await using folder = await temporaryFolder();
  const { files } = await bridge.request('content/fileList', { endpoint: cdn.endpoint });
  const signed = files.map((file: { url: string }) => ({ ...file, url: withQuery(file.url) }));
  const before = cdn.requests.length;
  const result = await bridge.request('content/stage', { files: signed, destination: folder.path });
  const asked = cdn.requests.slice(before);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.every((request) => request.query.get('sig') === `${secret}+abc`)).toBe(true);
  const written = readdirSync(folder.path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(join(folder.path, name), 'utf8'));
  expect(written).toHaveLength(1);
  expect(written[0]).toContain('sv=2024-11-04');
  const listed = await bridge.request('content/fileList', { endpoint: withQuery(credentials(cdn.endpoint)) });
  expect([...written, JSON.stringify(result), listed.url, bridge.stderr()].join('\n')).not.toContain(secret);
});

test('[secrets] a run with new tokens trusts what an earlier one has staged', async () => {
  await using folder = await temporaryFolder();
  const { files } = await bridge.request('content/fileList', { endpoint: cdn.endpoint });
  const signed = (sig: string) => files.map((file: { url: string }) => ({ ...file, url: `${file.url}?sig=${sig}` }));
  await bridge.request('content/stage', { files: signed('one'), destination: folder.path });
  const again = await bridge.request('content/stage', { files: signed('two'), destination: folder.path });
  expect(again).toMatchObject({ downloadedBytes: 0, verified: 0 });
});

const entry = { url: 'http://127.0.0.1:9/a.cab', name: 'a.cab', relativePath: '/office/data/' };
test.each<[string, (base: string, destination: string) => readonly [string, object]]>([
  ['a list that is not there', (base) => ['content/fileList', { endpoint: withQuery(credentials(`${base}/none`)) }]],
  ['a list of channels that is not there', (base) => ['content/channels', { endpoint: withQuery(`${base}/none`) }]],
  ['products that are not there', (base) => ['content/skus', { endpoint: withQuery(`${base}/none`) }]],
  [
    'a file that is not there',
    (base, destination) => [
      'content/stage',
      { files: [{ ...entry, url: withQuery(credentials(`${base}/a.cab`)) }], destination, retries: 0 },
    ],
  ],
  [
    'a file object that is refused',
    (_, destination) => [
      'content/stage',
      { files: [{ ...entry, url: withQuery(entry.url), relativePath: '/../' }], destination },
    ],
  ],
  ['a MoreInfoUrl that is refused', () => ['content/servicePath', { moreInfoUrl: `https://a.example/?${query}` }]],
  ['a proxy that is no URL', (base) => ['content/skus', { endpoint: base, proxy: `${secret}@proxy:8080` }]],
  [
    'a proxy that is not there',
    () => ['content/skus', { endpoint: 'http://127.0.0.1:9/', proxy: credentials('http://127.0.0.1:9') }],
  ],
])('[secrets] %s: neither the error nor the log has them', async (_, request) => {
  await using folder = await temporaryFolder();
  const [method, params] = request(cdn.url, folder.path);
  expect(JSON.stringify(params)).toContain(secret);
  expect(await told(method, params)).not.toContain(secret);
  expect(bridge.stderr()).not.toContain(secret);
});

test('[inherited-environment] proxy variables of the environment are not used, and not spoken of', async () => {
  const proxy = credentials('http://127.0.0.1:9');
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'npm_config_proxy'];
  await using inherited = startBridge({
    args: ['--log-level', 'debug'],
    env: { ...process.env, ...Object.fromEntries(names.map((name) => [name, proxy])), NODE_USE_ENV_PROXY: '1' },
  });
  const { files } = await inherited.request('content/fileList', { endpoint: cdn.endpoint });
  expect(files.length).toBe(cdn.list.length);
  expect(inherited.stderr()).not.toContain(secret);
});
