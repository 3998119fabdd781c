import { afterEach, beforeEach, expect, test } from 'vitest';
import { deadline } from '../../support/deadline.js';
import { controlMpClient, type MpClientControl, nothingOpen } from '../../support/mpclient.js';
import { complete, sequences } from '../../support/mpclient-sequences.js';
import { literal } from '../../support/powershell-script.js';
import { describeInWindowsPowerShell } from '../../support/windows-powershell.js';

const scriptPath = 'C:\\lab\\mpclient\\script.txt';
const logPath = 'C:\\lab\\mpclient\\log.txt';

/** The names that the module gives to members of a result; times as ConvertTo-Json writes them. */
function inPowerShell(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\.000Z$/, 'Z');
  if (Array.isArray(value)) return value.map(inPowerShell);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, content]) => [
      name.replace(/^hresult/, 'HResult').replace(/^./, (first) => first.toUpperCase()),
      inPowerShell(content),
    ]),
  );
}

describeInWindowsPowerShell('the Defender cmdlets over MpClient', (shell, lab) => {
  let control: MpClientControl;
  beforeEach(() => {
    control = controlMpClient(lab);
  });
  afterEach(() => control.dispose());

  const run = (script: string) => shell.run(script);

  test('Invoke-DefenderUpdate makes of every sequence what the bridge makes of it', async () => {
    const scripts = sequences.map(({ script }) => literal(`${script.join('\n')}\n`)).join(', ');
    const { output } = await run(`
        foreach ($script in ${scripts}) {
          [IO.File]::WriteAllText(${literal(scriptPath)}, $script)
          try { @{ result = Invoke-DefenderUpdate -PassThru } } catch { @{ error = @{} + $_.Exception.Data } }
        }`);
    const expected = sequences.map(({ result, error }) => (result ? { result: inPowerShell(result) } : { error }));
    expect(output).toMatchObject(expected);
    expect(control.open()).toMatchObject(nothingOpen);
  });

  test('every name of a source passes the same bit as the documented one', async () => {
    control.script(complete);
    const names = ['Default', 'Managed', 'InternalDefinitionUpdateServer', 'Unmanaged', 'MicrosoftUpdateServer'];
    names.push('Http', 'MMPC', 'Unc', 'FileShares');
    await run(`foreach ($name in ${names.map(literal).join(', ')}) { Invoke-DefenderUpdate -Source $name }`);
    const options = control.calls().flatMap((call) => /MpUpdateStart (\w+)/.exec(call)?.[1] ?? []);
    expect(options).toEqual(['0x003', '0x083', '0x083', '0x103', '0x103', '0x00B', '0x00B', '0x023', '0x023']);
  });

  test('Get-DefenderUpdateStatus shows versions, ages, due and flags', async () => {
    control.script('status 0x20');
    const { output } = await run(`
        $status = Get-DefenderUpdateStatus
        $age = ([datetime]::UtcNow - $status.Versions.AntivirusSignature.UpdatedAt).TotalDays
        @{ status = $status; right = $status.AntivirusSignatureAgeDays -eq [Math]::Floor($age) }`);
    expect(output).toMatchObject({
      right: true,
      status: {
        AntivirusSignatureVersion: '1.421.12.0',
        AntivirusSignatureDue: true,
        AntispywareSignatureDue: false,
        NisSignatureVersion: null,
        NisSignatureAgeDays: null,
        Flags: ['DUE_AV_SIGNATURE'],
        Backend: 'windows',
      },
    });
  });

  test('-TimeoutSec aborts, and says where Defender goes on although it was asked to stop', async () => {
    control.script('control none', 'notify 0x8001 0', 'wait 60000', complete);
    const { output } = await run('Catch-Error { Invoke-DefenderUpdate -TimeoutSec 1 }');
    expect(output).toMatchObject({ id: 'Timeout,Invoke-DefenderUpdate', data: { continues: true } });
    expect(control.calls()).toContain('MpUpdateControl manager 0x80070005');
  });

  test('Ctrl+C aborts the update in Defender, and its handles are closed', async () => {
    control.script('notify 0x8001 0', 'notify 0x8002 0', 'wait 60000', complete);
    const log = literal(logPath);
    await run(`
        $shell = [powershell]::Create()
        $null = $shell.AddScript({ param($module) Import-Module $module; Invoke-DefenderUpdate }).AddArgument((Get-Module C2RBridge).Path)
        $running = $shell.BeginInvoke()
        $deadline = [datetime]::UtcNow.AddSeconds(${deadline(30)})
        while ("$(Get-Content -Raw ${log})" -notmatch 'MpUpdateStart' -and [datetime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 20 }
        $shell.Stop()`);
    // Ctrl+C returns to the prompt once the cancel is sent; the abort follows.
    await expect
      .poll(() => control.calls())
      .toEqual([
        'MpManagerOpen',
        'MpUpdateStart 0x003 0x00000000',
        'MpUpdateControl manager 0x00000000',
        'MpHandleClose update',
        'MpHandleClose manager',
      ]);
    await expect.poll(() => control.open()).toMatchObject(nothingOpen);
  });
});
