import { describe, expect, test } from 'vitest';
import { type Cdn, generated } from '../../support/cdn.mjs';
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

test('products choose channels, and a channel chooses products', async () => {
  await using cdn = await cdnOf();
  const { endpoint } = cdn;
  const channelsWith = async (...productIds: string[]) => {
    const { channels } = await bridge.request('content/channels', { endpoint, productIds });
    return channels.map(({ name }: { name: string }) => name);
  };
  expect(await channelsWith('o365proplusretail')).toEqual(['MonthlyEnterprise']);
  expect(await channelsWith('Standard2024Volume')).toEqual(['PerpetualVL2024']);
  expect(await channelsWith('Standard2024Volume', 'O365ProPlusRetail')).toEqual([]);
  expect((await failure(channelsWith('Nothing'))).data).toMatchObject({ issues: [{ path: 'productIds' }] });
  const productsIn = async (channel: string) => {
    const { skus } = await bridge.request('content/skus', { endpoint, channel });
    return skus.map(({ productId }: { productId: string }) => productId);
  };
  expect(await productsIn('Monthly')).toEqual(['O365ProPlusRetail']);
  expect(await productsIn('Perpetual2024')).toEqual(['Standard2024Volume']);
  expect(await productsIn('BetaChannel')).toEqual([]);
});

