function Confirm-Change {
    # Asks, where the user wants to be asked, whether the cmdlet that was called may do what it is about to do.
    param([string] $Target, [string] $Action)

    try {
        return $PSCmdlet.ShouldProcess($Target, $Action)
    } catch [Management.Automation.PSInvalidOperationException], [Management.Automation.Host.HostException], [NotImplementedException], [NotSupportedException] {
        $PSCmdlet.ThrowTerminatingError((New-C2RErrorRecord -ErrorId ConfirmationRequired -Category InvalidOperation -TargetObject $Target `
                    -Exception $_.Exception -Message "$($Action): this needs confirmation, and nobody can be asked in this session. Nothing was done." `
                    -RecommendedAction "Add -Confirm:`$false to $($PSCmdlet.MyInvocation.MyCommand.Name) in scripts that run unattended."))
    }
}
