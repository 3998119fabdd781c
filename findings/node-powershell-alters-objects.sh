#!/usr/bin/env bash
# node-powershell turns each colon and comma in the texts of an object to = and ;, and rejects a call for any byte on stderr.
#
# Versions:  node-powershell 5.0.1 with child-shell 5.0.0 (npm), Node 20, PowerShell 7.6.9 (NuGet tool).
# Guess:     an object in PowerShell.command`...` becomes a hashtable with the same members and values, whatever these are.
#            invoke() rejects where an error ends the script; after one that does not it resolves with the output and tells of
#            the error.
# Seen:      the object is its JSON with every ":" made "=" and every "," made ";", also within strings: a URL arrives as
#            https=//server, without an error. A list or an object in it does not parse, and true and null are taken for the
#            names of commands. A hashtable of strings without such characters arrives. An error that ends nothing, and a note
#            that a program writes to stderr, reject the call although the script ran to its end, and the output is not in
#            the exception; shell.history[0].stdout has it. A warning is a line of the output.
# So:        a Node program passes such values as JSON in a variable of the environment, for ConvertFrom-Json. It sets
#            throwOnInvocationError: false, and judges by what the script writes, not by hadErrors.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact node-powershell@5.0.1 child-shell@5.0.0

cat >try.cjs <<'JS'
const { PowerShell } = require('node-powershell');
const texts = (result) => JSON.stringify(result.stdout.toString().split('\n'));
const run = async (script, more) => {
    const shell = new PowerShell({ pwsh: true, executableOptions: { '-NoProfile': true, '-NonInteractive': true }, ...more });
    const told = await shell.invoke(script).then(
        (result) => `${texts(result)}, hadErrors ${result.hadErrors}`,
        (error) => `${error.name}: ${error.message.split('\n')[0]}, in the history ${texts(shell.history[0])}`,
    );
    process.kill(shell.process.pid, 'SIGKILL');
    await shell.exitPromise.catch(() => {});
    return told;
};
(async () => {
    for (const value of [{ channel: 'Current', n: 2 }, { url: 'https://server/x' }, { text: 'a, b' }, { list: [1, 2] }, { inner: { b: 1 } }, { on: true, off: null }]) {
        console.log(`${JSON.stringify(value)}: ${PowerShell.command`${value}`}`);
    }
    console.log(`a plain text: ${await run(PowerShell.command`(${{ channel: 'Current' }}).channel`)}`);
    console.log(`a URL: ${await run(PowerShell.command`(${{ url: 'https://server/x' }}).url`)}`);
    const scripts = {
        'an error that ends nothing': '"before"; Write-Error small; "after"',
        'a note of a program': '"before"; & /bin/sh -c "echo note >&2"; "after"',
        'a warning': '"before"; Write-Warning note; "after"',
    };
    for (const [name, script] of Object.entries(scripts)) {
        console.log(`${name}: ${await run(script)}`);
        console.log(`${name}, not thrown: ${await run(script, { throwOnInvocationError: false })}`);
    }
})();
JS
NO_COLOR=1 TERM=dumb PATH="$work/tool:$PATH" timeout 200 node try.cjs | tee seen
cat >expected <<'TEXT'
{"channel":"Current","n":2}: @{"channel"="Current";"n"=2}
{"url":"https://server/x"}: @{"url"="https=//server/x"}
{"text":"a, b"}: @{"text"="a; b"}
{"list":[1,2]}: @{"list"=[1;2]}
{"inner":{"b":1}}: @{"inner"={"b"=1}}
{"on":true,"off":null}: @{"on"=true;"off"=null}
a plain text: ["Current"], hadErrors false
a URL: ["https=//server/x"], hadErrors false
an error that ends nothing: InvocationError: Write-Error: small, in the history ["before","after"]
an error that ends nothing, not thrown: ["before","after"], hadErrors true
a note of a program: InvocationError: note, in the history ["before","after"]
a note of a program, not thrown: ["before","after"], hadErrors true
a warning: ["before","WARNING: note","after"], hadErrors false
a warning, not thrown: ["before","WARNING: note","after"], hadErrors false
TEXT
diff expected seen
