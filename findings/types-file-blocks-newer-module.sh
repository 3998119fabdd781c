#!/usr/bin/env bash
# A module with a types file cannot be imported beside another copy of itself: one common member fails the whole import.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     a second version of a module loads beside the first, as it does without such a file: the commands of the newer one
#            win, and of the types its members, or at worst there is a warning. Equal definitions are no conflict. -Force
#            replaces what is loaded.
# Seen:      with a member of the same name in TypesToProcess the import of the other version is refused as a whole, though
#            the files are equal byte for byte, also with -Force, in a copy of the same version in another folder, and for a
#            module that requires the newer version. A property set for display counts as a member. The version that was
#            there stays, and continues to work. Formats files do not conflict.
# So:        a module with a types file tells its users to remove the old version first (Remove-Module, or a new session), or
#            it adds its members by Update-TypeData -Force in its own code.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
param([string] $Work)
$member = '<ScriptProperty><Name>Age</Name><GetScriptBlock>1</GetScriptBlock></ScriptProperty>'
$set = '<MemberSet><Name>PSStandardMembers</Name><Members><PropertySet><Name>DefaultDisplayPropertySet</Name>' +
    '<ReferencedProperties><Name>Age</Name></ReferencedProperties></PropertySet></Members></MemberSet>'
$view = '<Configuration><ViewDefinitions><View><Name>Thing</Name><ViewSelectedBy><TypeName>Thing</TypeName></ViewSelectedBy>' +
    '<ListControl><ListEntries><ListEntry><ListItems><ListItem><PropertyName>Age</PropertyName></ListItem></ListItems></ListEntry>' +
    '</ListEntries></ListControl></View></ViewDefinitions></Configuration>'
function Save-Module([string] $Root, [string] $Name, [string] $Version, [string] $Content, [string] $More) {
    $folder = [IO.Directory]::CreateDirectory("$Work/$Root/$Name/$Version").FullName
    $code = $Name -eq 'Code' ? 'Update-TypeData -TypeName Thing -MemberType ScriptProperty -MemberName Age -Value { 1 } -Force' : ''
    [IO.File]::WriteAllText("$folder/$Name.psm1", "function Get-$Name { '$Version' }; $code")
    [IO.File]::WriteAllText("$folder/$Name.ps1xml", $Content)
    [IO.File]::WriteAllText("$folder/$Name.psd1", "@{ ModuleVersion = '$Version'; RootModule = '$Name.psm1'; FunctionsToExport = 'Get-$Name'; $More }")
}
$kinds = [ordered]@{
    Plain = '', ''
    Code = '', ''
    Member = "<Types><Type><Name>Thing</Name><Members>$member</Members></Type></Types>", "TypesToProcess = 'Member.ps1xml'"
    Display = "<Types><Type><Name>Thing</Name><Members>$set</Members></Type></Types>", "TypesToProcess = 'Display.ps1xml'"
    View = $view, "FormatsToProcess = 'View.ps1xml'"
}
foreach ($name in $kinds.Keys) {
    foreach ($version in '1.0.0', '2.0.0') { Save-Module modules $name $version $kinds[$name][0] $kinds[$name][1] }
}
Save-Module copies Member '1.0.0' $kinds.Member[0] $kinds.Member[1]
Save-Module modules Needing '1.0.0' '' "RequiredModules = @{ ModuleName = 'Member'; ModuleVersion = '2.0.0' }"
$env:PSModulePath = "$Work/modules"
$env:MEMBER_COPY = "$Work/copies/Member/1.0.0/Member.psd1"

function Test-Second([string] $Label, [string] $Name, [scriptblock] $Import) {
    $shell = [powershell]::Create().AddScript({
        param($Name, $Import)
        Import-Module $Name -RequiredVersion 1.0.0
        $how = try { . ([scriptblock]::Create($Import)); 'imported' } catch { "refused, $($_.FullyQualifiedErrorId -split ',' | Select-Object -First 1)" }
        "$how, then $(& "Get-$Name")"
    }).AddArgument($Name).AddArgument("$Import")
    "${Label}: $($shell.Invoke())"
    $shell.Dispose()
}
$seen = @(
    Test-Second 'no file' Plain { Import-Module Plain -RequiredVersion 2.0.0 -ErrorAction Stop }
    Test-Second 'types' Member { Import-Module Member -RequiredVersion 2.0.0 -ErrorAction Stop }
    Test-Second 'types, Force' Member { Import-Module Member -RequiredVersion 2.0.0 -Force -ErrorAction Stop }
    Test-Second 'types, same version in a copy' Member { Import-Module $env:MEMBER_COPY -ErrorAction Stop }
    Test-Second 'types, required' Member { Import-Module Needing -ErrorAction Stop }
    Test-Second 'types, removed first' Member { Remove-Module Member; Import-Module Member -RequiredVersion 2.0.0 -ErrorAction Stop }
    Test-Second 'types, display set only' Display { Import-Module Display -RequiredVersion 2.0.0 -ErrorAction Stop }
    Test-Second 'Update-TypeData -Force' Code { Import-Module Code -RequiredVersion 2.0.0 -ErrorAction Stop }
    Test-Second 'formats' View { Import-Module View -RequiredVersion 2.0.0 -ErrorAction Stop }
)
$seen
$expected = @(
    'no file: imported, then 2.0.0'
    'types: refused, FormatXmlUpdateException, then 1.0.0'
    'types, Force: refused, FormatXmlUpdateException, then 1.0.0'
    'types, same version in a copy: refused, FormatXmlUpdateException, then 1.0.0'
    'types, required: refused, FormatXmlUpdateException, then 1.0.0'
    'types, removed first: imported, then 2.0.0'
    'types, display set only: refused, FormatXmlUpdateException, then 1.0.0'
    'Update-TypeData -Force: imported, then 2.0.0'
    'formats: imported, then 2.0.0'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Work "$work"
