import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Cdn, generated, image, startCdn } from '../../support/cdn.mjs';
import { closingRunspace } from '../../support/closing-runspace.js';
import { deadline } from '../../support/deadline.js';
import { autoloadingPreferences, withAutoloading, withAutoloadingShown } from '../../support/module-autoloading.js';
import { controlMpClient } from '../../support/mpclient.js';
import { complete } from '../../support/mpclient-sequences.js';
import { setUpOfficeInRegistry } from '../../support/office-bridge.js';
import { literal } from '../../support/powershell-script.js';
import { labProcesses } from '../../support/processes.js';
import { describeInWindowsPowerShell, WindowsPowerShell } from '../../support/windows-powershell.js';

const fast = { downloadMs: 300, applyMs: 200 };

describeInWindowsPowerShell('every cmdlet in PowerShell for Windows', (shell, lab) => {
  const folder = join(lab.driveC, 'every-cmdlet');
  let cdn: Cdn;
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    cdn = await startCdn(image({ dats: { 'x-none': generated(300_000, 1), 'en-us': generated(70_000, 2) } }));
  });
  afterAll(async () => {
    await cdn.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** How each is called that needs more than its name; the rest of those that are exported is called by its name alone. */
  const calls = (): Readonly<Record<string, string>> => ({
    'ConvertFrom-C2RMoreInfoUrl': `ConvertFrom-C2RMoreInfoUrl -MoreInfoUrl 'https://example.invalid/?channel=Current&arch=64&ServicePath=https%3A%2F%2Fexample.invalid%2Flist'`,
    'Get-C2RChannel': `Get-C2RChannel -Endpoint '${cdn.endpoint}'`,
    'Get-C2RSku': `Get-C2RSku -Endpoint '${cdn.endpoint}'`,
    'Get-C2RFileList': `Get-C2RFileList -Endpoint '${cdn.endpoint}'`,
    'Save-C2RContent': `Save-C2RContent -Endpoint '${cdn.endpoint}' -Destination C:\\every-cmdlet\\image -AllLanguages`,
    'Test-C2RContent': 'Test-C2RContent -Path C:\\every-cmdlet\\image',
    'Remove-C2RContent': 'Remove-C2RContent -Path C:\\every-cmdlet\\image -Keep 1 -Confirm:$false',
    'Register-C2RContentSource': 'Register-C2RContentSource -Name every -Path C:\\every-cmdlet\\image',
    'Unregister-C2RContentSource': 'Unregister-C2RContentSource -Name every',
    'Get-C2RDeploymentData': 'Get-C2RDeploymentData -DataType 7',
    'Invoke-C2RBridgeMethod': 'Invoke-C2RBridgeMethod -Method bridge/ping',
    'Invoke-C2RDownload': 'Invoke-C2RDownload -Wait -PollMs 100',
    'Invoke-C2RRemediation': 'Invoke-C2RRemediation -Name OfficeUpdate',
    'Invoke-C2RApply': 'Invoke-C2RApply -Wait -PollMs 100 -Confirm:$false',
    'Invoke-C2RUpdate': 'Invoke-C2RUpdate -PollMs 100',
    'Set-C2RChannel': 'Set-C2RChannel -Channel SemiAnnual',
    'Set-C2RTargetVersion': 'Set-C2RTargetVersion -Version 16.0.17928.20114',
  });

  /** These come first, in this order, because they stand on each other's work. */
  const first = ['Connect-C2RBridge', 'Save-C2RContent', 'Register-C2RContentSource', 'Invoke-C2RDownload'];
  const last = ['Unregister-C2RContentSource', 'Remove-C2RContent', 'Disconnect-C2RBridge'];

  test('works on what Windows has, or says why it does not', async () => {
    setUpOfficeInRegistry(lab, { ...fast, deploymentData: { 7: 'text' } });
    const control = controlMpClient(lab);
    control.script(complete);
    const { output } = await shell.run(`
      $calls = ConvertFrom-Json -AsHashtable ${literal(JSON.stringify(calls()))}
      $first = ${first.map(literal).join(', ')}
      $last = ${last.map(literal).join(', ')}
      $exported = @((Get-Module C2RBridge).ExportedCommands.Keys | Sort-Object)
      $names = $first + @($exported | Where-Object { ($first + $last) -notcontains $_ }) + @($last | Where-Object { $exported -contains $_ })
      $WarningPreference = 'SilentlyContinue'
      $failures = foreach ($name in $names) {
        $line = if ($calls.ContainsKey($name)) { $calls[$name] } else { $name }
        try { $null = & ([scriptblock]::Create($line)) } catch { "$($name): $($_.FullyQualifiedErrorId) $_" }
      }
      @{ count = $exported.Count; failures = @($failures) }`);
    control.dispose();
    // Wine's Task Scheduler has no folders.
    expect(output.failures).toEqual([expect.stringMatching(/^Start-C2RUpdateDetection: NotAvailable,/)]);
    expect(output.count).toBeGreaterThanOrEqual(30);
  });

  test('knows that it runs on Windows, as an administrator, and starts the Node of Program Files', async () => {
    setUpOfficeInRegistry(lab, fast);
    const { output } = await shell.run(`
      $null = Connect-C2RBridge
      $process = Get-Process -Id (Get-C2RBridge).ProcessId
      & (Get-Module C2RBridge) { @{ windows = Test-OnWindows; elevated = Test-Elevated; node = Find-Node } }
      @{ backend = (Get-C2RBridge).Backend; program = $process.MainModule.FileName }`);
    const node = 'C:\\Program Files\\nodejs\\node.exe';
    expect(output).toMatchObject([
      { windows: true, elevated: true, node },
      { backend: 'windows', program: node },
    ]);
  });

  test.each(autoloadingPreferences)(
    'works where the session loads modules by itself only so far: %s',
    async (preference) => {
      setUpOfficeInRegistry(lab, fast);
      const { output } = await shell.run(withAutoloading(preference, '(Get-Module C2RBridge).Path'));
      expect(output).toEqual(withAutoloadingShown);
    },
  );

  describe('where no Node is installed', () => {
    const installed = join(lab.driveC, 'Program Files', 'nodejs', 'node.exe');
    const onPath = join(folder, 'bin', 'node.exe');
    beforeAll(() => {
      mkdirSync(join(folder, 'bin'), { recursive: true });
      renameSync(installed, onPath);
    });
    afterAll(() => renameSync(onPath, installed));

    test('an administrator does not run the one on PATH, where others may write', async () => {
      const { output } = await shell.run(`
        $env:PATH = "C:\\every-cmdlet\\bin;$env:PATH"
        Catch-Error { Get-C2RStatus }
        # Only an administrator may not.
        & (Get-Module C2RBridge) { function Test-Elevated { $false }; Find-Node }`);
      expect(output).toMatchObject([
        { id: 'NodeNotFound,Get-C2RStatus', category: 'ObjectNotFound' },
        'C:\\every-cmdlet\\bin\\node.exe',
      ]);
    });
  });
});

