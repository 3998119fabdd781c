#!/usr/bin/env bash
# The ErrorActionPreference of PSInvocationSettings changes nothing: with Stop a script still continues after each error.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     the setting is for one invocation what $ErrorActionPreference is for a session: with Stop, Invoke throws at the
#            first error that the script writes; with SilentlyContinue no error is in Streams.Error.
# Seen:      whatever the value, the script continues after the error, $ErrorActionPreference is Continue in it, and the error
#            is in Streams.Error: for a script, for a single command, by Invoke and BeginInvoke, in a pool, and in a
#            runspace of another process. Nothing is said about it. The variable, set through the runspace's
#            SessionStateProxy or in the initial session state, works, and so does the parameter -ErrorAction of a command.
# So:        a host sets the variable in the session, or begins its script with it. One that relies on the setting takes a run
#            with errors for a good one unless it looks at Streams.Error.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
function Test-Run([powershell] $Shell, $Settings, [switch] $Begin) {
    $none = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $none.Complete()
    $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $how = try {
        if ($Begin) { $null = $Shell.EndInvoke($Shell.BeginInvoke($none, $output, $Settings, $null, $null)) } else { $Shell.Invoke($none, $output, $Settings) }
        'ends'
    } catch {
        "throws $($_.Exception.InnerException.GetType().Name)"
    }
    "$how, output $($output.ReadAll() -join ' '), errors $($Shell.Streams.Error.Count)"
}
$script = '1; Write-Error broken; $ErrorActionPreference'
function New-Shell($Runspace) {
    $shell = [powershell]::Create()
    if ($Runspace -is [System.Management.Automation.Runspaces.RunspacePool]) { $shell.RunspacePool = $Runspace }
    elseif ($Runspace) { $shell.Runspace = $Runspace }
    $shell
}
$pool = [runspacefactory]::CreateRunspacePool(1, 1)
$pool.Open()
$process = [runspacefactory]::CreateOutOfProcessRunspace($null)
$process.Open()
$seen = @(
    foreach ($value in 'Stop', 'SilentlyContinue') {
        $settings = [System.Management.Automation.PSInvocationSettings]::new()
        $settings.ErrorActionPreference = $value
        "$value, script: $(Test-Run (New-Shell).AddScript($script) $settings)"
        "$value, BeginInvoke: $(Test-Run (New-Shell).AddScript($script) $settings -Begin)"
        "$value, command: $(Test-Run (New-Shell).AddCommand('Write-Error').AddArgument('broken').AddStatement().AddCommand('Write-Output').AddArgument(2) $settings)"
        "$value, pool: $(Test-Run (New-Shell $pool).AddScript($script) $settings)"
        "$value, process: $(Test-Run (New-Shell $process).AddScript($script) $settings)"
    }
    $runspace = [runspacefactory]::CreateRunspace()
    $runspace.Open()
    $runspace.SessionStateProxy.SetVariable('ErrorActionPreference', 'Stop')
    "variable: $(Test-Run (New-Shell $runspace).AddScript($script))"
    $state = [initialsessionstate]::CreateDefault()
    $state.Variables.Add([System.Management.Automation.Runspaces.SessionStateVariableEntry]::new('ErrorActionPreference', 'Stop', ''))
    $runspace = [runspacefactory]::CreateRunspace($state)
    $runspace.Open()
    "initial state: $(Test-Run (New-Shell $runspace).AddScript($script))"
    "parameter: $(Test-Run (New-Shell).AddCommand('Write-Error').AddArgument('broken').AddParameter('ErrorAction', 'Stop'))"
)
$process.Dispose()
$seen
$expected = @(
    foreach ($value in 'Stop', 'SilentlyContinue') {
        "$value, script: ends, output 1 Continue, errors 1"
        "$value, BeginInvoke: ends, output 1 Continue, errors 1"
        "$value, command: ends, output 2, errors 1"
        "$value, pool: ends, output 1 Continue, errors 1"
        "$value, process: ends, output 1 Continue, errors 1"
    }
    'variable: throws ActionPreferenceStopException, output 1, errors 0'
    'initial state: throws ActionPreferenceStopException, output 1, errors 0'
    'parameter: throws ActionPreferenceStopException, output , errors 0'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
