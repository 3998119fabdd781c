#!/usr/bin/env bash
# A command from Import-PSSession ignores $WhatIfPreference and really acts, and leaves -ErrorVariable and -OutVariable empty.
#
# Versions:  PowerShell 7.6.9 (NuGet tool), with a session to a process of its own ([PSSession]::Create over an out-of-process
#            runspace), which needs no network.
# Guess:     the proxies act as the functions of any module do: the session's preferences hold for them, common parameters
#            collect, warnings can be redirected, what ends the command ends a try, and Select-Object -First stops it. Only
#            the objects are copies.
# Seen:      of the preferences $ErrorActionPreference holds. $WhatIfPreference does not, so that a script that sets it
#            changes the other side; the -WhatIf switch works, without its text. $PSDefaultParameterValues does nothing.
#            -ErrorVariable, -WarningVariable, -InformationVariable and -OutVariable stay empty, and 3>&1 and 4>&1 get nothing.
#            An error by ThrowTerminatingError arrives as one that ends nothing: the next line of the try runs. `throw` ends
#            it. With Select-Object -First 1 the remote command runs to its end, and the pipeline waits for it; that is so
#            with Invoke-Command too, whereas a `break` ends it at once.
# So:        a script for imported commands says -WhatIf and -ErrorAction Stop in every call, never by preference, and collects
#            by assignment and 2>&1. What has to behave as a local command is called in Invoke-Command, with all around it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/Engine.psm1" <<'PS'
function Set-Engine {
    [CmdletBinding(SupportsShouldProcess)] param([string] $Channel = 'none')
    if ($PSCmdlet.ShouldProcess($Channel)) { "set to $Channel" }
}
function Get-Engine {
    [CmdletBinding()] param()
    Write-Warning w
    Write-Verbose v
    Write-Information i
    Write-Error e
    'out'
}
function Stop-Engine {
    [CmdletBinding()] param([switch] $Throw)
    if ($Throw) { throw 'ended' }
    $PSCmdlet.ThrowTerminatingError([System.Management.Automation.ErrorRecord]::new([InvalidOperationException]::new('ended'), 'Ended', 'InvalidOperation', $null))
}
function Watch-Engine {
    [CmdletBinding()] param([string] $Reached)
    foreach ($number in 1..10) {
        [IO.File]::WriteAllText($Reached, $number)
        $number
        Start-Sleep -Milliseconds 200
    }
}
PS
cat >"$work/try.ps1" <<'PS'
param([string] $Work)
$runspace = [runspacefactory]::CreateOutOfProcessRunspace($null)
$runspace.Open()
$session = [System.Management.Automation.Runspaces.PSSession]::Create($runspace, 'Process', $null)
Import-Module "$Work/Engine.psm1" -Prefix Near -DisableNameChecking
Invoke-Command -Session $session { param($path) Import-Module $path } -ArgumentList "$Work/Engine.psm1"
$null = Import-PSSession $session -Module Engine -Prefix Far -DisableNameChecking
function Get-Told([string] $Name, [scriptblock] $Block) {
    $told = foreach ($side in 'Near', 'Far') {
        # The commands of both sides by one text. What the other side tells has no fixed order.
        $lines = & ([scriptblock]::Create("$Block".Replace('~', $side))) 4>&1 3>&1 2>&1
        '{0} [{1}]' -f $side, (@($lines | ForEach-Object { $_ -is [System.Management.Automation.ErrorRecord] ? "error $_" : "$_" } | Sort-Object) -join ', ')
    }
    "${Name}: $($told -join ' ')"
}
$seen = @(
    Get-Told 'plain' { Set-~Engine Current }
    Get-Told '-WhatIf' { Set-~Engine Current -WhatIf }
    $global:WhatIfPreference = $true
    Get-Told 'WhatIfPreference' { Set-~Engine Current }
    $global:WhatIfPreference = $false
    $global:PSDefaultParameterValues = @{ 'Set-*Engine:Channel' = 'Monthly' }
    Get-Told 'a default' { Set-~Engine }
    $global:PSDefaultParameterValues = @{}
    Get-Told 'streams' { Get-~Engine -Verbose }
    Get-Told 'variables' {
        $null = Get-~Engine -ErrorVariable e -WarningVariable w -InformationVariable i -OutVariable o -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        ($e, $w, $i, $o).ForEach({ [int]$_.Count }) -join ' '
    }
    $global:ErrorActionPreference = 'Stop'
    Get-Told 'ErrorActionPreference' { try { $null = Get-~Engine; 'next line' } catch { "caught $_" } }
    $global:ErrorActionPreference = 'Continue'
    Get-Told 'throw' { try { Stop-~Engine -Throw; 'next line' } catch { "caught $_" } }
    Get-Told 'ThrowTerminatingError' { try { Stop-~Engine; 'next line' } catch { "caught $_" } }
    Get-Told 'ThrowTerminatingError, -ErrorAction Stop' { try { Stop-~Engine -ErrorAction Stop; 'next line' } catch { "caught $_" } }
    foreach ($name in 'Near', 'Far', 'Invoke-Command', 'a break') {
        $reached = "$Work/$name"
        switch ($name) {
            'Near' { $null = Watch-NearEngine $reached | Select-Object -First 1 }
            'Far' { $null = Watch-FarEngine $reached | Select-Object -First 1 }
            'Invoke-Command' { $null = Invoke-Command -Session $session { param($path) Watch-Engine $path } -ArgumentList $reached | Select-Object -First 1 }
            'a break' { foreach ($once in 1) { Watch-FarEngine $reached | ForEach-Object { break } } }
        }
        "$name, the first of ten: $([int][IO.File]::ReadAllText($reached) -eq 10 ? 'after the last' : 'at once')"
    }
)
$session | Remove-PSSession
$runspace.Dispose()
$seen
$expected = @(
    'plain: Near [set to Current] Far [set to Current]'
    '-WhatIf: Near [] Far []'
    'WhatIfPreference: Near [] Far [set to Current]'
    'a default: Near [set to Monthly] Far [set to none]'
    'streams: Near [error e, out, v, w] Far [error e, out]'
    'variables: Near [1 1 1 1] Far [0 0 0 0]'
    'ErrorActionPreference: Near [caught e, w] Far [caught e]'
    'throw: Near [caught ended] Far [caught ended]'
    'ThrowTerminatingError: Near [caught ended] Far [error ended, next line]'
    'ThrowTerminatingError, -ErrorAction Stop: Near [caught ended] Far [caught ended]'
    'Near, the first of ten: at once'
    'Far, the first of ten: after the last'
    'Invoke-Command, the first of ten: after the last'
    'a break, the first of ten: at once'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
