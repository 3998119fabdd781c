import { expect, test } from 'vitest';
import type { OfficeSettings } from './c2r-suite.js';
import { deadline } from './deadline.js';
import { literal, type ScriptRun } from './powershell-script.js';

/** A PowerShell with the module, and an Office that a test describes. */
export interface CmdletHost {
  readonly backend: 'simulated' | 'windows';
  /** Where the module lies, as this PowerShell names it. */
  readonly module: string;
  /** Sets such an Office up, and gives the command that connects to it. */
  connect(office: OfficeSettings): string;
  /** Runs a script; see `asJson`. `module: null` imports nothing. */
  run(script: string, options?: { readonly module?: null }): Promise<ScriptRun>;
}

const fast = { downloadMs: 300, applyMs: 200 };

/** What the Click-to-Run cmdlets do in every PowerShell, over every backend. */
export function cmdletSuite(host: CmdletHost): void {
  test('the cmdlets that show something give typed objects in PascalCase, with times in UTC and the backend', async () => {
    const { output } = await host.run(`
      ${host.connect({
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
        Backend: host.backend,
        ProtocolVersion: 1,
        Version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        NodeVersion: expect.stringMatching(/^v?\d+\./),
        Path: expect.stringMatching(/c2r-bridge\.cjs$/),
      },
    });
    expect(output.status).toMatchObject({
      type: 'C2RBridge.UpdateStatus',
      value: { Status: 'UPDATE_UNKNOWN', StatusCode: 0, Busy: false, Terminal: false, Backend: host.backend },
      names: expect.arrayContaining(['ErrorCode', 'ErrorName', 'HResult', 'HResultName', 'ContentId']),
    });
    expect(output.installation).toMatchObject({
      type: 'C2RBridge.Installation',
      value: {
        Installed: true,
        Version: '16.0.17928.20114',
        UpdateSource: { Rule: 'cdnBaseUrl', Channel: 'MonthlyEnterprise' },
        ComManagement: { Registered: true },
        Backend: host.backend,
      },
    });
    expect(output.apps).toEqual({
      type: 'C2RBridge.BlockingApp',
      value: [
        { Name: 'WINWORD.EXE', Backend: host.backend },
        { Name: 'EXCEL.EXE', Backend: host.backend },
      ],
    });
    expect(output.data).toMatchObject({ type: 'C2RBridge.DeploymentData', inner: 'String', backend: host.backend });
    expect(output.checks).toMatchObject({
      type: 'C2RBridge.HealthCheck',
      names: ['Area', 'Backend', 'Detail', 'Id', 'Ok', 'Recommendation'],
      ids: expect.arrayContaining(['office.comRegistered']),
      backends: [host.backend],
    });
  });

  test('download, apply and update do their work, and say what changed', async () => {
    const { output } = await host.run(`
      ${host.connect(fast)}
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
        Backend: host.backend,
      },
      type: 'C2RBridge.UpdateResult',
      again: false,
      lastKind: 'Utc',
    });
  });

  test('Stop-C2RDownload stops the download that runs', async () => {
    const { output } = await host.run(`
      ${host.connect({ downloadMs: 60_000 })}
      $null = Invoke-C2RDownload
      @{ stopped = (Stop-C2RDownload -Wait -TimeoutSec 20).Status; after = (Get-C2RStatus).Busy }`);
    expect(output).toEqual({ stopped: 'DOWNLOAD_CANCELLED', after: false });
  });

  test('the management cmdlets set, unset and take back the policy, and warn where a restart is needed', async () => {
    const { output } = await host.run(`
      ${host.connect(fast)}
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

  test.each<[string, OfficeSettings, string, string]>([
    ['apps that run', { ...fast, blockingApps: ['WINWORD.EXE'] }, 'Invoke-C2RUpdate', 'Blocked ResourceBusy'],
    ['no Click-to-Run', { installed: false }, 'Invoke-C2RUpdate', 'NotAvailable ResourceUnavailable'],
    ['no registered object', { comRegistered: false }, 'Get-C2RStatus', 'NotAvailable ResourceUnavailable'],
    ['no elevation', { elevated: false }, 'Invoke-C2RDownload', 'AccessDenied PermissionDenied'],
    [
      'a download that fails',
      { ...fast, fail: [{ at: 'download', errorCode: 9 }] },
      'Invoke-C2RDownload -Wait',
      'UpdateFailed OperationStopped',
    ],
    [
      'an update that fails with an HRESULT',
      { ...fast, fail: [{ at: 'apply', hresult: '0x80070070' }] },
      'Invoke-C2RUpdate',
      'UpdateFailed WriteError',
    ],
    [
      'an action that runs',
      { initialStatus: 'DOWNLOAD_WIP' },
      'Invoke-C2RApply -Confirm:$false',
      'IllegalState InvalidOperation',
    ],
    ['a deadline', { downloadMs: 60_000 }, 'Invoke-C2RDownload -Wait -TimeoutSec 1', 'Timeout OperationTimeout'],
    ['a version that is not one', {}, "Invoke-C2RUpdate -UpdateToVersion '1.2.3'", 'InvalidParams InvalidArgument'],
    ['half of a pair', {}, 'Invoke-C2RDownload -ContentId only-half', 'InvalidParams InvalidArgument'],
    ['an unknown method', {}, 'Invoke-C2RBridgeMethod no/such', 'MethodNotFound NotImplemented'],
  ])('a failure by %s has an ErrorId, a category and advice of its own', async (_, office, command, expected) => {
    const { output } = await host.run(`
      ${host.connect(office)}
      Catch-Error { ${command} }`);
    const [cmdlet] = command.split(' ');
    const [id, category] = expected.split(' ');
    expect(output).toMatchObject({ id: `${id},${cmdlet}`, category, action: expect.stringMatching(/\.$/) });
    if (id === 'Blocked') expect(output.data.apps).toEqual(['WINWORD.EXE']);
    if (category === 'WriteError') expect(output.hresult).toBe(0x80070070 | 0);
    if (id === 'Timeout') expect(output.data).toHaveProperty('continues');
    if (cmdlet === 'Invoke-C2RUpdate' && id === 'InvalidParams')
      expect(output.action).toBe('Correct the parameters; Get-Help Invoke-C2RUpdate -Full describes them.');
  });

  test('errors end the command and reach catch, whatever $ErrorActionPreference says', async () => {
    const { output } = await host.run(`
      ${host.connect({ comRegistered: false })}
      foreach ($preference in 'Stop', 'Continue', 'SilentlyContinue', 'Ignore') {
        $ErrorActionPreference = $preference
        try { Get-C2RStatus; 'went on' } catch { $_.FullyQualifiedErrorId }
      }`);
    expect(output).toEqual(Array(4).fill('NotAvailable,Get-C2RStatus'));
  });

  test('progress names the phase, never falls, and is taken away at the end', async () => {
    const { output } = await host.run(
      `
      $shell = [powershell]::Create()
      $null = $shell.AddScript(${literal(`Import-Module ${literal(host.module)}; ${host.connect({ downloadMs: 1000, applyMs: 600 })}; Invoke-C2RUpdate -PollMs 100`)}).Invoke()
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
    const { output } = await host.run(
      `
      $shell = [powershell]::Create()
      function Invoke-Shell($script) { $shell.Commands.Clear(); $shell.AddScript($script).Invoke() }
      $null = Invoke-Shell ${literal(`Import-Module ${literal(host.module)}; ${host.connect({ downloadMs: 60_000 })}`)}
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
    const { output, text } = await host.run(`
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
    expect(text.match(/What if: /g)).toHaveLength(8);
    expect(text).toContain('"Update to version 16.0.19929.20172" on target "Microsoft 365 Apps"');
  });

  test('what a session has set for its own commands changes nothing in what the module calls', async () => {
    const { output } = await host.run(`
      ${host.connect({ ...fast, blockingApps: ['WINWORD.EXE', 'EXCEL.EXE'] })}
      function Show { $input | Out-String -Width 120 | ForEach-Object -Process { $_ -replace '[0-9]+', '#' -replace '[ -]+', ' ' } -WhatIf:$false -Confirm:$false }
      function Look {
        $asked = @{ WhatIf = $false; Confirm = $false }
        Get-C2RStatus | Show; Get-C2RInstallation | Show; Get-C2RBlockingApp | Show; Test-C2RHealth | Show; Get-C2RReport | Show
        Invoke-C2RDownload -Wait @asked | Show; Enable-C2RManagement @asked | Show
        Catch-Error { Get-C2RInstallation -TimeoutSec 0 } | Show
        # The members that scripts of the types work out.
        $channel = [pscustomobject] @{ LatestVersion = '16.0.1.2'; Releases = @([pscustomobject] @{ Version = '16.0.1.2'; Release = 2601; Build = '1.2'; AvailableAt = 'today' }) }
        $channel.PSObject.TypeNames.Insert(0, 'C2RBridge.Channel')
        '{0} {1} {2}' -f $channel.LatestRelease, $channel.LatestBuild, $channel.LatestAvailableAt
        $verified = [pscustomobject] @{ Files = @([pscustomobject] @{ State = 'missing'; Path = 'v64.cab' }); Judged = @([pscustomobject] @{ Version = '16.0.1.2'; Arch = 'x64'; Languages = @('en-us'); ProofingLanguages = @('fr-fr'); Basis = 'found' }) }
        $verified.PSObject.TypeNames.Insert(0, 'C2RBridge.ContentVerification')
        $verified | Show
      }
      $null = Look
      $plain = Look
      $differing = foreach ($defaults in @{ '*:WhatIf' = $true }, @{ '*:Confirm' = $true }, @{ 'ConvertTo-Json:Depth' = 1; 'Sort-Object:Descending' = $true; 'Select-Object:First' = 1 }) {
        $global:PSDefaultParameterValues = $defaults
        try { if ("$(Look)" -ne "$plain") { "$($defaults.Keys)" } } catch { "$($defaults.Keys): $_" } finally { $global:PSDefaultParameterValues = @{} }
      }
      $global:OFS = ';;'
      try { $seen = Look } finally { Remove-Variable -Name OFS -Scope Global }
      if ("$seen" -ne "$plain") { $differing = @($differing) + 'OFS' }
      @{ differing = @($differing); plain = "$plain" }`);
    expect(output.plain).toContain('WINWORD.EXE');
    expect(output.plain).toContain('2601 1.2 today');
    expect(output.plain).toContain('missing: v#.cab');
    expect(output.plain).toContain('fr fr proofing');
    expect(output.differing).toEqual([]);
  });

  test('asks before it applies or closes apps by force, and never asks for anything less', async () => {
    const { output } = await host.run(`
      ${host.connect({ ...fast, blockingApps: ['WINWORD.EXE'] })}
      function Test-Question([scriptblock] $Body) { try { $null = & $Body; 'no question' } catch { if ($_.FullyQualifiedErrorId -like 'ConfirmationRequired,*') { 'asked' } else { $_.FullyQualifiedErrorId } } }
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
      )`);
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
    ]);
  });

  test('one object that nobody need be asked about does not speak for the next', async () => {
    const { output } = await host.run(`
      ${host.connect(fast)}
      try {
        $null = 'Fail', 'Force' | ForEach-Object { [pscustomobject] @{ OnBlockingApps = $_ } } | Invoke-C2RUpdate
        'no question'
      } catch {
        if ($_.FullyQualifiedErrorId -like 'ConfirmationRequired,*') { 'asked' } else { $_.FullyQualifiedErrorId }
      }`);
    expect(output).toBe('asked');
  });

  test('does nothing where it cannot ask, whatever -ErrorAction says', async () => {
    const { output, text } = await host.run(`
      ${host.connect({ ...fast, initialStatus: 'DOWNLOAD_SUCCEEDED' })}
      $ErrorActionPreference = 'Continue'
      foreach ($action in 'SilentlyContinue', 'Ignore', 'Continue') {
        Invoke-C2RUpdate -ForceAppShutdown -ErrorAction $action
        Invoke-C2RApply -ErrorAction $action
        Invoke-C2RApply -ErrorAction $action -AsJob
        Invoke-C2RDownload -Confirm -ErrorAction $action
      }
      (Get-C2RStatus).Status`);
    expect(output).toBe('DOWNLOAD_SUCCEEDED');
    expect(text.match(/confirmation,/g)).toHaveLength(12);
  });

  test('names that no object of PowerShell can have are in a dictionary, and the bridge that sent them is kept', async () => {
    const deploymentData = {
      1: '{"a": 1, "A": [2], "at": {"b": "2026-01-02T03:04:05Z"}}',
      2: '<x a="1" A="2"/>',
      3: '{"": 1}',
    };
    const { output } = await host.run(`
      ${host.connect({ deploymentData })}
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
    const { output } = await host.run(`
      ${host.connect(fast)}
      $devices = ConvertFrom-Csv "UpdateToVersion,OnBlockingApps\`n16.0.18000.20000,Fail\`n16.0.18001.20000,Wait"
      @{
        versions = @($devices | Invoke-C2RUpdate -PollMs 100 | ForEach-Object VersionAfter)
        data = @(1, 2 | ForEach-Object { [pscustomobject] @{ DataType = $_ } } | Get-C2RDeploymentData).Count
      }`);
    expect(output).toEqual({ versions: ['16.0.18000.20000', '16.0.18001.20000'], data: 2 });
  });

  test('shows people what matters: a view for every type', async () => {
    const { output } = await host.run(`
      ${host.connect({ ...fast, blockingApps: ['WINWORD.EXE'], fail: [{ at: 'download', hresult: '0x80070070' }] })}
      function Show($value) { ($value | Out-String -Width 100).Trim().Replace("\`r", '') }
      try { Invoke-C2RDownload -Wait } catch { $null = $_ }
      @{
        status = Show (Get-C2RStatus); apps = Show (Get-C2RBlockingApp); bridge = Show (Get-C2RBridge)
        installation = Show (Get-C2RInstallation); health = Show (Test-C2RHealth); change = Show (Enable-C2RManagement)
      }`);
    expect(output.status).toMatch(
      /^Status +Busy +Error +ContentId +Backend\n[- ]+\nDOWNLOAD_FAILED +False +0x80070070/,
    );
    expect(output.apps).toMatch(new RegExp(`^Name +Backend\\n[- ]+\\nWINWORD\\.EXE +${host.backend}$`));
    expect(output.bridge).toMatch(new RegExp(`^ProcessId +: \\d+\\nBackend +: ${host.backend}\\n`));
    expect(output.installation).toMatch(/UpdateSource +: http\S+ \(cdnBaseUrl\)/);
    expect(output.health).toMatch(/^Ok +Area +Id +Finding\n/);
    expect(output.change).toMatch(/Before +: on\nAfter +: on\n/);
  });
}
