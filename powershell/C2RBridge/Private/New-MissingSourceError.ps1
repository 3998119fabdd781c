function New-MissingSourceError {
    # The error about the name of a content source that is not registered.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Name)

    New-C2RErrorRecord -ErrorId ContentSourceNotFound -Category ObjectNotFound -TargetObject $Name `
        -Message "No content source $Name is registered." `
        -RecommendedAction 'Register it with Register-C2RContentSource; Get-C2RContentSource lists those that are registered.'
}
