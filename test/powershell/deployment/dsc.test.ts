import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { policyKey } from '../../../src/c2r/registry-keys.js';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, modulePath, runPowerShell } from '../../support/pwsh.js';

const dscModule = fileURLToPath(new URL('../../../powershell/dsc/C2RBridgeDsc', import.meta.url));

/** Runs a script that makes resources with `New-Resource`; each test has a simulated machine of its own that stays. */
async function run(script: string, scenario: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-dsc-'));
  const simulation = { ...scenario, statePath: join(folder, 'machine.json') };
  try {
    const { output } = await runPowerShell(
      `$env:PSModulePath = ${literal(`${dirname(modulePath)}${delimiter}`)} + $env:PSModulePath
       $env:C2R_BACKEND = 'simulated'
       $env:C2R_SIMULATION = ${literal(JSON.stringify(simulation))}
       Import-Module ${literal(dscModule)} -WarningAction SilentlyContinue
       $WarningPreference = 'SilentlyContinue'
       $module = Get-Module C2RBridgeDsc
       function New-Resource($Name, $Properties) { & $module { param($n, $p) New-Object -TypeName $n -Property $p } $Name (@{ IsSingleInstance = 'Yes' } + $Properties) }
       function Codes($Resource) { , @($Resource.Get().Reasons | ForEach-Object { $_.Code.Split(':')[2] }) }
       ${script}`,
      { module: null },
    );
    return output;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describePowerShell('the class-based DSC resources', () => {
  test('C2ROffice names what is not as wanted, brings it about, and then has nothing left to do', async () => {
    const output = await run(
      `
      $wanted = New-Resource C2ROffice @{ Channel = 'SemiAnnual'; MinimumVersion = '16.0.18000.20000'; ComManagement = $true; OnBlockingApps = 'Force' }
      @{
        before = $wanted.Test()
        reasons = Codes $wanted
        phrase = $wanted.Get().Reasons[-1].Phrase
        set = $wanted.Set()
        after = $wanted.Get() | Select-Object Channel, Version, ComManagement, UpdateStaged, UpdateSourceRule
        test = $wanted.Test()
      }`,
      {
        office: {
          downloadMs: 50,
          applyMs: 50,
          blockingApps: ['WINWORD.EXE'],
          registry: policy('OfficeMgmtCOM', 0),
          channelTaskMs: 0,
        },
      },
    );
    expect(output).toMatchObject({
      before: false,
      reasons: ['ComManagement', 'Channel', 'MinimumVersion'],
      phrase: 'Version 16.0.17928.20114 is installed and should be at least 16.0.18000.20000.',
      after: { Channel: 'SemiAnnual', Version: '16.0.19929.20172', ComManagement: true, UpdateStaged: false },
      test: true,
    });
  });

  test('the channel may be typed in any case', async () => {
    const output = await run(`
      $same = New-Resource C2ROffice @{ Channel = 'monthlyenterprise' }
      $other = New-Resource C2ROffice @{ Channel = 'CURRENT' }
      @{ same = $same.Test(); other = $other.Test(); set = $other.Set(); after = $other.Test(); channel = $other.Get().Channel }`);
    expect(output).toMatchObject({ same: true, other: false, after: true, channel: 'Current' });
  });

  test('Set says what was done where that is not enough, and reasons speak of cmdlets', async () => {
    const output = await run(
      `
      $wanted = New-Resource C2ROffice @{ MinimumVersion = '16.0.29929.20000' }
      $signature = New-Resource DefenderSignature @{ MaxAgeHours = 24 }
      $said = @{ office = (Catch-Error { $wanted.Set() }).message; defender = (Catch-Error { $signature.Set() }).message }
      $env:C2R_SIMULATION = '{ "defender": { "present": false } }'
      Disconnect-C2RBridge
      $said + @{ phrase = $signature.Get().Reasons[0].Phrase }`,
      {
        office: { downloadMs: 50, applyMs: 50, targetVersion: '16.0.17928.20114' },
        defender: { durationMs: 50, updates: 0 },
      },
    );
    expect(output).toEqual({
      office: expect.stringMatching(
        /at least 16\.0\.29929\.20000\. The policy updatetargetversion holds it at .* Done: the update source has nothing newer/,
      ),
      defender: expect.stringMatching(
        /^The antivirus signatures are 3 days old.* Done: no newer signatures from default\.$/,
      ),
      phrase: expect.stringContaining('Test-C2RHealth'),
    });
  });

  test('C2ROffice restarts the service that the management through COM needs, and leaves the rest to the next run', async () => {
    const output = await run(
      `$restarted = [Collections.Generic.List[string]]::new()
       function global:Get-Service { param($Name, $ErrorAction) if ($Name -eq 'ClickToRunSvc') { [pscustomobject] @{ Name = $Name } } }
       function global:Restart-Service { param($InputObject, [switch] $Force, [switch] $WhatIf, [switch] $Confirm) $restarted.Add($InputObject.Name) }
       try {
         $office = New-Resource C2ROffice @{ ComManagement = $true; MinimumVersion = '16.0.19929.20172' }
         $office.Set()
         @{ restarted = $restarted; codes = Codes $office }
       } finally { Remove-Item -Path Function:Get-Service, Function:Restart-Service }`,
      { office: { comRegistered: false, registry: { [policyKey]: { OfficeMgmtCOM: 0 } } } },
    );
    expect(output).toEqual({ restarted: ['ClickToRunSvc'], codes: ['MinimumVersion'] });
  });

  test('C2ROffice stages an update and applies it', async () => {
    const output = await run(
      `
      $stage = New-Resource C2ROffice @{ UpdateStaged = $true }
      $apply = New-Resource C2ROffice @{ UpdateStaged = $false }
      $stage.Set()
      $staged = @($stage.Test(), $apply.Test(), $stage.Get().StagedVersion)
      $apply.Set()
      @{ staged = $staged; applied = $apply.Test(); version = $apply.Get().InstalledVersion }`,
      { office: { downloadMs: 50, applyMs: 50 } },
    );
    expect(output).toEqual({ staged: [true, false, '16.0.19929.20172'], applied: true, version: '16.0.19929.20172' });
  });

  test('what is not given is not managed, and an absent Office is a reason and an error of Set', async () => {
    const output = await run(
      `
      $open = New-Resource C2ROffice @{}
      $both = New-Resource C2ROffice @{ Version = '16.0.1.1'; MinimumVersion = '16.0.1.1' }
      $current = New-Resource C2ROffice @{ Channel = 'Current' }
      $absent = @{ codes = Codes $open; error = (Catch-Error { $open.Set() }).message }
      $env:C2R_SIMULATION = '{}'
      Disconnect-C2RBridge
      $result = @{ absent = $absent; open = $open.Test(); both = (Catch-Error { $both.Test() }).message }
      $env:C2R_SIMULATION = '{ "office": { "channel": "PerpetualVL2021" } }'
      Disconnect-C2RBridge
      $result + @{ perpetual = $current.Get().Reasons[0].Phrase }`,
      { office: { installed: false } },
    );
    expect(output).toMatchObject({
      absent: { codes: ['NotInstalled'], error: expect.stringContaining('is not installed') },
      open: true,
      both: expect.stringContaining('either version or minimumVersion'),
      perpetual: 'The update channel is PerpetualVL2021 and should be Current.',
    });
  });

  test('DefenderSignature updates signatures that are too old, and asks for the restart that Defender asks for', async () => {
    const output = await run(
      `
      $global:DSCMachineStatus = 0
      $wanted = New-Resource DefenderSignature @{ MaxAgeHours = 24; Source = 'Managed' }
      $before = @{ test = $wanted.Test(); codes = Codes $wanted; age = $wanted.Get().AgeHours }
      $wanted.Set()
      @{ before = $before; test = $wanted.Test(); age = $wanted.Get().AgeHours; restart = $global:DSCMachineStatus; lax = (New-Resource DefenderSignature @{}).Test() }`,
      { defender: { durationMs: 50, rebootRequired: true } },
    );
    expect(output).toEqual({
      before: { test: false, codes: ['MaxAgeHours'], age: 72 },
      test: true,
      age: 0,
      restart: 1,
      lax: true,
    });
  });

  test('Set fails where what is wanted cannot be had, warns where nothing newer is there to stage, and says what was done', async () => {
    const output = await run(
      `
      $newest = New-Resource C2ROffice @{ MinimumVersion = '16.0.29929.20000' }
      $fresh = New-Resource DefenderSignature @{ MaxAgeHours = 24 }
      $stage = New-Resource C2ROffice @{ UpdateStaged = $true }
      @((Catch-Error { $newest.Set() }).message, (Catch-Error { $fresh.Set() }).message, "$($stage.Set() 3>&1)")`,
      { office: { installedVersion: '16.0.19929.20172' }, defender: { updates: 0, durationMs: 50 } },
    );
    expect(output).toEqual([
      expect.stringMatching(
        /at least 16\.0\.29929\.20000\. Done: the update source has nothing newer than 16\.0\.19929\.20172\.$/,
      ),
      expect.stringMatching(/Done: no newer signatures from default\.$/),
      'No update is staged. Done: the update source has nothing newer than 16.0.19929.20172.',
    ]);
  });

  test('a service that cannot be reached is a reason, and signatures that were never updated are one', async () => {
    const output = await run(
      `
      $wanted = New-Resource DefenderSignature @{ MaxAgeHours = 8760 }
      $first = $wanted.Get()
      $env:C2R_SIMULATION = '{ "defender": { "serviceRunning": false } }'
      Disconnect-C2RBridge
      @{ state = $first.AgeState; age = $first.AgeHours; phrase = $first.Reasons[0].Phrase; codes = Codes $wanted; set = (Catch-Error { $wanted.Set() }).message }`,
      { defender: { signatureAgeHours: null } },
    );
    expect(output).toEqual({
      state: 'never',
      age: null,
      phrase: 'The antivirus signatures were never updated.',
      codes: ['NotAvailable'],
      set: expect.stringContaining('cannot be reached'),
    });
  });

  test('Export gives the one instance of a device, and none without Office or Defender', async () => {
    const output = await run(
      `
      function Export-All { foreach ($name in 'C2ROffice', 'DefenderSignature') { @(& $module { param($n) ($n -as [type])::Export() } $name).Count } }
      $here = @(Export-All)
      $office = & $module { [C2ROffice]::Export() } | Select-Object Channel, Version, Installed
      $env:C2R_SIMULATION = '{ "office": { "installed": false }, "defender": { "present": false } }'
      Disconnect-C2RBridge
      @{ here = $here; office = $office; bare = @(Export-All) }`,
    );
    expect(output).toEqual({
      here: [1, 1],
      office: { Channel: 'MonthlyEnterprise', Version: '16.0.17928.20114', Installed: true },
      bare: [0, 0],
    });
  });

  test('have a key, and no property that would be managed without being given', async () => {
    const output = await run(`
      foreach ($name in 'C2ROffice', 'DefenderSignature') {
        $type = (New-Resource $name @{}).GetType()
        foreach ($property in $type.GetProperties()) {
          $dsc = $property.GetCustomAttributes([Management.Automation.DscPropertyAttribute], $false)[0]
          $unset = -not $property.PropertyType.IsValueType -or $null -ne [Nullable]::GetUnderlyingType($property.PropertyType)
          if (-not $unset) { "$name.$($property.Name) is always managed" }
          if ($dsc.Key) { "$name has the key $($property.Name)" }
        }
      }
      (Test-ModuleManifest (Join-Path $module.ModuleBase 'C2RBridgeDsc.psd1') -ErrorAction SilentlyContinue).ExportedDscResources`);
    expect(output.slice(0, 2)).toEqual([
      'C2ROffice has the key IsSingleInstance',
      'DefenderSignature has the key IsSingleInstance',
    ]);
    expect(output.filter((line: string) => line.includes('always'))).toEqual([]);
  });
});

function policy(name: string, value: number) {
  return { 'SOFTWARE\\Policies\\Microsoft\\office\\16.0\\Common\\officeupdate': { [name]: value } };
}
