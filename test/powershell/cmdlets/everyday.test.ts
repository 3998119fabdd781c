import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { deadline } from '../../support/deadline.js';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, fakeBridge, modulePath, runPowerShell } from '../../support/pwsh.js';

const quiet = "$WarningPreference = 'SilentlyContinue'";
const simulate = (office: object) => `$null = Connect-C2RBridge -Simulation ${literal(JSON.stringify({ office }))}`;
const blocked = simulate({ blockingApps: ['WINWORD.EXE'], downloadMs: 20, applyMs: 20 });
const complete =
  'function Complete($text) { @([Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches | ForEach-Object CompletionText) }';

describePowerShell('completion', () => {
  test('of every parameter needs none of the others, not even the ones that it looks at', async () => {
    const { output } = await runPowerShell(`
      ${complete}
      ${quiet}
      $null = Connect-C2RBridge -Simulation @{}
      $null = Register-C2RContentSource -Name Image -BaseUrl http://server/office
      & (Get-Module C2RBridge) {
        $releases = @('16.0.1.3', 'not a version' | ForEach-Object { [pscustomobject] @{ Version = $_; Release = $null; Build = $null; AvailableAt = $null } })
        $script:KnownChannels[''] = @(
          [pscustomobject] @{ Name = 'Current'; AlternateNames = @('Monthly'); LatestVersion = '16.0.1.20'; Releases = $releases }
          [pscustomobject] @{ Name = 'SemiAnnual'; AlternateNames = @(); LatestVersion = '16.0.1.1'; Releases = @() }
        )
      }
      $empty = foreach ($command in (Get-Module C2RBridge).ExportedCommands.Values) {
        foreach ($parameter in $command.Parameters.Values) {
          if (-not ($parameter.Attributes | Where-Object { $_ -is [ArgumentCompleter] })) { continue }
          $words = @(Complete "$($command.Name) -$($parameter.Name) ")
          if ($words.Count -eq 0 -or $words[0] -like '.*') { "$($command.Name) -$($parameter.Name)" }
        }
      }
      @{
        empty = @($empty)
        versions = @(Complete 'Get-C2RFileList -Channel Current -Version ')
        all = @(Complete 'Save-C2RContent -Destination D:\\ -Version ')
        noService = @(Complete 'Get-C2RFileList -Endpoint http://127.0.0.1:1/ -Version 9')
      }`);
    expect(output).toEqual({
      empty: [],
      versions: ['16.0.1.20', '16.0.1.3'],
      all: ['16.0.1.20', '16.0.1.3', '16.0.1.1'],
      noService: [],
    });
  });

  test('takes words by their letters, also under tr-TR, where i and I are not one letter', async () => {
    const { output } = await runPowerShell(`
      ${complete}
      ${quiet}
      [cultureinfo]::CurrentCulture = 'tr-TR'
      $null = Connect-C2RBridge -Simulation @{}
      $null = Register-C2RContentSource -Name IMAGE -BaseUrl http://server/office
      @{
        languages = @(Complete 'Get-C2RFileList -Languages IT')
        channel = @(Complete 'Get-C2RFileList -Channel semiannualpr')
        sources = @(Complete 'Get-C2RContentSource i')
        shown = (Get-C2RContentSource i*).ContentId
        applied = (Invoke-C2RUpdate -OnBlockingApps WAIT -PollMs 100).Changed
      }`);
    expect(output).toEqual({
      languages: ['it-it'],
      channel: ['SemiAnnualPreview'],
      sources: ['IMAGE'],
      shown: 'IMAGE',
      applied: true,
    });
  });

  test('of a result offers every member that the contract names, which is null where an object came without it', async () => {
    const { output } = await runPowerShell(`
      ${complete}
      ${quiet}
      $offered = @(Complete '(Get-C2RStatus).')
      $real = @((Get-C2RStatus).PSObject.Properties.Name)
      @{
        missing = @($real | Where-Object { $offered -notcontains $_ })
        apply = @(Complete '(Invoke-C2RApply).VersionA')
        registered = $null -eq (Register-C2RContentSource -Name x -BaseUrl http://server/office).LastError
        status = (Get-C2RStatus).Status
      }`);
    expect(output).toEqual({ missing: [], apply: ['VersionAfter'], registered: true, status: 'UPDATE_UNKNOWN' });
  });
});

