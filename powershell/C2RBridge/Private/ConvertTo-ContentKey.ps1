function ConvertTo-ContentKey {
    # Braces around the name of a content source tell no two apart.
    param([string] $Id)

    return $Id -replace '^\{(.*)\}\z', '$1'
}
