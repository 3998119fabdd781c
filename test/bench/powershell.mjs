// What the module costs as administrators install it (`npm run package`), beside PowerShell itself in the same run:
//   node test/bench/powershell.mjs [--runs 11] [--calls 10000] [--base MODULE]      needs a pwsh, on PATH or in C2R_PWSH
// --base is the folder C2RBridge of another package: its first command is measured in turn with ours.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atMost, median } from './figures.mjs';

const pwsh = process.env.C2R_PWSH ?? 'pwsh';
const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const output = mkdtempSync(join(tmpdir(), 'c2r-bench-package-'));
process.on('exit', () => rmSync(output, { recursive: true, force: true }));
spawnSync(process.execPath, [file('../../.scripts/package.mjs'), '--output', output], { stdio: 'inherit' });
const { version } = JSON.parse(readFileSync(file('../../package.json'), 'utf8'));
const modulePath = join(output, `c2r-bridge-${version}`, 'C2RBridge');
const fakeBridge = file('../support/fake-bridge.mjs');
/**
 * Milliseconds beyond `pwsh -NoProfile` itself, and `first` as a ratio to the bare client and to the module of --base; of a
 * warm call (of which every hundredth may take longer: the garbage collector), and for 20 MB as one text and as 150,000
 * records; what pwsh may grow by over all warm calls.
 */
const limits = {
  importMs: 150,
  firstMs: 400,
  first: 2.5,
  toBase: 0.65,
  warmMs: 3,
  p99Ms: 10,
  textMs: 2000,
  recordsMs: 4000,
  growthMB: 32,
};
/** What a bare pwsh takes where these limits were set. Where it takes longer, all of them are stretched alike. */
const referenceMs = 170;

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const runs = option('runs', 11);
const calls = option('calls', 10_000);
const baseAt = process.argv.indexOf('--base');
const base = baseAt < 0 ? undefined : process.argv[baseAt + 1];
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
const importModule = `Import-Module ${quoted(modulePath)}`;

function run(command) {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(pwsh, ['-NoProfile', '-NonInteractive', '-Command', command], {
    encoding: 'utf8',
  });
  if (status !== 0) throw error ?? new Error(`${command}\n${stdout}${stderr}`);
  return { ms: performance.now() - started, stdout };
}

/** The median of what each command takes. Each round has a random order: a command that follows a short one is slower. */
function medians(commands) {
  const times = commands.map(() => []);
  for (let round = 0; round < runs; round++) {
    const order = commands.map((_, which) => ({ which, place: Math.random() })).sort((a, b) => a.place - b.place);
    for (const { which } of order) times[which].push(run(commands[which]).ms);
  }
  return times.map(median);
}

/** What any client of this kind costs: one line of JSON to a Node that sends it back, and nothing looked at. */
const bareClient = `
  $start = [Diagnostics.ProcessStartInfo]::new(${quoted(process.execPath)}, '-e "process.stdin.pipe(process.stdout)"')
  $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
  $node = [Diagnostics.Process]::Start($start)
  $node.StandardInput.WriteLine((ConvertTo-Json -Compress @{ jsonrpc = '2.0'; id = 1; method = 'c2r/status' }))
  $node.StandardOutput.ReadLine() | ConvertFrom-Json
  $node.StandardInput.Close()
  $node.WaitForExit()`;
const getStatus = 'Get-C2RStatus -WarningAction SilentlyContinue';
const firstStatus = `${importModule}; ${getStatus}`;
const baseStatus = base === undefined ? [] : [`Import-Module ${quoted(base)}; ${getStatus}`];

run(firstStatus);
const [bare, client, imported, first, baseFirst] = medians(['1', bareClient, importModule, firstStatus, ...baseStatus]);
console.log(`pwsh -NoProfile -Command 1: ${bare.toFixed(0)} ms (median of ${runs})`);
const stretch = Math.max(1, bare / referenceMs);
if (stretch > 1) console.log(`  limits are ${stretch.toFixed(1)} times as long on this machine now`);
const hold = (name, ms, limit) => atMost(name, ms, Math.round(limit * stretch), ' ms');

hold('Import-Module, beyond pwsh itself', imported - bare, limits.importMs);
hold(
  'Import-Module, the first Get-C2RStatus and the end of its bridge, beyond pwsh itself',
  first - bare,
  limits.firstMs,
);
atMost(
  'the same, to a client that checks nothing, of a Node that does nothing',
  (first - bare) / (client - bare),
  limits.first,
);

if (baseFirst !== undefined) {
  atMost('the same, beside the module of --base', (first - bare) / (baseFirst - bare), limits.toBase);
}

const { stdout } = run(`
  ${importModule}
  $clock = [Diagnostics.Stopwatch]::new()
  function Measure-Call([scriptblock] $Body) { $clock.Restart(); $null = & $Body; $clock.Elapsed.TotalMilliseconds }
  $null = Get-C2RStatus -WarningAction SilentlyContinue
  function Measure-Memory { [GC]::Collect(); [GC]::WaitForPendingFinalizers(); [GC]::GetTotalMemory($true) }
  $before = Measure-Memory
  $warm = @(1..${calls} | ForEach-Object { Measure-Call { Get-C2RStatus } } | Sort-Object)
  $growth = (Measure-Memory) - $before
  $null = Connect-C2RBridge -BridgePath ${quoted(fakeBridge)}
  $text = Measure-Call { Invoke-C2RBridgeMethod fake/large @{ bytes = 20MB } }
  $records = Measure-Call { Invoke-C2RBridgeMethod fake/records @{ count = 150000 } }
  ConvertTo-Json -Depth 2 -Compress @{
    p50 = $warm[[int]($warm.Count * 0.5)]; p99 = $warm[[int]($warm.Count * 0.99) - 1]; total = ($warm | Measure-Object -Sum).Sum
    growth = $growth; text = $text; records = $records
  }`);
const { p50, p99, total, growth, text, records } = JSON.parse(stdout);
hold('a warm Get-C2RStatus, p50', p50, limits.warmMs);
hold('a warm Get-C2RStatus, p99', p99, limits.p99Ms);
hold(`${calls} calls of Get-C2RStatus`, total, calls * limits.warmMs);
atMost(`growth of pwsh over ${calls} calls`, growth / 1e6, limits.growthMB, ' MB');
hold('20 MB as one string', text, limits.textMs);
hold('20 MB as 150,000 objects', records, limits.recordsMs);