describeInWindowsPowerShell('the life of the bridge under PowerShell for Windows', (shell, lab) => {
  beforeEach(() => setUpOfficeInRegistry(lab, fast));
  const bridges = () => labProcesses(lab).filter(({ command }) => command.includes('c2r-clone'));

  test('a bridge that is killed in a call is an error that says what to do, and the next command starts a new one', async () => {
    setUpOfficeInRegistry(lab, { downloadMs: 600_000 });
    const { output } = await shell.run(`
      $shell = [powershell]::Create()
      function Invoke-Shell($script) { $shell.Commands.Clear(); $shell.AddScript($script).Invoke() }
      $first = (Invoke-Shell "Import-Module '$((Get-Module C2RBridge).Path)'; (Connect-C2RBridge).ProcessId")[0]
      $shell.Commands.Clear()
      $running = $shell.AddScript('try { Invoke-C2RDownload -Wait -PollMs 100 } catch { $_ }').BeginInvoke()
      $until = [datetime]::UtcNow.AddMilliseconds(${deadline(60_000)})
      while (@($shell.Streams.Progress | Where-Object CurrentOperation -EQ download).Count -eq 0 -and [datetime]::UtcNow -lt $until) { [Threading.Thread]::Sleep(20) }
      [Diagnostics.Process]::GetProcessById($first).Kill()
      $null = $running.AsyncWaitHandle.WaitOne(${deadline(60_000)})
      @{
        error = Describe $shell.EndInvoke($running)[0]
        status = (Invoke-Shell 'Get-C2RStatus').Status; new = $first -ne (Invoke-Shell '(Get-C2RBridge).ProcessId')[0]
      }`);
    expect(output).toMatchObject({
      error: { id: 'BridgeFailed,Invoke-C2RDownload', action: expect.stringContaining('Run the command again') },
      status: 'UPDATE_UNKNOWN',
      new: true,
    });
  });

  test('two runspaces at once have a bridge each, and closing a runspace ends its bridge', async () => {
    const { output } = await shell.run(`
      $module = (Get-Module C2RBridge).Path
      $shells = 1..2 | ForEach-Object {
        $shell = [powershell]::Create()
        $shell.Runspace = [runspacefactory]::CreateRunspace()
        $shell.Runspace.Open()
        $shell.AddScript('param($module) Import-Module $module; 1..20 | ForEach-Object { $null = Get-C2RStatus }; (Get-C2RBridge).ProcessId').AddArgument($module)
      }
      $runs = $shells | ForEach-Object { $_.BeginInvoke() }
      $ids = foreach ($index in 0, 1) { $shells[$index].EndInvoke($runs[$index]) }
      $processes = $ids | ForEach-Object { Get-Process -Id $_ }
      $shells | ForEach-Object { $_.Runspace.Close() }
      @{ ids = @($ids); errors = @($shells | ForEach-Object { $_.Streams.Error.Count }); ended = @($processes | ForEach-Object { $_.WaitForExit(${deadline(10_000)}) }) }`);
    expect(new Set(output.ids).size).toBe(2);
    expect(output).toMatchObject({ errors: [0, 0], ended: [true, true] });
  });

  test('ForEach-Object -Parallel keeps a bridge for each of its runspaces, and ends them', async () => {
    const { output } = await shell.run(`
      $module = (Get-Module C2RBridge).Path
      $calls = @(1..4 | ForEach-Object -ThrottleLimit 2 -Parallel {
        Import-Module $using:module
        $null = Get-C2RStatus
        Get-Process -Id (Get-C2RBridge).ProcessId
      })
      @{ bridges = @($calls.Id | Sort-Object -Unique).Count; ended = @($calls | ForEach-Object { $_.WaitForExit(${deadline(10_000)}) }) }`);
    expect(output).toEqual({ bridges: 2, ended: [true, true, true, true] });
  });

  test('a bridge that a finally block starts while its runspace closes ends with it', async () => {
    const { output } = await shell.run(closingRunspace);
    expect(output).toEqual({ bridges: 2, ended: [true, true] });
  });

  test('a bridge whose PowerShell was killed ends, also where another program holds its input open', async () => {
    const victim = new WindowsPowerShell(lab);
    // A process that inherits the end of the pipe that PowerShell writes to: Node never sees the end of its input.
    const ended = victim.run(`
      $null = Connect-C2RBridge
      $stream = & (Get-Module C2RBridge) { $script:Connection.Input }
      $handle = if ($stream.PSObject.Properties['SafeFileHandle']) { $stream.SafeFileHandle } else { $stream.SafePipeHandle }
      $start = [Diagnostics.ProcessStartInfo]::new('C:\\Program Files\\nodejs\\node.exe', '-e "setInterval(() => 0, 1000) // holds it open"')
      $start.UseShellExecute = $false
      $start.RedirectStandardInput = $true
      if (-not [C2RBridge.PowerShellHost.Handles]::PassOn($handle)) { throw 'not passed on' }
      $null = [Diagnostics.Process]::Start($start)
      [Threading.Thread]::Sleep(-1)`);
    const failed = ended.catch((error: Error) => error);
    const holders = () => labProcesses(lab).filter(({ command }) => command.includes('holds it open'));
    await expect.poll(() => holders().length, { timeout: deadline(60_000) }).toBe(1);
    expect(bridges()).toHaveLength(1);
    try {
      await victim.kill();
      expect(await failed).toBeInstanceOf(Error);
      await expect.poll(bridges, { timeout: deadline(20_000) }).toEqual([]);
      expect(holders()).toHaveLength(1);
    } finally {
      for (const { pid } of holders()) process.kill(pid, 'SIGKILL');
    }
  });
});
