import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Cdn, generated, image, startCdn } from '../../support/cdn.mjs';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, modulePath, runPowerShell, runPowerShellProcess } from '../../support/pwsh.js';

const connect = `$null = Connect-C2RBridge -Backend Simulated -WarningAction SilentlyContinue`;

describePowerShell('the content cmdlets', () => {
  let cdn: Cdn;
  let endpoint: string;
  let folder: string;
  let destination: string;
  beforeAll(async () => {
    cdn = await startCdn(image({ dats: { 'x-none': generated(3_000_000, 1), 'en-us': generated(70_000, 2) } }));
    endpoint = literal(cdn.endpoint);
  });
  afterAll(() => cdn.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'c2r-content [1] '));
    destination = join(folder, 'image');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('a list is piped into an image, the image into its verification, and a second run downloads nothing', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $first = Get-C2RFileList -Endpoint ${endpoint} -Channel Monthly -Languages en-us | Save-C2RContent -Destination ${literal(destination)}
      $second = Get-C2RFileList -Endpoint ${endpoint} | Save-C2RContent -Destination ${literal(destination)}
      $forced = Save-C2RContent -Endpoint ${endpoint} -Destination ${literal(destination)} -Force -Concurrency 2
      @{
        first = $first; type = $first.PSObject.TypeNames[0]; updateBaseUrl = $first.UpdateBaseUrl
        second = $second; forced = $forced
        tested = $first | Test-C2RContent
        quiet = Test-C2RContent ${literal(destination)} -Quiet
      }`);
    const files = cdn.list.length;
    expect(output.first).toMatchObject({ Destination: destination, Files: files, Reused: 0, Verified: files });
    expect(output.first.Manifest).toBe(join(destination, 'manifest.json'));
    expect(output).toMatchObject({ type: 'C2RBridge.StageResult', updateBaseUrl: destination, quiet: true });
    expect(output.second).toMatchObject({ DownloadedBytes: 0, Reused: files, Verified: 0 });
    expect(output.forced).toMatchObject({ DownloadedBytes: 0, Verified: files });
    expect(output.tested).toMatchObject({
      Ok: true,
      Counts: { Ok: files, Missing: 0, Corrupt: 0, Unproven: 0, Extra: 0 },
    });
    expect(Object.fromEntries(cdn.requests[0]?.query ?? [])).toEqual({ channel: 'Current', lid: 'en-us' });
  });

  test('what is staged is where Invoke-C2RUpdate updates from', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      Set-Location -LiteralPath ${literal(tmpdir())}
      $name = 'c2r-' + [guid]::NewGuid()
      try {
        $null = Connect-C2RBridge -Simulation @{ office = @{ downloadMs = 100; applyMs = 100 } } -WarningAction SilentlyContinue
        Save-C2RContent -Endpoint ${endpoint} -Destination ./$name | Invoke-C2RUpdate -PollMs 100
      } finally { Remove-Item -LiteralPath ./$name -Recurse -Force }`);
    expect(output).toMatchObject({ Changed: true });
  });

  test('in a location that is not a folder, a share stays what it is and a relative path says what is wrong', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      Set-Location Env:
      @(foreach ($path in 'image', ${literal('\\\\server\\office')}) {
        try { Test-C2RContent $path } catch { @{ id = $_.FullyQualifiedErrorId; message = $_.Exception.Message } }
      })`);
    expect(output).toEqual([
      {
        id: 'InvalidParams,Test-C2RContent',
        message: 'image is not a path of the file system here: it belongs to the provider Environment.',
      },
      process.platform === 'win32'
        ? {
            id: 'AccessDenied,Test-C2RContent',
            message: expect.stringMatching(/^\\\\server\\office.* does not exist\.$/),
          }
        : {
            id: 'InvalidParams,Test-C2RContent',
            message: expect.stringMatching(/^Invalid params: path: must be an abs/),
          },
    ]);
  });

  test('a filtered list makes a smaller image', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      [pscustomobject] @{ Endpoint = ${endpoint}; Languages = $null } | Get-C2RFileList | Where-Object Lcid -EQ 0 | Save-C2RContent -Destination ${literal(destination)}`);
    expect(output.Files).toBe(cdn.list.filter(({ lcid }) => lcid === '0').length);
  });

  test('-WhatIf lists each file with its size and writes nothing', async () => {
    const { output, text } = await runPowerShell(`
      ${connect}
      $result = @(Save-C2RContent -Endpoint ${endpoint} -Destination ${literal(destination)} -WhatIf)
      $result.Count`);
    expect(output).toBe(0);
    expect(text).toMatch(/"download" on target ".*stream\.x64\.x-none\.dat \(3.000.000 bytes\)"/);
    expect(text).toContain(`${cdn.list.length} files`);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('an image that is not whole is told by file, and -Quiet says false', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $null = Save-C2RContent -Endpoint ${endpoint} -Destination ${literal(destination)}
      Get-ChildItem -LiteralPath ${literal(destination)} -Recurse -Filter *x-none.dat | Remove-Item
      @{ quiet = Test-C2RContent -Path ${literal(destination)} -Quiet; faults = @((Test-C2RContent ${literal(destination)}).Files | Where-Object State -NE ok) }`);
    expect(output.quiet).toBe(false);
    expect(output.faults).toEqual([
      expect.objectContaining({ State: 'missing', Path: expect.stringMatching(/x-none\.dat$/) }),
    ]);
  });

  test('an image without a manifest is judged by what is asked for, and shows what that was', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $null = Save-C2RContent -Endpoint ${endpoint} -Destination ${literal(destination)}
      Remove-Item -LiteralPath (Join-Path ${literal(destination)} 'manifest.json')
      $asked = Test-C2RContent ${literal(destination)} -Arch X64 -Languages en-us, fr-fr -ProofingLanguages de-de
      @{
        found = Test-C2RContent ${literal(destination)}
        asked = @($asked.Files | Where-Object State -EQ missing).Path
        shown = $asked | Out-String -Width 200
      }`);
    const version = '16.0.19929.20172';
    expect(output.found).toMatchObject({
      Ok: true,
      Manifest: false,
      Judged: [{ Languages: ['en-us'], Basis: 'found' }],
    });
    expect(output.asked.map((path: string) => path.replace(`office/data/${version}/`, ''))).toEqual([
      'i641036.cab',
      's641036.cab',
      'stream.x64.fr-fr.dat',
      'sp641031.cab',
      'stream.x64.de-de.proof.dat',
    ]);
    expect(output.shown).toMatch(/Counts +: \d+ ok, 5 missing, 0 corrupt, 0 unproven, 0 extra/);
    expect(output.shown).toContain(`${version} x64 en-us, fr-fr, de-de proofing (asked)`);
  });

  test('old versions leave an image, shown before by -WhatIf', async () => {
    const older = '16.0.19822.20100';
    const oldCdn = await startCdn(image({ version: older, dats: { 'x-none': generated(70_000, 1) } }));
    try {
      const { output, text } = await runPowerShell(`
        ${connect}
        $null = Save-C2RContent -Endpoint ${literal(oldCdn.endpoint)} -Destination ${literal(destination)}
        $image = Save-C2RContent -Endpoint ${endpoint} -Destination ${literal(destination)}
        $planned = @($image | Remove-C2RContent -Keep 1 -WhatIf)
        $both = (Test-C2RContent ${literal(destination)}).Judged.Version
        $removed = $image | Remove-C2RContent -Keep 1
        $none = Remove-C2RContent ${literal(destination)} -Version ${older}, 16.0.1.1
        @{
          planned = $planned.Count; both = $both; removed = $removed; none = @($none.Removed).Count
          ok = Test-C2RContent ${literal(destination)} -Quiet; shown = $removed | Out-String -Width 200
          all = (Catch-Error { Remove-C2RContent ${literal(destination)} -Version 16.0.19929.20172 }).id
        }`);
      expect(text).toMatch(new RegExp(`"Remove ${older} \\(\\d+ files, [^)]+ bytes\\)" on target`));
      expect(output).toMatchObject({
        planned: 0,
        both: [older, '16.0.19929.20172'],
        removed: { Path: destination, Removed: [{ Version: older }], Kept: ['16.0.19929.20172'] },
        none: 0,
        ok: true,
        all: 'InvalidParams,Remove-C2RContent',
      });
      expect(output.shown).toMatch(/Removed : 16\.0\.19822\.20100/);
    } finally {
      await oldCdn.close();
    }
  });

  test('a MoreInfoUrl leads to the list of its update', async () => {
    const url = `http://go.microsoft.com/fwlink/?LinkId=626090&Arch=64& ServicePath=${cdn.endpoint}?Channel=Insiders&Version=16.0.12527.21104&Arch=64&AllLanguages=True`;
    const before = cdn.requests.length;
    const { output } = await runPowerShell(`
      ${connect}
      $path = ${literal(url)} | ConvertFrom-C2RMoreInfoUrl
      @{ path = $path; count = @($path | Get-C2RFileList).Count }`);
    expect(output).toMatchObject({
      path: {
        Endpoint: cdn.endpoint,
        Channel: 'CurrentPreview',
        Version: '16.0.12527.21104',
        Arch: 'x64',
        AllLanguages: true,
      },
      count: cdn.list.length,
    });
    expect(Object.fromEntries(cdn.requests[before]?.query ?? [])).toEqual({
      channel: 'CurrentPreview',
      version: '16.0.12527.21104',
      arch: 'x64',
      alllanguages: 'true',
    });
  });

  test('channels and products are typed objects, and what the service sent is beside them', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $channels = Get-C2RChannel -Endpoint ${endpoint}
      @{
        channels = $channels; type = $channels[0].PSObject.TypeNames[0]
        date = $channels[0].LatestAvailableAt.ToString('o'); end = $channels[2].Releases[0].EndOfSupportAt
        skus = @(Get-C2RSku -Endpoint ${endpoint}); shown = $channels | Format-Table | Out-String -Width 200
      }`);
    expect(output).toMatchObject({
      type: 'C2RBridge.Channel',
      date: '2026-08-18T21:05:15.0000000Z',
      end: null,
      channels: [
        {
          Name: 'MonthlyEnterprise',
          LatestVersion: '16.0.19929.20172',
          LatestRelease: '2602',
          LatestBuild: '19929.20172',
          Raw: { latestUpdateVersion: '16.0.19929.20172' },
        },
        { Name: 'CurrentPreview', AlternateNames: ['InsiderSlow', 'FirstReleaseCurrent', 'Insiders'] },
        { Name: 'PerpetualVL2024', Releases: [{ Version: '16.0.17932.20790', Release: null }] },
      ],
      skus: [{ ProductId: 'O365ProPlusRetail', Channels: ['Current', 'MonthlyEnterprise'] }, { License: 'VL' }],
    });
    expect(output.shown).toMatch(/Name +Version +Build +Available +LatestVersion/);
    expect(output.shown).toMatch(/MonthlyEnterprise +2602 +19929\.20172 +2026-08-18 +16\.0\.19929\.20172/);
  });

  test('where the service fails, the release history answers with a warning, and an empty answer has one, too', async () => {
    const history = literal(cdn.releaseHistory);
    cdn.misbehave(/GET \/filelist\/channels/, (_request, response) => response.writeHead(403).end());
    cdn.misbehave(/GET \/filelist\/channels/, (_request, response) => response.end('[]'));
    const { output } = await runPowerShell(`
      ${connect}
      $fallback = @(Get-C2RChannel -Endpoint ${endpoint} -ReleaseHistory ${history} -WarningVariable failed -WarningAction SilentlyContinue)
      $empty = @(Get-C2RChannel -Endpoint ${endpoint} -WarningVariable nothing -WarningAction SilentlyContinue)
      @{ names = $fallback.Name; sources = $fallback.Source; failed = "$failed"; empty = $empty.Count; nothing = "$nothing" }`);
    expect(output).toMatchObject({
      names: ['CurrentPreview', 'PerpetualVL2024'],
      sources: ['releaseHistory', 'releaseHistory'],
      failed: expect.stringContaining('status 403'),
      empty: 0,
      nothing: expect.stringContaining('knows no channels'),
    });
  });

  test('proofing languages, products and channels are passed on', async () => {
    const proofing = { 'fr-fr': generated(5000, 5) };
    const own = await startCdn(
      image({ dats: { 'x-none': generated(9000, 1), 'en-us': generated(9000, 2) }, proofing }),
    );
    own.choosesLanguages = true;
    try {
      const { output } = await runPowerShell(`
        ${connect}
        $service = @{ Endpoint = ${literal(own.endpoint)} }
        $image = Save-C2RContent @service -Languages en-us -ProofingLanguages fr-fr -Destination ${literal(destination)}
        @{
          types = @(Get-C2RFileList @service -ProofingLanguages fr-fr | Where-Object LanguageType).LanguageType
          ok = $image | Test-C2RContent -Languages en-us -ProofingLanguages fr-fr -Quiet
          channels = @(Get-C2RChannel @service -ProductIds Standard2024Volume -WarningAction SilentlyContinue).Name
          skus = @(Get-C2RSku @service -Channel Monthly).ProductId
        }`);
      expect(output).toEqual({
        types: ['proofingonly', 'proofingonly'],
        ok: true,
        channels: 'PerpetualVL2024',
        skus: 'O365ProPlusRetail',
      });
    } finally {
      await own.close();
    }
  });

  test('errors carry their type, and say what to do', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      @{
        endpoint = Catch-Error { Get-C2RFileList -Endpoint http://config.office.com/api/filelist }
        arch = Catch-Error { Get-C2RFileList -Endpoint ${endpoint} -Arch arm64 }
        missing = Catch-Error { Test-C2RContent -Path ${literal(destination)} }
      }`);
    expect(output.arch.message).toContain('ARM64 devices take the x64 list');
    expect(output.endpoint).toMatchObject({ id: expect.stringMatching(/^InvalidParams,/) });
    expect(output.missing).toMatchObject({
      id: expect.stringMatching(/^AccessDenied,/),
      action: expect.stringMatching(/\w/),
    });
  });

  test('defaults of the session for a list do not keep files from being piped in, and what is meant beside them is refused', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $files = @(Get-C2RFileList -Endpoint ${endpoint})
      $global:PSDefaultParameterValues = @{ '*:Endpoint' = 'http://127.0.0.1:1/x'; '*-C2R*:Channel' = 'Current'; 'Save-C2RContent:Languages' = { 'de-de' } }
      try {
        $image = ${literal(destination)}
        @{
          nothing = @(@() | Save-C2RContent -Destination $image).Count
          piped = ($files | Save-C2RContent -Destination $image).Files
          named = (Save-C2RContent -File $files -Destination $image).Files
          job = ($files | Save-C2RContent -Destination $image -AsJob | Receive-Job -Wait -AutoRemoveJob).Files
          beside = Catch-Error { $files | Save-C2RContent -Destination $image -Channel SemiAnnual }
          list = Catch-Error { Save-C2RContent -Destination $image -Retries 0 }
        }
      } finally {
        $global:PSDefaultParameterValues = @{}
      }`);
    const count = cdn.list.length;
    expect(output).toMatchObject({
      nothing: 0,
      piped: count,
      named: count,
      job: count,
      beside: { id: 'InvalidParams,Save-C2RContent', message: expect.stringContaining('channel') },
      list: { id: 'NetworkError,Save-C2RContent', message: expect.stringContaining('127.0.0.1:1/x?channel=Current') },
    });
  });

  test('what is piped in and is no file of a list is told as such, also for a plan and with the proxy of the system', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $other = [pscustomobject]@{ Name = 'a.cab' }
      @{
        stage = Catch-Error { $other | Save-C2RContent -Destination ${literal(destination)} }
        plan = Catch-Error { $other | Save-C2RContent -Destination ${literal(destination)} -WhatIf -Proxy System }
        # As JSON each would hold half of this computer.
        item = Catch-Error { Get-Item -Path $PSHOME | Save-C2RContent -Destination ${literal(destination)} }
        module = Catch-Error { Get-Module -Name C2RBridge | Save-C2RContent -Destination ${literal(destination)} -AsJob }
        text = Catch-Error { 'a.cab' | Save-C2RContent -Destination ${literal(destination)} }
        table = Catch-Error { @{ Name = 'a.cab' } | Save-C2RContent -Destination ${literal(destination)} }
      }`);
    for (const error of Object.values(output)) {
      expect(error).toMatchObject({ id: 'ContentInvalid,Save-C2RContent', message: 'A file object has no url.' });
    }
  });

  test('a job stages, also what came through the pipeline', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $job = Get-C2RFileList -Endpoint ${endpoint} | Save-C2RContent -Destination ${literal(destination)} -AsJob
      $result = Receive-Job -Job $job -Wait -WarningAction SilentlyContinue
      @{ files = $result.Files; ok = Test-C2RContent ${literal(destination)} -Quiet }`);
    expect(output).toEqual({ files: cdn.list.length, ok: true });
  });

  test('a proxy and its credential are used, and the system proxy of this session', async () => {
    const seen: (string | undefined)[] = [];
    const proxy = createServer(async (request, response) => {
      seen.push(request.headers['proxy-authorization']);
      const answer = await fetch(request.url ?? '');
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
      // The proxy that it sets holds for all of its process.
      const { output } = await runPowerShellProcess(`
        ${connect}
        $credential = [pscredential]::new('user', (ConvertTo-SecureString 'secret' -AsPlainText -Force))
        $given = @(Get-C2RFileList -Endpoint ${endpoint} -Proxy ${literal(url)} -ProxyCredential $credential)
        [Net.WebRequest]::DefaultWebProxy = [Net.WebProxy]::new(${literal(url)})
        @{ given = $given.Count; alone = (Catch-Error { Get-C2RFileList -Endpoint ${endpoint} -ProxyCredential $credential }).id }`);
      expect(output).toEqual({ given: cdn.list.length, alone: 'InvalidParams,Get-C2RFileList' });
      expect(seen).toEqual([`Basic ${Buffer.from('user:secret').toString('base64')}`]);
      // Windows has no proxy in the environment.
      if (process.platform === 'win32') return;
      const system = await runPowerShellProcess(
        `${connect}
         @(Get-C2RFileList -Endpoint ${endpoint} -Proxy System).Count`,
        { env: { ...process.env, http_proxy: url, no_proxy: '' } },
      );
      expect(system.output).toBe(cdn.list.length);
      expect(seen.length).toBe(2);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  test('channels, versions and languages are completed, and nothing is where the service cannot be reached', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      function Complete($text) { @([Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches.CompletionText) }
      @{
        channel = @(Complete 'Save-C2RContent -Channel Semi')
        language = @(Complete 'Get-C2RFileList -Languages en-')
        version = @(Complete "Get-C2RFileList -Endpoint ${cdn.endpoint} -Channel PerpetualVL2024 -Version 16.")
        number = @(Complete "Get-C2RFileList -Endpoint ${cdn.endpoint} -Channel MonthlyEnterprise -Version 26")
        build = @(Complete "Get-C2RFileList -Endpoint ${cdn.endpoint} -Version 20010")
        alias = @(Complete "Save-C2RContent -Endpoint ${cdn.endpoint} -Channel InsiderSlow -Version 2603")
        arch = @(Complete 'Get-C2RFileList -Arch x')
        later = $(
          & (Get-Module C2RBridge) {
            $released = [pscustomobject] @{ Name = 'Current'; AlternateNames = @(); LatestVersion = '16.0.1.1'; Releases = @() }
            foreach ($key in ${endpoint}, 'http://127.0.0.1:1/') {
              $script:KnownChannels[$key] = @($released)
              $script:ChannelsAge[$key] = @{ Elapsed = [timespan]::FromHours(2) }
            }
          }
          @(Complete "Get-C2RFileList -Endpoint ${cdn.endpoint} -Channel PerpetualVL2024 -Version 16.")
          @(Complete 'Get-C2RFileList -Endpoint http://127.0.0.1:1/ -Version 16.')
        )
      }`);
    expect(output).toEqual({
      channel: ['SemiAnnual', 'SemiAnnualPreview'],
      language: ['en-gb', 'en-us'],
      version: ['16.0.17932.20790'],
      number: ['16.0.19929.20172', '16.0.19822.20100'],
      build: ['16.0.20010.20001'],
      alias: ['16.0.20010.20001'],
      arch: ['x64', 'x86'],
      // Asked again after an hour; what is known counts on where that fails.
      later: ['16.0.17932.20790', '16.0.1.1'],
    });
  });

  test('progress shows bytes, rate and the time that is left', async () => {
    const staging = `Import-Module ${literal(modulePath)}; ${connect}; Save-C2RContent -Endpoint ${endpoint} -Destination ${literal(destination)} -MaxBytesPerSecond 1MB`;
    const { output } = await runPowerShell(
      `
      $shell = [powershell]::Create()
      $null = $shell.AddScript(${literal(staging)}).Invoke()
      @($shell.Streams.Progress | ForEach-Object { @{ text = $_.StatusDescription; left = $_.SecondsRemaining; percent = $_.PercentComplete } })`,
      { module: null },
    );
    expect(output.map(({ text }: { text: string }) => text).join('\n')).toMatch(/[\d.]+ of 3\.\d MB, [\d.]+ [kM]B\/s/);
    expect(Math.max(...output.map(({ left }: { left: number }) => left))).toBeGreaterThan(0);
    expect(output.some(({ percent }: { percent: number }) => percent > 0 && percent < 100)).toBe(true);
  });
});
