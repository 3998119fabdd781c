import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { bridgePath } from '../../support/bridge.js';
import { closingRunspace } from '../../support/closing-runspace.js';
import { deadline } from '../../support/deadline.js';
import { isAlive } from '../../support/is-alive.js';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, fakeBridge, modulePath, runPowerShell, runPowerShellProcess } from '../../support/pwsh.js';

const connect = `$null = Connect-C2RBridge -BridgePath ${literal(fakeBridge)}`;
const folder = mkdtempSync(join(tmpdir(), 'c2r-client-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describePowerShell('what the client sends and receives', () => {
  test('sends frames without a BOM, and text of every script arrives unchanged in both directions', async () => {
    const text = 'Größe – Δ 日本語 🦊 "quoted" \\ \u0001 \u2028';
    const { output } = await runPowerShell(`
      ${connect}
      @{
        echo = (Invoke-C2RBridgeMethod fake/echo @{ text = ${literal(text)} }).text
        first = (Invoke-C2RBridgeMethod fake/received).first
      }`);
    expect(output).toEqual({ echo: text, first: 'Content-Length' });
  });

  test('a first command imports no module, neither for JSON nor for the preferences of its caller', async () => {
    const { output } = await runPowerShellProcess(`
      function Get-Status { $ProgressPreference = 'SilentlyContinue'; (Get-C2RStatus -WarningAction SilentlyContinue).Status }
      $before = @((Get-Module).Name)
      @{ status = Get-Status; imported = @((Get-Module).Name | Where-Object { $before -notcontains $_ }); before = $before }`);
    expect(output).toMatchObject({ status: 'UPDATE_UNKNOWN', imported: [] });
    expect(output.before).not.toContain('Microsoft.PowerShell.Utility');
  });

  test('takes large, dribbling and bursting answers, and a flood on stderr, each within the deadline that a parser which looks at bytes twice would miss', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      @{
        text = (Invoke-C2RBridgeMethod fake/large @{ bytes = 20MB }).text.Length
        records = (Invoke-C2RBridgeMethod fake/records @{ count = 150000 }).items[-1].text
        sent = (Invoke-C2RBridgeMethod fake/echo @{ text = 'y' * 5MB }).text.Length
        dribble = (Invoke-C2RBridgeMethod fake/dribble @{ text = 'drop by drop' }).text
        burst = (Invoke-C2RBridgeMethod fake/burst @{ count = 500 } -Activity Burst).count
        stderr = @((Invoke-C2RBridgeMethod fake/stderr @{ bytes = 1MB }).PSObject.Properties).Count
        afterwards = (Invoke-C2RBridgeMethod fake/echo @{ n = 1 }).n
      }`);
    expect(output).toMatchObject({
      text: 20 * 1024 * 1024,
      records: 'é'.repeat(40),
      sent: 5 * 1024 * 1024,
      dribble: 'drop by drop',
      burst: 500,
      stderr: 0,
      afterwards: 1,
    });
  });

  test('leaves strings that look like times alone, unless the contract says that they are times', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $wire = @{ name = '2026-01-02T03:04:05Z'; updatedAt = '2026-01-02T03:04:05.678Z'; nested = @(@{ seenAt = $null }, @{ seenAt = '2026-01-02T03:04:05Z' }) }
      $raw = Invoke-C2RBridgeMethod fake/echo $wire
      $typed = & (Get-Module C2RBridge) {
        param($wire)
        function Get-It { [CmdletBinding()] param($wire) Invoke-BridgeRequest -Method fake/echo -Parameters $wire -TypeName Some.Type }
        Get-It $wire
      } $wire
      @{
        raw = "$($raw.name.GetType().Name) $($raw.updatedAt.GetType().Name)"
        name = $typed.Name.GetType().Name
        kind = "$($typed.UpdatedAt.Kind)"
        ticks = $typed.UpdatedAt.Ticks -eq ([datetime]::new(2026, 1, 2, 3, 4, 5, 678)).Ticks
        nested = "$($null -eq $typed.Nested[0].SeenAt) $($typed.Nested[1].SeenAt.Kind)"
        type = $typed.PSObject.TypeNames[0]
      }`);
    expect(output).toEqual({
      raw: 'String String',
      name: 'String',
      kind: 'Utc',
      ticks: true,
      nested: 'True Utc',
      type: 'Some.Type',
    });
  });

  test('sends parameters whatever they are called, and the name of any method', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $params = @{ keys = 1; count = 0; values = 'v' }
      @{
        echo = Invoke-C2RBridgeMethod fake/echo $params
        none = @((Invoke-C2RBridgeMethod fake/echo).PSObject.Properties).Count
        method = Catch-Error { Invoke-C2RBridgeMethod 'un"known\\' }
        control = (Catch-Error { Invoke-C2RBridgeMethod ("un" + [char] 10 + "known") }).id
      }`);
    expect(output).toMatchObject({ echo: { keys: 1, count: 0, values: 'v' }, none: 0 });
    expect(output.method.message).toContain('un"known\\');
    expect(output.control).toBe('ParameterArgumentValidationError,Invoke-C2RBridgeMethod');
  });

  test('refuses parameters that JSON has no form for, by their name, and takes the rest at any depth', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $plain = @{ list = @(1, @{ at = [datetime]::UtcNow; link = [uri] 'http://a/b' }); bytes = [byte[]] (1, 2); object = [pscustomobject] @{ n = $null } }
      @{
        echo = Invoke-C2RBridgeMethod fake/echo $plain
        refused = Catch-Error { Invoke-C2RBridgeMethod fake/echo @{ list = @(1, @{ script = { 1 } }) } }
        ordinal = & (Get-Module C2RBridge) {
          $params = [hashtable]::new([StringComparer]::Ordinal); $params['n'] = 1; $params['N'] = 2
          ConvertTo-ParamsJson -Parameters $params
        }
        key = (Catch-Error { Invoke-C2RBridgeMethod fake/echo @{ map = @{ 1 = 2 } } }).message
        session = @('initialize', 'shutdown', 'exit' | ForEach-Object { (Catch-Error { Invoke-C2RBridgeMethod $_ }).id }) + (Invoke-C2RBridgeMethod fake/echo @{ n = 1 }).n
        endless = (Catch-Error { $loop = @{}; $loop.again = $loop; Invoke-C2RBridgeMethod fake/echo $loop }).message
      }`);
    expect(JSON.parse(output.ordinal)).toEqual({ n: 1, N: 2 });
    expect(output.echo).toMatchObject({ list: [1, { link: 'http://a/b' }], bytes: [1, 2], object: { n: null } });
    expect(output.refused).toMatchObject({ id: 'InvalidParams,Invoke-C2RBridgeMethod', category: 'InvalidArgument' });
    expect(output.refused.message).toBe(
      'Params.list[].script is a System.Management.Automation.ScriptBlock, which JSON has no form for.',
    );
    expect(output.endless).toBe('Params are nested deeper than 64 levels.');
    expect(output.key).toBe('Params.map has the key 1, which is not text.');
    // The session is as it was.
    expect(output.session).toEqual([...Array(3).fill('SessionMethod,Invoke-C2RBridgeMethod'), 1]);
  });

  test('keeps characters of stderr whole that two reads share', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      Catch-Error { Invoke-C2RBridgeMethod fake/die @{ code = 3; words = 'x' + [string]::new([char] 0x20AC, 5000) } }`);
    expect(output.message).toMatch(/it ended with exit code 3\. Last output: x€{5000}$/);
  });

  test('every time of the contract, and nothing else, is named at or ends in At, by which the module knows it', () => {
    const contract = JSON.parse(readFileSync(join(dirname(bridgePath), 'openrpc.json'), 'utf8'));
    const named = (schema: unknown, isTime: (key: string, value: string) => boolean): string[] =>
      typeof schema !== 'object' || schema === null
        ? []
        : Object.entries(schema).flatMap(([key, value]) => [
            ...(isTime(key, JSON.stringify(value)) ? [key] : []),
            ...named(value, isTime),
          ]);
    const results = contract.methods.map(({ result }: { result: unknown }) => result);
    const times = named([results, contract.components], (_, value) =>
      /^\{("oneOf":\[\{)?"type":"string","format":"date-time"/.test(value),
    );
    expect(times.length).toBeGreaterThan(3);
    expect(times.filter((name) => !/^(at|[a-z]\w*At)$/.test(name) && !/^\d+$/.test(name))).toEqual([]);
  });

  const awkward = ['plain', 'with space', 'quo"te', 'back\\', 'back space\\', '\\"both\\\\', '', 'ünï', '\\\\" \\\\'];

  test('quotes any argument so that the other side reads it as it was', async () => {
    const { output } = await runPowerShell(`
      $echo = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'
      $line = & (Get-Module C2RBridge) { ConvertTo-CommandLine -Argument $args[0] } (@('-e', $echo, '--') + @(${awkward.map(literal).join(', ')}))
      $start = [Diagnostics.ProcessStartInfo]::new(${literal(process.execPath)}, $line)
      $start.RedirectStandardOutput = $true
      $start.StandardOutputEncoding = [Text.Encoding]::UTF8
      $process = [Diagnostics.Process]::Start($start)
      $process.StandardOutput.ReadToEnd()`);
    expect(JSON.parse(output)).toEqual(awkward);
  });

  test('gives the child its arguments unchanged, a short list of variables, and no folder of the caller', async () => {
    const logFile = join(folder, 'lög file [1].log');
    const { output } = await runPowerShellProcess(
      `
      Connect-C2RBridge -BridgePath ${literal(fakeBridge)} -Simulation @{ office = @{ blockingApps = @(${awkward.map(literal).join(', ')}) } } -LogFile ${literal(logFile)} -LogLevel Debug | Out-Null
      Invoke-C2RBridgeMethod fake/process`,
      {
        env: {
          ...process.env,
          NODE_OPTIONS: '--max-old-space-size=300',
          NODE_PATH: '/nowhere',
          LD_PRELOAD: '',
          SECRET: 's',
          C2R_BACKEND: 'simulated',
          C2R_SIMULATION: './scenario.json',
        },
        cwd: folder,
      },
    );
    const { argv, env, cwd } = output;
    expect(argv.filter((word: string) => word.startsWith('--'))).toEqual([
      '--stdio',
      '--backend',
      '--simulate',
      '--log-level',
      '--log-file',
    ]);
    expect(JSON.parse(argv[argv.indexOf('--simulate') + 1])).toEqual({ office: { blockingApps: awkward } });
    expect(argv.at(-1)).toBe(logFile);
    for (const refused of ['NODE_OPTIONS', 'NODE_PATH', 'LD_PRELOAD', 'SECRET'])
      expect(env).not.toHaveProperty(refused);
    expect(env).toMatchObject({
      C2R_BACKEND: 'simulated',
      C2R_SIMULATION: join(folder, 'scenario.json'),
      PATH: expect.stringContaining(process.env.PATH ?? ''),
    });
    expect(cwd).not.toBe(folder);
  });
});

describePowerShell('how the client fails', () => {
  test('turns every kind of wire error into an error record that scripts can tell apart', async () => {
    const errors = {
      WindowsError: { hresult: -2147023174, hresultHex: '0x800706BA', source: 'IUpdateNotify::Status' },
      UpdateFailed: { hresult: -2147024784, status: 'DOWNLOAD_FAILED' },
      NotAvailable: {},
      IllegalState: { status: 'APPLY_WIP' },
      Timeout: { continues: true },
      ContentInvalid: { file: 'v64.cab', expected: 'a', actual: 'b' },
      NetworkError: { url: 'https://example.org/v64.cab' },
      Blocked: { apps: ['WINWORD.EXE'] },
      AccessDenied: {},
      InUse: {},
      NoSpace: {},
      InvalidParams: { issues: [{ path: 'x', message: 'y' }] },
    };
    const wire = Object.entries(errors).map(([type, data], index) => ({
      code: 1001 + index,
      message: `${type} happened`,
      data: { type, recommendation: `Mend ${type}.`, ...data },
    }));
    const missing = { type: 'AccessDenied', errno: 'ENOENT', path: '/none', recommendation: 'Mend AccessDenied.' };
    wire.push({ code: 1009, message: 'AccessDenied happened', data: missing });
    const { output } = await runPowerShell(`
      ${connect}
      foreach ($error_ in ConvertFrom-Json ${literal(JSON.stringify(wire))}) {
        Catch-Error { Invoke-C2RBridgeMethod fake/fail @{ error = $error_ } }
      }`);
    // biome-ignore lint/suspicious/noExplicitAny: plain JSON from the script
    const table = output.map((e: any) => [e.id, e.category, e.type, e.target, e.action, e.message]);
    const line = (type: string, category: string, exception: string, target = 'fake/fail') => [
      `${type},Invoke-C2RBridgeMethod`,
      category,
      `System.${exception}`,
      target,
      `Mend ${type}.`,
      `${type} happened`,
    ];
    expect(table).toEqual([
      line('WindowsError', 'ResourceUnavailable', 'Runtime.InteropServices.COMException'),
      line('UpdateFailed', 'WriteError', 'Runtime.InteropServices.COMException'),
      line('NotAvailable', 'ResourceUnavailable', 'InvalidOperationException'),
      line('IllegalState', 'InvalidOperation', 'InvalidOperationException'),
      line('Timeout', 'OperationTimeout', 'TimeoutException'),
      line('ContentInvalid', 'InvalidData', 'InvalidOperationException', 'v64.cab'),
      line('NetworkError', 'ConnectionError', 'InvalidOperationException', 'https://example.org/v64.cab'),
      line('Blocked', 'ResourceBusy', 'InvalidOperationException'),
      line('AccessDenied', 'PermissionDenied', 'UnauthorizedAccessException'),
      line('InUse', 'ResourceBusy', 'InvalidOperationException'),
      line('NoSpace', 'WriteError', 'InvalidOperationException'),
      line('InvalidParams', 'InvalidArgument', 'ArgumentException'),
      line('AccessDenied', 'ObjectNotFound', 'IO.FileNotFoundException', '/none'),
    ]);
    expect(output[0].hresult).toBe(-2147023174);
    expect(output[0].data).toMatchObject({ code: 1001, source: 'IUpdateNotify::Status', hresultHex: '0x800706BA' });
    expect(output[7].data.apps).toEqual(['WINWORD.EXE']);
  });

  test('a bridge that dies is an error with its last output, and the next command starts a new one', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $first = (Get-C2RBridge).ProcessId
      $errors = @(
        Catch-Error { Invoke-C2RBridgeMethod fake/die @{ code = 3; words = "first line\`nlast line" } }
        Catch-Error { Invoke-C2RBridgeMethod fake/garbage @{ text = "Hello.\`r\`n\`r\`n" } }
        Catch-Error { Invoke-C2RBridgeMethod fake/garbage @{ text = "Content-Length: 3\`r\`n\`r\`n{]}" } }
        Catch-Error { Invoke-C2RBridgeMethod fake/garbage @{ text = "Content-Length: 99999999999\`r\`n\`r\`n" } }
      )
      $second = (Invoke-C2RBridgeMethod fake/echo @{ n = 1 }).n
      $process = Get-Process -Id (Get-C2RBridge).ProcessId
      $process.Kill(); $process.WaitForExit()
      @{ errors = $errors; second = $second; gone = $null -eq (Get-C2RBridge); third = (Invoke-C2RBridgeMethod fake/echo @{ n = 2 }).n
         new = $first -ne (Get-C2RBridge).ProcessId }`);
    for (const error of output.errors) {
      expect(error).toMatchObject({
        id: 'BridgeFailed,Invoke-C2RBridgeMethod',
        category: 'ResourceUnavailable',
        action: expect.stringContaining('Run the command again'),
      });
    }
    expect(output.errors[0].message).toMatch(/fake\/die: it ended with exit code 3\. .*first line\s+last line$/s);
    expect(output).toMatchObject({ second: 1, gone: true, third: 2, new: true });
  });

  test('a bridge that dies anywhere in its answer is an error each time, and the next command starts a new one', async () => {
    // The whole frame has 62 bytes.
    const lengths = [0, 1, 14, 16, 17, 18, 19, 20, 21, 22, 23, 40, 60];
    const { output } = await runPowerShell(`
      ${connect}
      $ids = foreach ($bytes in ${lengths.join(', ')}) { (Catch-Error { Invoke-C2RBridgeMethod fake/half @{ bytes = $bytes } }).id }
      @{ ids = $ids; next = (Invoke-C2RBridgeMethod fake/echo @{ n = 1 }).n }`);
    expect(output).toEqual({
      ids: lengths.map(() => 'BridgeFailed,Invoke-C2RBridgeMethod'),
      next: 1,
    });
  });

  test('answers to nobody, and to ids that only look like the one that is waited for, are not taken for it', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      @{
        first = (Invoke-C2RBridgeMethod fake/wrong @{ ids = @('2', 2.5, -2, 'x', $true, 99999) }).answered
        second = (Invoke-C2RBridgeMethod fake/wrong @{ ids = @(1, 2, '3') }).answered
      }`);
    expect(output).toEqual({ first: 2, second: 3 });
  });

  test('a result that is not the one of the contract is an error, not an object without members', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      @(Catch-Error { Get-C2RStatus }; Catch-Error { Test-C2RHealth }; Catch-Error { Get-C2RContentSource }; Catch-Error { Invoke-C2RDownload -ContentSource x })`);
    expect(output.map(({ id, message }: { id: string; message: string }) => [id, message])).toEqual([
      ['BridgeFailed,Get-C2RStatus', expect.stringContaining('contract')],
      ['BridgeFailed,Test-C2RHealth', expect.stringContaining('contract')],
      ['BridgeFailed,Get-C2RContentSource', expect.stringContaining('contract')],
      ['BridgeFailed,Invoke-C2RDownload', expect.stringContaining('contract')],
    ]);
  });

  test('a member that another version of the bridge lacks is an error that names both versions', async () => {
    const list = { source: 'service', sourceReason: null, freshness: 'current', newestReleaseAt: null };
    const cases: [string, unknown, string][] = [
      ['content/channels', { ...list, source: undefined, channels: [] }, 'Get-C2RChannel'],
      ['content/channels', { ...list, channels: [null] }, 'Get-C2RChannel'],
      ['c2r/blockingApps', {}, 'Get-C2RBlockingApp'],
      ['c2r/setManagement', {}, 'Enable-C2RManagement -Confirm:$false'],
      ['content/verify', {}, 'Test-C2RContent -Path . -Quiet'],
      ['content/prune', {}, 'Remove-C2RContent -Path . -Keep 1 -WhatIf'],
    ];
    const answer = (method: string, result: unknown) =>
      `$null = Invoke-C2RBridgeMethod fake/answers @{ json = ${literal(JSON.stringify({ [method]: result }))} }`;
    const calls = cases.map(([method, result, command]) => `${answer(method, result)}; Catch-Error { ${command} }`);
    const { output } = await runPowerShell(`
      ${connect}
      @{
        errors = @(${calls.join('\n')})
        detection = $(${answer('desired/test', {})}; Invoke-C2RRemediation -Name OfficeUpdate -StateFolder ${literal(folder)}).Text
      }`);
    for (const [index, { id, message, action }] of output.errors.entries()) {
      expect([index, id]).toEqual([index, expect.stringMatching(/^BridgeFailed,/)]);
      expect(message).toMatch(/contract; the bridge is of version 0\.0\.0, this module of \d/);
      expect(action).toContain('without -BridgePath');
    }
    expect(output.errors).toHaveLength(cases.length);
    expect(output.detection).toMatch(/^Not known: .*contract; the bridge is of version 0\.0\.0/);
  });

  test('an update that was done ends without an error, and a report has its page, where a bridge tells less of it', async () => {
    const answers = {
      'c2r/update': { changed: true },
      'defender/update': { changed: true, versionsAfter: null },
      'desired/set': {
        changed: true,
        ...{ inDesiredState: true, exempted: null, office: null, defenderSignature: null, reasons: [], notes: [] },
        ...{ done: ['updated'], continues: false, restartRequired: [] },
      },
      'c2r/installation': { installed: true, lastUpdate: null },
      'c2r/status': { status: 'A_NEWER_ONE' },
      'defender/status': { versions: { engine: null, antivirusSignature: { updatedAt: 'yesterday' } } },
      'bridge/doctor': { checks: [] },
    };
    const { output } = await runPowerShell(`
      ${connect}
      $null = Invoke-C2RBridgeMethod fake/answers @{ json = ${literal(JSON.stringify(answers))} }
      @{
        office = (Invoke-C2RUpdate -Confirm:$false).Changed; defender = (Invoke-DefenderUpdate -PassThru).Changed
        remediation = (Invoke-C2RRemediation -Name OfficeUpdate -Remediate -StateFolder ${literal(folder)}).Text
        page = Get-C2RReport -AsHtml
      }`);
    expect(output).toMatchObject({ office: true, defender: true, remediation: 'Office: updated.' });
    expect(output.page).toContain('A_NEWER_ONE');
  });

  test('a bridge that cannot start says why and what to do', async () => {
    const { output } = await runPowerShell(`
      @(
        Catch-Error { Connect-C2RBridge -BridgePath ${literal(join(folder, 'absent.cjs'))} }
        Catch-Error { Connect-C2RBridge -BridgePath ${literal(fakeBridge)} -NodePath ${literal(join(folder, 'node'))} }
        Catch-Error { Connect-C2RBridge -BridgePath ${literal(fakeBridge)} -NodePath ${literal(fakeBridge)} }
        Catch-Error { Connect-C2RBridge -Simulation '{ "nonsense": 1 }' }
        Catch-Error { $env:PATH = ''; Get-C2RStatus }
        Catch-Error { Connect-C2RBridge -BridgePath ${literal(fakeBridge)} -NodePath ${literal(folder)} }
      )`);
    expect(output.map(({ id }: { id: string }) => id)).toEqual([
      'BridgeNotFound,Connect-C2RBridge',
      'BridgeNotFound,Connect-C2RBridge',
      'BridgeStartFailed,Connect-C2RBridge',
      'BridgeStartFailed,Connect-C2RBridge',
      // On Windows the Node of Program Files is found, and the simulation of before does not start.
      process.platform === 'win32' ? 'BridgeStartFailed,Get-C2RStatus' : 'NodeNotFound,Get-C2RStatus',
      'BridgeNotFound,Connect-C2RBridge',
    ]);
    expect(output[3].message).toContain('nonsense');
    // It may be a folder.
    expect(output[5].message).toBe(`There is no file '${folder}', which the bridge needs.`);
    for (const error of output) expect(error.action).not.toBeNull();
  });

  test('what a bridge refuses and what it last wrote stand in one error, as two sentences', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $null = Invoke-C2RBridgeMethod fake/stderr @{ bytes = 10 }
      $refusal = @{ body = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"It is wrong."}}')) }
      Catch-Error { Invoke-C2RBridgeMethod fake/play @{ writes = @($refusal) } }`);
    expect(output.message).toMatch(/ fake\/play: it refused a message: It is wrong\. Last output: e+$/);
  });

  test('settings that cannot be used are not replaced by those of before, which may be of the real Windows', async () => {
    const { output } = await runPowerShell(`
      $WarningPreference = 'SilentlyContinue'
      $null = Connect-C2RBridge -Simulation @{}
      @(
        Catch-Error { Connect-C2RBridge -Simulation '{ "nonsense": 1 }' }
        Catch-Error { Get-C2RStatus }
        Disconnect-C2RBridge
        @{ id = (Get-C2RStatus).Status }
      )`);
    expect(output.map(({ id }: { id: string }) => id)).toEqual([
      'BridgeStartFailed,Connect-C2RBridge',
      'BridgeStartFailed,Get-C2RStatus',
      'UPDATE_UNKNOWN',
    ]);
  });

  test('-TimeoutSec cancels what takes too long and keeps the bridge; a bridge that ignores it is given up', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $process = (Get-C2RBridge).ProcessId
      $errors = @(Catch-Error { Invoke-C2RBridgeMethod fake/hang -TimeoutSec 1 -Activity Hanging })
      $received = (Invoke-C2RBridgeMethod fake/received).received
      $same = $process -eq (Get-C2RBridge).ProcessId
      & (Get-Module C2RBridge) { $script:CancelTimeoutMs = 300 }
      $errors += Catch-Error { Invoke-C2RBridgeMethod fake/deaf -TimeoutSec 1 }
      @{ errors = $errors; same = $same; cancelled = @($received | Where-Object method -EQ '$/cancelRequest').Count; gone = $null -eq (Get-C2RBridge) }`);
    expect(output).toMatchObject({
      errors: [
        { id: 'Timeout,Invoke-C2RBridgeMethod', category: 'OperationTimeout' },
        { id: 'BridgeFailed,Invoke-C2RBridgeMethod' },
      ],
      same: true,
      cancelled: 1,
      gone: true,
    });
  });
});

