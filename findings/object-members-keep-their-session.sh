#!/usr/bin/env bash
# A script member that an object carries itself runs in the session that made it; one from a type table runs where it is read.
#
# Versions:  PowerShell 7.6.9 (NuGet tool).
# Guess:     a script member runs where it is read, with $this as the object: in a thread job it sees the variables of the job.
#            What Update-TypeData defined in one session does not exist in another.
# Seen:      a member by Add-Member, or a script block that came by $using, reads and sets the global variables of the session
#            that made it, from the thread of the job; the job's own stay as they were. A member by Update-TypeData reads those
#            of the job. It goes with each object that was made in the first session, into the job which does not know the
#            type, while an object with the same type name that the job makes itself has no such member.
# So:        a script member takes what it needs from $this. A module that hands out objects to other threads may not keep
#            state in its variables for their members, and sets no variable there.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

cat >"$work/try.ps1" <<'PS'
$global:where = 'first session'
$carried = [pscustomobject] @{ Name = 'x' }
$carried | Add-Member -MemberType ScriptProperty -Name Where -Value { $global:where }
$carried | Add-Member -MemberType ScriptMethod -Name Mark -Value { $global:mark = 'set' }
Update-TypeData -TypeName Typed -MemberType ScriptProperty -MemberName Where -Value { $global:where }
$typed = [pscustomobject] @{ PSTypeName = 'Typed'; Name = 'x' }
$block = { $global:where }
$global:mark = 'not set'
$seen = @(Start-ThreadJob {
    $global:where = 'job'
    $global:mark = 'not set'
    "carried: $(($using:carried).Where)"
    "block: $(& $using:block)"
    "typed: $(($using:typed).Where)"
    "typed, made in the job: $(([pscustomobject] @{ PSTypeName = 'Typed' }).Where ?? 'none')"
    $null = ($using:carried).Mark()
    "mark in the job: $global:mark"
} | Receive-Job -Wait)
$seen += "mark in the first session: $global:mark"
$seen
$expected = @(
    'carried: first session'
    'block: first session'
    'typed: job'
    'typed, made in the job: none'
    'mark in the job: not set'
    'mark in the first session: set'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1"
