import { expect, test } from 'vitest';
import { cmdletSuite } from '../../support/cmdlet-suite.js';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, modulePath, runPowerShell } from '../../support/pwsh.js';

/** Connects to the simulated backend, quietly, with this scenario for Office. */
const simulate = (office: object) =>
  `$null = Connect-C2RBridge -Simulation ${literal(JSON.stringify({ office }))} -WarningAction SilentlyContinue`;
const fast = { downloadMs: 300, applyMs: 200 };

describePowerShell('the Click-to-Run cmdlets on the simulated backend', () => {
  cmdletSuite({
    backend: 'simulated',
    module: modulePath,
    connect: simulate,
    run: runPowerShell,
  });

  test('-AsJob runs the command elsewhere with the same settings and parameters, and gives its result or its error', async () => {
    const { output } = await runPowerShell(`
      ${simulate({ ...fast, installedVersion: '16.0.17000.20000' })}
      $jobs = @(
        Invoke-C2RUpdate -UpdateToVersion 16.0.18000.20000 -AsJob
        Invoke-C2RDownload -UpdateToVersion 1.2.3 -AsJob
        Wait-C2RUpdate -AsJob
      )
      $result = Receive-Job -Job $jobs[0] -Wait -WarningAction SilentlyContinue
      $failed = try { Receive-Job -Job $jobs[1] -Wait -WarningAction SilentlyContinue } catch { $_.FullyQualifiedErrorId }
      $waited = Receive-Job -Job $jobs[2] -Wait -WarningAction SilentlyContinue
      @{
        names = @($jobs.Name); states = @($jobs.State | ForEach-Object { "$_" }); type = $result.PSObject.TypeNames[0]
        before = $result.VersionBefore; after = $result.VersionAfter; failed = $failed; waited = $waited.Status; here = (Get-C2RInstallation).Version
        text = ($result | Out-String)
      }`);
    expect(output).toMatchObject({
      names: ['Invoke-C2RUpdate', 'Invoke-C2RDownload', 'Wait-C2RUpdate'],
      states: ['Completed', 'Failed', 'Completed'],
      type: expect.stringMatching(/^(Deserialized\.)?C2RBridge\.UpdateResult$/),
      before: '16.0.17000.20000',
      after: '16.0.18000.20000',
      failed: 'InvalidParams,Invoke-C2RDownload',
      waited: 'UPDATE_UNKNOWN',
      here: '16.0.17000.20000',
      text: expect.stringMatching(/Phases +: preflight \d/),
    });
  });

  test('-Verbose says which method was called and how long it took, also when the caller is verbose; the simulation warns once', async () => {
    const { output } = await runPowerShell(`
      $lines = & {
        Connect-C2RBridge -Simulation '{}'
        Disconnect-C2RBridge
        Connect-C2RBridge -Simulation '{}'
        Get-C2RStatus -Verbose
        & { [CmdletBinding()] param() Get-C2RInstallation } -Verbose
        Get-C2RStatus
      } 3>&1 4>&1
      @{
        warnings = @($lines | Where-Object { $_ -is [Management.Automation.WarningRecord] } | ForEach-Object Message)
        verbose = @($lines | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message)
      }`);
    expect(output).toEqual({
      warnings: ['The simulated backend answers: nothing on this machine is read or changed.'],
      verbose: [
        expect.stringMatching(/^c2r\/status took \d+ ms\.$/),
        expect.stringMatching(/^c2r\/installation took \d+ ms\.$/),
      ],
    });
  });

  test('content, which is real on every backend, does not warn of the simulation; the first other command does', async () => {
    const { output } = await runPowerShell(`
      & {
        try { Invoke-C2RBridgeMethod content/servicePath @{ moreInfoUrl = 'no URL' } } catch { $_.FullyQualifiedErrorId }
        'then'
        (Get-C2RStatus).Status
      } 3>&1 | ForEach-Object { "$_" }`);
    expect(output).toEqual([
      'ContentInvalid,Invoke-C2RBridgeMethod',
      'then',
      'The simulated backend answers: nothing on this machine is read or changed.',
      'UPDATE_UNKNOWN',
    ]);
  });
});
