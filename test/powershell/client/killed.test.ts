import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startBridge } from '../../support/bridge.js';
import { generated } from '../../support/cdn.mjs';
import { contentsOf, mib, sharedCdn, version } from '../../support/content-staging.js';
import { type Killing, killAnywhere, kills, statePath } from '../../support/killing.js';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, modulePath, pwsh } from '../../support/pwsh.js';

const scenario = (folder: string) => ({
  statePath: statePath(folder),
  office: { downloadMs: 400, applyMs: 200, availableVersion: version },
  defender: { durationMs: 500 },
});

const dats = { 'x-none': generated(12 * mib, 1), 'en-us': generated(3 * mib, 2) };
const { cdn, expected } = await sharedCdn({ dats });

/** PowerShell with a bridge of its own, which is not killed: it has to find out. What the script prints was promised. */
function running(script: (folder: string) => string): Killing['start'] {
  return (folder) => {
    const file = join(folder, 'script.ps1');
    writeFileSync(
      file,
      `$ErrorActionPreference = 'Stop'
Import-Module ${literal(modulePath)}
$null = Connect-C2RBridge -Simulation ${literal(JSON.stringify(scenario(folder)))}
${script(folder)}
'done'
`,
    );
    const victim = spawn(pwsh, ['-NoProfile', '-NonInteractive', '-File', file], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { victim, promised: text(victim.stdout).then((output) => (/^done$/m.test(output) ? output : null)) };
  };
}

const nextOf =
  (check: (request: ReturnType<typeof startBridge>['request'], promised: unknown) => Promise<void>): Killing['next'] =>
  async (folder, promised) => {
    await using bridge = startBridge({ simulate: scenario(folder) });
    await bridge.request('c2r/wait', { pollMs: 100 });
    await check(bridge.request, promised);
    expect(await bridge.stop()).toBe(0);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  };

const updated = nextOf(async (request, promised) => {
  if (promised) expect(await request('c2r/installation')).toMatchObject({ version });
  expect(await request('c2r/update', { pollMs: 100 })).toMatchObject({ versionAfter: version });
});

const operations: readonly (readonly [string, Killing])[] = [
  ['Invoke-C2RUpdate', { start: running(() => 'Invoke-C2RUpdate -PollMs 100'), next: updated }],
  [
    'Invoke-C2RUpdate -AsJob',
    {
      start: running(() => '$null = Invoke-C2RUpdate -PollMs 100 -AsJob | Receive-Job -Wait -AutoRemoveJob'),
      next: updated,
    },
  ],
  [
    'Invoke-DefenderUpdate',
    {
      start: running(() => 'Invoke-DefenderUpdate'),
      next: nextOf(async (request) => {
        expect(await request('defender/update')).toMatchObject({ changed: true });
      }),
    },
  ],
  [
    'Save-C2RContent',
    {
      start: running(
        (folder) => `Save-C2RContent -Endpoint ${literal(cdn.endpoint)} -Destination ${literal(join(folder, 'image'))}`,
      ),
      async next(folder) {
        await nextOf(async (request) => {
          await request('content/stage', { endpoint: cdn.endpoint, destination: join(folder, 'image') });
        })(folder, null);
        expect(await contentsOf(join(folder, 'image'))).toEqual(expected);
      },
    },
  ],
];

describePowerShell('a PowerShell that is killed', () => {
  test.each(operations)(
    '[killed] %s: its bridge and its jobs end by themselves, nothing half-written is left, and the next one works',
    (_, killing) => killAnywhere(killing),
    120_000 + kills * 20_000,
  );
});
