Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

if ("$($ExecutionContext.SessionState.LanguageMode)" -ne 'FullLanguage') {
    Write-Error -ErrorId ConstrainedLanguage -Category PermissionDenied -Message (
        'C2RBridge starts a process, which PowerShell refuses in ConstrainedLanguage mode. ' +
        'Sign the module with a publisher that the App Control policy trusts, or allow it by a rule.')
}

# Where the session loads no modules by itself, the cmdlets that are used here would not be found.
if ("$($ExecutionContext.SessionState.PSVariable.GetValue('PSModuleAutoLoadingPreference', 'All'))" -ne 'All') {
    Import-Module -Name Microsoft.PowerShell.Utility, Microsoft.PowerShell.Management, Microsoft.PowerShell.Security -Verbose:$false -ErrorAction Ignore
}

foreach ($folder in 'Private', 'Public') {
    foreach ($script in [IO.Directory]::GetFiles([IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1')) {
        . $script
    }
}

$ExecutionContext.SessionState.Module.OnRemove = {
    Stop-Bridge
    if ($script:ExitSubscriber) { $ExecutionContext.Events.UnsubscribeEvent($script:ExitSubscriber) }
}
