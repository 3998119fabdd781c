import { expect } from 'vitest';

/** What a session shows that loads modules by itself only as far as `preference` says. `module` is an expression for the path. */
export const withAutoloading = (preference: string, module: string) => `
  $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
  $null = $shell.AddScript({
    param($module, $preference)
    $WarningPreference = 'SilentlyContinue'
    $PSModuleAutoLoadingPreference = $preference
    Import-Module -Name $module
    $null = Connect-C2RBridge -Simulation @{ office = @{ downloadMs = 50; applyMs = 50 } }
    (Invoke-C2RUpdate -PollMs 100).Changed
    @(Get-C2RReport -AsHtml).Count
    (Invoke-C2RRemediation -Name OfficeManagement).Text
    Disconnect-C2RBridge
    (Get-Module).Name -join ' '
  }).AddArgument(${module}).AddArgument('${preference}')
  $values = @($shell.Invoke())
  @{ values = $values; errors = @($shell.Streams.Error | ForEach-Object { "$_" }) }
  $shell.Runspace.Dispose()`;

export const autoloadingPreferences = ['None', 'ModuleQualified'];
/** What it should show, whatever the preference. Of the remediation only that it ran: Wine's folder for notes is not the administrators'. */
export const withAutoloadingShown = {
  values: [true, 1, expect.not.stringContaining('is not recognized'), 'C2RBridge'],
  errors: [],
};
