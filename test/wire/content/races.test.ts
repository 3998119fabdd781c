import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bridge, startBridge } from '../../support/bridge.js';
import { contentsOf, gets, sharedCdn, temporaryFolder, version } from '../../support/content-staging.js';
import { makesLinks } from '../../support/links.js';

/** On Windows a link between folders that needs no right of its own. */
const linkKind = process.platform === 'win32' ? 'junction' : 'dir';

const { cdn, expected } = await sharedCdn();
let bridge: Bridge;
beforeAll(() => {
  bridge = startBridge();
});
afterAll(() => bridge[Symbol.asyncDispose]());

const stage = (destination: string) =>
  bridge.request('content/stage', { endpoint: cdn.endpoint, destination, concurrency: 1, retries: 0 });

/** An image in the making, and a folder elsewhere with a file that has a name of the image. */
async function scene() {
  const folder = await temporaryFolder();
  const [destination, outside] = [join(folder.path, 'image'), join(folder.path, 'outside')];
  const inside = join(destination, 'office', 'data', version);
  await mkdir(inside, { recursive: true });
  await mkdir(outside);
  await writeFile(join(outside, 'stream.x64.x-none.dat'), 'mine');
  await writeFile(join(outside, 'stream.x64.x-none.dat.partial'), 'mine too');
  const untouched = await contentsOf(outside);
  return Object.assign(folder, { destination, outside, inside, untouched });
}

test.skipIf(!makesLinks).each(['s640.cab', 'stream.x64.x-none.dat', 'stream.x64.en-us.dat'])(
  'a folder that is swapped for a link while %s is sent leads nothing elsewhere, and the swap is told',
  async (name) => {
    await using place = await scene();
    const { destination, outside, inside, untouched } = place;
    cdn.misbehave(new RegExp(`GET .*${name}$`), async (_request, _response, serve) => {
      await rename(inside, `${inside}.aside`);
      await symlink(outside, inside, linkKind);
      await serve();
    });
    await expect(stage(destination)).rejects.toMatchObject({ data: { type: 'ContentInvalid' } });
    expect(await contentsOf(outside)).toEqual(untouched);

    await rm(inside);
    await rename(`${inside}.aside`, inside);
    await stage(destination);
    expect(await contentsOf(destination)).toEqual(expected);
  },
);

/**
 * Swaps a folder for a link and back, without end; each state lasts as long as chance wills, and longer with time, since a
 * busy machine needs more of it to get as far as asking for a file.
 */
const swapper = `
  const { renameSync, symlinkSync, unlinkSync } = require('node:fs');
  const [folder, outside, kind] = process.argv.slice(1);
  let longest = 12;
  const rest = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * (longest *= 1.003));
  const attempt = (call) => { try { call(); } catch {} };
  process.stdout.write('ready');
  for (;;) {
    attempt(() => renameSync(folder, folder + '.aside'));
    attempt(() => symlinkSync(outside, folder, kind));
    if (Math.random() < 0.5) rest();
    attempt(() => unlinkSync(folder));
    attempt(() => renameSync(folder + '.aside', folder));
    rest();
  }`;

test.skipIf(!makesLinks)(
  'a process that swaps a folder for a link and back all the time leads nothing elsewhere',
  async () => {
    await using place = await scene();
    const { destination, outside, inside, untouched } = place;
    const attacker = spawn(process.execPath, ['-e', swapper, inside, outside, linkKind], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(attacker.stdout, 'data');
    const before = gets(cdn, /\/office\//).length;
    const asked = () => gets(cdn, /\/office\//).length - before;
    try {
      const until = performance.now() + 5000;
      // Longer where chance ends most runs before they ask for a file.
      while (performance.now() < until || asked() <= 5) {
        await stage(destination).catch(({ data }) =>
          expect(['ContentInvalid', 'AccessDenied', 'NetworkError']).toContain(data?.type),
        );
        expect(await contentsOf(outside)).toEqual(untouched);
        for (const name of await readdir(destination)) if (name !== 'office') await rm(join(destination, name));
      }
    } finally {
      attacker.kill('SIGKILL');
      await once(attacker, 'exit');
    }
  },
);
