function Read-RemediationNote {
    # What the last remediation did, as a sentence for the end of a report; empty where there is no note that can be read.
    param([string] $Name, [string] $StateFolder)

    $path = Get-RemediationNotePath -Name $Name -StateFolder $StateFolder
    try {
        $note = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($path))
        return " Last remediation $($note.time): $($note.text)"
    } catch {
        return ''
    }
}
