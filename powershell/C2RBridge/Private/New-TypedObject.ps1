function New-TypedObject {
    # Gives an object of one of our types. A PSTypeName among the members would meet those of the types file, which are read-only.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $TypeName, [Collections.IDictionary] $Members)

    $object = [pscustomobject] $Members
    $object.PSObject.TypeNames.Insert(0, $TypeName)
    return $object
}
