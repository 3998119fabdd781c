function Invoke-DefenderUpdate {
    <#
    .SYNOPSIS
        Updates the signatures of Microsoft Defender Antivirus and says what came of it.
    .DESCRIPTION
        Runs a signature update, shows its real progress (search, download,
        install) and waits for its end. An update that fails is an error with
        Defender's HRESULT, its name and what to do about it. With -PassThru the
        result shows the versions before and after, whether anything changed,
        and whether a restart is needed. Ctrl+C and -TimeoutSec abort the
        update; the error then says whether Defender continues by itself, since
        most updates can only be aborted by an administrator.
    .PARAMETER Source
        Where the signatures come from. Default, which is the default, follows
        the order that the device is configured with. Managed is WSUS, Unmanaged
        is Microsoft Update, Http is the full package from Microsoft, Unc are
        the configured file shares. The names of Update-MpSignature stand for
        the same: InternalDefinitionUpdateServer (Managed),
        MicrosoftUpdateServer (Unmanaged), MMPC (Http), FileShares (Unc).
    .PARAMETER TimeoutSec
        The longest time to take, in seconds; the update is aborted then.
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
        try {
            Invoke-DefenderUpdate -Source Managed
        } catch {
            Invoke-DefenderUpdate -Source Http
        }

        Takes the full package from Microsoft where WSUS has none.
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
        [string] $Source = 'Default',

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
        if (-not $PSCmdlet.ShouldProcess('Microsoft Defender Antivirus', "Update the signatures from source $Source")) { return }
        if ($ComputerName -or $Session) { return Invoke-OnComputer }
        if ($AsJob) { return Start-BridgeJob }

        $known = @{
            InternalDefinitionUpdateServer = 'managed'
            MicrosoftUpdateServer          = 'unmanaged'
            MMPC                           = 'http'
            FileShares                     = 'unc'
        }
        $request = @{
            Method     = 'defender/update'
            Parameters = @{ source = if ($known.ContainsKey($Source)) { $known[$Source] } else { $Source.ToLowerInvariant() } }
            TypeName   = 'C2RBridge.DefenderUpdateResult'
            Activity   = 'Updating the signatures of Microsoft Defender Antivirus'
            TimeoutSec = $TimeoutSec
        }
        $result = Invoke-BridgeRequest @request
        if ($PassThru) { $result }
    }
}
