#!/usr/bin/env bash
# Ansible's win_powershell reports success for a script that ends with exit 3, and for one whose cmdlet ends with an error.
#
# Versions:  ansible-core 2.14.18-0+deb12u2 and ansible 7.7.0+dfsg-3+deb12u1 (Debian 12) with ansible.windows 1.14, PowerShell
#            7.6.9 (NuGet). Two places of Ansible that need Windows are changed first: handles of the console, and warnings of its
#            compiler.
# Guess:     as its manual says for the default, errors that are written do not fail the task, and terminating ones do: a cmdlet
#            that ends with ThrowTerminatingError, a .NET method that throws, a command that does not exist. Exit 3 fails it, or
#            its result has the number.
# Seen:      of these only `throw` fails the task. After the others the script continues with its next line, the task is
#            "changed", and the error is in a list that nobody looks at. Exit 3 ends the script; the task succeeds, and the 3 is
#            nowhere, with error_action stop as well, which makes the other kinds fail. A list below the depth of 2 becomes one
#            text, joined by spaces when it is the value of a hashtable, and "System.Object[]" within an object.
# So:        a task sets error_action: stop, and a script that speaks by exit codes is called by one that looks at them and sets
#            $Ansible.Failed. What a playbook reads from nested results needs depth, or $Ansible.Result.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 HOME="$work/home" DOTNET_CLI_HOME="$work/home" POWERSHELL_TELEMETRY_OPTOUT=1
mkdir -p "$HOME" "$work/plugins" "$work/bin"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null
apt-get download ansible-core=2.14.18-0+deb12u2 ansible=7.7.0+dfsg-3+deb12u1 python3-jinja2=3.1.2-1+deb12u3 python3-markupsafe=2.1.2-1+b1 \
    python3-packaging=23.0-1 python3-resolvelib=0.9.0-2 python3-yaml=6.0-3+b2 libyaml-0-2=0.2.5-1 \
    python3-cryptography=38.0.4-3+deb12u1 python3-cffi-backend=1.15.1-5+b1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" debian; done
packages=$work/debian/usr/lib/python3/dist-packages
module=$packages/ansible_collections/ansible/windows/plugins/modules/win_powershell.ps1

# What only Windows has.
sed -i -e 's/\[Ansible.Windows.WinPowerShell.NativeMethods\]::GetConsoleWindow() -eq \[IntPtr\]::Zero/$false/' \
    -e 's/\[Ansible.Windows.WinPowerShell.NativeMethods\]::GetStdHandle(\$id)/[IntPtr]::Zero/' \
    -e 's/\[void\]\[Ansible.Windows.WinPowerShell.NativeMethods\]::SetStdHandle(\$id, \$Raw)//' "$module"
sed -i 's/^        if (-not \$IgnoreWarnings.IsPresent) {$/        if ($false) {/' "$packages/ansible/module_utils/powershell/Ansible.ModuleUtils.AddType.psm1"
ln -s "$work/tool/pwsh" bin/PowerShell
printf '#!/bin/sh\n' >bin/chcp.com
chmod +x bin/chcp.com

cat >plugins/here.py <<'PY'
"""A connection to the PowerShell of this computer."""
import subprocess

from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = "{name: here, short_description: here, description: [here], options: {}}"


class Connection(ConnectionBase):
    transport = "here"
    module_implementation_preferences = (".ps1", ".exe", "")
    has_pipelining = True
    always_pipeline_modules = True
    allow_executable = False

    def __init__(self, *arguments, **named):
        self._shell_type = "powershell"
        super().__init__(*arguments, **named)

    def _connect(self):
        return self

    def exec_command(self, cmd, in_data=None, sudoable=True):
        done = subprocess.run(cmd, shell=True, input=in_data or b"", capture_output=True)
        return done.returncode, done.stdout, done.stderr

    def put_file(self, in_path, out_path):
        raise NotImplementedError

    def fetch_file(self, in_path, out_path):
        raise NotImplementedError

    def close(self):
        pass
PY

cat >playbook.yml <<'YML'
- hosts: all
  gather_facts: false
  tasks:
    - ansible.windows.win_powershell:
        error_action: "{{ item.action | default('continue') }}"
        script: |
          function Update-It {
              [CmdletBinding()] param()
              $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new([Exception]::new('in use'), 'InUse', 'ResourceBusy', $null))
          }
          {{ item.script }}
          'next line'
      register: tasks
      ignore_errors: true
      loop:
        - {script: "throw 'in use'"}
        - {script: Update-It}
        - {script: "[int]::Parse('x')"}
        - {script: Update-Absent}
        - {script: "Update-It", action: stop}
        - {script: exit 3}
        - {script: exit 3, action: stop}
        - {script: "@{ a = @{ b = @{ c = 'x', 'y' } } }, @{ a = @{ b = 'x', 'y' } }, [pscustomobject]@{ a = @([pscustomobject]@{ b = 'x', 'y' }) }"}
    - copy:
        dest: "{{ lookup('env', 'SEEN') }}"
        content: |
          {% for task in tasks.results %}
          {{ task.item.action | default('continue') }}, {{ task.item.script }}: {{ 'fails' if task.failed else 'succeeds' }}, {{ 'changed' if task.changed else 'unchanged' }}, errors {{ task.error | length }}, output {{ task.output | to_json(sort_keys=true) }}, 3 {{ 'is there' if 3 in task.values() else 'is nowhere' }}
          {% endfor %}
      connection: local
      vars:
        ansible_python_interpreter: /usr/bin/python3
YML
export PATH="$work/bin:$PATH" PYTHONPATH="$packages" LD_LIBRARY_PATH="$work/debian/usr/lib/x86_64-linux-gnu" ANSIBLE_HOME="$work/home" ANSIBLE_CONNECTION_PLUGINS="$work/plugins" SEEN="$work/seen"
timeout 420 /usr/bin/python3 debian/usr/bin/ansible-playbook -i localhost, -c here playbook.yml >log 2>&1 || tail -20 log
cat seen
cat >expected <<'TEXT'
continue, throw 'in use': fails, changed, errors 1, output [], 3 is nowhere
continue, Update-It: succeeds, changed, errors 1, output ["next line"], 3 is nowhere
continue, [int]::Parse('x'): succeeds, changed, errors 1, output ["next line"], 3 is nowhere
continue, Update-Absent: succeeds, changed, errors 1, output ["next line"], 3 is nowhere
stop, Update-It: fails, changed, errors 1, output [], 3 is nowhere
continue, exit 3: succeeds, changed, errors 0, output [], 3 is nowhere
stop, exit 3: succeeds, changed, errors 0, output [], 3 is nowhere
continue, @{ a = @{ b = @{ c = 'x', 'y' } } }, @{ a = @{ b = 'x', 'y' } }, [pscustomobject]@{ a = @([pscustomobject]@{ b = 'x', 'y' }) }: succeeds, changed, errors 0, output [{"a": {"b": "System.Collections.Hashtable"}}, {"a": {"b": "x y"}}, {"a": ["@{b=System.Object[]}"]}, "next line"], 3 is nowhere
TEXT
diff expected seen
