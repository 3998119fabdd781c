import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describePowerShell, runPowerShell } from '../../support/pwsh.js';

const cmdlets = readdirSync(fileURLToPath(new URL('../../../powershell/C2RBridge/Public', import.meta.url))).map(
  (file) => file.replace('.ps1', ''),
);

/** How each cmdlet is called on the simulation; those that need more than their name. `$work` is an empty folder. */
const calls: Readonly<Record<string, string>> = {
  'Connect-C2RBridge': 'Connect-C2RBridge -Simulation $simulation',
  'ConvertFrom-C2RMoreInfoUrl':
    "ConvertFrom-C2RMoreInfoUrl -MoreInfoUrl 'https://example.invalid/?channel=Current&arch=64&ServicePath=https%3A%2F%2Fexample.invalid%2Flist'",
  'Get-C2RDeploymentData': 'Get-C2RDeploymentData -DataType 7',
  'Invoke-C2RApply': 'Invoke-C2RApply -Wait -Confirm:$false',
  'Invoke-C2RBridgeMethod': 'Invoke-C2RBridgeMethod -Method bridge/ping',
  'Invoke-C2RRemediation': 'Invoke-C2RRemediation -Name OfficeUpdate -Channel Current -StateFolder $work',
  'Invoke-C2RDownload': 'Invoke-C2RDownload -Wait',
  'Register-C2RContentSource': 'Register-C2RContentSource -Name test -Path $work',
  'Set-C2RChannel': 'Set-C2RChannel -Channel Current',
  'Set-C2RTargetVersion': 'Set-C2RTargetVersion -Version 16.0.17928.20114',
  'Unregister-C2RContentSource': 'Unregister-C2RContentSource -Name test',
};

/** They need a server or an image; tests of their own hold them. */
const elsewhere = [
  'Get-C2RChannel',
  'Get-C2RSku',
  'Get-C2RFileList',
  'Save-C2RContent',
  'Test-C2RContent',
  'Remove-C2RContent',
];

describePowerShell('this PowerShell', () => {
  test('imports the module and runs every cmdlet on the simulation without an error of its own', async () => {
    const names = cmdlets.filter((name) => !elsewhere.includes(name) && name !== 'Disconnect-C2RBridge');
    const body = names.map((name) => `'${name}' = { ${calls[name] ?? name} }`);
    const { output } = await runPowerShell(`
      $WarningPreference = 'SilentlyContinue'
      $simulation = @{ office = @{ downloadMs = 50; applyMs = 50; deploymentData = @{ '7' = '{}' } }; defender = @{ durationMs = 50 } }
      $work = [IO.Directory]::CreateDirectory([IO.Path]::Combine([IO.Path]::GetTempPath(), [guid]::NewGuid().ToString('N'))).FullName
      $null = Connect-C2RBridge -Simulation $simulation
      $calls = [ordered] @{
        ${body.join('\n        ')}
      }
      $failed = foreach ($name in $calls.Keys) {
        try { $null = & $calls[$name] } catch { $name + ': ' + $_.FullyQualifiedErrorId + ' ' + $_ }
      }
      Disconnect-C2RBridge
      [IO.Directory]::Delete($work, $true)
      @{ version = "$($PSVersionTable.PSVersion)"; failed = @($failed); count = $calls.Count }`);
    expect(output.failed).toEqual([]);
    expect(output.count).toBeGreaterThan(20);
  });

  test('has help with an example for every cmdlet', async () => {
    const { output } = await runPowerShell(`
      @(Get-Command -Module C2RBridge | Where-Object { -not (Get-Help $_.Name).Examples } | ForEach-Object { $_.Name })`);
    expect(output ?? []).toEqual([]);
  });
});
