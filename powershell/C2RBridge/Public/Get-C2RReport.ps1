function Get-C2RReport {
    <#
    .SYNOPSIS
        Gathers what a help desk wants to know about the updates of Office and Defender, as an object or as a page.
    .DESCRIPTION
        One object with the installed Office, what Click-to-Run is doing, the state of Defender, the update history that the
        registry tells, all findings of Test-C2RHealth, and in Problems what is wrong in one line each. A part that cannot be
        read is null and named in Problems; nothing is changed.

        With -AsHtml it is one page without scripts or anything from elsewhere, as one string. Reports from other computers can
        be piped in: they are shown on one page, the ones with problems first.
    .PARAMETER AsHtml
        Gives a page instead of an object.
    .PARAMETER InputObject
        Reports that were made before, here or on other computers, instead of one of this computer.
    .PARAMETER ComputerName
        Runs this on other computers, through PowerShell remoting: C2RBridge
        has to be installed there. The results carry PSComputerName, and a
        computer that fails does not keep the others from answering.
    .PARAMETER Session
        The same through sessions that are open already, for example over SSH:
        New-PSSession -HostName pc1.
    .EXAMPLE
        Get-C2RReport

        Shows the state of this computer.
    .EXAMPLE
        Get-C2RReport -AsHtml | Set-Content -Path report.html -Encoding UTF8

        Writes a page that can be sent to somebody.
    .EXAMPLE
        Get-C2RReport -ComputerName pc1, pc2 -AsHtml | Set-Content -Path fleet.html -Encoding UTF8

        Gathers the reports of several computers on one page.
    .EXAMPLE
        Invoke-Command -Session $sessions -ScriptBlock { Get-C2RReport } | Get-C2RReport -AsHtml

        The same from reports that were gathered in another way.
    .OUTPUTS
        C2RBridge.Report
    .OUTPUTS
        System.String
    .LINK
        Test-C2RHealth
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('C2RBridge.Report', [string])]
    param(
        [switch] $AsHtml,

        [Parameter(ValueFromPipeline)]
        [ValidateNotNull()]
        [psobject[]] $InputObject,

        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [ValidateNotNullOrEmpty()]
        [Management.Automation.Runspaces.PSSession[]] $Session
    )

    begin {
        Import-CallerPreference
        $reports = [Collections.Generic.List[psobject]]::new()
    }
    process {
        foreach ($report in $InputObject) { $reports.Add($report) }
    }
    end {
        if ($ComputerName -or $Session) { foreach ($report in Invoke-OnComputer -Without AsHtml) { $reports.Add($report) } }
        elseif ($reports.Count -eq 0 -and -not $MyInvocation.ExpectingInput) { $reports.Add((New-Report)) }
        if ($AsHtml) { ConvertTo-ReportHtml -Report $reports.ToArray() } else { $reports.ToArray() }
    }
}
