import { expect, test } from 'vitest';
import { cdnOf, contentsOf, failure, stagingBridge, temporaryFolder, version } from '../../support/content-staging.js';

const { bridge, stageFrom } = stagingBridge();

test('an HTML page instead of the list names the url', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(/GET \/filelist/, (_request, response) => response.end('<!DOCTYPE html><html></html>'));
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({
    message: expect.stringContaining('HTML page'),
    data: { type: 'ContentInvalid', url: cdn.endpoint },
  });
});

test('staging asks for its list as often and as patiently as for its files', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.misbehave(/GET \/filelist/, (_request, response) => response.writeHead(503).end());
  cdn.misbehave(/GET \/filelist/, () => undefined);
  const limits = { retries: 0, idleTimeoutMs: 200 };
  expect((await failure(stageFrom(cdn, folder.path, limits))).data).toMatchObject({ status: 503, attempts: 1 });
  expect((await failure(stageFrom(cdn, folder.path, limits))).data).toMatchObject({ errno: 'ETIMEDOUT', attempts: 1 });
});

test('an empty list is no image: it is refused, and nothing is written', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.list = [];
  const refused = { message: 'The file list is empty.', data: { type: 'ContentInvalid', url: cdn.endpoint } };
  expect(await failure(stageFrom(cdn, folder.path))).toMatchObject(refused);
  expect(await failure(bridge.request('content/fileList', { endpoint: cdn.endpoint }))).toMatchObject(refused);
  expect(await contentsOf(folder.path)).toEqual({});
});

test('a redirect that drops the query of the list does not change what is asked', async () => {
  await using cdn = await cdnOf();
  cdn.misbehave(/GET \/forward/, (_request, response) => response.writeHead(302, { location: '/filelist' }).end());
  const endpoint = `${new URL(cdn.endpoint).origin}/forward?linkid=2190568`;
  await bridge.request('content/fileList', { endpoint, channel: 'Current', version });
  expect(Object.fromEntries(cdn.requests.at(-1)?.query ?? [])).toMatchObject({ channel: 'Current', version });
});

test('a list is not followed to plain http elsewhere', async () => {
  await using cdn = await cdnOf();
  cdn.misbehave(/GET \/filelist/, (_request, response) =>
    response.writeHead(302, { location: 'http://example.com/' }).end(),
  );
  const error = await failure(bridge.request('content/fileList', { endpoint: cdn.endpoint }));
  expect(error).toMatchObject({ message: expect.stringContaining('plain http'), data: { type: 'NetworkError' } });
});

test('plain http is refused for lists, and every bad parameter is named', async () => {
  const error = await failure(
    bridge.request('content/fileList', { endpoint: 'http://config.office.com/api/filelist' }),
  );
  expect(error).toMatchObject({ code: -32602, data: { issues: [{ path: 'endpoint' }] } });
  const stage = await failure(
    bridge.request('content/stage', { files: [{}], channel: 'Current', destination: 'relative', baseUrl: 'ftp://x' }),
  );
  expect((stage.data.issues as { path: string }[]).map(({ path }) => path)).toEqual([
    'destination',
    'channel',
    'baseUrl',
  ]);
});

test('what content/servicePath gives is what content/fileList takes', async () => {
  await using cdn = await cdnOf();
  const moreInfoUrl = `http://go.microsoft.com/fwlink/?LinkId=626090& ServicePath=${cdn.endpoint}?Channel=Insiders&Version=${version}&Arch=64&AllLanguages=True`;
  const query = await bridge.request('content/servicePath', { moreInfoUrl });
  const { files } = await bridge.request('content/fileList', query);
  expect(files).toHaveLength(cdn.list.length);
  expect(files[0]).toMatchObject({ path: `office/data/v64_${version}.cab`, hashLocation: null });
});

test.each([
  ['content/fileList', /GET \/filelist/, { url: 'http://a/b', name: 'b', relativePath: '/' }],
  ['content/channels', /GET \/filelist\/channels/, { name: 'b' }],
  ['content/skus', /GET \/filelist\/skus/, { name: 'b' }],
])(
  '%s: a list of more than 20,000 entries is refused, before anything is made of them',
  async (method, path, entry) => {
    await using cdn = await cdnOf();
    const list = (count: number) => JSON.stringify(Array(count).fill(entry));
    cdn.misbehave(path, (_request, response) => response.end(list(20_001)));
    cdn.misbehave(path, (_request, response) => response.end(list(20_000)));
    const error = await failure(bridge.request(method, { endpoint: cdn.endpoint }));
    expect(error).toMatchObject({
      message: expect.stringContaining('20001 entries, more than 20000'),
      data: { type: 'ContentInvalid' },
    });
    const [entries] = Object.values(await bridge.request(method, { endpoint: cdn.endpoint })).filter(Array.isArray);
    expect(entries).toHaveLength(20_000);
  },
);

test('channels and products are typed, with what the service sent beside it', async () => {
  await using cdn = await cdnOf();
  const { channels } = await bridge.request('content/channels', { endpoint: cdn.endpoint });
  expect(channels).toEqual([
    {
      name: 'MonthlyEnterprise',
      alternateNames: [],
      displayName: 'Monthly Enterprise Channel',
      cdnGuid: '55336b82-a18d-4dd6-b5f6-9e5095c314a6',
      latestVersion: '16.0.19929.20172',
      releases: [
        {
          version: '16.0.19929.20172',
          release: '2602',
          build: '19929.20172',
          availableAt: '2026-08-18T21:05:15Z',
          endOfSupportAt: null,
        },
        expect.objectContaining({ release: '2601', availableAt: '2026-07-14T00:30:00Z' }),
      ],
      raw: expect.objectContaining({ latestUpdateVersion: '16.0.19929.20172' }),
    },
    expect.objectContaining({
      name: 'CurrentPreview',
      alternateNames: ['InsiderSlow', 'FirstReleaseCurrent', 'Insiders'],
    }),
    expect.objectContaining({
      name: 'PerpetualVL2024',
      releases: [
        {
          version: '16.0.17932.20790',
          release: null,
          build: '17932.20790',
          availableAt: '2026-05-12T00:00:00',
          endOfSupportAt: null,
        },
      ],
    }),
  ]);
  const { skus } = await bridge.request('content/skus', { endpoint: cdn.endpoint });
  expect(skus).toEqual([
    {
      name: 'Microsoft 365 Apps for enterprise',
      displayName: 'Microsoft 365 Apps for enterprise',
      productId: 'O365ProPlusRetail',
      license: null,
      channels: ['Current', 'MonthlyEnterprise'],
      recommendedChannel: 'Current',
      apps: [
        { name: 'Word', appId: 'Word' },
        { name: 'OneDrive (Groove)', appId: 'Groove' },
      ],
      raw: expect.objectContaining({ productID: 'O365ProPlusRetail' }),
    },
    expect.objectContaining({
      productId: 'Standard2024Volume',
      license: 'VL',
      channels: ['PerpetualVL2024'],
      apps: [],
    }),
  ]);
});

test('an architecture that has no list of its own is refused with the one to take', async () => {
  await using cdn = await cdnOf();
  const error = await failure(bridge.request('content/fileList', { endpoint: cdn.endpoint, arch: 'arm64' }));
  expect(error).toMatchObject({
    code: -32602,
    message: expect.stringContaining('ARM64 devices take the x64 list'),
    data: { issues: [{ path: 'arch' }] },
  });
});