describePowerShell('a module that was imported with -Prefix', () => {
  test('works under its new names, also in jobs, and its advice uses them', async () => {
    const { output } = await runPowerShell(
      `
      ${quiet}
      Import-Module ${literal(modulePath)} -Prefix My
      $null = Connect-MyC2RBridge -Simulation @{ office = @{ comRegistered = $false } }
      $advice = (Catch-Error { Get-MyC2RStatus }).action
      $null = Connect-MyC2RBridge -Simulation @{ office = @{ downloadMs = 20; applyMs = 20 } }
      $job = Invoke-MyC2RUpdate -PollMs 100 -AsJob
      @{ changed = (Receive-Job -Job $job -Wait).Changed; job = $job.Name; advice = $advice; report = (Get-MyC2RReport).Problems.Count -ge 0 }`,
      { module: null },
    );
    expect(output).toEqual({
      changed: true,
      job: 'Invoke-MyC2RUpdate',
      advice: expect.stringContaining('Enable-MyC2RManagement'),
      report: true,
    });
  });
});

describePowerShell('what is shown', () => {
  const everything = `
      $null = Connect-C2RBridge -Simulation @{ office = @{ downloadMs = 20; applyMs = 20 } }
      $all = @(
        Get-C2RStatus; Get-C2RInstallation; Get-DefenderUpdateStatus; Invoke-DefenderUpdate -PassThru; Test-C2RHealth
        Register-C2RContentSource -Name x -BaseUrl http://server/office; Get-C2RContentSource; Get-C2RBridge; Enable-C2RManagement
        Set-C2RChannel -Channel Current; Invoke-C2RDownload -Wait; Invoke-C2RApply -Confirm:$false; Get-C2RReport; Unregister-C2RContentSource x
        ConvertFrom-C2RMoreInfoUrl 'https://c.example/?ServicePath=https%3a%2f%2fconfig.office.com%2fapi%2ffilelist%3fchannel%3dMonthly%26version%3d16.0.1.2'
      )`;

  test('comes without an error under the strictest mode of the caller, whatever members an object has', async () => {
    const { output } = await runPowerShell(`
      ${quiet}
      ${everything}
      # One that lost all its members, as Select-Object leaves it.
      $bare = foreach ($type in (Get-Module C2RBridge).ExportedCommands.Values.OutputType.Name | Where-Object { $_ -like 'C2RBridge.*' } | Sort-Object -Unique) {
        foreach ($name in $type, "Deserialized.$type") { $object = [pscustomobject] @{ Some = 1 }; $object.PSObject.TypeNames.Insert(0, $name); $object }
      }
      $error.Clear()
      foreach ($object in $all + $bare) { $null = $object | Out-String -Width 60 }
      @{ errors = @($error | ForEach-Object { "$_" }); count = $all.Count; strict = (Catch-Error { $all[0].NoSuchMember }).id }`);
    expect(output.errors).toEqual([]);
    expect(output.count).toBeGreaterThan(15);
    // The mode is still the caller's.
    expect(output.strict).toContain('PropertyNotFound');
  });

  test('in 60 columns still has every field of a table', async () => {
    const { output } = await runPowerShell(`
      ${quiet}
      ${everything}
      foreach ($object in $all) {
        foreach ($view in @(Get-FormatData -TypeName $object.PSObject.TypeNames[0]).FormatViewDefinition | Select-Object -First 1) {
          if ($view.Control -isnot [Management.Automation.TableControl]) { continue }
          $heads = @($object | Out-String -Width 60).Split([char] 10) | Where-Object { $_ -match '^-' } | Select-Object -First 1
          $shown = @($heads.Trim() -split ' +').Count
          if ($shown -ne $view.Control.Headers.Count) { "$($object.PSObject.TypeNames[0]): $shown of $($view.Control.Headers.Count)" }
        }
      }`);
    expect(output ?? []).toEqual([]);
  });

  test('the view of the findings shows each id in one piece', async () => {
    const { output } = await runPowerShell(`
      ${quiet}
      $null = Connect-C2RBridge -Simulation @{}
      $findings = Test-C2RHealth
      $text = $findings | Out-String -Width 120
      @{ count = $findings.Count; broken = @($findings.Id | Where-Object { -not $text.Contains($_) }) }`);
    expect(output).toEqual({ count: expect.any(Number), broken: [] });
    expect(output.count).toBeGreaterThan(15);
  });

  test('where objects of several types are mixed has the members that matter, and no raw ones', async () => {
    const { output } = await runPowerShell(`
      ${quiet}
      $null = Connect-C2RBridge -Simulation @{}
      @(Get-C2RStatus; Get-C2RInstallation; Get-DefenderUpdateStatus) | Out-String -Width 80`);
    expect(output).toContain('StagedVersion');
    expect(output).toContain('AntivirusSignatureAgeDays');
    expect(output).not.toContain('LastUpdate');
    expect(output).not.toContain('Conditions');
  });

  test('writes times in one way under every calendar', async () => {
    const { output } = await runPowerShell(`
      ${quiet}
      $null = Connect-C2RBridge -Simulation @{}
      $report = Get-C2RReport
      foreach ($culture in 'en-US', 'th-TH', 'ar-SA', 'fa-IR') { [cultureinfo]::CurrentCulture = $culture; ($report | Out-String) -match "GeneratedAt +: $($report.GeneratedAt.ToString('yyyy-MM-dd HH:mm:ss', [cultureinfo]::InvariantCulture))Z" }`);
    expect(output).toEqual([true, true, true, true]);
  });
});

