import { expect, test } from 'vitest';
import { describePowerShell, runPowerShell } from '../../support/pwsh.js';

const connect = (defender: string) => `$null = Connect-C2RBridge -Simulation @{ defender = @{ ${defender} } } 3> $null`;

/** Runs `script` in a runspace of its own with the module in it, so that its streams can be looked at. */
const inRunspace = (script: string) => `
  $shell = [powershell]::Create()
  $null = $shell.AddScript({ param($module, $script)
    Import-Module $module
    & ([scriptblock]::Create($script))
  }).AddArgument((Get-Module C2RBridge).Path).AddArgument('${script.replaceAll("'", "''")}')`;

describePowerShell('Get-DefenderUpdateStatus', () => {
  test('gives ages in whole days, what is due, and times in UTC', async () => {
    const { output } = await runPowerShell(`
      ${connect('')}
      $status = Get-DefenderUpdateStatus
      @{
        type = $status.PSObject.TypeNames[0]
        ages = @($status.AntivirusSignatureAgeDays, $status.AntispywareSignatureAgeDays, $status.NisSignatureAgeDays)
        due = @($status.AntivirusSignatureDue, $status.AntispywareSignatureDue)
        version = $status.AntivirusSignatureVersion
        kind = "$($status.Versions.Engine.UpdatedAt.Kind)"
        mode = $status.RunningMode
        backend = $status.Backend
        text = $status | Out-String
      }`);
    expect(output).toMatchObject({
      type: 'C2RBridge.DefenderUpdateStatus',
      ages: [3, 3, 3],
      due: [true, true],
      version: '1.421.12.0',
      kind: 'Utc',
      mode: 'normal',
      backend: 'simulated',
      text: expect.stringMatching(/AntivirusSignature +: 1\.421\.12\.0 \(3 days, due\)/),
    });
  });

  test('a service that does not answer leaves versions, ages and due open', async () => {
    const { output } = await runPowerShell(`
      ${connect('serviceRunning = $false')}
      $status = Get-DefenderUpdateStatus
      @{
        open = @($status.Versions, $status.AntivirusSignatureVersion, $status.AntivirusSignatureAgeDays, $status.AntivirusSignatureDue)
        mode = $status.RunningMode
        text = $status | Out-String
      }`);
    expect(output).toMatchObject({
      open: [null, null, null, null],
      mode: 'notRunning',
      text: expect.stringMatching(/AntivirusSignature +: unknown/),
    });
  });
});

describePowerShell('Get-DefenderUpdateStatus in the field', () => {
  test('calls never, too old and ahead of the clock what they are, and shows mode and sources', async () => {
    const { output } = await runPowerShell(`
      foreach ($age in '$null', '1440', '-48') {
        $null = Connect-C2RBridge -Simulation @{ defender = @{ signatureAgeHours = & ([scriptblock]::Create($age)); signaturesDue = $false; fallbackOrder = 'MMPC|FileShares'; mode = 'edrBlock' } } 3> $null
        $status = Get-DefenderUpdateStatus -MaxAgeHours 72
        @{
          state = $status.SignatureAge.State; days = $status.AntivirusSignatureAgeDays; order = $status.UpdateSettings.Order
          problems = @($status.UpdateSettings.Problems).Count; mode = $status.RunningMode; text = $status | Out-String
        }
      }`);
    expect(output).toMatchObject([
      { state: 'never', days: null, text: expect.stringMatching(/SignatureAge +: never: .*never updated/) },
      { state: 'tooOld', days: 60, text: expect.stringMatching(/SignatureAge +: tooOld: .*60 days old/) },
      { state: 'clockAhead', days: null, order: ['http', 'unc'], problems: 1, mode: 'edrBlock' },
    ]);
    expect(output[2].text).toMatch(/ahead of the clock[\s\S]*age not known[\s\S]*Sources +: http, unc \(policy\)/);
  });
});

