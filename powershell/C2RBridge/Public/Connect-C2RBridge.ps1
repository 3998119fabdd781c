function Connect-C2RBridge {
    <#
    .SYNOPSIS
        Starts the bridge with other settings than the default ones.
    .DESCRIPTION
        Every cmdlet of this module starts the bridge when it is not running.
        Use this cmdlet only if you need other settings: the simulated backend,
        another Node, a log, or another computer. The settings remain in force
        until Disconnect-C2RBridge or the next Connect-C2RBridge in this
        session, even if the bridge has to be restarted. If the settings are
        wrong, every cmdlet fails until they are corrected.
    .PARAMETER Backend
        The backend to use: Windows, or Simulated to test your scripts against a
        simulated Windows. Auto, the default, is Windows on Windows and
        Simulated elsewhere.
    .PARAMETER Simulation
        The scenario that the simulated backend plays: a hashtable, JSON text,
        or the path of a JSON file. Chooses the simulated backend where -Backend
        is not given.

        Keys of office for odd devices, all optional: manager (cloudUpdate,
        adminCenter, policy, configurationManager, none), conflicts (an array of
        licence, channelMismatch, staleCloudSetting, shadowedPolicy,
        unreachableSource), targetVersion, leftoverTargetVersion,
        channelChangeStuck, updateDeadline, enableDisableHidden, stagedDays,
        products, lastError, restartPending, leftover, wow64Only, updateTask
        (ready, disabled, missing), detectMs, comPlus (inOrder, missing,
        otherIdentity, componentMissing), and registry for any other value
        below HKEY_LOCAL_MACHINE.

        Other keys of office: installed, installedVersion, availableVersion,
        channel, comRegistered, elevated, downloadMs, applyMs, blockingApps,
        appsCloseAfterMs, initialStatus, fail (an array of at, errorCode or
        hresult, when), vanishAfterMs, vanishForMs, vanishForgets,
        channelTaskMs, deploymentData. An unknown key is an error.
    .PARAMETER NodePath
        The Node program that runs the bridge. By default the module's own, then
        the installed one, then one on PATH (never one on PATH in an elevated
        Windows session).
    .PARAMETER BridgePath
        The bridge itself, c2r-bridge.cjs. By default the one that belongs to
        the module.
    .PARAMETER LogLevel
        How much the bridge logs. Without -LogFile, the last lines of the log
        are shown if the bridge fails.
    .PARAMETER LogFile
        The file that the bridge writes its log to, as JSON lines.
    .PARAMETER LogFormat
        How the lines of -LogFile look: Json, the default, or CMTrace, which the
        log viewer of Configuration Manager shows with times and colours.
    .PARAMETER SshHost
        Runs the bridge on another computer, user@host, through ssh. That
        computer needs Node and this version of the module, but not PowerShell.
        -NodePath and -BridgePath are paths on that computer; by default node on
        its PATH, and the module's bridge where its operating system keeps
        modules. Key authentication is required, because ssh cannot prompt for a
        password.
    .PARAMETER SshOption
        Options of ssh, for example Port=2222.
    .EXAMPLE
        Connect-C2RBridge -Backend Simulated

        Lets all cmdlets of this session use a simulated Windows.
    .EXAMPLE
        Connect-C2RBridge -Simulation @{ office = @{ blockingApps = @('WINWORD.EXE') } }

        Simulates a device on which Word is running.
    .EXAMPLE
        Connect-C2RBridge -Simulation @{ office = @{ conflicts = @('channelMismatch'); lastError = '30088-27' } }

        Simulates a device whose settings contradict each other and whose last
        update failed, to see what Test-C2RHealth and your scripts say.
    .EXAMPLE
        Connect-C2RBridge -LogLevel Debug -LogFile C:\Windows\Temp\c2r-bridge.log

        Logs in detail what the bridge does.
    .EXAMPLE
        Connect-C2RBridge -LogFile C:\Windows\Temp\c2r-bridge.log -LogFormat CMTrace

        Logs warnings and errors for CMTrace.
    .OUTPUTS
        C2RBridge.Bridge
    .LINK
        Disconnect-C2RBridge
    #>
    [CmdletBinding(PositionalBinding = $false, DefaultParameterSetName = 'Local')]
    [OutputType('C2RBridge.Bridge')]
    param(
        [ValidateSet('Auto', 'Windows', 'Simulated')]
        [string] $Backend,

        [Parameter(ParameterSetName = 'Local')]
        [ValidateNotNull()]
        [object] $Simulation,

        [ValidateNotNullOrEmpty()]
        [string] $NodePath,

        [ValidateNotNullOrEmpty()]
        [string] $BridgePath,

        [ValidateSet('Error', 'Warn', 'Info', 'Debug')]
        [string] $LogLevel,

        [Parameter(ParameterSetName = 'Local')]
        [ValidateNotNullOrEmpty()]
        [string] $LogFile,

        [Parameter(ParameterSetName = 'Local')]
        [ValidateSet('Json', 'CMTrace')]
        [string] $LogFormat,

        [Parameter(Mandatory, ParameterSetName = 'Ssh')]
        [ValidatePattern('^[^-\s]\S*$')]
        [string] $SshHost,

        [Parameter(ParameterSetName = 'Ssh')]
        [ValidatePattern('^\w+=')]
        [string[]] $SshOption
    )

    Import-CallerPreference
    $settings = @{}
    foreach ($name in 'Backend', 'LogLevel', 'LogFormat', 'SshHost', 'SshOption') {
        if ($PSBoundParameters.ContainsKey($name)) { $settings[$name] = $PSBoundParameters[$name] }
    }
    foreach ($name in 'NodePath', 'BridgePath', 'LogFile') {
        if (-not $PSBoundParameters.ContainsKey($name)) { continue }
        $path = $PSBoundParameters[$name]
        # Only the other computer knows where its paths lead.
        $settings[$name] = if ($SshHost) { $path } else { Resolve-FileSystemPath -Path $path }
    }
    if ($PSBoundParameters.ContainsKey('Simulation')) {
        $settings.Simulation = if ($Simulation -isnot [string]) {
            ConvertTo-Json -InputObject $Simulation -Depth 8 -Compress
        } elseif ($Simulation.TrimStart().StartsWith('{')) {
            $Simulation
        } else {
            Resolve-FileSystemPath -Path $Simulation
        }
        if (-not $settings.ContainsKey('Backend')) { $settings.Backend = 'Simulated' }
    }

    Stop-Bridge
    # Before the start, which may fail: a script that continues must not do to Windows what it meant for the simulation.
    $script:Settings = $settings
    Start-Bridge -Settings $settings
    Confirm-Bridge
    Write-SimulationWarning
    Get-C2RBridge
}