describePowerShell('a session in which nobody can be asked', () => {
  test('gets our error with the way out, and nothing is done', async () => {
    const { output } = await runPowerShell(`
      ${quiet}
      ${simulate({ initialStatus: 'DOWNLOAD_SUCCEEDED' })}
      $hosted = [powershell]::Create()
      $null = $hosted.AddScript(${literal(`Import-Module ${literal(modulePath)}; try { Invoke-C2RApply } catch { $_.FullyQualifiedErrorId }`)})
      @{
        errors = @(Catch-Error { Invoke-C2RApply -Wait }; Catch-Error { Invoke-C2RUpdate -OnBlockingApps Force }; Catch-Error { Invoke-DefenderUpdate -Confirm })
        hosted = @($hosted.Invoke())
        status = (Get-C2RStatus).Status
      }`);
    for (const [index, command] of ['Invoke-C2RApply', 'Invoke-C2RUpdate', 'Invoke-DefenderUpdate'].entries()) {
      expect(output.errors[index]).toMatchObject({
        id: `ConfirmationRequired,${command}`,
        action: expect.stringContaining('-Confirm:$false'),
      });
    }
    expect(output.hosted).toEqual(['ConfirmationRequired,Invoke-C2RApply']);
    expect(output.status).toBe('DOWNLOAD_SUCCEEDED');
  });
});

describePowerShell('an endpoint of Just Enough Administration', () => {
  test('runs the cmdlets that it shows, also as jobs, and nothing else of the module', async () => {
    const { output } = await runPowerShell(
      `
      $env:C2R_BACKEND = 'simulated'
      $env:C2R_SIMULATION = '{"office":{"downloadMs":20,"applyMs":20}}'
      $file = Join-Path ([IO.Path]::GetTempPath()) "$([guid]::NewGuid()).pssc"
      New-PSSessionConfigurationFile -Path $file -SessionType RestrictedRemoteServer -ModulesToImport ${literal(modulePath)} -VisibleFunctions Get-C2RStatus, Get-C2RReport, Invoke-C2RUpdate
      try { $state = [Management.Automation.Runspaces.InitialSessionState]::CreateFromSessionConfigurationFile($file) } finally { Remove-Item -LiteralPath $file }
      $runspace = [runspacefactory]::CreateRunspace($state)
      $runspace.Open()
      function Invoke-There($Command, $Parameters = @{}) {
        $shell = [powershell]::Create()
        $shell.Runspace = $runspace
        $shell.AddCommand($Command).AddParameters($Parameters).Invoke()
        $shell.Streams.Error
      }
      @{
        language = "$($runspace.SessionStateProxy.LanguageMode)"
        status = (Invoke-There Get-C2RStatus @{ WarningAction = 'SilentlyContinue' }).Status
        report = (Invoke-There Get-C2RReport).Office.Installed
        updated = (Invoke-There Invoke-C2RUpdate @{ PollMs = 100 }).Changed
        job = (Receive-Job -Wait (Invoke-There Invoke-C2RUpdate @{ AsJob = $true })).VersionAfter
        hidden = (Catch-Error { Invoke-There Stop-C2RDownload }).message
      }
      $runspace.Close()`,
      { module: null },
    );
    expect(output).toMatchObject({ language: 'NoLanguage', status: 'UPDATE_UNKNOWN', report: true, updated: true });
    expect(output.job).toMatch(/^16\.0\./);
    expect(output.hidden).toContain('not recognized');
  });
});