describePowerShell('Invoke-DefenderUpdate', () => {
  test('tries several sources in turn, with retries, and shows each attempt', async () => {
    const { output } = await runPowerShell(`
      ${connect("durationMs = 10; failSources = @(@{ source = 'managed'; hresult = '0x80240024' }, @{ source = 'http'; hresult = '0x80072EE2' })")}
      $result = Invoke-DefenderUpdate -Source InternalDefinitionUpdateServer, Unmanaged, Http -RetryCount 0 -PassThru
      @{
        source = $result.Source; attempts = @($result.Attempts | ForEach-Object HResultName); list = $result | Format-List | Out-String
        failed = (Catch-Error { Invoke-DefenderUpdate -Source Managed, Http }).message
      }`);
    expect(output).toMatchObject({
      source: 'unmanaged',
      attempts: ['WU_E_NO_UPDATE', 'S_OK'],
      list: expect.stringMatching(/Attempts +: managed WU_E_NO_UPDATE, unmanaged S_OK/),
      failed: expect.stringContaining('All 2 attempts failed'),
    });
  });

  test('is silent on success, and gives the result with -PassThru', async () => {
    const { output } = await runPowerShell(`
      ${connect('durationMs = 100; rebootRequired = $true')}
      $silent = @(Invoke-DefenderUpdate).Count
      $result = Invoke-DefenderUpdate -PassThru
      @{
        silent = $silent; type = $result.PSObject.TypeNames[0]; result = $result
        text = $result | Out-String
        list = $result | Format-List | Out-String
        due = (Get-DefenderUpdateStatus).AntivirusSignatureDue
      }`);
    expect(output).toMatchObject({
      silent: 0,
      type: 'C2RBridge.DefenderUpdateResult',
      due: false,
      result: {
        Changed: true,
        RebootRequired: true,
        HResult: 0,
        SignatureBefore: '1.421.13.0',
        SignatureAfter: '1.421.14.0',
        Phases: [{ Phase: 'search' }, { Phase: 'download' }, { Phase: 'install' }],
        Backend: 'simulated',
      },
      list: expect.stringMatching(
        /AntivirusSignature +: 1\.421\.13\.0 -> 1\.421\.14\.0[\s\S]*Phases +: search 0\.\d s, download 0\.\d s, install 0\.\d s/,
      ),
      text: expect.stringMatching(/True +1\.421\.13\.0 +1\.421\.14\.0 +True +0x00000000 +simulated/),
    });
  });

  test('nothing to do is a success that changed nothing', async () => {
    const { output } = await runPowerShell(
      `${connect('updates = 0; durationMs = 10')}; Invoke-DefenderUpdate -PassThru`,
    );
    expect(output).toMatchObject({ Changed: false, HResult: 1, HResultName: 'S_FALSE' });
  });

  test('a failure is an error with HRESULT, name and what to do', async () => {
    const { output } = await runPowerShell(`
      ${connect("result = '0x8024402C'; durationMs = 50")}
      Catch-Error { Invoke-DefenderUpdate }`);
    expect(output).toMatchObject({
      id: 'UpdateFailed,Invoke-DefenderUpdate',
      message: expect.stringContaining('WU_E_PT_WINHTTP_NAME_NOT_RESOLVED'),
      hresult: 0x8024402c | 0,
      action: expect.stringContaining('proxy'),
      data: { phase: 'download', versionsBefore: { antivirusSignature: { version: '1.421.12.0' } } },
    });
  });

  test('-TimeoutSec aborts the update and says that nothing goes on', async () => {
    const { output } = await runPowerShell(`
      ${connect('durationMs = 600000')}
      Catch-Error { Invoke-DefenderUpdate -TimeoutSec 1 }`);
    expect(output).toMatchObject({
      id: 'Timeout,Invoke-DefenderUpdate',
      category: 'OperationTimeout',
      data: { continues: false, phase: 'search' },
    });
  });

  test('-WhatIf updates nothing, for every name of a source, and another name is refused', async () => {
    const { output } = await runPowerShell(`
      ${connect('durationMs = 10')}
      $names = 'Default', 'Managed', 'Unmanaged', 'Http', 'Unc', 'InternalDefinitionUpdateServer', 'MicrosoftUpdateServer', 'MMPC', 'FileShares'
      $shown = foreach ($name in $names) { Invoke-DefenderUpdate -Source $name -PassThru -WhatIf }
      @{
        shown = @($shown).Count
        due = (Get-DefenderUpdateStatus).AntivirusSignatureDue
        alias = [pscustomobject]@{ UpdateSource = 'MMPC' } | Invoke-DefenderUpdate -PassThru | ForEach-Object HResult
        refused = (Catch-Error { Invoke-DefenderUpdate -Source Anywhere }).id
      }`);
    expect(output).toMatchObject({
      shown: 0,
      due: true,
      alias: 0,
      refused: 'ParameterArgumentValidationError,Invoke-DefenderUpdate',
    });
  });

  test('-AsJob gives the same result from a bridge of its own', async () => {
    const { output } = await runPowerShell(`
      ${connect('durationMs = 50')}
      $job = Invoke-DefenderUpdate -PassThru -AsJob
      Receive-Job -Job $job -Wait -AutoRemoveJob 3> $null | Select-Object Changed, SignatureBefore, SignatureAfter, Backend`);
    expect(output).toEqual({
      Changed: true,
      SignatureBefore: '1.421.12.0',
      SignatureAfter: '1.421.13.0',
      Backend: 'simulated',
    });
  });

  test('Write-Progress shows the phases with percentages that rise to 100, and ends', async () => {
    const { output } = await runPowerShell(`
      ${inRunspace('$null = Connect-C2RBridge -Simulation @{ defender = @{ durationMs = 2000 } }; Invoke-DefenderUpdate')}
      $null = $shell.Invoke()
      $shell.Streams.Progress | Where-Object Activity -like 'Updating the signatures*' |
        Select-Object PercentComplete, CurrentOperation, StatusDescription, @{ n = 'Type'; e = { "$($_.RecordType)" } }`);
    const shown = output.filter(({ Type }: { Type: string }) => Type === 'Processing');
    const percents = shown.map(({ PercentComplete }: { PercentComplete: number }) => PercentComplete);
    expect(percents).toEqual([...percents].sort((a: number, b: number) => a - b));
    expect(percents.at(-1)).toBe(100);
    expect(percents.filter((percent: number) => percent > 0 && percent < 100).length).toBeGreaterThan(3);
    const phases = new Set(shown.map(({ CurrentOperation }: { CurrentOperation: string }) => CurrentOperation));
    expect([...phases]).toEqual(['search', 'download', 'install']);
    expect(
      shown.some(({ StatusDescription }: { StatusDescription: string }) => /2 of 3 \(\d+ %\)/.test(StatusDescription)),
    ).toBe(true);
    expect(output.at(-1).Type).toBe('Completed');
  });
});
