#!/usr/bin/env bash
# In a .NET Interactive notebook a custom object whose type has a script property fails the cell; piped to Out-Default it shows.
#
# Versions:  Microsoft.dotnet-interactive 1.0.712001 (NuGet tool; its pwsh kernel is PowerShell 7.5.4), .NET 10.
# Guess:     what a module's types file adds to its results shows in a notebook as in a console. Having seen that it does not:
#            any object with a script property from a type table fails, as that runs where it is read.
# Seen:      only [pscustomobject] does: the kernel reads all of its properties on a thread without a runspace, so that the
#            cell ends with "There is no Runspace available", and what stands behind it does not run. It is the same
#            anywhere in the pipeline's output, in a list, and with any view. An instance of a class with the same property
#            shows, and so does Get-Process, and a custom object that carries the script property itself or has an alias or a
#            script method from the table. Through Out-Default, Format-List, Select-Object or ConvertTo-Json it shows.
# So:        a module whose results are meant for notebooks fills their properties when it makes them, or makes instances of a
#            class. A user of such a module ends the line with | Out-Default there.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1 DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home" DOTNET_ROLL_FORWARD=Major
mkdir -p "$HOME"
cd "$work"
dotnet tool install Microsoft.dotnet-interactive --version 1.0.712001 --tool-path "$work/tool" >/dev/null

cat >try.py <<'PY'
import json, queue, subprocess, threading

kernel = subprocess.Popen(['tool/dotnet-interactive', 'stdio'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
events = queue.Queue()


def read():
    for line in kernel.stdout:
        # A welcome stands before the first event.
        if line.startswith('{'):
            events.put(json.loads(line))


threading.Thread(target=read, daemon=True).start()
while events.get(timeout=60)['eventType'] != 'KernelReady':
    pass


def cell(token, code):
    command = {'token': token, 'commandType': 'SubmitCode', 'command': {'code': code, 'targetKernelName': 'pwsh'}, 'routingSlip': []}
    kernel.stdin.write(json.dumps(command) + '\n')
    kernel.stdin.flush()
    text = ''
    while True:
        event = events.get(timeout=60)
        text += ''.join(value['value'] for value in event['event'].get('formattedValues', []))
        if event['eventType'] in ('CommandSucceeded', 'CommandFailed') and event['command']['token'] == token:
            return event['eventType'] == 'CommandSucceeded', text


def member(kind, name, value):
    return f'Update-TypeData -TypeName {name} -MemberType {kind} -MemberName Next -Value {value}'


setup = [
    member('ScriptProperty', 'My.Property', '{ $this.Count + 1 }'),
    member('ScriptMethod', 'My.Method', '{ $this.Count + 1 }'),
    member('AliasProperty', 'My.Alias', 'Count'),
    'class Thing { [int] $Count = 1 }',
    member('ScriptProperty', 'Thing', '{ $this.Count + 1 }'),
    "function New-Custom($Type) { [pscustomobject] @{ PSTypeName = $Type; Count = 41 } }; $object = New-Custom My.Property",
    '$own = [pscustomobject] @{ Count = 41 }; $own | Add-Member -MemberType ScriptProperty -Name Next -Value { $this.Count + 1 }',
]
ready, why = cell('setup', '; '.join(setup))
assert ready, why
cells = ['$object', '$object, $object', '@($object)', '$object; "behind it"', '$object.Next', '$own', '[Thing]::new()']
cells += ['New-Custom My.Method', 'New-Custom My.Alias', 'Get-Process -Id $PID', '$object | Write-Output']
cells += [f'$object | {command}' for command in ('Out-Default', 'Format-List', 'Select-Object -Property *', 'ConvertTo-Json')]
for number, code in enumerate(cells):
    succeeded, text = cell(f'cell{number}', code)
    how = 'shows' if succeeded else 'fails, no runspace' if 'There is no Runspace available' in text else 'fails otherwise'
    print(f"{code}: {how}{', and what is behind it' if 'behind it' in text else ''}", flush=True)
kernel.stdin.close()
kernel.kill()
PY
timeout 150 /usr/bin/python3 try.py | tee seen
cat >expected <<'TEXT'
$object: fails, no runspace
$object, $object: fails, no runspace
@($object): fails, no runspace
$object; "behind it": fails, no runspace
$object.Next: shows
$own: shows
[Thing]::new(): shows
New-Custom My.Method: shows
New-Custom My.Alias: shows
Get-Process -Id $PID: shows
$object | Write-Output: fails, no runspace
$object | Out-Default: shows
$object | Format-List: shows
$object | Select-Object -Property *: shows
$object | ConvertTo-Json: shows
TEXT
diff expected seen
