import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bridgeClsid } from '../../../src/bits/handlers.js';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, runPowerShell } from '../../support/pwsh.js';

const connect = `$null = Connect-C2RBridge -Simulation @{ office = @{ downloadMs = 100; applyMs = 100 } } -WarningAction SilentlyContinue`;

describePowerShell('the content source cmdlets', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'c2r-source [1] '));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('a source is registered once, listed, and removed through the pipeline', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      Set-Location -LiteralPath ${literal(folder)}
      $first = Register-C2RContentSource Img -Path .
      $again = Register-C2RContentSource -Name img -Path ${literal(folder)}
      $null = Register-C2RContentSource -Name web -BaseUrl http://server/office
      $listed = @(Get-C2RContentSource)
      @{
        first = $first; again = $again.Changed; type = $first.PSObject.TypeNames[0]; when = $first.RegisteredAt.GetType().Name
        listed = $listed; one = @(Get-C2RContentSource W*).ContentId; shown = $listed | Out-String
        removed = @($listed | Unregister-C2RContentSource); left = @(Get-C2RContentSource).Count
      }`);
    expect(output.first).toMatchObject({
      ContentId: 'Img',
      Path: folder,
      Changed: true,
      Download: { DownloadSource: bridgeClsid, ContentId: 'Img' },
      Backend: 'simulated',
    });
    expect(output).toMatchObject({ again: false, type: 'C2RBridge.ContentSource', when: 'DateTime', left: 0 });
    expect(output.listed).toMatchObject([
      { ContentId: 'Img', BytesServed: 0, Files: 0, LastError: null, Percent: null, Backend: 'simulated' },
      { ContentId: 'web', BaseUrl: 'http://server/office' },
    ]);
    expect(output.one).toBe('web');
    expect(output.shown).toContain('http://server/office');
    expect(output.removed).toMatchObject([
      { ContentId: 'Img', Removed: true, ClassRemoved: false },
      { ContentId: 'web', Removed: true, ClassRemoved: true },
    ]);
  });

  test('what is listed can be registered again, base URLs too, also from another device and from a CSV file', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $null = Register-C2RContentSource -Name img -Path ${literal(folder)} -Clsid '{0F0A9C6E-6B2C-4E6D-9E5D-0123456789AB}'
      $null = Register-C2RContentSource -Name web -BaseUrl http://server/office
      $again = @(Get-C2RContentSource | Register-C2RContentSource)
      $listed = @(Get-C2RContentSource)
      $null = $listed | Unregister-C2RContentSource
      $remote = @([Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($listed)) |
        Register-C2RContentSource)
      $null = $listed | Unregister-C2RContentSource
      $csv = @(ConvertFrom-Csv @('Name,Path,BaseUrl', 'img,"${folder}",', 'web,,http://server/office') | Register-C2RContentSource)
      try { [pscustomobject] @{ Name = 'none' } | Register-C2RContentSource -ErrorAction Stop } catch { $none = $_.FullyQualifiedErrorId }
      @{
        again = @($again.Changed); remote = $remote; csv = $csv; none = $none
        whatIf = @(Get-C2RContentSource | Register-C2RContentSource -WhatIf).Count
      }`);
    const web = { ContentId: 'web', Path: null, BaseUrl: 'http://server/office', Clsid: bridgeClsid };
    const clsid = '{0F0A9C6E-6B2C-4E6D-9E5D-0123456789AB}';
    expect(output).toMatchObject({
      again: [false, false],
      remote: [{ ContentId: 'img', Path: folder, BaseUrl: null, Clsid: clsid, Changed: true }, web],
      csv: [{ ContentId: 'img', Path: folder, Clsid: bridgeClsid }, web],
      none: 'InvalidParams,Register-C2RContentSource',
      whatIf: 0,
    });
  });

  test('braces tell no two names apart, as the bridge has it', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $null = Register-C2RContentSource -Name img -BaseUrl http://127.0.0.1:1/office
      $null = Register-C2RContentSource -Name '{web}' -BaseUrl http://127.0.0.1:2/office
      @{
        got = @(Get-C2RContentSource '{img}', web).ContentId; wild = @(Get-C2RContentSource w*).ContentId
        ids = @('{IMG}', 'web' | ForEach-Object { Invoke-C2RDownload -ContentSource $_; $null = Wait-C2RUpdate -PollMs 100 }).ContentId
      }`);
    expect(output).toEqual({ got: ['img', '{web}'], wild: '{web}', ids: ['img', '{web}'] });
  });

  test('a name that is not registered is an error, which does not keep the others from being shown', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $null = Register-C2RContentSource -Name img -BaseUrl http://127.0.0.1:1/office
      function Ask { param($Preference) $ErrorActionPreference = $Preference; Get-C2RContentSource typo, img }
      $found = @(Get-C2RContentSource typo, img -ErrorAction SilentlyContinue -ErrorVariable failed)
      $count = $Error.Count
      @{
        found = $found.ContentId
        failed = @($failed | ForEach-Object { $_.FullyQualifiedErrorId; "$_"; "$($_.CategoryInfo.Category)"; $_.ErrorDetails.RecommendedAction })
        ignored = @(Get-C2RContentSource typo, img -ErrorAction Ignore).ContentId; unnoted = $Error.Count -eq $count
        once = @(Get-C2RContentSource img, i*, 'x*').Count; none = @(Get-C2RContentSource 'x*').Count
        continued = @(Ask Continue 2>&1 | ForEach-Object { if ($_ -is [Management.Automation.ErrorRecord]) { "$_" } else { $_.ContentId } }); stopped = Catch-Error { Ask Stop }
        ended = Catch-Error { Get-C2RContentSource typo -ErrorAction Stop }
      }`);
    const message = 'No content source typo is registered.';
    expect(output).toMatchObject({
      found: 'img',
      failed: [
        'ContentSourceNotFound,Get-C2RContentSource',
        message,
        'ObjectNotFound',
        expect.stringContaining('Register-C2RContentSource'),
      ],
      ignored: 'img',
      unnoted: true,
      once: 1,
      none: 0,
      continued: [message, 'img'],
      stopped: { id: 'ContentSourceNotFound,Get-C2RContentSource' },
      ended: { id: 'ContentSourceNotFound,Get-C2RContentSource' },
    });
  });

  test('the view of a source that serves shows how far it is', async () => {
    const { output } = await runPowerShell(`
      $source = [pscustomobject] @{ ContentId = 'img'; Path = '/office'; BytesServed = 1; Files = 1; BytesPerSecond = 1; Percent = 99.9369245454427 }
      $source.PSObject.TypeNames.Insert(0, 'C2RBridge.ContentSource')
      $source | Out-String`);
    expect(output).toMatch(/Percent +: 99\.9\s/);
  });

  test('-WhatIf registers and removes nothing', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      Register-C2RContentSource -Name img -Path ${literal(folder)} -WhatIf
      $before = @(Get-C2RContentSource).Count
      $null = Register-C2RContentSource -Name img -Path ${literal(folder)}
      Unregister-C2RContentSource -Name img -WhatIf
      @{ before = $before; after = @(Get-C2RContentSource).Count }`);
    expect(output).toEqual({ before: 0, after: 1 });
  });

  test('-ContentSource gives the download its class and content', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $null = Register-C2RContentSource -Name img -BaseUrl http://127.0.0.1:1/office
      $what = { param($record) @{ id = $record.FullyQualifiedErrorId; action = $record.ErrorDetails.RecommendedAction } }
      try { Invoke-C2RDownload -ContentSource other } catch { $missing = & $what $_ }
      try { Invoke-C2RUpdate -ContentSource img -ContentId x } catch { $both = & $what $_ }
      try { Invoke-C2RDownload -ContentSource img -DownloadSource x -WhatIf } catch { $early = & $what $_ }
      $line = 'Invoke-C2RDownload -ContentSource i'
      @{
        status = Invoke-C2RDownload -ContentSource IMG; missing = $missing; both = $both; early = $early
        ended = (Wait-C2RUpdate -PollMs 100).Busy
        piped = Get-C2RContentSource img | Invoke-C2RDownload
        completed = @([Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText)
      }`);
    expect(output.status).toMatchObject({ ContentId: 'img' });
    expect(output.piped).toMatchObject({ ContentId: 'img' });
    expect(output.completed).toEqual(['img']);
    expect(output.early).toMatchObject({ id: 'InvalidParams,Invoke-C2RDownload' });
    expect(output.missing).toMatchObject({
      id: 'ContentSourceNotFound,Invoke-C2RDownload',
      action: expect.stringContaining('Register-C2RContentSource'),
    });
    expect(output.both).toMatchObject({ id: 'InvalidParams,Invoke-C2RUpdate' });
  });

  test('a class of another product is an error that names it', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      try { Register-C2RContentSource -Name img -Path ${literal(folder)} -Clsid '{4991D34B-80A1-4291-83B6-3328366B9097}' }
      catch { @{ id = $_.FullyQualifiedErrorId; category = [string] $_.CategoryInfo.Category; message = $_.Exception.Message } }`);
    expect(output).toEqual({
      id: 'InUse,Register-C2RContentSource',
      category: 'ResourceBusy',
      message: expect.stringContaining('Background Intelligent Transfer'),
    });
  });
});
