import { expect, test } from 'vitest';
import { setUpOfficeInRegistry } from '../../support/office-bridge.js';
import { describeInWindowsPowerShell } from '../../support/windows-powershell.js';

describeInWindowsPowerShell('the module over the Windows build of Node and a real COM object', (shell, lab) => {
  test('show the Office that is registered, update it, and leave no process behind', async () => {
    setUpOfficeInRegistry(lab, { downloadMs: 1500, applyMs: 600, deploymentData: { 7: 'Größe 日本語' } });
    const { output } = await shell.run(`
        $null = Connect-C2RBridge
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
        $facts`);
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
});
