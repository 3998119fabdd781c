# https://learn.microsoft.com/dotnet/api/system.management.automation.errorcategory, by `data.type` of the wire.
$script:ErrorCategories = @{
    WindowsError     = 'NotSpecified'
    NotAvailable     = 'ResourceUnavailable'
    IllegalState     = 'InvalidOperation'
    UpdateFailed     = 'OperationStopped'
    Timeout          = 'OperationTimeout'
    ContentInvalid   = 'InvalidData'
    NetworkError     = 'ConnectionError'
    Blocked          = 'ResourceBusy'
    AccessDenied     = 'PermissionDenied'
    InUse            = 'ResourceBusy'
    NoSpace          = 'WriteError'
    InvalidParams    = 'InvalidArgument'
    MethodNotFound   = 'NotImplemented'
    InvalidRequest   = 'ProtocolError'
    ParseError       = 'ProtocolError'
    RequestCancelled = 'OperationStopped'
    InternalError    = 'NotSpecified'
}

# The HRESULTs that say more than the type of the error does.
$script:HResultCategories = @{
    0x80070002 = 'ObjectNotFound'
    0x80070003 = 'ObjectNotFound'
    0x80070005 = 'PermissionDenied'
    0x8007000E = 'ResourceUnavailable'
    0x80070020 = 'ResourceBusy'
    0x80070057 = 'InvalidArgument'
    0x80070070 = 'WriteError'
    0x80070490 = 'ObjectNotFound'
    0x800704C7 = 'OperationStopped'
    0x800706BA = 'ResourceUnavailable'
    0x80080005 = 'ResourceUnavailable'
    0x8000000E = 'InvalidOperation'
    0x80040154 = 'ResourceUnavailable'
    0x80072EE2 = 'OperationTimeout'
    0x80072EE7 = 'ConnectionError'
    0x80072EFD = 'ConnectionError'
}

function New-C2RErrorRecord {
    # Makes every error of the module. From the wire: -WireError (code, message, data); the ErrorId is data.type. Of our
    # own: -ErrorId, -Message, -Category, -RecommendedAction. The exception's Data holds all of the wire's `data`.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [string] $ErrorId,
        [string] $Message,
        [Management.Automation.ErrorCategory] $Category = 'NotSpecified',
        [string] $RecommendedAction,
        [Exception] $Exception,
        $TargetObject,
        $WireError
    )

    $hresult = $null
    $isMissing = $false
    $details = @{}
    if ($null -ne $WireError) {
        $Message = $WireError.message
        if ($WireError.PSObject.Properties['data'] -and $WireError.data -is [Management.Automation.PSCustomObject]) {
            foreach ($property in $WireError.data.PSObject.Properties) { $details[$property.Name] = $property.Value }
        }
        $details.code = $WireError.code
        $ErrorId = if ($details['type'] -is [string]) { $details['type'] } else { "Code$($WireError.code)" }
        $command = (Get-CalledCommand).Name
        $RecommendedAction = if ($ErrorId -eq 'InvalidParams' -and $command -ne 'Invoke-C2RBridgeMethod') {
            # The contract's advice is for those who call it by its own names.
            "Correct the parameters; Get-Help $command -Full describes them."
        } elseif ($details['recommendation'] -is [string]) {
            ConvertTo-CmdletAdvice -Text $details['recommendation']
        } else {
            'Run Test-C2RHealth: it checks everything that an update needs.'
        }
        if ($script:ErrorCategories.ContainsKey($ErrorId)) { $Category = $script:ErrorCategories[$ErrorId] }
        $isMissing = $details['errno'] -eq 'ENOENT'
        if ($isMissing) { $Category = 'ObjectNotFound' }
        if ($details['hresult'] -is [ValueType]) { $hresult = $details['hresult'] -as [int] }
        if ($null -ne $hresult -and $script:HResultCategories.ContainsKey($hresult)) { $Category = $script:HResultCategories[$hresult] }
        foreach ($name in 'file', 'url', 'path', 'destination') {
            if ($details[$name] -is [string]) { $TargetObject = $details[$name] }
        }
    }

    $made = if ($null -ne $hresult -and $hresult -ne 0) {
        # The only exception of .NET Framework that takes an HRESULT from the outside.
        [Runtime.InteropServices.COMException]::new($Message, $hresult)
    } elseif ($ErrorId -eq 'Timeout') {
        [TimeoutException]::new($Message)
    } elseif ($isMissing) {
        [IO.FileNotFoundException]::new($Message)
    } elseif ($ErrorId -eq 'AccessDenied') {
        [UnauthorizedAccessException]::new($Message)
    } elseif ($ErrorId -eq 'InvalidParams') {
        [ArgumentException]::new($Message)
    } else {
        [InvalidOperationException]::new($Message, $Exception)
    }
    foreach ($name in $details.Keys) { $made.Data[$name] = $details[$name] }

    $record = [Management.Automation.ErrorRecord]::new($made, $ErrorId, $Category, $TargetObject)
    $record.ErrorDetails = [Management.Automation.ErrorDetails]::new($Message)
    $record.ErrorDetails.RecommendedAction = Add-CommandPrefix -Text $RecommendedAction
    return $record
}
