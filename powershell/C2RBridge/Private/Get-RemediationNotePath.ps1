function Get-RemediationNotePath {
    # The file in which a remediation notes what it did. On Windows it lies in a folder that only administrators and SYSTEM
    # can write to: everybody may make folders in ProgramData.
    param([string] $Name, [string] $StateFolder)

    $folder = if ($StateFolder) { $StateFolder } else { [IO.Path]::Combine([Environment]::GetFolderPath('CommonApplicationData'), 'C2RBridge') }
    $directory = try { [IO.Directory]::CreateDirectory($folder) } catch { throw "$folder cannot be made: $(Get-FaultText -Record $_)" }
    if ($directory.Attributes -band [IO.FileAttributes]::ReparsePoint) { throw "$folder is a link; remove it." }
    if ((Test-OnWindows) -and -not $StateFolder) {
        # Somebody else's folder may hold links by which we would overwrite what they lead to.
        $owner = (Get-Acl -LiteralPath $folder).GetOwner([Security.Principal.SecurityIdentifier]).Value
        if ('S-1-5-18', 'S-1-5-32-544' -notcontains $owner) { throw "$folder belongs to $owner; remove it." }
        $acl = New-Object -TypeName Security.AccessControl.DirectorySecurity
        # Owner and DACL: Administrators and SYSTEM have full control, nothing is inherited.
        $acl.SetSecurityDescriptorSddlForm('O:BAD:P(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)')
        Set-Acl -LiteralPath $folder -AclObject $acl -WhatIf:$false -Confirm:$false
    }
    return [IO.Path]::Combine($folder, "$Name.json")
}
