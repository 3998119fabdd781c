// What a console costs that asks a fleet through PowerShell: 8 real runspaces with the module, and for each host a simulated
// bridge of its own. One host in 25 is dead: its bridge says nothing for two seconds and then ends. The runspaces are those of a
// pool: with one for each host the process grew by some 0.5 MB a host, whose cause is not known.
//   node test/bench/fleet-runspaces.mjs [--hosts 1000] [--throttle 8]      needs a pwsh, on PATH or in C2R_PWSH
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atMost, noLimit } from './figures.mjs';

const modulePath = fileURLToPath(new URL('../../powershell/C2RBridge', import.meta.url));
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const [few, many, throttle] = [50, option('hosts', 1000), option('throttle', 8)];
/** A host of many beside a host of few; what the console may grow by; a dead host beside its own time-out. */
const limits = { flat: 1.2, growthMB: 30, dead: 1.5 };
const deadMs = 2000;

const folder = mkdtempSync(join(tmpdir(), 'c2r-bench-fleet-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const deadNode = join(folder, 'node');
writeFileSync(deadNode, `#!/bin/sh\nsleep ${deadMs / 1000}\nexit 1\n`);
chmodSync(deadNode, 0o755);

const script = `
$ErrorActionPreference = 'Stop'
$state = [initialsessionstate]::CreateDefault2()
$state.ImportPSModule('${modulePath}')
$pool = [runspacefactory]::CreateRunspacePool($state)
$null = $pool.SetMaxRunspaces(${throttle})
$pool.Open()
function Invoke-Fleet([int] $Count) {
  $running = [Collections.Generic.List[object]]::new()
  $result = @{ wrong = 0; deadMs = [Collections.Generic.List[double]]::new(); cpuMs = 0.0 }
  $next = 0
  while ($next -lt $Count -or $running.Count -gt 0) {
    while ($next -lt $Count -and $running.Count -lt ${throttle}) {
      $shell = [powershell]::Create()
      $shell.RunspacePool = $pool
      $isDead = $next % 25 -eq 24
      $setup = if ($isDead) { "try { Connect-C2RBridge -NodePath '${deadNode}' } catch { }" } else { '$null = Connect-C2RBridge -Simulation @{} -WarningAction SilentlyContinue' }
      $null = $shell.AddScript("$setup; \`$clock = [Diagnostics.Stopwatch]::StartNew(); \`$report = Get-C2RReport; @{ report = \`$report; ms = \`$clock.Elapsed.TotalMilliseconds }; Disconnect-C2RBridge")
      $running.Add(@{ Shell = $shell; IsDead = $isDead; Run = $shell.BeginInvoke() })
      $next++
    }
    $done = [Threading.WaitHandle]::WaitAny([Threading.WaitHandle[]] $running.Run.AsyncWaitHandle, 60000)
    if ($done -eq [Threading.WaitHandle]::WaitTimeout) { throw 'No host has answered within a minute.' }
    $host_ = $running[$done]
    $running.RemoveAt($done)
    $answer = $host_.Shell.EndInvoke($host_.Run)[0]
    $reached = $null -ne $answer.report.Office
    if ($reached -eq $host_.IsDead) { $result.wrong++ }
    if ($host_.IsDead) { $result.deadMs.Add($answer.ms) }
    $host_.Shell.Dispose()
  }
  return $result
}
function Measure-Memory { [GC]::Collect(); [GC]::WaitForPendingFinalizers(); [GC]::GetTotalMemory($true) }
function Measure-Fleet([int] $Count) {
  $process = [Diagnostics.Process]::GetCurrentProcess()
  $before = $process.TotalProcessorTime
  $clock = [Diagnostics.Stopwatch]::StartNew()
  $result = Invoke-Fleet -Count $Count
  $process.Refresh()
  @{ ms = $clock.Elapsed.TotalMilliseconds / $Count; cpuMs = ($process.TotalProcessorTime - $before).TotalMilliseconds / $Count; wrong = $result.wrong; deadMs = @($result.deadMs) }
}
$null = Invoke-Fleet -Count 50
$few = Measure-Fleet -Count ${few}
$memory = Measure-Memory
$many = Measure-Fleet -Count ${many}
ConvertTo-Json -Depth 4 -Compress @{ few = $few; many = $many; growth = (Measure-Memory) - $memory; threads = [Diagnostics.Process]::GetCurrentProcess().Threads.Count }`;

const { status, stdout, stderr } = spawnSync(
  process.env.C2R_PWSH ?? 'pwsh',
  ['-NoProfile', '-NonInteractive', '-Command', script],
  { encoding: 'utf8' },
);
if (status !== 0) throw new Error(stdout + stderr);
const result = JSON.parse(stdout.trim().split('\n').at(-1));
console.log(`${few} hosts, then ${many}, ${throttle} at a time, one in 25 dead`);
noLimit(`a host of ${few}`, result.few.ms, ' ms');
noLimit(`a host of ${many}`, result.many.ms, ' ms');
atMost(
  `processor time of the console a host, ${many} beside ${few}`,
  result.many.cpuMs / result.few.cpuMs,
  limits.flat,
);
atMost(`growth of the console over ${many} hosts`, result.growth / 1e6, limits.growthMB, ' MB');
atMost(
  'the longest wait for a dead host, beside its own time-out',
  Math.max(...result.many.deadMs) / deadMs,
  limits.dead,
);
atMost('hosts that answered wrongly', result.few.wrong + result.many.wrong, 0);
