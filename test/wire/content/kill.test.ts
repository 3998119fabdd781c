import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBridge } from '../../support/bridge.js';
import { generated } from '../../support/cdn.mjs';
import { contentsOf, mib, sharedCdn, temporaryFolder } from '../../support/content-staging.js';
import { kills } from '../../support/killing.js';

const dats = { 'x-none': generated(70 * mib, 1), 'en-us': generated(9 * mib, 2), 'fr-fr': generated(3 * mib, 3) };
const { cdn, expected } = await sharedCdn({ dats });

/** Starts a bridge, lets it stage, and kills it after `ms`. */
async function killedAfter(destination: string, ms: number): Promise<void> {
  await using bridge = startBridge();
  const request = bridge.request('content/stage', { endpoint: cdn.endpoint, destination, maxBytesPerSecond: 80 * mib });
  const ended = request.then(
    () => 'done',
    () => 'gone',
  );
  const timer = setTimeout(() => bridge.process.kill('SIGKILL'), ms);
  await Promise.race([ended, once(bridge.process, 'exit')]);
  clearTimeout(timer);
}

// Destinations with five kills each: at a random time of the run, which takes a little more than a second.
test.each(Array.from({ length: Math.max(3, kills / 5) }, (_, index) => index))(
  'killed five times at random points, then resumed, the image is byte-identical and nothing is left over (%i)',
  async () => {
    await using folder = await temporaryFolder();
    const pauses = Array.from({ length: 5 }, () => Math.round(60 + Math.random() * 900));
    for (const ms of pauses) await killedAfter(folder.path, ms);
    await using bridge = startBridge();
    const result = await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path });
    expect(await contentsOf(folder.path), `after ${pauses.join(', ')} ms`).toEqual(expected);
    expect(result.files).toBe(cdn.list.length);
    const verified = await bridge.request('content/verify', { path: folder.path });
    expect(verified).toMatchObject({ ok: true, counts: { missing: 0, corrupt: 0, extra: 0 } });
  },
);

test('a killed run keeps what it had: the next one fetches the rest only, and takes over its lock', async () => {
  await using folder = await temporaryFolder();
  {
    await using bridge = startBridge();
    let kill: () => void = () => undefined;
    const recorded = new Promise<void>((resolve) => {
      kill = resolve;
    });
    const onProgress = ({ bytes }: { bytes: number }) => {
      if (bytes > 60 * mib) kill();
    };
    const params = { endpoint: cdn.endpoint, destination: folder.path, maxBytesPerSecond: 30 * mib };
    bridge.request('content/stage', params, { onProgress }).catch(() => undefined);
    await recorded;
    bridge.process.kill('SIGKILL');
    await once(bridge.process, 'exit');
  }
  expect(JSON.parse(await readFile(join(folder.path, '.c2r-stage.lock'), 'utf8'))).toMatchObject({
    pid: expect.any(Number),
  });
  await using bridge = startBridge();
  const result = await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path });
  // A record is at most a second old: 30 MiB at this rate, and some for a busy machine.
  expect(result.downloadedBytes).toBeLessThan(result.bytes - 15 * mib);
  expect(await contentsOf(folder.path)).toEqual(expected);
});
