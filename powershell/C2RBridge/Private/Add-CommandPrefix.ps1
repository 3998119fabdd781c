function Add-CommandPrefix {
    # Gives text with the names that our cmdlets have in this session, where Import-Module -Prefix gave them others.
    param([string] $Text)

    $called = (Get-CalledCommand).Name
    $own = Get-CommandName
    if ($called -ceq $own) { return $Text }
    $prefix = $called.Substring($own.IndexOf('-') + 1, $called.Length - $own.Length)
    return $Text -creplace '\b([A-Z]\w+)-(?=(C2R|DefenderUpdate)[A-Z]?)', "`$1-$prefix"
}
