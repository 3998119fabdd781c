function Set-BridgeManagement {
    # Turns the management through COM on or off, or (null) removes the setting.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param($Enabled)

    $request = @{
        Method     = 'c2r/setManagement'
        Parameters = @{ enabled = $Enabled }
        TypeName   = 'C2RBridge.ManagementChange'
        Needs      = 'restartRequired'
    }
    $change = Invoke-BridgeRequest @request
    if ($change.RestartRequired) {
        $PSCmdlet.WriteWarning('Restart the Microsoft Office Click-to-Run service (ClickToRunSvc): until then the old setting is in force.')
    }
    return $change
}
