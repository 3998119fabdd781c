// What the module costs, beside PowerShell itself in the same run:
//   node test/bench/powershell.mjs [--runs 11]      needs a pwsh, on PATH or in C2R_PWSH
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const pwsh = process.env.C2R_PWSH ?? 'pwsh';
const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const modulePath = file('../../powershell/C2RBridge');
const fakeBridge = file('../powershell/fake-bridge.mjs');
/** Milliseconds beyond `pwsh -NoProfile` itself, of a warm call, and for 20 MB as one text and as 150,000 records. */
const limits = { importMs: 150, firstMs: 400, warmMs: 3, textMs: 2000, recordsMs: 4000 };
/** What a bare pwsh takes where these limits were set. Where it takes longer, all of them are stretched alike. */
const referenceMs = 170;

const at = process.argv.indexOf('--runs');
const runs = at < 0 ? 11 : Number(process.argv[at + 1]);
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

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** The median by which each command takes longer than the bare shell that ran right before it. */
function beyondBare(commands) {
  const extra = commands.map(() => []);
  const bares = [];
  for (let index = 0; index < runs; index++) {
    const bare = run('1').ms;
    bares.push(bare);
    for (const [which, command] of commands.entries()) extra[which].push(run(command).ms - bare);
  }
  const bare = median(bares);
  console.log(`pwsh -NoProfile -Command 1: ${bare.toFixed(0)} ms (median of ${runs})`);
  return { bare, extra: extra.map(median) };
}

run(`${importModule}; Get-C2RStatus -WarningAction SilentlyContinue`);
const { bare, extra } = beyondBare([importModule, `${importModule}; Get-C2RStatus -WarningAction SilentlyContinue`]);
const stretch = Math.max(1, bare / referenceMs);
const results = [];
function hold(what, ms, limit) {
  const ok = ms <= limit * stretch;
  results.push(ok);
  const allowed = `${limit} ms${stretch > 1 ? ` x ${stretch.toFixed(1)} on this machine now` : ''}`;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${what}: ${ms.toFixed(ms < 10 ? 2 : 0)} ms, at most ${allowed}`);
}

const [importMs = 0, firstMs = 0] = extra;
hold('Import-Module, beyond pwsh itself', importMs, limits.importMs);
hold('Import-Module, the first Get-C2RStatus and the end of its bridge, beyond pwsh itself', firstMs, limits.firstMs);

const { stdout } = run(`
  ${importModule}
  $clock = [Diagnostics.Stopwatch]::new()
  function Measure-Call([scriptblock] $Body) { $clock.Restart(); $null = & $Body; $clock.Elapsed.TotalMilliseconds }
  $null = Get-C2RStatus -WarningAction SilentlyContinue
  $warm = 1..500 | ForEach-Object { Measure-Call { Get-C2RStatus } } | Sort-Object
  $null = Connect-C2RBridge -BridgePath ${quoted(fakeBridge)}
  $text = Measure-Call { Invoke-C2RBridgeMethod fake/large @{ bytes = 20MB } }
  $records = Measure-Call { Invoke-C2RBridgeMethod fake/records @{ count = 150000 } }
  ConvertTo-Json -Depth 2 -Compress @{ p50 = $warm[250]; p99 = $warm[495]; text = $text; records = $records }`);
const { p50, p99, text, records } = JSON.parse(stdout);
hold(`a warm Get-C2RStatus, p50 of 500 (p99 ${p99.toFixed(1)} ms)`, p50, limits.warmMs);
hold('20 MB as one string', text, limits.textMs);
hold('20 MB as 150,000 objects', records, limits.recordsMs);
process.exitCode = results.every(Boolean) ? 0 : 1;
