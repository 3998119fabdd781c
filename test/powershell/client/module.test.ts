import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makesLinks } from '../../support/links.js';
import { autoloadingPreferences, withAutoloading, withAutoloadingShown } from '../../support/module-autoloading.js';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, modulePath, runPowerShell, runPowerShellProcess } from '../../support/pwsh.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const files = readdirSync(join(repository, 'powershell'), { recursive: true, encoding: 'utf8' })
  .map((name) => join(repository, 'powershell', name))
  .filter((name) => /\.(ps1|psm1|psd1|ps1xml|txt)$/.test(name));
const scripts = (folder: string) => readdirSync(join(modulePath, folder)).map((name) => basename(name, '.ps1'));

/** The files whose functions belong together so closely that a reader wants them on one page. */
const severalFunctions = ['BridgeClient'];

/**
 * What PowerShell 7 has and Windows PowerShell 5.1 (on .NET Framework 4.7.2) has not. A parameter of 7 may stand inside an
 * `if` that asks for $PSVersionTable.
 */
const lint = String.raw`
$kinds = 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'QuestionMark', 'AndAnd', 'OrOr', 'Clean'
$variables = 'PSStyle', 'IsWindows', 'IsLinux', 'IsMacOS', 'IsCoreCLR', 'EnabledExperimentalFeatures', 'PSNativeCommandUseErrorActionPreference'
$parameters = 'AsHashtable', 'DateKind', 'Parallel', 'ThrottleLimit', 'AsByteStream', 'LeafBase', 'Extension', 'AdditionalChildPath', 'Top', 'Bottom', 'EscapeHandling',
  'EnumsAsStrings', 'AsArray', 'NoEnumerate', 'SkipCertificateCheck', 'Shuffle', 'ProgressAction', 'SkipHttpErrorCheck', 'MaximumRetryCount'
$commands = 'Start-ThreadJob', 'Test-Json', 'Join-String', 'Get-Error', 'Get-Uptime', 'Remove-Service', 'ConvertFrom-Markdown', 'Show-Markdown', 'Get-Secret'
$types = '^(System\.)?(Text\.Json|OperatingSystem|HashCode|Half|Index|Range|Span|Memory)\b', 'SemanticVersion', 'SocketsHttpHandler', 'ValidateNotNullOrWhiteSpace'
$members = 'ArgumentList', 'StandardInputEncoding', 'WaitForExitAsync', 'ProcessPath', 'GetRelativePath', 'IsPathFullyQualified', 'ToHexString', 'FromHexString', 'HashData',
  'Clamp', 'TryAdd', 'GetValueOrDefault', 'PipelineStopToken', 'ReadExactly', 'ResolveLinkTarget', 'Environment'

foreach ($file in $args[0]) {
  $tokens = $null; $errors = $null
  $ast = [Management.Automation.Language.Parser]::ParseFile($file, [ref] $tokens, [ref] $errors)
  $name = [IO.Path]::GetFileName($file)
  foreach ($e in $errors) { "$($name): $($e.Message)" }
  foreach ($token in $tokens) {
    if ($kinds -contains "$($token.Kind)") { "$($name):$($token.Extent.StartLineNumber): $($token.Kind)" }
    if ($token.Kind -eq 'Number' -and $token.Text -match '^[-+]?0b|^[^x]*(u|s|y|n)[a-z]*$|^0x[0-9a-f]*(u|s|y|n)') { "$($name):$($token.Extent.StartLineNumber): number $($token.Text)" }
    if ($token.Kind -eq 'Variable' -and $variables -contains $token.Name) { "$($name):$($token.Extent.StartLineNumber): \$$($token.Name)" }
  }
  foreach ($node in $ast.FindAll({ $true }, $true)) {
    $at = "$($name):$($node.Extent.StartLineNumber):"
    $guarded = $false
    for ($up = $node.Parent; $up; $up = $up.Parent) {
      if ($up -is [Management.Automation.Language.IfStatementAst] -and $up.Clauses[0].Item1.Extent.Text -match 'PSVersionTable') { $guarded = $true }
    }
    if ($guarded) { continue }
    switch ($node.GetType().Name) {
      TernaryExpressionAst { "$at ternary" }
      PipelineChainAst { "$at pipeline chain" }
      PipelineAst { if ($node.Background) { "$at background operator" } }
      TypeExpressionAst { foreach ($type in $types) { if ($node.TypeName.FullName -match $type) { "$at [$($node.TypeName.FullName)]" } } }
      AttributeAst { foreach ($type in $types) { if ($node.TypeName.FullName -match $type) { "$at [$($node.TypeName.FullName)]" } } }
      CommandAst {
        $command = $node.GetCommandName()
        if ($commands -contains $command) { "$at $command" }
        $given = @($node.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] } | ForEach-Object ParameterName)
        foreach ($parameter in $given) { if ($parameters -contains $parameter -and $command -notlike '*-C2R*') { "$at $command -$parameter" } }
        if ($command -eq 'ConvertTo-Json' -and $given -notcontains 'Depth') { "$at ConvertTo-Json without -Depth" }
        if ($command -eq 'ConvertFrom-Json' -and $given -contains 'Depth') { "$at ConvertFrom-Json -Depth" }
      }
      MemberExpressionAst { if ($members -contains "$($node.Member)" -and $node.Expression.Extent.Text -notmatch '^\$(request|program)$') { "$at .$($node.Member)" } }
      InvokeMemberExpressionAst {
        $method = "$($node.Member)"; $count = @($node.Arguments).Count
        if ($members -contains $method) { "$at .$method()" }
        if ($method -eq 'Kill' -and $node.Arguments) { "$at Kill with an argument" }
        if (($method -eq 'Contains' -and $count -gt 1) -or ($method -eq 'Replace' -and $count -gt 2)) { "$at $method with a comparison" }
        if ($method -eq 'Join' -and $node.Expression.Extent.Text -match 'IO\.Path') { "$at [IO.Path]::Join" }
      }
    }
  }
}`;