describePowerShell('jobs', () => {
  test('have a bridge of their own, show their progress, and end the download in Office when they are stopped', async () => {
    const { output } = await runPowerShell(`
      ${quiet}
      ${simulate({ downloadMs: 600_000, statePath: undefined })}
      $here = (Get-C2RBridge).ProcessId
      $before = @(Get-Process node -ErrorAction Ignore).Count
      $job = Invoke-C2RDownload -AsJob
      $deadline = [datetime]::UtcNow.AddSeconds(${deadline(60)})
      while ([datetime]::UtcNow -lt $deadline -and -not @(@($job) + $job.ChildJobs | Where-Object { $_.Progress.Count -gt 1 }).Count) { [Threading.Thread]::Sleep(50) }
      $progress = @(@($job) + $job.ChildJobs | ForEach-Object { $_.Progress } | ForEach-Object Activity | Sort-Object -Unique)
      $clock = [Diagnostics.Stopwatch]::StartNew()
      Stop-Job -Job $job
      @{ thread = $job.GetType().Name; progress = $progress; state = "$($job.State)"; same = $here -eq (Get-C2RBridge).ProcessId; status = (Get-C2RStatus).Status }`);
    expect(output).toMatchObject({
      progress: ['Downloading the update of Microsoft 365 Apps'],
      state: 'Stopped',
      same: true,
      status: 'UPDATE_UNKNOWN',
    });
  });

  test('also run in a hosted runspace, and give an error with all that is known, whatever kind of job it is', async () => {
    const { output } = await runPowerShell(`
      ${quiet}
      ${blocked}
      $hosted = [powershell]::Create()
      $null = $hosted.AddScript(${literal(`$WarningPreference = 'SilentlyContinue'; Import-Module ${literal(modulePath)}; ${simulate({ downloadMs: 20, applyMs: 20 })}; (Receive-Job -Wait (Invoke-C2RUpdate -PollMs 100 -AsJob)).Changed`)})
      $caught = @(
        try { Receive-Job -Wait (Invoke-C2RUpdate -AsJob) } catch { $_ }
        & (Get-Module C2RBridge) { function script:Get-JobStarter { Get-Command Start-Job } }
        try { Receive-Job -Wait (Invoke-C2RUpdate -AsJob) } catch { $_ }
      )
      @{
        changed = $hosted.Invoke()[0]
        ids = @($caught.FullyQualifiedErrorId)
        types = @($caught | ForEach-Object { $_.Exception.GetType().Name })
        apps = @($caught | ForEach-Object { "$($_.Details.apps)" })
        here = "$((Get-Variable error -ValueOnly)[0].Details.GetType().Name)"
      }`);
    expect(output).toEqual({
      changed: true,
      ids: ['Blocked,Invoke-C2RUpdate', 'Blocked,Invoke-C2RUpdate'],
      types: [expect.any(String), 'RemoteException'],
      apps: ['WINWORD.EXE', 'WINWORD.EXE'],
      here: 'Hashtable',
    });
  });
});

