import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, modulePath, pwsh, runPowerShell } from '../../support/pwsh.js';
import { type Sshd, sshdMissing, startSshd } from '../../support/sshd.js';

const bridge = fileURLToPath(new URL('../../../dist/c2r-bridge.cjs', import.meta.url));

describePowerShell('an error of -ComputerName', () => {
  test("says which computer it came from, also where that is not PowerShell's own error, which does", async () => {
    const { output } = await runPowerShell(`
      & (Get-Module C2RBridge) {
        foreach ($message in 'Office is busy.', '[PC1] Connecting to remote server PC1 failed.') {
          $record = [Management.Automation.ErrorRecord]::new([InvalidOperationException]::new($message), 'Id', 'NotSpecified', $null)
          $origin = [Management.Automation.Remoting.OriginInfo]::new('pc1', [guid]::NewGuid())
          "$(Add-ErrorOrigin -Record ([Management.Automation.Runspaces.RemotingErrorRecord]::new($record, $origin)))"
        }
      }`);
    expect(output).toEqual(['[pc1] Office is busy.', '[PC1] Connecting to remote server PC1 failed.']);
  });
});

describePowerShell('a fleet over ssh', () => {
  describe.skipIf(sshdMissing)(`with a real sshd${sshdMissing ? ` (${sshdMissing})` : ''}`, () => {
    let sshd: Sshd;
    beforeAll(async () => {
      sshd = await startSshd({
        PSModulePath: [dirname(modulePath), process.env.PSModulePath].filter(Boolean).join(delimiter),
        PATH: process.env.PATH ?? '',
        C2R_SIMULATION: JSON.stringify({
          office: { installedVersion: '16.0.16731.20600', downloadMs: 50, applyMs: 50 },
        }).replaceAll('"', '\\"'),
      });
    });
    afterAll(() => sshd.stop());

    const options = () =>
      `@('Port=${sshd.port}', 'IdentityFile=${sshd.keyFile}', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR')`;
    const connect = () =>
      `Connect-C2RBridge -SshHost ${sshd.user}@127.0.0.1 -SshOption ${options()} -NodePath ${literal(process.execPath)} -BridgePath ${literal(bridge)} -WarningAction SilentlyContinue`;
    const session = () =>
      `New-PSSession -HostName 127.0.0.1 -Port ${sshd.port} -UserName ${sshd.user} -KeyFilePath ${literal(sshd.keyFile)} -Options @{ StrictHostKeyChecking = 'no'; UserKnownHostsFile = '/dev/null'; LogLevel = 'ERROR' }`;

    test('Connect-C2RBridge -SshHost drives a bridge on another computer, with progress, and ends it', async () => {
      const { output } = await runPowerShell(`
        $bridge = ${connect()}
        @{
          path = $bridge.Path
          version = (Get-C2RInstallation).Version
          updated = (Invoke-C2RUpdate -PollMs 100).VersionAfter
          process = (Get-Process -Id $bridge.ProcessId).ProcessName
        }
        Disconnect-C2RBridge`);
      expect(output).toEqual({
        path: `${sshd.user}@127.0.0.1:${bridge}`,
        version: '16.0.16731.20600',
        updated: '16.0.19929.20172',
        process: 'ssh',
      });
    });

    test('what ssh is to run over there starts the bridge in a Unix shell and in PowerShell', async () => {
      const { output: command } = await runPowerShell(`
        & (Get-Module C2RBridge) { (Find-SshProgram -Settings @{ SshHost = 'pc1'; BridgePath = ${literal(bridge)} }).Arguments[-1] }`);
      const body = '{"jsonrpc":"2.0","id":1,"method":"bridge/ping"}';
      for (const shell of [
        ['sh', '-c'],
        [pwsh, '-NoProfile', '-Command'],
      ]) {
        const [program = '', ...args] = [...shell, command];
        const { stdout } = spawnSync(program, args, {
          input: `Content-Length: ${body.length}\r\n\r\n${body}`,
          encoding: 'utf8',
        });
        expect(stdout).toBe('Content-Length: 36\r\n\r\n{"jsonrpc":"2.0","id":1,"result":{}}');
      }
    });

    test('a host that cannot be reached is an error that says why', async () => {
      const { output } = await runPowerShell(`
        Catch-Error { ${connect().replace(`Port=${sshd.port}`, 'Port=1')} }
        Catch-Error { ${connect().replace(literal(bridge), "'/tmp/a $(id)'")} }`);
      expect(output[0].message).toMatch(/refused/i);
      expect(output[1].id).toBe('InvalidRemotePath,Connect-C2RBridge');
    });

    test('a computer without the module is one error, which says so, and the job of a cmdlet ends with its result', async () => {
      const { output } = await runPowerShell(`
        $sessions = @(1..2 | ForEach-Object { ${session()} })
        Invoke-Command -Session $sessions[1] -ScriptBlock { $env:PSModulePath = '' }
        $null = Get-C2RStatus -Session $sessions[1] -ErrorVariable failed -ErrorAction SilentlyContinue
        $job = Invoke-C2RDownload -Session $sessions[0] -AsJob
        $downloaded = Receive-Job -Job $job -Wait -WarningAction SilentlyContinue
        Remove-PSSession $sessions
        @{ failed = @($failed | ForEach-Object FullyQualifiedErrorId); status = $downloaded.Status }`);
      expect(output).toEqual({
        failed: ['Modules_ModuleNotFound,Microsoft.PowerShell.Commands.ImportModuleCommand'],
        status: 'DOWNLOAD_SUCCEEDED',
      });
    });

    test('an error says which computer it came from, once, also through a job, and keeps what else it had', async () => {
      const { output } = await runPowerShell(`
        $session = ${session()}
        Invoke-Command -Session $session -ScriptBlock { $env:C2R_SIMULATION = '{ "office": { "comRegistered": false } }' }
        $quiet = @{ ErrorAction = 'SilentlyContinue'; WarningAction = 'SilentlyContinue' }
        $null = Get-C2RStatus -Session $session -ErrorVariable direct @quiet
        $job = Invoke-C2RUpdate -Session $session -AsJob
        $null = Wait-Job -Job $job
        $null = Receive-Job -Job $job -ErrorVariable received @quiet
        Remove-PSSession $session
        @{
          machine = [Environment]::MachineName
          state = "$($job.State)"
          direct = @($direct | ForEach-Object { Describe $_ })
          received = @($received | ForEach-Object { Describe $_ })
          details = $received[0].Details.type
        }`);
      const { machine, direct, received } = output;
      const known = { action: expect.stringMatching(/Enable-C2RManagement/), data: { type: 'NotAvailable' } };
      const message = (name: string) => expect.stringMatching(new RegExp(`^\\[${name}\\] (?!\\[)`));
      expect(direct).toMatchObject([{ id: 'NotAvailable,Get-C2RStatus', message: message('127.0.0.1'), ...known }]);
      expect(received).toMatchObject([
        { id: 'NotAvailable,Invoke-C2RUpdate', message: message(machine), action: known.action },
      ]);
      expect(output).toMatchObject({ state: 'Failed', details: 'NotAvailable' });
    });

    test('the page names the computer of a session that has ended', async () => {
      const { output } = await runPowerShell(`
        $sessions = @(1..2 | ForEach-Object { ${session()} })
        Remove-PSSession $sessions[1]
        $page = Get-C2RReport -Session $sessions -AsHtml -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        Remove-PSSession $sessions[0]
        [regex]::Match($page, '<h2>([^<]+) <span class="none">Not reached').Groups[1].Value`);
      expect(output).toBe('127.0.0.1');
    });

    test('-ThrottleLimit 1 asks one computer after another', async () => {
      const { output } = await runPowerShell(`
        $sessions = @(1..3 | ForEach-Object { ${session()} })
        Invoke-Command -Session $sessions -ScriptBlock { $env:C2R_SIMULATION = '{ "office": { "downloadMs": 50, "applyMs": 1000 } }' }
        $quiet = @{ WarningAction = 'SilentlyContinue' }
        $null = Invoke-C2RUpdate -Session $sessions -ThrottleLimit 1 -PollMs 100 @quiet
        $runs = @(Get-C2RInstallation -Session $sessions @quiet | ForEach-Object LastUpdate | Sort-Object -Property DownloadedAt)
        Remove-PSSession $sessions
        @{ runs = $runs.Count; apart = @(1, 2 | ForEach-Object { $runs[$_ - 1].AppliedAt -le $runs[$_].DownloadedAt }) }`);
      expect(output).toEqual({ runs: 3, apart: [true, true] });
    });

    test('-Session runs a cmdlet over there; one host that fails does not keep the others from answering', async () => {
      const { output } = await runPowerShell(`
        $sessions = @(1..3 | ForEach-Object { ${session()} })
        Invoke-Command -Session $sessions[1] -ScriptBlock { $env:C2R_SIMULATION = '{ "office": { "comRegistered": false } }' }
        Invoke-Command -Session $sessions[2] -ScriptBlock { $env:C2R_SIMULATION = '{ "office": { "installedVersion": "16.0.1.1" } }' }
        $facts = Get-C2RInstallation -Session $sessions -WarningAction SilentlyContinue
        $status = Get-C2RStatus -Session $sessions -ErrorVariable failed -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $plain = Get-C2RStatus -Session $sessions -WarningAction SilentlyContinue 2> $null
        $whatIf = Invoke-C2RUpdate -Session $sessions[0] -WhatIf
        $updated = Invoke-C2RUpdate -Session $sessions[0] -PollMs 100 -WarningAction SilentlyContinue
        $reports = Get-C2RReport -Session $sessions -WarningAction SilentlyContinue
        @{
          versions = @($facts.Version | Sort-Object)
          computers = @($facts.PSComputerName | Sort-Object -Unique)
          rule = @($facts.UpdateSource.Rule)
          type = $facts[0].PSTypeNames[0]
          answered = @(@($status).Count, @($plain).Count)
          failed = @($failed | ForEach-Object { "$($_.FullyQualifiedErrorId)|$($_.OriginInfo.PSComputerName)" })
          whatIf = $null -eq $whatIf
          updated = @{ changed = $updated.Changed; phases = @($updated.Phases.Phase) }
          reports = @($reports).Count
          raw = (Invoke-C2RBridgeMethod c2r/installation -Session $sessions[2] -WarningAction SilentlyContinue).version
          page = ($reports | Get-C2RReport -AsHtml).Contains('Computers: 3')
        }
        Remove-PSSession $sessions`);
      expect(output).toMatchObject({
        versions: ['16.0.1.1', '16.0.16731.20600', '16.0.17928.20114'],
        computers: ['127.0.0.1'],
        rule: ['cdnBaseUrl', 'cdnBaseUrl', 'cdnBaseUrl'],
        type: 'Deserialized.C2RBridge.Installation',
        answered: [2, 2],
        failed: ['NotAvailable,Get-C2RStatus|127.0.0.1'],
        whatIf: true,
        updated: { changed: true, phases: ['preflight', 'download', 'apply'] },
        reports: 3,
        raw: '16.0.1.1',
        page: true,
      });
    });
  });
});
