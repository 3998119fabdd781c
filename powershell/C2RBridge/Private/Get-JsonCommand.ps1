$script:JsonCommands = @{}

function Get-JsonCommand {
    # Gives PowerShell's own ConvertTo-Json or ConvertFrom-Json by its type. By its name PowerShell would import the module
    # Microsoft.PowerShell.Utility first, which in a new session takes longer than the request.
    param([string] $Name)

    if (-not $script:JsonCommands.ContainsKey($Name)) {
        $type = "Microsoft.PowerShell.Commands.$($Name.Replace('-', ''))Command, Microsoft.PowerShell.Commands.Utility" -as [type]
        $script:JsonCommands[$Name] = if ($type) { [Management.Automation.CmdletInfo]::new($Name, $type) } else { "Microsoft.PowerShell.Utility\$Name" }
    }
    return $script:JsonCommands[$Name]
}