describePowerShell('Ctrl+C', () => {
  test('while an update is applied says that applying continues, and only then', async () => {
    const call = (script: string) => `
      $shell.Commands.Clear(); $shell.Streams.ClearStreams(); $ui.Lines.Clear()
      $running = $shell.AddScript(${literal(script)}).BeginInvoke()
      $deadline = [datetime]::UtcNow.AddSeconds(${deadline(60)})
      while (-not ($shell.Streams.Progress | Where-Object CurrentOperation -EQ $phase) -and [datetime]::UtcNow -lt $deadline) { [Threading.Thread]::Sleep(10) }
      $shell.Stop()
      try { $shell.EndInvoke($running) } catch { $null = $_ }
      @($ui.Lines)`;
    const { output } = await runPowerShell(
      `
      class Ui : System.Management.Automation.Host.PSHostUserInterface {
        [Collections.Generic.List[string]] $Lines = [Collections.Generic.List[string]]::new()
        [Management.Automation.Host.PSHostRawUserInterface] get_RawUI() { return $null }
        [string] ReadLine() { return '' }
        [securestring] ReadLineAsSecureString() { return $null }
        [void] Write([string] $value) {}
        [void] Write([ConsoleColor] $a, [ConsoleColor] $b, [string] $value) {}
        [void] WriteLine([string] $value) {}
        [void] WriteErrorLine([string] $value) {}
        [void] WriteDebugLine([string] $value) {}
        [void] WriteProgress([long] $id, [Management.Automation.ProgressRecord] $record) {}
        [void] WriteVerboseLine([string] $value) {}
        [void] WriteWarningLine([string] $value) { $this.Lines.Add($value) }
        [Collections.Generic.Dictionary[string, psobject]] Prompt([string] $a, [string] $b, [Collections.ObjectModel.Collection[Management.Automation.Host.FieldDescription]] $c) { return $null }
        [pscredential] PromptForCredential([string] $a, [string] $b, [string] $c, [string] $d) { return $null }
        [pscredential] PromptForCredential([string] $a, [string] $b, [string] $c, [string] $d, [Management.Automation.PSCredentialTypes] $e, [Management.Automation.PSCredentialUIOptions] $f) { return $null }
        [int] PromptForChoice([string] $a, [string] $b, [Collections.ObjectModel.Collection[Management.Automation.Host.ChoiceDescription]] $c, [int] $d) { return 0 }
      }
      class Host : System.Management.Automation.Host.PSHost {
        [Ui] $Own; [guid] $Id = [guid]::NewGuid()
        [guid] get_InstanceId() { return $this.Id }
        [string] get_Name() { return 'test' }
        [version] get_Version() { return '1.0' }
        [Management.Automation.Host.PSHostUserInterface] get_UI() { return $this.Own }
        [cultureinfo] get_CurrentCulture() { return [cultureinfo]::InvariantCulture }
        [cultureinfo] get_CurrentUICulture() { return [cultureinfo]::InvariantCulture }
        [void] SetShouldExit([int] $code) {}
        [void] EnterNestedPrompt() {}
        [void] ExitNestedPrompt() {}
        [void] NotifyBeginApplication() {}
        [void] NotifyEndApplication() {}
      }
      $ui = [Ui]::new()
      $own = [Host]::new(); $own.Own = $ui
      $shell = [powershell]::Create()
      $shell.Runspace = [runspacefactory]::CreateRunspace($own)
      $shell.Runspace.Open()
      $null = $shell.AddScript(${literal(`Import-Module ${literal(modulePath)}; $WarningPreference = 'Continue'; ${simulate({ initialStatus: 'DOWNLOAD_SUCCEEDED', applyMs: 600_000, downloadMs: 600_000 })}`)}).Invoke()
      $phase = 'apply'
      $applying = $( ${call('Invoke-C2RApply -Wait -Confirm:$false')} )
      $null = $shell.Commands.Clear(); $null = $shell.AddScript(${literal(simulate({ applyMs: 600_000, downloadMs: 10 }))}).Invoke()
      $remediating = $( ${call(`Invoke-C2RRemediation -Name OfficeUpdate -MinimumVersion 16.0.19929.20172 -Remediate -Wait -StateFolder ${literal(mkdtempSync(join(tmpdir(), 'c2r-notes-')))}`)} )
      $null = $shell.Commands.Clear(); $null = $shell.AddScript(${literal(simulate({ downloadMs: 600_000 }))}).Invoke()
      $phase = 'download'
      $downloading = $( ${call('Invoke-C2RDownload -Wait')} )
      $shell.Runspace.Close()
      @{ applying = @($applying); remediating = @($remediating); downloading = @($downloading) }`,
      { module: null },
    );
    expect(output.applying).toEqual([expect.stringContaining('continues to apply')]);
    expect(output.remediating).toEqual([expect.stringContaining('continues to apply')]);
    expect(output.downloading).toEqual([]);
  });
});

