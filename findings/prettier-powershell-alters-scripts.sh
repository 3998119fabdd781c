#!/usr/bin/env bash
# Prettier's plugin for PowerShell alters what a script does: -1 becomes two arguments, keys lose their case, texts gain spaces.
#
# Versions:  prettier 3.10.1, prettier-plugin-powershell 2.1.12 (npm), PowerShell 7.6.9 (NuGet), Node 20.
# Guess:     a formatter moves spaces and line ends where they mean nothing. What a script prints is the same before and after,
#            and text within quotes stays as it is.
# Seen:      `Get-It -1` becomes `Get-It - 1`, which passes "-" and 1. The keys Process, End and Class of a hashtable become lower
#            case, and with them the names in JSON. A text within a text, as "$(f "$a. $b")", is formatted as if it was code: the
#            text has other spaces and signs. A backtick at a line's end within parentheses goes away and the line end stays, so
#            that the script does not parse. Each of these is stable: to format twice changes nothing more, and Prettier ends with
#            0.
# So:        run the tests of a script after it is formatted, or compare the tokens that PowerShell's parser finds before and
#            after. Splatting instead of backticks, and variables instead of nested quotes, keep code out of its way.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 HOME="$work/home" DOTNET_CLI_HOME="$work/home" POWERSHELL_TELEMETRY_OPTOUT=1
mkdir -p "$HOME" "$work"/{before,after}
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null
npm init -y >/dev/null
npm install --silent --no-audit --no-fund prettier@3.10.1 prettier-plugin-powershell@2.1.12

cat >before/argument.ps1 <<'PS'
function Get-It { "$($args.Count): $args" }
Get-It -1
PS
cat >before/keys.ps1 <<'PS'
[ordered] @{ Name = 1; Process = 2; End = 3; Class = 4 } | ConvertTo-Json -Compress
PS
cat >before/text.ps1 <<'PS'
function ConvertTo-Upper([string] $Text) { $Text.ToUpper() }
$title = 'one'; $said = 'two'
"<b>$(ConvertTo-Upper "$title. $said")</b>"
PS
cat >before/lines.ps1 <<'PS'
$item = (New-Object -TypeName Version `
    -ArgumentList '1.2')
"$item"
PS
cat >before/plain.ps1 <<'PS'
foreach ($each in 1..2){if($each -gt 1){"more than $($each -1)"}}
PS
cp before/* after
npx prettier --plugin prettier-plugin-powershell --log-level warn --write after
cat >run.ps1 <<'PS'
foreach ($name in 'argument', 'keys', 'text', 'lines', 'plain') {
    foreach ($when in 'before', 'after') {
        $printed = try { & "./$when/$name.ps1" } catch { $_.Exception.GetType().Name }
        "$name, $($when): $printed"
    }
}
PS
timeout 60 tool/pwsh -NoProfile -NonInteractive -File run.ps1 | tee seen
cat >expected <<'TEXT'
argument, before: 1: -1
argument, after: 2: - 1
keys, before: {"Name":1,"Process":2,"End":3,"Class":4}
keys, after: {"Name":1,"process":2,"end":3,"class":4}
text, before: <b>ONE. TWO</b>
text, after: <b> ONE.TWO </b>
lines, before: 1.2
lines, after: ParseException
plain, before: more than 1
plain, after: more than 1
TEXT
diff expected seen
