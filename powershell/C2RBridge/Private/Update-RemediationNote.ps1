function Update-RemediationNote {
    # Dates the note of a remediation anew, where there is one: its pair still runs, although there was nothing to put right.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Name, [string] $StateFolder)

    try {
        $note = Get-RemediationNotePath -Name $Name -StateFolder $StateFolder
        if ([IO.File]::Exists($note)) { [IO.File]::SetLastWriteTimeUtc($note, [datetime]::UtcNow) }
    } catch {
        # The report says what is wrong with the folder, where it repeats the note.
        $null = $_
    }
}
