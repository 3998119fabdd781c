import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { type Bridge, bridgePath, startBridge } from '../support/bridge.js';
import { generated } from '../support/cdn.mjs';
import { contentsOf, mib, sharedCdn } from '../support/content-staging.js';
import { deadline } from '../support/deadline.js';
import { type Killing, killAnywhere, kills, statePath } from '../support/killing.js';

const versions = { before: '16.0.17928.20114', after: '16.0.19929.20172' };
const machine = { downloadMs: 250, applyMs: 150, installedVersion: versions.before, availableVersion: versions.after };

/** A bridge whose simulated machine keeps its state in the folder, with the system's temporary folder there too. */
function startIn(folder: string, office: object = {}): Bridge {
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  return startBridge({
    simulate: { statePath: statePath(folder), office: { ...machine, ...office }, defender: { durationMs: 300 } },
    env: { ...process.env, TMPDIR: temporary },
  });
}

/** One request to a bridge of its own, with what the client has learned when that is killed. */
function requesting(
  operation: (bridge: Bridge, folder: string) => Promise<unknown>,
  office: object = {},
): Killing['start'] {
  return (folder) => {
    const bridge = startIn(folder, office);
    const promised = operation(bridge, folder).catch((error: Error) => {
      expect(error.message).toMatch(
        /ended with code null|Connection is disposed|got disposed|write EPIPE|stream was destroyed/,
      );
      return null;
    });
    return { victim: bridge.process, promised };
  };
}

/** What a bridge that comes after finds; it must end in order, and leave no more than it has kept. */
async function withNext(folder: string, check: (bridge: Bridge) => Promise<void>, office: object = {}): Promise<void> {
  await using bridge = startIn(folder, office);
  await check(bridge);
  expect(bridge.stderr()).toBe('');
  expect(await bridge.stop()).toBe(0);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
}

const withState = (request: object) => ({ ...request, pollMs: 100 });

const dats = { 'x-none': generated(12 * mib, 1), 'en-us': generated(3 * mib, 2) };
const { cdn, expected } = await sharedCdn({ dats });

const stage = (bridge: Bridge, folder: string) =>
  bridge.request('content/stage', { endpoint: cdn.endpoint, destination: join(folder, 'image') });
const verify = (bridge: Bridge, folder: string) => bridge.request('content/verify', { path: join(folder, 'image') });

async function staged(folder: string): Promise<void> {
  await using bridge = startIn(folder);
  await stage(bridge, folder);
}

async function serve(bridge: Bridge, folder: string): Promise<unknown> {
  const { download } = await bridge.request('bits/register', { contentId: 'image', path: join(folder, 'image') });
  return bridge.request('c2r/download', { ...download, ...withState({ wait: true }) });
}

const wanted = JSON.stringify({ comManagement: true, minimumVersion: versions.after });
const dsc = (folder: string, operation: string) => [
  bridgePath,
  '--simulate',
  JSON.stringify({ statePath: statePath(folder), office: machine }),
  ...['dsc', operation, 'C2RBridge/Office'],
];

