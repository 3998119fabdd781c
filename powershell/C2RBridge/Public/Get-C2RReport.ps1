function Get-C2RReport {
    <#
    .SYNOPSIS
        Reports the update state of Office and Defender, also as a web page.
    .DESCRIPTION
        Returns one object with the installed Office, the state of Click-to-Run
        and Defender, the update history, all findings of Test-C2RHealth, and
        Problems, which names each fault in one line. A part that cannot be read
        is null and is named in Problems. Nothing is changed.

        With -AsHtml, returns a web page as one string. The page has no scripts
        and loads nothing from elsewhere. Reports from other computers can be
        piped in: the page then begins with totals and charts, and lists the
        computers with problems first.
    .PARAMETER AsHtml
        Returns a web page instead of an object.
    .PARAMETER InputObject
        Reports made earlier, here or on other computers, instead of a new one
        of this computer. Anything else is an error, and is left out.
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
        Get-C2RReport

        Shows the state of this computer.
    .EXAMPLE
        Get-C2RReport -AsHtml | Set-Content -Path report.html -Encoding UTF8

        Writes a page that can be sent to the help desk.
    .EXAMPLE
        Get-C2RReport -ComputerName pc1, pc2 -AsHtml | Set-Content -Path fleet.html -Encoding UTF8

        Gathers the reports of several computers on one page.
    .EXAMPLE
        Invoke-Command -Session $sessions -ScriptBlock { Get-C2RReport } | Get-C2RReport -AsHtml

        Makes the page from reports that were gathered in another way.
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
        [Management.Automation.Runspaces.PSSession[]] $Session,

        [ValidateRange(1, 10000)]
        [int] $ThrottleLimit
    )

    begin {
        Import-CallerPreference
        $reports = [Collections.Generic.List[psobject]]::new()
    }
    process {
        foreach ($report in $InputObject) {
            if (Test-Report -Report $report) {
                $reports.Add($report)
            } else {
                Write-CallerError -Record (New-C2RErrorRecord -ErrorId InvalidReport -Category InvalidType -TargetObject $report `
                            -Message "A $($report.PSObject.TypeNames[0]) is not a report of Get-C2RReport." `
                            -RecommendedAction 'Pipe in only what Get-C2RReport has returned, here or elsewhere.')
            }
        }
    }
    end {
        if ($ComputerName -or $Session) {
            $failed = [Collections.Generic.List[Management.Automation.ErrorRecord]]::new()
            foreach ($report in Invoke-OnComputer -Without AsHtml -Failed $failed) { $reports.Add($report) }
            # On the page they are computers that were not reached; as objects they would look like answers.
            if ($AsHtml) { foreach ($record in $failed) { $reports.Add((New-FailedReport -Record $record)) } }
        }
        elseif ($reports.Count -eq 0 -and -not $MyInvocation.ExpectingInput) { $reports.Add((New-Report)) }
        if ($AsHtml) { ConvertTo-ReportHtml -Report $reports.ToArray() } else { $reports.ToArray() }
    }
}