describe('proofing languages', () => {
  const version = '16.0.19929.20172';
  const withProofing = async () => {
    const dats = { 'x-none': generated(9000, 1), 'en-us': generated(9000, 2), 'fr-fr': generated(9000, 3) };
    const cdn = await cdnOf({ version, dats, proofing: { 'en-us': generated(5000, 4), 'fr-fr': generated(5000, 5) } });
    cdn.choosesLanguages = true;
    return cdn;
  };

  test('are asked for one by one, of the very version, and add their proofing tools only', async () => {
    await using cdn = await withProofing();
    const params = { endpoint: cdn.endpoint, channel: 'Current', languages: ['en-us'], proofingLanguages: ['fr-fr'] };
    const { files, url } = await bridge.request('content/fileList', params);
    const ofFrench = files.filter(({ lcid }: { lcid: string }) => lcid === '1036');
    expect(ofFrench).toMatchObject([
      { name: 'sp641036.cab', languageType: 'proofingonly' },
      { name: 'stream.x64.fr-fr.proof.dat', languageType: 'proofingonly' },
    ]);
    expect(files.filter(({ lcid }: { lcid: string }) => lcid === '1033').length).toBeGreaterThan(3);
    expect(url).toContain('lid=en-us');
    expect(cdn.requests.map(({ query }) => [query.getAll('lid'), query.get('version'), query.get('channel')])).toEqual([
      [['en-us'], null, 'Current'],
      [['fr-fr'], version, 'Current'],
    ]);
  });

  test('are staged and verified as such', async () => {
    await using cdn = await withProofing();
    await using folder = await temporaryFolder();
    const languages = { languages: ['en-us'], proofingLanguages: ['fr-fr'] };
    await stageFrom(cdn, folder.path, languages);
    const verified = await bridge.request('content/verify', { path: folder.path, ...languages });
    expect(verified).toMatchObject({ ok: true, judged: [{ ...languages, basis: 'asked' }] });
    expect(Object.keys(await contentsOf(folder.path))).not.toContain(`office/data/${version}/stream.x64.fr-fr.dat`);
  });

  test('of which the list has none are refused by name', async () => {
    await using cdn = await withProofing();
    const params = { endpoint: cdn.endpoint, proofingLanguages: ['fr-fr', 'ga-ie'] };
    const error = await failure(bridge.request('content/fileList', params));
    expect(error).toMatchObject({ message: expect.stringContaining('ga-ie'), data: { type: 'ContentInvalid' } });
  });
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

test('the reason that a service gives for its refusal is told, and asked for again as for any other', async () => {
  await using cdn = await cdnOf();
  const body = JSON.stringify({ Error: { Code: 'Unknown', Message: 'Error while fetching\r\n the data.' } });
  const refuse = (status: number) => (_request: unknown, response: import('node:http').ServerResponse) =>
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body);
  cdn.misbehave(/GET \/filelist/, refuse(400));
  expect(await failure(bridge.request('content/fileList', { endpoint: cdn.endpoint }))).toMatchObject({
    message: expect.stringContaining('status 400: Error while fetching the data. (Unknown).'),
    data: { type: 'NetworkError', status: 400, reason: 'Error while fetching the data. (Unknown)', attempts: 1 },
  });
  cdn.misbehave(/GET \/filelist/, refuse(500));
  expect(await bridge.request('content/fileList', { endpoint: cdn.endpoint })).toMatchObject({ url: cdn.endpoint });
  cdn.misbehave(/GET \/filelist/, (_request, response) => response.writeHead(404).end('plain text'));
  expect((await failure(bridge.request('content/fileList', { endpoint: cdn.endpoint }))).data).toMatchObject({
    status: 404,
    reason: null,
  });
});

describe('when the release history service fails', () => {
  const channelsOf = (cdn: Cdn, more: object = {}) =>
    bridge.request('content/channels', { endpoint: cdn.endpoint, releaseHistory: cdn.releaseHistory, ...more });
  const refused = (_request: unknown, response: import('node:http').ServerResponse) => response.writeHead(403).end();

  test.each([
    ['refuses', refused, 'status 403'],
    [
      'answers with a page',
      (_request: unknown, response: import('node:http').ServerResponse) => response.end('<html>'),
      'HTML page',
    ],
    [
      'knows no channels',
      (_request: unknown, response: import('node:http').ServerResponse) => response.end('[]'),
      'knows no channels',
    ],
  ] as const)("and %s, the CDN's own history answers, and says so", async (_what, behave, reason) => {
    await using cdn = await cdnOf();
    cdn.misbehave(/GET \/filelist\/channels/, behave);
    expect(await channelsOf(cdn)).toMatchObject({
      source: 'releaseHistory',
      sourceReason: expect.stringContaining(reason),
      newestReleaseAt: '2026-08-25T17:00:12.5Z',
      channels: [
        {
          name: 'CurrentPreview',
          alternateNames: ['InsiderSlow'],
          displayName: 'Current Channel (Preview)',
          cdnGuid: '64256afe-f5d9-4f86-8936-8840a6a4f5be',
          latestVersion: '16.0.20010.20001',
          releases: [{ release: '2603', build: '20010.20001' }, { release: '2602' }],
        },
        { name: 'PerpetualVL2024', releases: [{ version: '16.0.17932.20790', release: 'LTSB2024' }] },
      ],
    });
  });

  test('and the history is not to be had either, the failure of the service is what is told', async () => {
    await using cdn = await cdnOf();
    cdn.misbehave(/GET \/filelist\/channels/, refused);
    cdn.misbehave(/releasehistory/, (_request, response) => response.end('<html>'));
    expect(await failure(channelsOf(cdn))).toMatchObject({ data: { type: 'NetworkError', status: 403 } });
  });

  test('an empty answer is told apart from an error where there is no history', async () => {
    await using cdn = await cdnOf();
    cdn.misbehave(/GET \/filelist\/channels/, (_request, response) => response.end('[]'));
    cdn.misbehave(/releasehistory/, (_request, response) => response.writeHead(404).end());
    expect(await channelsOf(cdn)).toEqual({
      channels: [],
      source: 'service',
      sourceReason: 'The service knows no channels.',
      freshness: 'empty',
      newestReleaseAt: null,
    });
  });

  test('nothing but the endpoint is asked where it is not of Microsoft and no history is named', async () => {
    await using cdn = await cdnOf();
    cdn.misbehave(/GET \/filelist\/channels/, refused);
    const asked = bridge.request('content/channels', { endpoint: cdn.endpoint });
    expect((await failure(asked)).data).toMatchObject({ type: 'NetworkError', status: 403 });
    expect(cdn.requests.map(({ path }) => path)).toEqual(['/filelist/channels']);
  });

  test('a history that is named by plain http is refused', async () => {
    await using cdn = await cdnOf();
    const refusal = await failure(channelsOf(cdn, { releaseHistory: 'http://officecdn.microsoft.com/x.cab' }));
    expect(refusal.data).toMatchObject({ issues: [{ path: 'releaseHistory' }] });
  });
});

test.each([
  ['current', 3],
  ['stale', 60],
  ['unknown', null],
] as const)('a list whose newest release is %s is called so', async (freshness, days) => {
  await using cdn = await cdnOf();
  const pubTime = days === null ? undefined : new Date(Date.now() - days * 86_400_000).toISOString();
  const updates = [{ version: '2602', legacyVersion: '16.0.19929.20172', build: '19929.20172', pubTime }];
  cdn.misbehave(/GET \/filelist\/channels/, (_request, response) =>
    response.end(JSON.stringify([{ name: 'Current', updates }])),
  );
  expect(await bridge.request('content/channels', { endpoint: cdn.endpoint })).toMatchObject({
    source: 'service',
    sourceReason: null,
    freshness,
    newestReleaseAt: pubTime ?? null,
  });
});
