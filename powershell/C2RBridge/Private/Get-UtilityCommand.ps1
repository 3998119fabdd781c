$script:UtilityCommands = @{}

function Get-UtilityCommand {
    # Gives a cmdlet of the module Microsoft.PowerShell.Utility by its type. By its name PowerShell would import that module
    # first, which in a new session takes longer than the request.
    param([string] $Name)

    if (-not $script:UtilityCommands[$Name]) {
        $type = "Microsoft.PowerShell.Commands.$($Name.Replace('-', ''))Command, Microsoft.PowerShell.Commands.Utility" -as [type]
        $script:UtilityCommands[$Name] = if ($type) { [Management.Automation.CmdletInfo]::new($Name, $type) } else { "Microsoft.PowerShell.Utility\$Name" }
    }
    return $script:UtilityCommands[$Name]
}
