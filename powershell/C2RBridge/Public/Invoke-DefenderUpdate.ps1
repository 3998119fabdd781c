function Invoke-DefenderUpdate {
    <#
    .SYNOPSIS
        Updates the signatures of Microsoft Defender Antivirus and says what came of it.
    .DESCRIPTION
        Runs a signature update, shows its real progress (search, download,
        install) and waits for its end. An update that fails is an error with
        Defender's HRESULT, its name and what to do about it. With -PassThru the
        result shows the versions before and after, whether anything changed,
        each attempt with its source, and whether a restart is needed. Ctrl+C and -TimeoutSec abort the
        update; the error then says whether Defender continues by itself, since
        most updates can only be aborted by an administrator.
    .PARAMETER Source
        Where the signatures come from. Default, which is the default, follows
        the order that the device is configured with. Managed is WSUS, Unmanaged
        is Microsoft Update, Http is the full package from Microsoft, Unc are
        the configured file shares. Several are tried one after another until
        one succeeds. The names of Update-MpSignature stand for
        the same: InternalDefinitionUpdateServer (Managed),
        MicrosoftUpdateServer (Unmanaged), MMPC (Http), FileShares (Unc).
    .PARAMETER RetryCount
        How often each source is tried again after it failed, with pauses that
        grow from 5 seconds to a minute.
    .PARAMETER TimeoutSec
        The longest time to take, in seconds, for all attempts together; the
        update is aborted then.
    .PARAMETER PassThru
        Gives the result as an object. Without it, success is silent.
    .PARAMETER AsJob
        Updates in a background job and returns that job.
    .PARAMETER ComputerName
        Runs this on other computers, through PowerShell remoting: C2RBridge
        has to be installed there. The results carry PSComputerName, and a
        computer that fails does not keep the others from answering.
    .PARAMETER Session
        The same through sessions that are open already, for example over SSH:
        New-PSSession -HostName pc1.
    .EXAMPLE
        Invoke-DefenderUpdate

        Updates from the configured sources and shows the progress.
    .EXAMPLE
        $update = Invoke-DefenderUpdate -PassThru -TimeoutSec 600
        if ($update.RebootRequired) { Restart-Computer }

        Takes at most ten minutes, and restarts where the update asks for it.
    .EXAMPLE
        $update = Invoke-DefenderUpdate -Source Managed, Unmanaged, Http -RetryCount 1 -PassThru
        $update.Attempts

        Tries WSUS, then Microsoft Update, then the full package from Microsoft,
        each twice, and shows what came of each attempt.
    .EXAMPLE
        Invoke-DefenderUpdate -Source MMPC -WhatIf

        Only says what would be done.
    .OUTPUTS
        C2RBridge.DefenderUpdateResult, with -PassThru
    .LINK
        Get-DefenderUpdateStatus
    #>
    [CmdletBinding(PositionalBinding = $false, SupportsShouldProcess)]
    [OutputType('C2RBridge.DefenderUpdateResult')]
    param(
        [Parameter(ValueFromPipelineByPropertyName)]
        [Alias('UpdateSource')]
        [ValidateSet('Default', 'Managed', 'Unmanaged', 'Http', 'Unc',
            'InternalDefinitionUpdateServer', 'MicrosoftUpdateServer', 'MMPC', 'FileShares')]
        [ValidateCount(1, 10)]
        [string[]] $Source = 'Default',

        [ValidateRange(0, 10)]
        [int] $RetryCount,

        [ValidateRange(1, 86400)]
        [int] $TimeoutSec,

        [switch] $PassThru,

        [switch] $AsJob,

        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [ValidateNotNullOrEmpty()]
        [Management.Automation.Runspaces.PSSession[]] $Session
    )

    process {
        Import-CallerPreference
        if (-not $PSCmdlet.ShouldProcess('Microsoft Defender Antivirus', "Update the signatures from source $($Source -join ', ')")) { return }
        if ($ComputerName -or $Session) { return Invoke-OnComputer }
        if ($AsJob) { return Start-BridgeJob }

        $known = @{
            InternalDefinitionUpdateServer = 'managed'
            MicrosoftUpdateServer          = 'unmanaged'
            MMPC                           = 'http'
            FileShares                     = 'unc'
        }
        $sources = @(foreach ($name in $Source) { if ($known.ContainsKey($name)) { $known[$name] } else { $name.ToLowerInvariant() } })
        $request = @{
            Method     = 'defender/update'
            Parameters = @{ sources = $sources; retryCount = $RetryCount }
            TypeName   = 'C2RBridge.DefenderUpdateResult'
            Activity   = 'Updating the signatures of Microsoft Defender Antivirus'
            TimeoutSec = $TimeoutSec
        }
        $result = Invoke-BridgeRequest @request
        if ($PassThru) { $result }
    }
}
