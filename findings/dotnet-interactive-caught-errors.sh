#!/usr/bin/env bash
# A cell of a .NET Interactive notebook fails for an error that it catches, and succeeds where a program in it or exit fails.
#
# Versions:  Microsoft.dotnet-interactive 1.0.712001 (NuGet tool; its pwsh kernel is PowerShell 7.5.4), .NET 10.
# Guess:     a cell fails where an error ends it or is written, as a console shows it in red: not for what try/catch or
#            -ErrorAction SilentlyContinue has dealt with. A program's exit code or `exit 3` fails it, as it does a script.
# Seen:      what counts is that $Error has an entry afterwards that it had not before: an error that was caught, or silenced,
#            fails the cell with its text, though all of the cell ran and printed what it should. Only -ErrorAction Ignore
#            leaves none, or a catch block that removes the entry from $Error. A program that ends with 3 and writes to stderr,
#            and `exit 3`, are successes; exit does not even end the session.
# So:        a notebook that is run unattended fails at a cell that handles its errors well, and passes one whose program failed:
#            cells look at $LASTEXITCODE and throw, and take what they caught out of $Error.
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


cells = [
    'Get-Item -Path /absent',
    'Get-Item -Path /absent -ErrorAction SilentlyContinue; "end"',
    'Get-Item -Path /absent -ErrorAction Ignore; "end"',
    'try { throw "no" } catch { "caught" }; "end"',
    'try { throw "no" } catch { $Error.RemoveAt(0) }; "end"',
    'try { [int]::Parse("x") } catch { "caught" }; "end"',
    'sh -c "echo no >&2; exit 3"; "end"',
    'exit 3',
    '"end"',
]
for number, code in enumerate(cells):
    succeeded, text = cell(f'cell{number}', code)
    print(f"{code}: {'succeeds' if succeeded else 'fails'}{', to its end' if 'end' in text else ''}", flush=True)
kernel.stdin.close()
kernel.kill()
PY
timeout 150 /usr/bin/python3 try.py | tee seen
cat >expected <<'TEXT'
Get-Item -Path /absent: fails
Get-Item -Path /absent -ErrorAction SilentlyContinue; "end": fails, to its end
Get-Item -Path /absent -ErrorAction Ignore; "end": succeeds, to its end
try { throw "no" } catch { "caught" }; "end": fails, to its end
try { throw "no" } catch { $Error.RemoveAt(0) }; "end": succeeds, to its end
try { [int]::Parse("x") } catch { "caught" }; "end": fails, to its end
sh -c "echo no >&2; exit 3"; "end": succeeds, to its end
exit 3: succeeds
"end": succeeds, to its end
TEXT
diff expected seen