describePowerShell('the life of the process', () => {
  test('Ctrl+C sends $/cancelRequest, keeps the bridge, and the next command is answered', async () => {
    const { output } = await runPowerShell(`
      $shell = [powershell]::Create()
      function Invoke-Shell($script) { $shell.Commands.Clear(); $shell.AddScript($script).Invoke() }
      $null = Invoke-Shell ${literal(`Import-Module ${literal(modulePath)}; ${connect}`)}
      $before = (Invoke-Shell '(Get-C2RBridge).ProcessId')[0]
      $shell.Commands.Clear()
      $shell.Streams.Progress.Clear()
      $running = $shell.AddScript('Invoke-C2RBridgeMethod fake/hang -Activity Hanging').BeginInvoke()
      $deadline = [datetime]::UtcNow.AddSeconds(${deadline(20)})
      while ($shell.Streams.Progress.Count -eq 0 -and [datetime]::UtcNow -lt $deadline) { [Threading.Thread]::Sleep(10) }
      $shell.Stop()
      try { $shell.EndInvoke($running) } catch { $null = $_ }
      $received = (Invoke-Shell 'Invoke-C2RBridgeMethod fake/received').received
      @{
        hang = ($received | Where-Object method -EQ fake/hang).id
        cancel = ($received | Where-Object method -EQ '$/cancelRequest').params.id
        same = $before -eq (Invoke-Shell '(Get-C2RBridge).ProcessId')[0]
      }`);
    expect(output).toMatchObject({ hang: 2, cancel: 2, same: true });
  });

  test('Ctrl+C while a bridge that stopped reading is written to ends soon, and the next command has a new bridge', async () => {
    const answer = Buffer.from('{"jsonrpc":"2.0","id":ID,"result":{}}').toString('base64');
    const living = `Invoke-C2RBridgeMethod fake/play @{ writes = @(@{ body = '${answer}' }); livesOn = $true }`;
    const { output } = await runPowerShell(`
      $shell = [powershell]::Create()
      $null = $shell.AddScript(${literal(`Import-Module ${literal(modulePath)}; ${connect}; ${living}`)}).Invoke()
      function Stop-Call($script) {
        $shell.Commands.Clear()
        $running = $shell.AddScript($script).BeginInvoke()
        [Threading.Thread]::Sleep(1000)
        $shell.Stop()
        try { $shell.EndInvoke($running) } catch [Management.Automation.MethodInvocationException] { $null = $_ }
      }
      Stop-Call 'Invoke-C2RBridgeMethod fake/deaf'
      Stop-Call 'Invoke-C2RBridgeMethod fake/echo @{ text = "x" * 4MB }'
      $shell.Commands.Clear()
      @{ ids = @($shell.AddScript('(Invoke-C2RBridgeMethod fake/received -TimeoutSec 60).received.id').Invoke()) }`);
    // Only its own two requests, initialize and this one, are known to the bridge that answers.
    expect(output.ids).toEqual([1, 2]);
  });

  // Windows has no signal that a process could send.
  test.skipIf(process.platform === 'win32')(
    'SIGINT in the middle of a call cancels it, and neither PowerShell nor the bridge is left over',
    async () => {
      const log = join(folder, 'sigint.log');
      const entries = () => {
        try {
          return readFileSync(log, 'utf8')
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line));
        } catch {
          return [];
        }
      };
      let child: ChildProcess | undefined;
      const run = runPowerShellProcess(
        `$null = Connect-C2RBridge -BridgePath ${literal(fakeBridge)} -LogFile ${literal(log)}
       Invoke-C2RBridgeMethod fake/hang -Activity Hanging`,
        {
          onStart: (started) => {
            child = started;
          },
        },
      );
      const ended = run.catch((error: Error) => error.message);
      await vi.waitUntil(() => entries().some(({ method }) => method === 'fake/hang'), {
        timeout: deadline(20_000),
        interval: 20,
      });
      child?.kill('SIGINT');
      expect(await ended).toMatch(/ended with code/);
      const { pid, id } = entries().find(({ method }) => method === 'fake/hang');
      await vi.waitUntil(() => !isAlive(pid), { timeout: deadline(10_000), interval: 20 });
      expect(entries().at(-1)).toMatchObject({ method: '$/cancelRequest', params: { id } });
    },
  );

  /** Lets the action of an event run amid a command. */
  const onTimer = (ms: number, again: boolean, action: string) => `
      $timer = [Timers.Timer]::new(${ms})
      $timer.AutoReset = $${again}
      $null = Register-ObjectEvent -InputObject $timer -EventName Elapsed -Action { ${action} }
      $timer.Start()`;

  test('what an action of an event asks amid a command that waits costs neither of them its answer', async () => {
    const { output } = await runPowerShell(
      `
      $null = Connect-C2RBridge -Simulation '{"office":{"downloadMs":800}}' -WarningAction SilentlyContinue
      ${onTimer(100, false, '$global:waited = (Wait-C2RUpdate).Status')}
      $downloaded = (Invoke-C2RDownload -Wait).Status
      $global:failed = [Collections.Generic.List[string]]::new()
      $global:asked = 0
      ${onTimer(20, true, 'try { $null = (Get-C2RStatus).Status; $global:asked++ } catch { $global:failed.Add("$_") }')}
      ${onTimer(33, true, 'try { $null = (Get-C2RInstallation).Version; $global:asked++ } catch { $global:failed.Add("$_") }')}
      $pings = 0
      while ($global:asked -lt 30) { $null = Invoke-C2RBridgeMethod bridge/ping; $null = Get-C2RStatus; $pings++ }
      Get-EventSubscriber | Unregister-Event
      @{ downloaded = $downloaded; waited = $global:waited; failed = $global:failed; pings = $pings }`,
      { timeoutMs: 50_000 },
    );
    expect(output).toMatchObject({ downloaded: 'DOWNLOAD_SUCCEEDED', waited: 'DOWNLOAD_SUCCEEDED', failed: [] });
    expect(output.pings).toBeGreaterThan(0);
  });

  test('what changes the connection in several steps has neither calls nor loops, where PowerShell would run such an action', async () => {
    const { output } = await runPowerShell(`
      $both = & (Get-Module C2RBridge) { ${'$'}{function:Read-Header}; ${'$'}{function:Read-ErrorText} }
      @($both.Ast.FindAll({ $args[0] -is [Management.Automation.Language.LoopStatementAst] -or $args[0] -is [Management.Automation.Language.CommandAst] }, $true) | ForEach-Object { "$($_.Extent)" })`);
    expect(output ?? []).toEqual([]);
  });

  test('an action of an event may ask a bridge that is only just starting, and may end it amid a command, which says so', async () => {
    const { output } = await runPowerShell(`
      Disconnect-C2RBridge
      ${onTimer(30, false, '$global:asked = (Get-C2RStatus -WarningAction SilentlyContinue).Status')}
      $first = Invoke-C2RBridgeMethod c2r/status -WarningAction SilentlyContinue
      while (-not $global:asked) { Start-Sleep -Milliseconds 20 }
      ${connect}
      ${onTimer(100, false, 'Disconnect-C2RBridge')}
      try { $null = Invoke-C2RBridgeMethod fake/hang -Activity Hang } catch { $ended = $_ }
      ${connect}
      @{
        first = $first.status
        asked = $global:asked
        id = $ended.FullyQualifiedErrorId
        message = $ended.Exception.Message
        afterwards = (Invoke-C2RBridgeMethod fake/echo @{ n = 1 }).n
      }`);
    expect(output).toEqual({
      first: 'UPDATE_UNKNOWN',
      asked: 'UPDATE_UNKNOWN',
      id: 'BridgeFailed,Invoke-C2RBridgeMethod',
      message: 'The bridge failed during fake/hang: another command of this session ended it',
      afterwards: 1,
    });
  });

  test('a bridge that a finally block starts while its runspace closes ends with it', async () => {
    const { output } = await runPowerShell(closingRunspace);
    expect(output).toEqual({ bridges: 2, ended: [true, true] });
  });

  test('ForEach-Object -Parallel keeps a bridge for each of its runspaces, and ends them', async () => {
    const { output } = await runPowerShell(
      `$calls = @(1..4 | ForEach-Object -ThrottleLimit 2 -Parallel {
         Import-Module ${literal(modulePath)}
         if ($_ -le 2) { ${connect} }
         @{ process = Get-Process -Id (Get-C2RBridge).ProcessId; mark = (Invoke-C2RBridgeMethod fake/echo @{ mark = $_ }).mark }
       })
       @{
         marks = @($calls.mark | Sort-Object)
         bridges = @($calls.process.Id | Sort-Object -Unique).Count
         ended = @($calls.process | ForEach-Object { $_.WaitForExit(${deadline(10_000)}) })
       }`,
      { module: null },
    );
    expect(output).toEqual({ marks: [1, 2, 3, 4], bridges: 2, ended: [true, true, true, true] });
  });

  test('two runspaces at once have a bridge each, and closing a runspace ends its bridge', async () => {
    const { output } = await runPowerShell(
      `
      $shells = 1..2 | ForEach-Object {
        $shell = [powershell]::Create()
        $shell.Runspace = [runspacefactory]::CreateRunspace()
        $shell.Runspace.Open()
        $null = $shell.AddScript(${literal(
          `param($mark) $ErrorActionPreference = 'Stop'; Import-Module ${literal(modulePath)}; ${connect}
           1..50 | ForEach-Object { (Invoke-C2RBridgeMethod fake/echo @{ mark = "$mark $_" }).mark }
           (Get-C2RBridge).ProcessId`,
        )}).AddArgument("shell $_")
        $shell
      }
      $runs = $shells | ForEach-Object { $_.BeginInvoke() }
      $results = foreach ($index in 0, 1) {
        # The error itself, because the one of EndInvoke has lost where it happened.
        try { , @($shells[$index].EndInvoke($runs[$index])) } catch { throw $shells[$index].InvocationStateInfo.Reason.ErrorRecord }
      }
      $processes = $results | ForEach-Object { Get-Process -Id $_[-1] }
      $shells | ForEach-Object { $_.Runspace.Close() }
      @{
        marks = @($results | ForEach-Object { "$($_[0]), $($_[49]), $($_.Count)" }); errors = @($shells | ForEach-Object { $_.Streams.Error.Count })
        ids = @($processes.Id); ended = @($processes | ForEach-Object { $_.WaitForExit(5000) })
      }`,
      { module: null },
    );
    expect(output.errors).toEqual([0, 0]);
    expect(output.marks).toEqual(['shell 1 1, shell 1 50, 51', 'shell 2 1, shell 2 50, 51']);
    expect(new Set(output.ids).size).toBe(2);
    expect(output.ended).toEqual([true, true]);
  });

  test('Disconnect-C2RBridge, Remove-Module and the end of PowerShell each end the process', async () => {
    const { output } = await runPowerShell(`
      ${connect}
      $first = Get-Process -Id (Get-C2RBridge).ProcessId
      Disconnect-C2RBridge
      Disconnect-C2RBridge
      $gone = $first.HasExited
      ${connect}
      $second = Get-Process -Id (Get-C2RBridge).ProcessId
      Remove-Module C2RBridge
      $removed = $second.HasExited
      Import-Module ${literal(modulePath)}
      ${connect}
      @{ gone = $gone; removed = $removed; last = (Get-C2RBridge).ProcessId }`);
    expect(output).toMatchObject({ gone: true, removed: true });
    await vi.waitUntil(() => !isAlive(output.last), { timeout: deadline(10_000), interval: 20 });
  });
});