const check = (paths: string) => `@(& { ${lint} } ${paths})`;

describePowerShell('the files of the module', () => {
  test('are ASCII without a BOM, which every PowerShell and every code page reads alike', () => {
    expect(files.length).toBeGreaterThan(30);
    for (const file of files) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII as a whole is meant
      expect(readFileSync(file, 'latin1'), file).toMatch(/^[\x09\x0a\x20-\x7e]*$/);
    }
  });

  test('contain nothing that Windows PowerShell 5.1 lacks', async () => {
    const sources = files.filter((file) => /\.ps[dm]?1$/.test(file));
    const { output } = await runPowerShell(check(`@(${sources.map(literal).join(', ')})`), { module: null });
    expect(output ?? []).toEqual([]);
  });

  test('the check for Windows PowerShell finds each of the things that it names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'c2r-lint-'));
    try {
      const samples = [
        '$a ? 1 : 2',
        '$a ?? 1',
        '$a ??= 1',
        '$' + '{a}?.B',
        '$' + '{a}?[0]',
        'Get-Date && Get-Date',
        'Get-Date || Get-Date',
        'Get-Date &',
        'function f { clean { 1 } }',
        '1uy',
        '0b101',
        '$PSStyle.Reset',
        'if ($IsWindows) { 1 }',
        'ConvertFrom-Json -AsHashtable $a',
        'ConvertFrom-Json -DateKind String $a',
        'ConvertTo-Json $a',
        '1 | ForEach-Object -Parallel { 1 }',
        '[System.Text.Json.JsonSerializer]::Serialize(1)',
        '$start.ArgumentList.Add(1)',
        '$process.Kill($true)',
        '"a".Contains("b", "Ordinal")',
        '[IO.Path]::Join("a", "b")',
        'Start-ThreadJob { 1 }',
        '[Convert]::ToHexString($a)',
      ];
      const paths = samples.map((_, index) => join(folder, `sample${index}.ps1`));
      const { output } = await runPowerShell(
        `$samples = @(${samples.map(literal).join(', ')})
         $paths = @(${paths.map(literal).join(', ')})
         for ($index = 0; $index -lt $paths.Length; $index++) { [IO.File]::WriteAllText($paths[$index], $samples[$index]) }
         @($paths | ForEach-Object { $found = ${check('@($_)')}; @($found).Count -gt 0 })`,
        { module: null },
      );
      const missed = samples.filter((_, index) => output[index] !== true);
      expect(missed).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('call nothing that would ask or only say what it would do where the caller has -WhatIf or -Confirm', async () => {
    const sources = files.filter((file) => /\.psm?1$/.test(file));
    const { output } = await runPowerShell(
      `$asking = @(Get-Command -CommandType Cmdlet | Where-Object { $_.Parameters -and $_.Parameters.ContainsKey('WhatIf') }).Name + 'Set-Acl', 'Restart-Service'
      @(foreach ($file in @(${sources.map(literal).join(', ')})) {
        $ast = [Management.Automation.Language.Parser]::ParseFile($file, [ref] $null, [ref] $null)
        foreach ($call in $ast.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)) {
          $name = $call.GetCommandName()
          if ($asking -notcontains $name) { continue }
          $given = @($call.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] } | ForEach-Object { $_.ParameterName })
          if ($given -contains 'WhatIf' -or ($name -eq 'ForEach-Object' -and $given -contains 'Process')) { continue }
          "$([IO.Path]::GetFileName($file)):$($call.Extent.StartLineNumber): $name"
        }
      })`,
      { module: null },
    );
    expect(output ?? []).toEqual([]);
  });

  test('hold one function each, named like its file, and the manifest exports what lies in Public', async () => {
    const { output } = await runPowerShell(`
      $functions = @{}
      foreach ($file in Get-ChildItem ${literal(join(modulePath, 'Public'))}, ${literal(join(modulePath, 'Private'))}) {
        $ast = [Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref] $null, [ref] $null)
        $functions[$file.BaseName] = @($ast.FindAll({ $args[0] -is [Management.Automation.Language.FunctionDefinitionAst] }, $false).Name)
      }
      $manifest = Test-ModuleManifest ${literal(join(modulePath, 'C2RBridge.psd1'))}
      @{
        functions = $functions
        manifest = @($manifest.ExportedFunctions.Keys)
        exported = @((Get-Module C2RBridge).ExportedCommands.Keys)
        verbs = @((Get-Module C2RBridge).ExportedCommands.Keys | Where-Object { (Get-Verb).Verb -notcontains $_.Split('-')[0] })
        notes = $manifest.ReleaseNotes
        editions = @($manifest.CompatiblePSEditions)
        version = "$($manifest.PowerShellVersion)"
      }`);
    for (const [file, functions] of Object.entries(output.functions)) {
      if (!severalFunctions.includes(file)) expect(functions, file).toEqual([file]);
    }
    const cmdlets = scripts('Public').sort();
    expect(output.manifest.sort()).toEqual(cmdlets);
    expect(output.exported.sort()).toEqual(cmdlets);
    expect(output).toMatchObject({ verbs: [], editions: ['Desktop', 'Core'], version: '5.1' });
    expect(output.notes).toContain('0.1.0');
  });

  test('every cmdlet has help: synopsis, description, examples, and a word on each parameter', async () => {
    const { output } = await runPowerShell(`
      $common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
      foreach ($command in (Get-Module C2RBridge).ExportedCommands.Values) {
        $help = Get-Help -Name $command.Name -Full
        $syntax = (Get-Command $command.Name -Syntax).Trim()
        if (-not $help.Synopsis -or $help.Synopsis.Trim() -eq $syntax -or $help.Synopsis -notmatch '\\.$' -or $help.Synopsis -match '\\n') { "$command has no synopsis" }
        if (-not $help.PSObject.Properties['description'] -or "$($help.description.Text)".Length -lt 40) { "$command has no description" }
        $examples = if ($help.PSObject.Properties['examples']) { @($help.examples.example) } else { @() }
        if (-not (@($examples | ForEach-Object code) -match $command.Name)) { "$command has no example" }
        foreach ($example in $examples) {
          if (-not "$($example.remarks.Text)".Trim()) { "$command has an example without a word about it: $($example.code)" }
        }
        if (-not $command.OutputType -and $command.Verb -ne 'Disconnect') { "$command does not say what it gives" }
        foreach ($name in $command.Parameters.Keys | Where-Object { $common -notcontains $_ }) {
          $text = @($help.parameters.parameter | Where-Object name -EQ $name)
          if (-not $text -or -not $text[0].PSObject.Properties['description'] -or -not "$($text[0].description.Text)".Trim()) { "$command -$name is not described" }
        }
      }`);
    expect(output ?? []).toEqual([]);
  });

  test('about_C2RBridge is found, names commands that exist, and its samples run', async () => {
    const { output } = await runPowerShell(`
      $text = Get-Help about_C2RBridge | Out-String
      $names = [regex]::Matches($text, '\\b[A-Z][a-z]+-C?2?R?[A-Z][A-Za-z2]+\\b').Value | Sort-Object -Unique
      $samples = [regex]::Matches($text, '(?m)^      (?=try|Connect-)(.+\\n)+').Value
      @{
        names = @($names).Count; unknown = @($names | Where-Object { -not (Get-Command $_ -ErrorAction Ignore) })
        shown = @($samples[1], $samples[0] | ForEach-Object { & ([scriptblock]::Create($_)) } 3> $null)[-1]
        samples = $samples.Count
      }`);
    expect(output).toMatchObject({ unknown: [], shown: 'Open: WINWORD.EXE', samples: 2 });
    expect(output.names).toBeGreaterThan(10);
  });

  test('advice that names a method of the contract names the cmdlet for it instead', async () => {
    const document = join(repository, 'dist', 'openrpc.json');
    const { output } = await runPowerShell(`
      $methods = (ConvertFrom-Json ([IO.File]::ReadAllText(${literal(document)}))).methods.name | Where-Object { $_ -like '*/*' }
      $health = Test-C2RHealth -WarningAction SilentlyContinue
      & (Get-Module C2RBridge) {
        param($methods, $health)
        @{
          doctor = $health | Where-Object Id -EQ defender.signatures | ForEach-Object Recommendation
          left = @($methods | Where-Object { (ConvertTo-CmdletAdvice -Text "First $_, then $_.") -cmatch "(^|[^-] )$([regex]::Escape($_))" })
          unknown = @($script:CmdletNames.Values | Where-Object { $_ -notlike '-*' } | Where-Object { -not (Get-Command $_.Split(' ')[0] -ErrorAction Ignore) })
          sentence = ConvertTo-CmdletAdvice -Text 'See c2r/statusX and http://h/c2r/status, or run c2r/status with onBlockingApps "wait".'
        }
      } $methods $health`);
    expect(output).toEqual({
      doctor: 'Run Invoke-DefenderUpdate.',
      left: [],
      unknown: [],
      sentence: 'See c2r/statusX and http://h/c2r/status, or run Get-C2RStatus with -OnBlockingApps "wait".',
    });
  });

  test('no cmdlet takes a parameter by its position unless it says so, for a version must not become a server', async () => {
    const { output } = await runPowerShell(`
      foreach ($command in (Get-Module C2RBridge).ExportedCommands.Values) {
        $declared = $command.ScriptBlock.Ast.Extent.Text -match 'Position = 0'
        $taken = @($command.ParameterSets.Parameters | Where-Object Position -GE 0)
        if ($taken -and -not $declared) { "$command $($taken.Name)" }
      }`);
    expect(output ?? []).toEqual([]);
  });

  test('every type that a cmdlet says it gives has a view, also when it comes from a job', async () => {
    const { output } = await runPowerShell(`
      foreach ($type in (Get-Module C2RBridge).ExportedCommands.Values.OutputType.Name | Where-Object { $_ -like 'C2RBridge.*' } | Sort-Object -Unique) {
        foreach ($name in $type, "Deserialized.$type") { if (-not (Get-FormatData -TypeName $name)) { $name } }
      }`);
    expect(output ?? []).toEqual([]);
  });
});

describePowerShell('importing the module', () => {
  test.skipIf(!makesLinks)(
    'works from a path with spaces, brackets and non-ASCII letters, and so do the bridge, the simulation and jobs there',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "c2r [1] Büro 'ü' "));
      try {
        const copy = join(folder, 'powershell', 'C2RBridge');
        mkdirSync(join(folder, 'powershell'));
        await cp(modulePath, copy, { recursive: true });
        symlinkSync(join(repository, 'dist'), join(folder, 'dist'));
        const { output } = await runPowerShell(
          `
        # The manifest, because PowerShell itself finds no module by a folder with brackets in its name.
        Import-Module ${literal(join(copy, 'C2RBridge.psd1'))}
        Set-Location -LiteralPath ${literal(folder)}
        [IO.File]::WriteAllText(${literal(join(folder, 'scenario.json'))}, '{ "office": { "downloadMs": 100, "applyMs": 100 } }')
        $bridge = Connect-C2RBridge -Simulation ./scenario.json -LogFile 'the log.log' -LogLevel Debug -WarningAction SilentlyContinue
        $job = Invoke-C2RUpdate -PollMs 100 -AsJob
        @{
          path = $bridge.Path
          status = (Get-C2RStatus).Status
          changed = (Receive-Job $job -Wait -WarningAction SilentlyContinue).Changed
          view = [bool] (Get-FormatData -TypeName C2RBridge.UpdateStatus)
          log = Test-Path -LiteralPath 'the log.log'
        }`,
          { module: null },
        );
        expect(output).toEqual({
          path: join(folder, 'dist', 'c2r-bridge.cjs'),
          status: 'UPDATE_UNKNOWN',
          changed: true,
          view: true,
          log: true,
        });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  test('leaves no trace in the session: no variables, no aliases, no jobs, no error, and none after it is removed', async () => {
    const { output } = await runPowerShell(
      `
      function Get-Trace { @{ variables = @(Get-Variable -Scope Global).Count; aliases = @(Get-Alias).Count; subscribers = @(Get-EventSubscriber -Force).Count; jobs = @(Get-Job).Count } }
      $null = Get-Trace
      $error.Clear()
      $before = Get-Trace
      Import-Module ${literal(modulePath)}
      $null = Get-C2RStatus -WarningAction SilentlyContinue
      $loaded = Get-Trace
      Remove-Module C2RBridge
      @{ before = $before; loaded = $loaded; after = Get-Trace; errors = $error.Count }`,
      { module: null },
    );
    expect(output.after).toEqual(output.before);
    expect({ ...output.loaded, subscribers: output.before.subscribers }).toEqual(output.before);
    expect(output.errors).toBe(0);
  });

  test('has nothing for PSScriptAnalyzer to report, with the settings of CI', async ({ skip }) => {
    // Threads that it leaves would keep the PowerShell that others share.
    const { output } = await runPowerShellProcess(
      `
      if (-not (Get-Module -ListAvailable -Name PSScriptAnalyzer)) { return 'missing' }
      $settings = Join-Path ${literal(repository)} powershell/PSScriptAnalyzerSettings.psd1
      $found = Invoke-ScriptAnalyzer -Path (Join-Path ${literal(repository)} powershell) -Recurse -Settings $settings
      , @($found | ForEach-Object { "$($_.ScriptName):$($_.Line) $($_.RuleName)" })`,
      { module: null },
    );
    skip(output === 'missing', 'PSScriptAnalyzer is not installed');
    expect(output).toEqual([]);
  });

  test.each(autoloadingPreferences)(
    'works where the session loads modules by itself only so far: %s',
    async (preference) => {
      const { output } = await runPowerShell(withAutoloading(preference, literal(modulePath)), { module: null });
      expect(output).toEqual(withAutoloadingShown);
    },
  );

  test('says that ConstrainedLanguage mode is the reason when it cannot work there', async () => {
    const { output } = await runPowerShell(
      `
      $shell = [powershell]::Create()
      $shell.Runspace = [runspacefactory]::CreateRunspace()
      $shell.Runspace.Open()
      $shell.Runspace.SessionStateProxy.LanguageMode = 'ConstrainedLanguage'
      $null = $shell.AddCommand('Import-Module').AddParameter('Name', ${literal(modulePath)})
      try { $null = $shell.Invoke() } catch { $null = $_ }
      @($shell.Streams.Error | ForEach-Object { "$_" }; "$($shell.InvocationStateInfo.Reason)")`,
      { module: null },
    );
    expect(JSON.stringify(output)).toContain('ConstrainedLanguage');
  });

  test('completes method names from the contract, and the words of enumerations', async () => {
    const { output } = await runPowerShell(`
      function Complete($text) { @([Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches.CompletionText) }
      @{
        method = @(Complete 'Invoke-C2RBridgeMethod c2r/st')
        apps = @(Complete 'Invoke-C2RUpdate -OnBlockingApps ')
        backend = @(Complete 'Connect-C2RBridge -Backend S')
        parameter = @(Complete 'Invoke-C2RUpdate -Update')
      }`);
    expect(output).toEqual({
      method: ['c2r/status'],
      apps: ['Fail', 'Force', 'Wait'],
      backend: ['Simulated'],
      parameter: ['-UpdateBaseUrl', '-UpdateToVersion'],
    });
  });
});
