# How a parameter becomes JSON where that is not by the rule, which is: the same name in camelCase, the same value. A word of
# a ValidateSet arrives as the set spells it, however it was typed.
#
#   Name      the name on the wire
#   Factor    what the number is multiplied by
#   Path      true for a file or folder, which the bridge wants as a full path
#   Lower     true for a word that is in lower case on the wire, and that the bridge itself refuses where it is wrong
#   Words     what a word is called on the wire; words that are not listed are in lower case there
$script:WireParameters = @{
    Destination    = @{ Path = $true }
    Path           = @{ Path = $true }
    Arch           = @{ Lower = $true }
    TimeoutSec     = @{ Name = 'timeoutMs'; Factor = 1000 }
    IdleTimeoutSec = @{ Name = 'idleTimeoutMs'; Factor = 1000 }
    OnBlockingApps = @{ Words = @{} }
    # Those that Update-MpSignature knows stand for ours.
    Source         = @{ Name = 'sources'; Words = @{ InternalDefinitionUpdateServer = 'managed'; MicrosoftUpdateServer = 'unmanaged'; MMPC = 'http'; FileShares = 'unc' } }
}

function ConvertTo-BridgeParameter {
    # The one place where a cmdlet's parameters become the wire's params. Of `$PSBoundParameters` it takes those that are
    # named and were given; -Rename says what this cmdlet's parameter is called on the wire. Switches become booleans, and no
    # value keeps its PSObject, whose extra members 5.1 would write into the JSON.
    param([Collections.IDictionary] $Bound, [string[]] $Name, [hashtable] $Rename = @{})

    $parameters = @{}
    foreach ($key in $Name) {
        # An object from the pipeline may have the property and nothing in it.
        if ($null -eq $Bound[$key]) { continue }
        $rule = if ($script:WireParameters.ContainsKey($key)) { $script:WireParameters[$key] } else { @{} }
        $wireName = if ($Rename.ContainsKey($key)) { $Rename[$key] }
        elseif ($rule.ContainsKey('Name')) { $rule.Name }
        else { $key.Substring(0, 1).ToLowerInvariant() + $key.Substring(1) }
        # No `= if`: what comes out of a statement loses the array around a single element.
        if ($Bound[$key] -is [switch]) {
            $parameters[$wireName] = [bool] $Bound[$key]
        } elseif ($rule.ContainsKey('Factor')) {
            $parameters[$wireName] = $Bound[$key] * $rule.Factor
        } elseif ($rule.ContainsKey('Lower')) {
            $parameters[$wireName] = $Bound[$key].ToLowerInvariant()
        } elseif ($rule.ContainsKey('Path')) {
            $parameters[$wireName] = Resolve-FileSystemPath -Path $Bound[$key]
        } else {
            $attributes = $PSCmdlet.MyInvocation.MyCommand.Parameters[$key].Attributes
            $words = @(foreach ($attribute in $attributes) { if ($attribute -is [ValidateSet]) { $attribute.ValidValues } })
            if ($words.Count -eq 0) {
                $parameters[$wireName] = $Bound[$key].PSObject.BaseObject
            } elseif ($Bound[$key] -is [array]) {
                $parameters[$wireName] = @(foreach ($word in $Bound[$key]) { ConvertTo-WireWord -Word $word -Known $words -Rule $rule })
            } else {
                $parameters[$wireName] = ConvertTo-WireWord -Word $Bound[$key] -Known $words -Rule $rule
            }
        }
    }
    return $parameters
}
