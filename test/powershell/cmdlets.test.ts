import { expect, test } from 'vitest';
import { deadline } from '../support/deadline.js';
import { describePowerShell, literal, modulePath, runPowerShell } from '../support/pwsh.js';

/** Connects to the simulated backend, quietly, with this scenario for Office. */
const simulate = (office: object, rest = '') =>
  `$null = Connect-C2RBridge -Simulation ${literal(JSON.stringify({ office }))} -WarningAction SilentlyContinue ${rest}`;
const fast = { downloadMs: 300, applyMs: 200 };

describePowerShell('the Click-to-Run cmdlets on the simulated backend', () => {
  test('the cmdlets that show something give typed objects in PascalCase, with times in UTC and the backend', async () => {
    const { output } = await runPowerShell(`
      ${simulate({
        ...fast,
        blockingApps: ['WINWORD.EXE', 'EXCEL.EXE'],
        deploymentData: { 7: '{"someName":["2026-01-02T03:04:05Z"]}' },
      })}
      function Name($value) { $value.PSObject.TypeNames[0] }
      $bridge = Get-C2RBridge
      $status = Get-C2RStatus
      $installation = Get-C2RInstallation
      $apps = Get-C2RBlockingApp
      $data = Get-C2RDeploymentData -DataType 7
      $checks = Test-C2RHealth
      @{
        bridge = @{ type = Name $bridge; value = $bridge; running = -not (Get-Process -Id $bridge.ProcessId).HasExited }
        status = @{ type = Name $status; value = $status; names = @($status.PSObject.Properties.Name) }
        installation = @{ type = Name $installation; value = $installation }
        apps = @{ type = Name $apps[0]; value = $apps }
        data = @{ type = Name $data; inner = $data.Value.someName[0].GetType().Name; raw = $data.Raw; backend = $data.Backend }
        checks = @{ type = Name $checks[0]; names = @($checks[0].PSObject.Properties.Name | Sort-Object); ids = @($checks.Id); backends = @($checks.Backend | Sort-Object -Unique) }
      }`);
    expect(output.bridge).toMatchObject({
      type: 'C2RBridge.Bridge',
      running: true,
      value: {
        Backend: 'simulated',
        ProtocolVersion: 1,
        Version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        NodeVersion: expect.stringMatching(/^v?\d+\./),
        Path: expect.stringMatching(/c2r-bridge\.cjs$/),
      },
    });
    expect(output.status).toMatchObject({
      type: 'C2RBridge.UpdateStatus',
      value: { Status: 'UPDATE_UNKNOWN', StatusCode: 0, Busy: false, Terminal: false, Backend: 'simulated' },
      names: expect.arrayContaining(['ErrorCode', 'ErrorName', 'HResult', 'HResultName', 'ContentId']),
    });
    expect(output.installation).toMatchObject({
      type: 'C2RBridge.Installation',
      value: {
        Installed: true,
        Version: '16.0.17928.20114',
        UpdateSource: { Rule: 'cdnBaseUrl', Channel: 'MonthlyEnterprise' },
        ComManagement: { Registered: true },
        Backend: 'simulated',
      },
    });
    expect(output.apps).toEqual({
      type: 'C2RBridge.BlockingApp',
      value: [
        { Name: 'WINWORD.EXE', Backend: 'simulated' },
        { Name: 'EXCEL.EXE', Backend: 'simulated' },
      ],
    });
    expect(output.data).toMatchObject({ type: 'C2RBridge.DeploymentData', inner: 'String', backend: 'simulated' });
    expect(output.checks).toMatchObject({
      type: 'C2RBridge.HealthCheck',
      names: ['Area', 'Backend', 'Detail', 'Id', 'Ok', 'Recommendation'],
      ids: expect.arrayContaining(['office.comRegistered']),
      backends: ['simulated'],
    });
  });

  test('download, apply and update do their work, and say what changed', async () => {
    const { output } = await runPowerShell(`
      ${simulate(fast)}
      $started = Invoke-C2RDownload -UpdateToVersion 16.0.18000.20000
      $waited = Wait-C2RUpdate -TimeoutSec 20 -PollMs 100
      $staged = (Get-C2RInstallation).StagedVersion
      $applied = Invoke-C2RApply -Wait -PollMs 100 -Confirm:$false
      $unwaited = (Invoke-C2RApply -Confirm:$false).Changed
      $null = Wait-C2RUpdate -PollMs 100
      $nothing = Invoke-C2RApply -Wait -PollMs 100 -Confirm:$false
      $updated = Invoke-C2RUpdate -PollMs 100
      $again = Invoke-C2RUpdate -PollMs 100
      @{
        started = $started.Busy; waited = $waited.Status; staged = $staged
        applied = $applied; types = @($applied.PSObject.TypeNames)[0..1]; nothing = $nothing.Changed; unwaited = $unwaited
        updated = $updated; type = $updated.PSObject.TypeNames[0]; again = $again.Changed
        lastUpdate = (Get-C2RInstallation).LastUpdate
        lastKind = "$((Get-C2RInstallation).LastUpdate.AppliedAt.Kind)"
      }`);
    expect(output).toMatchObject({
      started: true,
      waited: 'DOWNLOAD_SUCCEEDED',
      staged: '16.0.18000.20000',
      applied: {
        Status: 'APPLY_SUCCEEDED',
        Changed: true,
        VersionBefore: '16.0.17928.20114',
        VersionAfter: '16.0.18000.20000',
      },
      types: ['C2RBridge.ApplyResult', 'C2RBridge.UpdateStatus'],
      nothing: false,
      unwaited: null,
      updated: {
        Changed: true,
        VersionBefore: '16.0.18000.20000',
        VersionAfter: '16.0.19929.20172',
        Phases: [{ Phase: 'preflight' }, { Phase: 'download' }, { Phase: 'apply' }],
        Backend: 'simulated',
      },
      type: 'C2RBridge.UpdateResult',
      again: false,
      lastKind: 'Utc',
    });
  });

  test('Stop-C2RDownload stops the download that runs', async () => {
    const { output } = await runPowerShell(`
      ${simulate({ downloadMs: 60_000 })}
      $null = Invoke-C2RDownload
      @{ stopped = (Stop-C2RDownload -Wait -TimeoutSec 20).Status; after = (Get-C2RStatus).Busy }`);
    expect(output).toEqual({ stopped: 'DOWNLOAD_CANCELLED', after: false });
  });

  test('the management cmdlets set, unset and take back the policy, and warn where a restart is needed', async () => {
    const { output } = await runPowerShell(`
      ${simulate(fast)}
      @(
        Enable-C2RManagement -WarningAction SilentlyContinue
        Disable-C2RManagement -WarningAction SilentlyContinue -WarningVariable warnings
        Reset-C2RManagement -WarningAction SilentlyContinue
      ) | ForEach-Object { @{ type = $_.PSObject.TypeNames[0]; before = $_.Before.Policy; after = $_.After.Policy; changed = $_.Changed; restart = $_.RestartRequired } }
      @{ warned = @($warnings).Count }`);
    const [enabled, disabled, reset, { warned }] = output;
    expect([enabled, disabled, reset]).toMatchObject([
      { type: 'C2RBridge.ManagementChange', before: null, after: true, changed: true },
      { before: true, after: false, changed: true },
      { before: false, after: null, changed: true },
    ]);
    expect(warned).toBe(disabled.restart ? 1 : 0);
  });

  test('every failure has an ErrorId, a category and an advice of its own', async () => {
    const failing = (office: object, command: string) => `${simulate(office)}\nCatch-Error { ${command} }`;
    const { output } = await runPowerShell(
      [
        failing({ ...fast, blockingApps: ['WINWORD.EXE'] }, 'Invoke-C2RUpdate'),
        failing({ installed: false }, 'Invoke-C2RUpdate'),
        failing({ comRegistered: false }, 'Get-C2RStatus'),
        failing({ elevated: false }, 'Invoke-C2RDownload'),
        failing({ ...fast, fail: [{ at: 'download', errorCode: 9 }] }, 'Invoke-C2RDownload -Wait'),
        failing({ ...fast, fail: [{ at: 'apply', hresult: '0x80070070' }] }, 'Invoke-C2RUpdate'),
        failing({ downloadMs: 60_000 }, '$null = Invoke-C2RDownload; Invoke-C2RApply -Confirm:$false'),
        failing({ downloadMs: 60_000 }, 'Invoke-C2RDownload -Wait -TimeoutSec 1'),
        failing({}, "Invoke-C2RUpdate -UpdateToVersion '1.2.3'"),
        failing({}, "Invoke-C2RDownload -ContentId 'only half of a pair'.Replace(' ', '-')"),
        failing({}, 'Invoke-C2RBridgeMethod no/such'),
      ].join('\n'),
    );
    // biome-ignore lint/suspicious/noExplicitAny: plain JSON from the script
    expect(output.map((e: any) => `${e.id} ${e.category}`)).toEqual([
      'Blocked,Invoke-C2RUpdate ResourceBusy',
      'NotAvailable,Invoke-C2RUpdate ResourceUnavailable',
      'NotAvailable,Get-C2RStatus ResourceUnavailable',
      'AccessDenied,Invoke-C2RDownload PermissionDenied',
      'UpdateFailed,Invoke-C2RDownload OperationStopped',
      'UpdateFailed,Invoke-C2RUpdate WriteError',
      'IllegalState,Invoke-C2RApply InvalidOperation',
      'Timeout,Invoke-C2RDownload OperationTimeout',
      'InvalidParams,Invoke-C2RUpdate InvalidArgument',
      'InvalidParams,Invoke-C2RDownload InvalidArgument',
      'MethodNotFound,Invoke-C2RBridgeMethod NotImplemented',
    ]);
    for (const error of output) expect(error.action).toMatch(/\.$/);
    expect(output[8].action).toBe('Correct the parameters; Get-Help Invoke-C2RUpdate -Full describes them.');
    expect(output[0].data.apps).toEqual(['WINWORD.EXE']);
    expect(output[5].hresult).toBe(0x80070070 | 0);
    expect(output[7].data).toHaveProperty('continues');
  });

  test('errors end the command and reach catch, whatever $ErrorActionPreference says', async () => {
    const { output } = await runPowerShell(`
      ${simulate({ comRegistered: false })}
      foreach ($preference in 'Stop', 'Continue', 'SilentlyContinue', 'Ignore') {
        $ErrorActionPreference = $preference
        try { Get-C2RStatus; 'went on' } catch { $_.FullyQualifiedErrorId }
      }`);
    expect(output).toEqual(Array(4).fill('NotAvailable,Get-C2RStatus'));
  });
});

