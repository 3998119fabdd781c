function ConvertFrom-BridgeJson {
    # Parses JSON with every string left a string. PowerShell 7.5 and newer must be told not to guess dates; older 7 cannot
    # be told, and Windows PowerShell does not guess but stops at 2 MB.
    param([string] $Json)

    $convert = Get-UtilityCommand -Name ConvertFrom-Json
    $version = $PSVersionTable['PSVersion']
    $dates = if ($version.Major -gt 7 -or ($version.Major -eq 7 -and $version.Minor -ge 5)) { @{ DateKind = 'String' } } else { @{} }
    # 2 MiB of characters is the limit of the serializer behind Windows PowerShell's ConvertFrom-Json.
    if ($PSVersionTable['PSVersion'].Major -gt 5 -or $Json.Length -lt 2097152) {
        try {
            return & $convert -InputObject $Json @dates
        } catch {
            # Either no JSON, where what follows throws as well, or names that no object of PowerShell can have.
            if ($PSVersionTable['PSVersion'].Major -gt 5) {
                return ConvertFrom-JsonDictionary -Value (& $convert -InputObject $Json -AsHashtable @dates)
            }
        }
    }
    Add-Type -AssemblyName System.Web.Extensions
    $serializer = [Web.Script.Serialization.JavaScriptSerializer]::new()
    $serializer.MaxJsonLength = [int]::MaxValue
    return ConvertFrom-JsonDictionary -Value $serializer.DeserializeObject($Json)
}
