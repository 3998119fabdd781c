function Write-ApplicationEvent {
    # Writes an entry to the Application log of Windows, where Install.ps1 has registered our source.
    param([int] $Id, [string] $Type, [string] $Text)

    if (-not (Test-OnWindows)) { return }
    try {
        # Without the source, EventLog would look through every log for it, which takes rights that not everybody has.
        $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('SYSTEM\CurrentControlSet\Services\EventLog\Application\C2RBridge')
        if ($null -eq $key) { return }
        $key.Dispose()
        # The log takes 31,839 characters.
        [Diagnostics.EventLog]::WriteEntry('C2RBridge', $Text.Substring(0, [Math]::Min($Text.Length, 31000)), $Type, $Id)
    } catch {
        $PSCmdlet.WriteVerbose("No entry could be written to the Application log: $_")
    }
}