describePowerShell('how the cmdlets behave', () => {
  test('progress names the phase, never falls, and is taken away at the end', async () => {
    const { output } = await runPowerShell(
      `
      $shell = [powershell]::Create()
      $null = $shell.AddScript(${literal(`Import-Module ${literal(modulePath)}; ${simulate({ downloadMs: 1000, applyMs: 600 })}; Invoke-C2RUpdate -PollMs 100`)}).Invoke()
      @($shell.Streams.Progress | ForEach-Object { @{ activity = $_.Activity; text = $_.StatusDescription; phase = $_.CurrentOperation; percent = $_.PercentComplete; type = "$($_.RecordType)" } })`,
      { module: null },
    );
    const shown = output.slice(0, -1);
    expect(output.at(-1)).toMatchObject({ activity: 'Updating Microsoft 365 Apps', type: 'Completed' });
    expect(new Set(shown.map(({ phase }: { phase: string }) => phase))).toEqual(
      new Set(['preflight', 'download', 'apply']),
    );
    for (const { text, type } of shown) {
      expect(type).toBe('Processing');
      expect(text).toMatch(/\S.* \(\d+:\d\d\)$/);
    }
    const percents = shown.map(({ percent }: { percent: number }) => percent).filter((percent: number) => percent >= 0);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
  });

  test('Ctrl+C in the middle of a download cancels it in Office', async () => {
    const { output } = await runPowerShell(
      `
      $shell = [powershell]::Create()
      function Invoke-Shell($script) { $shell.Commands.Clear(); $shell.AddScript($script).Invoke() }
      $null = Invoke-Shell ${literal(`Import-Module ${literal(modulePath)}; ${simulate({ downloadMs: 60_000 })}`)}
      $shell.Commands.Clear()
      $running = $shell.AddScript('Invoke-C2RDownload -Wait').BeginInvoke()
      $deadline = [datetime]::UtcNow.AddSeconds(${deadline(20)})
      while ($shell.Streams.Progress.Count -eq 0 -and [datetime]::UtcNow -lt $deadline) { [Threading.Thread]::Sleep(10) }
      $shell.Stop()
      (Invoke-Shell 'Wait-C2RUpdate -TimeoutSec 10').Status`,
      { module: null },
    );
    expect(output).toBe('DOWNLOAD_CANCELLED');
  });

  test('-WhatIf does nothing and starts nothing, also when it comes from a function around the cmdlet', async () => {
    const { output, stdout } = await runPowerShell(`
      function Update-Device { [CmdletBinding(SupportsShouldProcess)] param() Invoke-C2RApply; Invoke-C2RUpdate -OnBlockingApps Force }
      Invoke-C2RDownload -Wait -WhatIf
      Invoke-C2RUpdate -UpdateToVersion 16.0.19929.20172 -AsJob -WhatIf
      Stop-C2RDownload -WhatIf
      Enable-C2RManagement -WhatIf
      Disable-C2RManagement -WhatIf
      Reset-C2RManagement -WhatIf
      Update-Device -WhatIf
      @{ bridge = $null -ne (Get-C2RBridge); jobs = @(Get-Job).Count }`);
    expect(output).toEqual({ bridge: false, jobs: 0 });
    expect(stdout.match(/What if: /g)).toHaveLength(8);
    expect(stdout).toContain('"Update to version 16.0.19929.20172" on target "Microsoft 365 Apps"');
  });

  test('asks before it applies or closes apps by force, and never asks for anything less', async () => {
    const { output } = await runPowerShell(`
      ${simulate({ ...fast, blockingApps: ['WINWORD.EXE'] })}
      function Test-Question([scriptblock] $Body) { try { $null = & $Body; 'no question' } catch { if ("$_" -match 'NonInteractive') { 'asked' } else { $_.FullyQualifiedErrorId } } }
      @(
        Test-Question { Invoke-C2RApply }
        Test-Question { Invoke-C2RUpdate -OnBlockingApps Force }
        Test-Question { Invoke-C2RUpdate -ForceAppShutdown }
        Test-Question { Invoke-C2RUpdate -Confirm }
        Test-Question { Invoke-C2RDownload -Wait }
        Test-Question { Invoke-C2RUpdate }
        Test-Question { Invoke-C2RUpdate -OnBlockingApps Force -Confirm:$false }
        Test-Question { Enable-C2RManagement }
        Test-Question { $ConfirmPreference = 'None'; Invoke-C2RApply }
      )
      ${simulate(fast)}
      # One object that nobody need be asked about does not speak for the next.
      Test-Question { 'Fail', 'Force' | ForEach-Object { [pscustomobject] @{ OnBlockingApps = $_ } } | Invoke-C2RUpdate }`);
    expect(output).toEqual([
      'asked',
      'asked',
      'asked',
      'asked',
      'no question',
      'Blocked,Invoke-C2RUpdate',
      'no question',
      'no question',
      'no question',
      'asked',
    ]);
  });

  test('does nothing where it cannot ask, whatever -ErrorAction says', async () => {
    const { output, stderr } = await runPowerShell(`
      ${simulate({ ...fast, initialStatus: 'DOWNLOAD_SUCCEEDED' })}
      $ErrorActionPreference = 'Continue'
      foreach ($action in 'SilentlyContinue', 'Ignore', 'Continue') {
        Invoke-C2RUpdate -ForceAppShutdown -ErrorAction $action
        Invoke-C2RApply -ErrorAction $action
        Invoke-C2RApply -ErrorAction $action -AsJob
        Invoke-C2RDownload -Confirm -ErrorAction $action
      }
      (Get-C2RStatus).Status`);
    expect(output).toBe('DOWNLOAD_SUCCEEDED');
    expect(stderr.match(/NonInteractive mode/g)).toHaveLength(12);
  });

  test('-AsJob runs the command elsewhere with the same settings and parameters, and gives its result or its error', async () => {
    const { output } = await runPowerShell(`
      ${simulate({ ...fast, installedVersion: '16.0.17000.20000' })}
      $jobs = @(
        Invoke-C2RUpdate -UpdateToVersion 16.0.18000.20000 -AsJob
        Invoke-C2RDownload -UpdateToVersion 1.2.3 -AsJob
        Wait-C2RUpdate -AsJob
      )
      $result = Receive-Job -Job $jobs[0] -Wait -WarningAction SilentlyContinue
      $failed = try { Receive-Job -Job $jobs[1] -Wait -WarningAction SilentlyContinue } catch { $_.FullyQualifiedErrorId }
      $waited = Receive-Job -Job $jobs[2] -Wait -WarningAction SilentlyContinue
      @{
        names = @($jobs.Name); states = @($jobs.State | ForEach-Object { "$_" }); type = $result.PSObject.TypeNames[0]
        before = $result.VersionBefore; after = $result.VersionAfter; failed = $failed; waited = $waited.Status; here = (Get-C2RInstallation).Version
        text = ($result | Out-String)
      }`);
    expect(output).toMatchObject({
      names: ['Invoke-C2RUpdate', 'Invoke-C2RDownload', 'Wait-C2RUpdate'],
      states: ['Completed', 'Failed', 'Completed'],
      type: 'Deserialized.C2RBridge.UpdateResult',
      before: '16.0.17000.20000',
      after: '16.0.18000.20000',
      failed: 'InvalidParams,Invoke-C2RDownload',
      waited: 'UPDATE_UNKNOWN',
      here: '16.0.17000.20000',
      text: expect.stringMatching(/Phases +: preflight \d/),
    });
  });

  test('-Verbose says which method was called and how long it took, also when the caller is verbose; the simulation warns once', async () => {
    const { output } = await runPowerShell(`
      $lines = & {
        Connect-C2RBridge -Simulation '{}'
        Disconnect-C2RBridge
        Connect-C2RBridge -Simulation '{}'
        Get-C2RStatus -Verbose
        & { [CmdletBinding()] param() Get-C2RInstallation } -Verbose
        Get-C2RStatus
      } 3>&1 4>&1
      @{
        warnings = @($lines | Where-Object { $_ -is [Management.Automation.WarningRecord] } | ForEach-Object Message)
        verbose = @($lines | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message)
      }`);
    expect(output).toEqual({
      warnings: ['The simulated backend answers: nothing on this machine is read or changed.'],
      verbose: [
        expect.stringMatching(/^c2r\/status took \d+ ms\.$/),
        expect.stringMatching(/^c2r\/installation took \d+ ms\.$/),
      ],
    });
  });

  test('content, which is real on every backend, does not warn of the simulation; the first other command does', async () => {
    const { output } = await runPowerShell(`
      & {
        try { Invoke-C2RBridgeMethod content/servicePath @{ moreInfoUrl = 'no URL' } } catch { $_.FullyQualifiedErrorId }
        'then'
        (Get-C2RStatus).Status
      } 3>&1 | ForEach-Object { "$_" }`);
    expect(output).toEqual([
      'ContentInvalid,Invoke-C2RBridgeMethod',
      'then',
      'The simulated backend answers: nothing on this machine is read or changed.',
      'UPDATE_UNKNOWN',
    ]);
  });

  test('names that no object of PowerShell can have are in a dictionary, and the bridge that sent them is kept', async () => {
    const deploymentData = {
      1: '{"a": 1, "A": [2], "at": {"b": "2026-01-02T03:04:05Z"}}',
      2: '<x a="1" A="2"/>',
      3: '{"": 1}',
    };
    const { output } = await runPowerShell(`
      ${simulate({ deploymentData })}
      $bridge = (Get-C2RBridge).ProcessId
      $json = (Get-C2RDeploymentData -DataType 1).Value
      $xml = (Get-C2RDeploymentData -DataType 2).Value
      @{
        json = @($json['a'], $json['A'].GetType().Name, $json.at.b.GetType().Name)
        xml = @($xml.name, $xml.attributes['a'], $xml.attributes['A'])
        nameless = (Get-C2RDeploymentData -DataType 3).Value['']
        same = $bridge -eq (Get-C2RBridge).ProcessId
      }`);
    expect(output).toEqual({
      json: [1, 'Object[]', 'String'],
      xml: ['x', '1', '2'],
      nameless: 1,
      same: true,
    });
  });

  test('takes parameters by property name from the pipeline, one request an object', async () => {
    const { output } = await runPowerShell(`
      ${simulate(fast)}
      $devices = ConvertFrom-Csv "UpdateToVersion,OnBlockingApps\`n16.0.18000.20000,Fail\`n16.0.18001.20000,Wait"
      @{
        versions = @($devices | Invoke-C2RUpdate -PollMs 100 | ForEach-Object VersionAfter)
        data = @(1, 2 | ForEach-Object { [pscustomobject] @{ DataType = $_ } } | Get-C2RDeploymentData).Count
      }`);
    expect(output).toEqual({ versions: ['16.0.18000.20000', '16.0.18001.20000'], data: 2 });
  });

  test('shows people what matters: a view for every type', async () => {
    const { output } = await runPowerShell(`
      ${simulate({ ...fast, blockingApps: ['WINWORD.EXE'], fail: [{ at: 'download', hresult: '0x80070070' }] })}
      function Show($value) { ($value | Out-String -Width 100).Trim() }
      try { Invoke-C2RDownload -Wait } catch { $null = $_ }
      @{
        status = Show (Get-C2RStatus); apps = Show (Get-C2RBlockingApp); bridge = Show (Get-C2RBridge)
        installation = Show (Get-C2RInstallation); health = Show (Test-C2RHealth); change = Show (Enable-C2RManagement)
      }`);
    expect(output.status).toMatch(
      /^Status +Busy +Error +ContentId +Backend\n[- ]+\nDOWNLOAD_FAILED +False +0x80070070/,
    );
    expect(output.apps).toMatch(/^Name +Backend\n[- ]+\nWINWORD\.EXE +simulated$/);
    expect(output.bridge).toMatch(/^ProcessId +: \d+\nBackend +: simulated\n/);
    expect(output.installation).toMatch(/UpdateSource +: http\S+ \(cdnBaseUrl\)/);
    expect(output.health).toMatch(/^Ok +Area +Id +Finding\n/);
    expect(output.change).toMatch(/Before +: on\nAfter +: on\n/);
  });
});