describePowerShell('a parameter becomes JSON', () => {
  test('in one place: names, units, words in any case, and paths as the contract has them', async () => {
    const { output } = await runPowerShell(`
      $log = [IO.Path]::GetTempFileName()
      $null = Connect-C2RBridge -BridgePath ${literal(fakeBridge)} -LogFile $log -WarningAction SilentlyContinue
      $null = Catch-Error { Invoke-C2RUpdate -OnBlockingApps FAIL -TimeoutSec 7 -DisplayLevel -PollMs 200 }
      $null = Catch-Error { Invoke-DefenderUpdate -Source mmpc, UNC -TimeoutSec 9 }
      $null = Catch-Error { Set-C2RChannel -Channel monthlyenterprise -Force }
      $null = Catch-Error { Unregister-C2RContentSource -Name Image }
      Set-Location /
      $null = Catch-Error { Save-C2RContent -Channel Current -Languages de-de -Arch X86 -Destination image -IdleTimeoutSec 3 }
      Disconnect-C2RBridge
      foreach ($line in [IO.File]::ReadAllLines($log)) {
        $sent = ConvertFrom-Json $line
        if ($sent.method -notmatch '^(c2r|defender|content|bits)/') { continue }
        $sent.params.PSObject.Properties.Remove('progressToken')
        @{ method = $sent.method; params = $sent.params }
      }
      [IO.File]::Delete($log)`);
    expect(output).toEqual([
      {
        method: 'c2r/update',
        params: { onBlockingApps: 'fail', timeoutMs: 7000, displayLevel: true, pollMs: 200 },
      },
      { method: 'defender/update', params: { sources: ['http', 'unc'], timeoutMs: 9000 } },
      { method: 'c2r/setChannel', params: { channel: 'MonthlyEnterprise', force: true } },
      { method: 'bits/unregister', params: { contentId: 'Image' } },
      {
        method: 'content/stage',
        params: {
          channel: 'Current',
          languages: ['de-de'],
          arch: 'x86',
          destination: resolve('/image'),
          idleTimeoutMs: 3000,
        },
      },
    ]);
  });
});