const operations: readonly (readonly [string, Killing])[] = [
  [
    'c2r/download',
    {
      // Accepted is promised: Windows goes on by itself, and whoever asks next is told how it ended.
      start: requesting((bridge) => bridge.request('c2r/download')),
      next: (folder, promised) =>
        withNext(folder, async (bridge) => {
          const { status } = await bridge.request('c2r/wait', withState({}));
          if (promised) expect(status).toBe('DOWNLOAD_SUCCEEDED');
          expect(await bridge.request('c2r/download', withState({ wait: true }))).toMatchObject({
            status: 'DOWNLOAD_SUCCEEDED',
          });
          expect(await bridge.request('c2r/installation')).toMatchObject({ stagedVersion: versions.after });
        }),
    },
  ],
  [
    'c2r/download until its end',
    {
      start: requesting((bridge) => bridge.request('c2r/download', withState({ wait: true }))),
      next: (folder, promised) =>
        withNext(folder, async (bridge) => {
          await bridge.request('c2r/wait', withState({}));
          if (promised)
            expect(await bridge.request('c2r/installation')).toMatchObject({ stagedVersion: versions.after });
          expect(await bridge.request('c2r/update', withState({}))).toMatchObject({ versionAfter: versions.after });
        }),
    },
  ],
  [
    'c2r/apply',
    {
      start: requesting((bridge) => bridge.request('c2r/apply', withState({ wait: true })), {
        initialStatus: 'DOWNLOAD_SUCCEEDED',
      }),
      next: (folder, promised) =>
        withNext(
          folder,
          async (bridge) => {
            await bridge.request('c2r/wait', withState({}));
            if (promised) expect(await bridge.request('c2r/installation')).toMatchObject({ version: versions.after });
            await bridge.request('c2r/apply', withState({ wait: true }));
            expect(await bridge.request('c2r/installation')).toMatchObject({
              version: versions.after,
              stagedVersion: null,
            });
          },
          { initialStatus: 'DOWNLOAD_SUCCEEDED' },
        ),
    },
  ],
  [
    'c2r/update',
    {
      start: requesting((bridge) => bridge.request('c2r/update', withState({}))),
      next: (folder, promised) =>
        withNext(folder, async (bridge) => {
          await bridge.request('c2r/wait', withState({}));
          const { version } = await bridge.request('c2r/installation');
          if (promised) expect(version).toBe(versions.after);
          expect(await bridge.request('c2r/update', withState({}))).toMatchObject({
            changed: version === versions.before,
            versionAfter: versions.after,
          });
        }),
    },
  ],
  [
    'c2r/wait',
    {
      start: requesting((bridge) => bridge.request('c2r/wait', withState({})), { initialStatus: 'DOWNLOAD_WIP' }),
      next: (folder) =>
        withNext(
          folder,
          async (bridge) => {
            expect(await bridge.request('c2r/wait', withState({}))).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
          },
          { initialStatus: 'DOWNLOAD_WIP' },
        ),
    },
  ],
  [
    'defender/update',
    {
      start: requesting((bridge) => bridge.request('defender/update')),
      next: (folder, promised) =>
        withNext(folder, async (bridge) => {
          const { versions: found } = await bridge.request('defender/status');
          if (promised) {
            const { versionsAfter } = promised as { versionsAfter: typeof found };
            expect(found.antivirusSignature).toEqual(versionsAfter.antivirusSignature);
          }
          expect(await bridge.request('defender/update')).toMatchObject({ changed: true });
        }),
    },
  ],
  [
    'content/stage',
    {
      start: requesting(stage),
      next: (folder, promised) =>
        withNext(folder, async (bridge) => {
          if (promised) expect(await verify(bridge, folder)).toMatchObject({ ok: true });
          await stage(bridge, folder);
          expect(await contentsOf(join(folder, 'image'))).toEqual(expected);
        }),
    },
  ],
  [
    'content/verify',
    {
      prepare: staged,
      start: requesting(verify),
      next: (folder) =>
        withNext(folder, async (bridge) => {
          expect(await verify(bridge, folder)).toMatchObject({ ok: true });
          expect(await contentsOf(join(folder, 'image'))).toEqual(expected);
        }),
    },
  ],
  [
    'a download from a registered content',
    {
      prepare: staged,
      start: requesting(serve),
      next: (folder, promised) =>
        withNext(folder, async (bridge) => {
          await bridge.request('c2r/wait', withState({}));
          if (promised)
            expect(await bridge.request('c2r/installation')).toMatchObject({ stagedVersion: versions.after });
          expect(await serve(bridge, folder)).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
          expect(await contentsOf(join(folder, 'image'))).toEqual(expected);
        }),
    },
  ],
  [
    'dsc set',
    {
      start(folder) {
        const child = spawn(process.execPath, dsc(folder, 'set'), { stdio: ['pipe', 'pipe', 'ignore'] });
        child.stdin.on('error', () => undefined).end(wanted);
        // The state and what differs; what is cut off was not told.
        const promised = text(child.stdout).then((lines) => (/\n.*\n$/.test(lines) ? stateIn(lines) : null));
        return { victim: child, promised };
      },
      async next(folder, promised) {
        await withNext(folder, async (bridge) => {
          await bridge.request('c2r/wait', withState({}));
          if (promised) expect(await bridge.request('c2r/installation')).toMatchObject({ version: versions.after });
        });
        const { status, stdout } = spawnSync(process.execPath, dsc(folder, 'set'), {
          input: wanted,
          encoding: 'utf8',
          timeout: deadline(30_000),
        });
        expect(status).toBe(0);
        expect(stateIn(stdout)).toMatchObject({
          _inDesiredState: true,
          version: versions.after,
          comManagement: true,
        });
        expect(existsSync(statePath(folder))).toBe(true);
      },
    },
  ],
];

/** The state that `dsc set` prints, in front of the line with what differs. */
function stateIn(lines: string) {
  return JSON.parse(lines.slice(0, lines.indexOf('\n')));
}

test.each(operations)(
  '[killed] %s, killed anywhere: its client is told at once, nothing half-written or running is left, and the next one works',
  (_, killing) => killAnywhere(killing),
  60_000 + kills * 10_000,
);
