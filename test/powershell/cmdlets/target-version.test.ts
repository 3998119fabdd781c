import { expect, test } from 'vitest';
import { describePowerShell, runPowerShell } from '../../support/pwsh.js';

describePowerShell('Set-C2RTargetVersion, Start-C2RUpdateDetection and Invoke-C2RUpdate -Pin', () => {
  test('pin, clear and undo, and only say so with -WhatIf', async () => {
    const { output } = await runPowerShell(`
      $null = Connect-C2RBridge -Simulation @{ office = @{ leftoverTargetVersion = '16.0.17928.20114' } } 3> $null
      @{
        whatIf = @(Set-C2RTargetVersion -ClearLeftover -WhatIf).Count
        untouched = (Get-C2RInstallation).TargetVersion.Leftover
        cleared = Set-C2RTargetVersion -ClearLeftover
        pinned = Set-C2RTargetVersion 16.0.18827.20102
        undone = Set-C2RTargetVersion -Undo
        both = (Catch-Error { Set-C2RTargetVersion -ClearLeftover -Undo }).id
      }`);
    expect(output).toMatchObject({
      whatIf: 0,
      untouched: '16.0.17928.20114',
      cleared: { Changed: true, After: { Rule: null } },
      pinned: { Changed: true, After: { Rule: 'policyTargetVersion', Version: '16.0.18827.20102' } },
      undone: { Changed: true, After: { Rule: 'updateToVersion', Leftover: '16.0.17928.20114' } },
    });
    expect(output.both).toContain('AmbiguousParameterSet');
  });

  test('a rollback with -Pin stays', async () => {
    const { output } = await runPowerShell(`
      $office = @{ installedVersion = '16.0.19929.20172'; downloadMs = 100; applyMs = 100 }
      $null = Connect-C2RBridge -Simulation @{ office = $office } 3> $null
      @{
        back = Invoke-C2RUpdate -UpdateToVersion 16.0.17928.20114 -Pin -PollMs 100
        again = Invoke-C2RUpdate -PollMs 100
      }`);
    expect(output.back).toMatchObject({ Changed: true, TargetVersion: { Rule: 'policyTargetVersion' } });
    expect(output.again).toMatchObject({ Changed: false, VersionAfter: '16.0.17928.20114' });
  });

  test('the detection says what moved, and what is wrong with the task in the words of the module', async () => {
    const { output } = await runPowerShell(`
      $null = Connect-C2RBridge -Simulation @{ office = @{ detectMs = 100 } } 3> $null
      $found = Start-C2RUpdateDetection -Wait -PollMs 100
      $null = Connect-C2RBridge -Simulation @{ office = @{ updateTask = 'missing' } } 3> $null
      @{ found = $found; missing = Catch-Error { Start-C2RUpdateDetection } }`);
    expect(output.found).toMatchObject({ Running: false, Moved: ['detectedAt'] });
    expect(output.missing).toMatchObject({
      id: 'NotAvailable,Start-C2RUpdateDetection',
      data: { reason: 'taskMissing' },
    });
  });

  test('Test-C2RHealth advises in cmdlets', async () => {
    const { output } = await runPowerShell(`
      $null = Connect-C2RBridge -Simulation @{ office = @{ leftoverTargetVersion = '16.0.17928.20114' } } 3> $null
      @{ advice = (Test-C2RHealth | Where-Object -Property Ok -EQ $false | Select-Object -First 1).Recommendation }`);
    expect(output.advice).toMatch(/Set-C2RTargetVersion and -ClearLeftover/);
  });
});
