function Invoke-DefenderUpdate {
    <#
    .SYNOPSIS
        Updates the Defender signatures and reports the result.
    .DESCRIPTION
        Runs a signature update, shows its progress (search, download, install)
        and waits for its end. A failed update is an error with Defender's
        HRESULT, its name and what to do about it. With -PassThru, the result
        shows the versions before and after, whether anything changed, each
        attempt with its source, and whether a restart is needed. Ctrl+C and
        -TimeoutSec abort the update; the error then says whether Defender
        continues, because most updates can only be aborted by an administrator.
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
        update is then aborted.
    .PARAMETER PassThru
        Gives the result as an object. Without it, success is silent.
    .PARAMETER AsJob
        Updates in a background job and returns that job.
    .PARAMETER ComputerName
        Runs the command on other computers, through PowerShell remoting. The
        module must be installed there. Results carry PSComputerName. An error
        names its computer and does not end the command: the other computers
        still answer. Use -ErrorAction Stop to end it at the first error.
    .PARAMETER Session
        Runs the command in existing sessions, for example SSH sessions from
        New-PSSession -HostName pc1. Errors are those of -ComputerName.
    .PARAMETER ThrottleLimit
        How many computers are asked at the same time; 32 when absent.
    .EXAMPLE
        Invoke-DefenderUpdate

        Updates from the configured sources and shows the progress.
    .EXAMPLE
        $update = Invoke-DefenderUpdate -PassThru -TimeoutSec 600
        if ($update.RebootRequired) { Restart-Computer }

        Takes at most ten minutes, and restarts the computer if necessary.
    .EXAMPLE
        $update = Invoke-DefenderUpdate -Source Managed, Unmanaged, Http -RetryCount 1 -PassThru
        $update.Attempts

        Tries WSUS, then Microsoft Update, then the full package from Microsoft,
        each twice, and shows what came of each attempt.
    .EXAMPLE
        Invoke-DefenderUpdate -Source MMPC -WhatIf

        Shows what would be done.
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
        [Management.Automation.Runspaces.PSSession[]] $Session,

        [ValidateRange(1, 10000)]
        [int] $ThrottleLimit
    )

    process {
        Import-CallerPreference
        if (-not (Confirm-Change -Target 'Microsoft Defender Antivirus' -Action "Update the signatures from source $($Source -join ', ')")) { return }
        if ($ComputerName -or $Session) { return Invoke-OnComputer }
        if ($AsJob) { return Start-BridgeJob }

        $request = @{
            Method     = 'defender/update'
            Parameters = ConvertTo-BridgeParameter -Bound $PSBoundParameters -Name Source, RetryCount, TimeoutSec
            TypeName   = 'C2RBridge.DefenderUpdateResult'
            Activity   = 'Updating the signatures of Microsoft Defender Antivirus'
        }
        $result = Invoke-BridgeRequest @request
        if ($PassThru) { $result }
    }
}
