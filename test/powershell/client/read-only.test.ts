import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bridgePath } from '../../support/bridge.js';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, modulePath, runPowerShellProcess } from '../../support/pwsh.js';

/** Root may write everywhere; then PowerShell runs as nobody, who owns nothing. */
const asRoot = process.getuid?.() === 0;

/** The module and the bridge as a clone has them, in folders that PowerShell may not write to. */
function readOnlyClone(): { readonly module: string; readonly dist: string; readonly home: string } {
  const root = mkdtempSync(join(tmpdir(), 'c2r-read-only-'));
  const [dist, powershell, home] = ['dist', 'powershell', 'home'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  cpSync(dirname(bridgePath), dist, { recursive: true });
  cpSync(dirname(modulePath), powershell, { recursive: true });
  mkdirSync(home);
  const paths = [dist, powershell].flatMap((folder) => [
    folder,
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ]);
  const set = (writable: number) => {
    for (const path of paths) chmodSync(path, (statSync(path).isDirectory() ? 0o555 : 0o444) | writable);
  };
  set(0);
  chmodSync(root, 0o755);
  chmodSync(home, 0o777);
  onTestFinished(() => {
    set(0o200);
    rmSync(root, { recursive: true });
  });
  return { module: join(powershell, 'C2RBridge'), dist, home };
}

describePowerShell('a module in a folder that may not be written', () => {
  test.runIf(process.platform !== 'win32')('does all of its work, and completes without openrpc.json', async () => {
    const { module, dist, home } = readOnlyClone();
    const work = `
      $before = TabExpansion2 'Invoke-C2RBridgeMethod c2r/sta' -cursorColumn 30
      $updated = Invoke-C2RUpdate -PollMs 100 -WarningAction SilentlyContinue
      @{
        completed = @($before.CompletionMatches | ForEach-Object CompletionText)
        changed = $updated.Changed
        status = (Get-C2RStatus).Status
        report = (Get-C2RReport -AsHtml) -like '*</html>*'
        refused = Catch-Error { Save-C2RContent -Endpoint http://127.0.0.1:9/ -Retries 0 -Destination ${literal(join(dist, 'image'))} }
      }`;
    const env = { ...process.env, HOME: home, C2R_SIMULATION: '{ "office": { "downloadMs": 50, "applyMs": 50 } }' };
    const run = () => runPowerShellProcess(work, { module, env, ...(asRoot ? { uid: 65_534 } : {}) });
    expect((await run()).output).toMatchObject({
      completed: ['c2r/status'],
      changed: true,
      status: 'APPLY_SUCCEEDED',
      report: true,
    });
    chmodSync(join(dist, 'openrpc.json'), 0o644);
    truncateSync(join(dist, 'openrpc.json'), 0);
    expect((await run()).output).toMatchObject({ completed: [], changed: true, status: 'APPLY_SUCCEEDED' });
  });
});
