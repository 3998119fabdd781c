function Stop-MisleadingBridge {
    # Ends the cmdlet, and a bridge whose result is of another shape than the contract says.
    param([string] $Method)

    Stop-FailedBridge -Method $Method -Reason 'its result is not the one of the contract'
}
