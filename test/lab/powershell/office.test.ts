import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OfficeSettings } from '../../support/c2r-suite.js';
import { deadline } from '../../support/deadline.js';
import { describeInLab } from '../../support/lab.js';
import { setUpOffice } from '../../support/office-bridge.js';
import { describePowerShell, literal, modulePath, runPowerShell } from '../../support/pwsh.js';

describeInLab('the module over the Windows build of Node and a real COM object', (lab) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'c2r-pwsh-lab-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Gives the command that connects to a bridge over this Office. The module hands few variables on, so a script sets them. */
  const connect = (settings: OfficeSettings) => {
    const variables = Object.entries(setUpOffice(lab, settings)).map(([name, value]) => `export ${name}='${value}'\n`);
    const node = join(folder, 'node');
    writeFileSync(node, `#!/bin/sh\n${variables.join('')}exec '${lab.node}' "$@"\n`);
    chmodSync(node, 0o755);
    return `$null = Connect-C2RBridge -Backend Windows -NodePath ${literal(node)} -BridgePath ${literal(lab.bridge)}`;
  };

  describePowerShell('the cmdlets', () => {
    test('show the Office that is registered, update it, and leave no process behind', async () => {
      const { output } = await runPowerShell(
        `
        ${connect({ downloadMs: 1500, applyMs: 600, deploymentData: { 7: 'Größe 日本語' } })}
        $process = Get-Process -Id (Get-C2RBridge).ProcessId
        $facts = @{
          backend = (Get-C2RBridge).Backend
          before = (Get-C2RInstallation).Version
          result = Invoke-C2RUpdate -PollMs 100
          status = (Get-C2RStatus).Status
          after = (Get-C2RInstallation).Version
          nothing = (Invoke-C2RApply -Wait -PollMs 100 -Confirm:$false).Changed
          apps = @(Get-C2RBlockingApp).Count
          data = (Get-C2RDeploymentData 7).Raw
          management = (Disable-C2RManagement -WarningAction SilentlyContinue).After.Policy
          undone = (Reset-C2RManagement -WarningAction SilentlyContinue).After.Policy
          checks = @(Test-C2RHealth | Where-Object Ok -EQ $true).Id
        }
        Disconnect-C2RBridge
        $facts.ended = $process.HasExited
        $facts`,
        { timeoutMs: 100_000 },
      );
      expect(output).toMatchObject({
        backend: 'windows',
        before: '16.0.17928.20114',
        result: {
          Changed: true,
          VersionAfter: '16.0.19929.20172',
          Phases: [{ Phase: 'preflight' }, { Phase: 'download' }, { Phase: 'apply' }],
          Backend: 'windows',
        },
        status: 'APPLY_SUCCEEDED',
        after: '16.0.19929.20172',
        nothing: false,
        apps: 0,
        data: 'Größe 日本語',
        management: false,
        undone: null,
        checks: expect.arrayContaining(['office.clickToRun', 'office.comRegistered']),
        ended: true,
      });
    });

    test('show progress, and cancel the download in Office on Ctrl+C', async () => {
      const { output } = await runPowerShell(
        `
        $shell = [powershell]::Create()
        function Invoke-Shell($script) { $shell.Commands.Clear(); $shell.AddScript($script).Invoke() }
        $null = Invoke-Shell ${literal(`Import-Module ${literal(modulePath)}; ${connect({ downloadMs: 60_000 })}`)}
        $shell.Commands.Clear()
        $running = $shell.AddScript('Invoke-C2RDownload -Wait').BeginInvoke()
        $deadline = [datetime]::UtcNow.AddSeconds(${deadline(60)})
        while (@($shell.Streams.Progress | Where-Object CurrentOperation -EQ download).Count -eq 0 -and [datetime]::UtcNow -lt $deadline) { [Threading.Thread]::Sleep(20) }
        $shell.Stop()
        @{
          shown = @($shell.Streams.Progress | ForEach-Object CurrentOperation)
          status = (Invoke-Shell 'Wait-C2RUpdate -TimeoutSec 30 -PollMs 100').Status
        }`,
        { module: null, timeoutMs: 100_000 },
      );
      expect(output).toMatchObject({ shown: expect.arrayContaining(['download']), status: 'DOWNLOAD_CANCELLED' });
    });

    test('fail with what Office said: a refused call, an action that ends badly, apps that run', async () => {
      const fast = { downloadMs: 200, applyMs: 200 };
      const failing = (settings: OfficeSettings, command: string) =>
        runPowerShell(`${connect(settings)}\nCatch-Error { ${command} }`, { timeoutMs: 60_000 });
      const refused = await failing({ elevated: false }, 'Get-C2RStatus');
      const failed = await failing({ ...fast, fail: [{ at: 'apply', hresult: '0x80070070' }] }, 'Invoke-C2RUpdate');
      const blocked = await failing({ ...fast, blockingApps: ['WINWORD.EXE'] }, 'Invoke-C2RUpdate');
      expect(refused.output).toMatchObject({ id: 'AccessDenied,Get-C2RStatus', category: 'PermissionDenied' });
      expect(failed.output).toMatchObject({
        id: 'UpdateFailed,Invoke-C2RUpdate',
        category: 'WriteError',
        hresult: 0x80070070 | 0,
      });
      expect(blocked.output).toMatchObject({ id: 'Blocked,Invoke-C2RUpdate', data: { apps: ['WINWORD.EXE'] } });
    });
  });
});
