function Get-CommandName {
    # Gives the name of the cmdlet that was called as the module has it: Import-Module -Prefix gives it another one here, which
    # is not known elsewhere.
    return (Get-CalledCommand).ScriptBlock.Ast.Name
}
