import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBridge } from '../../support/bridge.js';
import { type Cdn, generated } from '../../support/cdn.mjs';
import {
  cdnOf,
  complete,
  contentsOf,
  failure,
  gets,
  mib,
  stagingBridge,
  stream,
  temporaryFolder,
} from '../../support/content-staging.js';
import { deadline } from '../../support/deadline.js';

const { bridge, stageFrom } = stagingBridge();

/** Stages until `limit` bytes have come, then cancels; the error that the request ends with. */
function cancelledAfter(limit: number, { endpoint }: Cdn, destination: string, maxBytesPerSecond: number) {
  const cancellation = new AbortController();
  const onProgress = ({ bytes }: { bytes: number }) => {
    if (bytes > limit) cancellation.abort();
  };
  const params = { endpoint, destination, maxBytesPerSecond };
  return failure(bridge.request('content/stage', params, { onProgress, signal: cancellation.signal }));
}

test('a second run into the same destination is InUse with who and since, and the first is not disturbed', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    cdn.misbehave(/GET .*x-none\.dat$/, async (_request, _response, serve) => {
      resolve();
      await held;
      await serve();
    });
  });
  const first = stageFrom(cdn, folder.path);
  await reached;
  const error = await failure(stageFrom(cdn, folder.path));
  expect(error).toMatchObject({
    code: 1010,
    data: {
      type: 'InUse',
      pid: bridge.process.pid,
      since: expect.stringMatching(/^\d{4}-.*Z$/),
      who: expect.any(String),
    },
  });
  expect(await bridge.request('bridge/ping')).toEqual({});
  release();
  await first;
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('several destinations are staged at once', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const places = ['a', 'b', 'c'].map((name) => join(folder.path, name));
  await Promise.all(places.map((place) => stageFrom(cdn, place)));
  for (const place of places) expect(await contentsOf(place)).toEqual(complete(cdn.files));
});

test('a cancelled run ends as cancelled, and the next one fetches only what is missing', async () => {
  const size = 64 * mib;
  await using cdn = await cdnOf({ dats: { 'x-none': generated(size, 4) } });
  await using folder = await temporaryFolder();
  const error = await cancelledAfter(20 * mib, cdn, folder.path, 40 * mib);
  expect(error.code).toBe(-32800);
  const left = Object.keys(await contentsOf(folder.path));
  expect(left).toContain(`${stream}.partial`);
  expect(left).not.toContain('.c2r-stage.lock');
  const resumed = await stageFrom(cdn, folder.path);
  expect(resumed.downloadedBytes).toBeLessThan(size - 15 * mib);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('what a cancelled run left is not trusted: a changed tail is found and fetched again', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(24 * mib, 4) } });
  await using folder = await temporaryFolder();
  await cancelledAfter(8 * mib, cdn, folder.path, 20 * mib);
  const partial = join(folder.path, `${stream}.partial`);
  const bytes = await readFile(partial);
  await writeFile(partial, bytes.fill(0, 1_000_000, 1_000_100));
  await stageFrom(cdn, folder.path);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
  expect(bridge.stderr()).toContain('the resumed file is wrong');
});

test('what a cancelled run left of a file that changed since is not used', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(24 * mib, 4) } });
  await using folder = await temporaryFolder();
  await cancelledAfter(8 * mib, cdn, folder.path, 20 * mib);
  cdn.etags.set(`/pr/${cdn.url.split('/pr/')[1]}/${stream}`, '"changed"');
  await stageFrom(cdn, folder.path);
  expect(gets(cdn, /x-none\.dat$/).at(-1)?.headers.range).toBeUndefined();
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});

test('the end of stdin lets a run leave everything in order, and the next one goes on with it', async () => {
  await using cdn = await cdnOf({ dats: { 'x-none': generated(40 * mib, 4) } });
  await using folder = await temporaryFolder();
  await using other = startBridge();
  const far = new Promise<void>((resolve) => {
    const onProgress = ({ bytes }: { bytes: number }) => bytes > 10 * mib && resolve();
    const params = { endpoint: cdn.endpoint, destination: folder.path, maxBytesPerSecond: 5 * mib };
    other.request('content/stage', params, { onProgress }).catch(() => undefined);
  });
  await far;
  const ended = once(other.process, 'exit', { signal: AbortSignal.timeout(deadline(6000)) });
  other.process.stdin?.end();
  expect((await ended)[0]).toBe(0);
  expect(Object.keys(await contentsOf(folder.path))).not.toContain('.c2r-stage.lock');
  const resumed = await stageFrom(cdn, folder.path);
  expect(resumed.downloadedBytes).toBeLessThan(32 * mib);
  expect(await contentsOf(folder.path)).toEqual(complete(cdn.files));
});