describePowerShell('logs', () => {
  const collect =
    '$entries = [Collections.Generic.List[string]]::new(); & (Get-Module C2RBridge) { param($list) $script:Entries = $list; function script:Write-ApplicationEvent { param([int] $Id, [string] $Type, [string] $Text) $script:Entries.Add("$Id $Type $Text") } } $entries';

  test('the Application log hears of each update that changed something or failed, and of nothing else', async () => {
    const { output } = await runPowerShell(`
      ${quiet}
      ${collect}
      ${simulate({ downloadMs: 20, applyMs: 20, installedVersion: '16.0.17928.20114', availableVersion: '16.0.19929.20172' })}
      $null = Get-C2RStatus; $null = Invoke-C2RDownload -Wait; $null = Invoke-C2RApply -Wait -Confirm:$false; $null = Invoke-C2RUpdate
      $null = Invoke-DefenderUpdate -PassThru
      ${blocked}
      $null = Catch-Error { Invoke-C2RUpdate }
      $null = Catch-Error { Invoke-C2RDownload -UpdateToVersion 1.2.3 -Wait }
      @($entries)`);
    expect(output).toEqual([
      '1 Information Microsoft 365 Apps was updated from 16.0.17928.20114 to 16.0.19929.20172 by Invoke-C2RApply.',
      expect.stringMatching(
        /^1 Information The antivirus signatures were updated from [\d.]+ to [\d.]+ by Invoke-DefenderUpdate\.$/,
      ),
      expect.stringMatching(/^2 Error Invoke-C2RUpdate failed\. Running Office apps .*WINWORD\.EXE\. .*OnBlockingApps/),
    ]);
  });

  test('the Application log hears of what a remediation has updated, and not of what one would update', async () => {
    const { output } = await runPowerShell(`
      ${quiet}
      ${collect}
      ${simulate({ downloadMs: 20, applyMs: 20, installedVersion: '16.0.17928.20114', availableVersion: '16.0.19929.20172' })}
      $folder = [IO.Directory]::CreateDirectory([IO.Path]::Combine([IO.Path]::GetTempPath(), [guid]::NewGuid())).FullName
      $office = @{ Name = 'OfficeUpdate'; MinimumVersion = '16.0.19929.20172'; Remediate = $true; Wait = $true; StateFolder = $folder }
      $null = Invoke-C2RRemediation @office -WhatIf
      $null = Invoke-C2RRemediation @office -Confirm:$false
      $null = Invoke-C2RRemediation @office -Confirm:$false
      $null = Invoke-C2RRemediation -Name DefenderSignature -Remediate -Confirm:$false -StateFolder $folder
      $null = Invoke-C2RRemediation -Name OfficeManagement -Remediate -Confirm:$false -StateFolder $folder
      [IO.Directory]::Delete($folder, $true)
      @($entries)`);
    expect(output).toEqual([
      '1 Information Microsoft 365 Apps was updated from 16.0.17928.20114 to 16.0.19929.20172 by Invoke-C2RRemediation.',
      expect.stringMatching(
        /^1 Information The antivirus signatures were updated from [\d.]+ to [\d.]+ by Invoke-C2RRemediation\.$/,
      ),
    ]);
  });

  test('remediations keep one log that CMTrace reads, and which does not grow without end', async () => {
    const { output } = await runPowerShell(`
      $folder = [IO.Directory]::CreateDirectory([IO.Path]::Combine([IO.Path]::GetTempPath(), [guid]::NewGuid())).FullName
      [cultureinfo]::CurrentCulture = 'fa-IR'
      & (Get-Module C2RBridge) {
        param($folder)
        $null = Write-RemediationNote -Name OfficeUpdate -StateFolder $folder -Text "Updated.\`r\`nTwice ]LOG]!>."
        [IO.File]::AppendAllText("$folder/Remediation.log", 'x' * 1MB)
        $null = Write-RemediationNote -Name DefenderSignature -StateFolder $folder -Text 'Second.'
      } $folder
      @{ older = [IO.File]::ReadAllText("$folder/Remediation.lo_").Split([char] 10)[0]; newer = [IO.File]::ReadAllText("$folder/Remediation.log"); files = @([IO.Directory]::GetFiles($folder)).Count }
      [IO.Directory]::Delete($folder, $true)`);
    const pattern =
      /^<!\[LOG\[(.*)\]LOG\]!><time="\d\d:\d\d:\d\d\.\d{3}[+-]\d{3}" date="\d\d-\d\d-20\d\d" component="(\w+)" context="" type="1" thread="\d+" file="">\r?\n?$/;
    expect(pattern.exec(output.older)?.slice(1)).toEqual(['Updated. Twice ]LOG] !>.', 'OfficeUpdate']);
    expect(pattern.exec(output.newer)?.slice(1)).toEqual(['Second.', 'DefenderSignature']);
    expect(output.files).toBe(4);
  });

  test('Connect-C2RBridge -LogFormat CMTrace writes the log of the bridge for CMTrace', async () => {
    const { output } = await runPowerShell(`
      ${quiet}
      $log = [IO.Path]::GetTempFileName()
      $null = Connect-C2RBridge -Simulation @{} -LogFile $log -LogFormat CMTrace -LogLevel Debug
      $null = Get-C2RStatus
      Disconnect-C2RBridge
      @{ log = [IO.File]::ReadAllText($log); error = (Catch-Error { Connect-C2RBridge -LogFormat CMTrace }).message }`);
    expect(output.log).toMatch(/^<!\[LOG\[.*\]LOG\]!><time="/);
    expect(output.error).toContain('--log-format needs --log-file');
  });
});

describePowerShell('a report without a bridge', () => {
  // What counts the starts is a script of the shell.
  test.skipIf(process.platform === 'win32')('costs the wait for it once', async () => {
    const { output } = await runPowerShell(`
      $counter = [IO.Path]::GetTempFileName()
      $node = [IO.Path]::GetTempFileName()
      [IO.File]::WriteAllText($node, "#!/bin/sh\`necho start >> '$counter'\`nexit 3\`n")
      & /bin/chmod +x $node
      $null = Catch-Error { Connect-C2RBridge -NodePath $node }
      [IO.File]::WriteAllText($counter, '')
      $report = Get-C2RReport
      @{ starts = @([IO.File]::ReadAllLines($counter)).Count; problems = $report.Problems }`);
    expect(output.starts).toBe(1);
    expect(output.problems).toEqual([expect.stringMatching(/^Office, Defender, Checks could not be read: /)]);
  });
});
