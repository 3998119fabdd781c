import { expect, test } from 'vitest';
import { describePowerShell, runPowerShell } from '../../support/pwsh.js';

describePowerShell('Set-C2RChannel', () => {
  test('changes the channel, says what is pending, and takes it back', async () => {
    const { output } = await runPowerShell(`
      $null = Connect-C2RBridge -Simulation @{ office = @{ channel = 'Current'; channelTaskMs = $null } } 3> $null
      @{
        whatIf = @(Set-C2RChannel -Channel SemiAnnual -WhatIf).Count
        untouched = (Invoke-C2RBridgeMethod c2r/installation).updateSource.rule
        changed = Set-C2RChannel -Channel semiannual
        switch = (Invoke-C2RBridgeMethod c2r/installation).channelSwitch
        undone = Set-C2RChannel -Undo
        left = (Invoke-C2RBridgeMethod c2r/installation).channelSwitch
      }`);
    expect(output).toMatchObject({
      whatIf: 0,
      untouched: 'cdnBaseUrl',
      changed: { Changed: true, After: { Rule: 'policyUpdateBranch', Value: 'Deferred', Channel: 'SemiAnnual' } },
      switch: { channel: 'SemiAnnual', pending: [{ reason: 'scheduledTask' }, { reason: 'update' }] },
      undone: { Changed: true, After: { Rule: 'cdnBaseUrl' } },
      left: null,
    });
  });

  test('names the rule that would still win, and writes only with -Force', async () => {
    const key = 'SOFTWARE\\Policies\\Microsoft\\cloud\\office\\16.0\\Common\\officeupdate';
    const { output } = await runPowerShell(`
      $null = Connect-C2RBridge -Simulation @{ office = @{ registry = @{ '${key}' = @{ UpdateBranch = 'Current' } } } } 3> $null
      @{
        refused = Catch-Error { Set-C2RChannel -Channel SemiAnnual }
        forced = Set-C2RChannel -Channel SemiAnnual -Force
      }`);
    expect(output.refused).toMatchObject({ id: 'Blocked,Set-C2RChannel', data: { rule: 'cloudUpdateBranch' } });
    expect(output.forced).toMatchObject({ Changed: true, Pending: [{ Reason: 'otherRuleDecides' }] });
  });
});
