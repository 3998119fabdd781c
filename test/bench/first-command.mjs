// Where the time of a session's first command goes: a table for notes.md, by statement of the module. A statement's time is that
// until the next one begins, in whatever function, so that one which calls a function has the function's compilation.
//   node test/bench/first-command.mjs [--runs 7] [--lines 25] [--command 'Get-C2RStatus']      needs a pwsh, on PATH or in C2R_PWSH
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './figures.mjs';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    lines: { type: 'string', default: '25' },
    command: { type: 'string', default: 'Get-C2RStatus -WarningAction Ignore' },
  },
});
const pwsh = process.env.C2R_PWSH ?? 'pwsh';
const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'c2r-first-command-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

function run(script) {
  const { status, stdout, stderr, error } = spawnSync(pwsh, ['-NoProfile', '-NonInteractive', '-Command', script], {
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  });
  if (status !== 0) throw error ?? new Error(stdout + stderr);
  return stdout;
}

/** The module of a package, each of whose statements notes when it begins; and what is written of each. */
function stampedModule() {
  spawnSync(process.execPath, [file('../../.scripts/package.mjs'), '--output', work], { stdio: 'ignore' });
  const { version } = JSON.parse(readFileSync(file('../../package.json'), 'utf8'));
  const folder = join(work, 'C2RBridge');
  cpSync(join(work, `c2r-bridge-${version}`, 'C2RBridge'), folder, { recursive: true });
  const script = join(folder, 'C2RBridge.psm1');
  const found = run(`
    $ast = [Management.Automation.Language.Parser]::ParseFile(${quoted(script)}, [ref] $null, [ref] $null)
    $isBlock = { $args[0].GetType().Name -in 'NamedBlockAst', 'StatementBlockAst' -and $args[0].Parent.GetType().Name -notin 'SubExpressionAst', 'ArrayExpressionAst' }
    $found = foreach ($function in $ast.FindAll({ $args[0].GetType().Name -eq 'FunctionDefinitionAst' }, $true)) {
      foreach ($statement in $function.Body.FindAll($isBlock, $true).Statements) {
        [pscustomobject] @{ at = $statement.Extent.StartOffset; function = $function.Name; text = $statement.Extent.Text.Split([char] 10)[0] }
      }
    }
    ConvertTo-Json -Compress @($found | Sort-Object at -Unique)`);
  const statements = JSON.parse(found);
  let text = readFileSync(script, 'utf8');
  for (const [id, { at }] of [...statements.entries()].reverse()) {
    text = `${text.slice(0, at)}$stamps.Add(${id}); $stamps.Add([Diagnostics.Stopwatch]::GetTimestamp()); ${text.slice(at)}`;
  }
  writeFileSync(script, text);
  return { path: folder, statements };
}

/** Pairs of a statement's number and its ticks; -1 is the import, -2 the end. */
function stamps(path) {
  const out = run(`
    $global:stamps = [Collections.Generic.List[long]]::new()
    function Add-Stamp($id) { $stamps.Add($id); $stamps.Add([Diagnostics.Stopwatch]::GetTimestamp()) }
    Add-Stamp -1
    Import-Module ${quoted(path)}
    Add-Stamp -3
    $null = ${options.command}
    Add-Stamp -2
    "#$([Diagnostics.Stopwatch]::Frequency) $stamps"`);
  const [frequency, ...numbers] = /#(.*)/.exec(out)[1].trim().split(' ').map(Number);
  return Array.from({ length: numbers.length / 2 }, (_, index) => {
    return { id: numbers[2 * index], ms: (numbers[2 * index + 1] / frequency) * 1000 };
  });
}

const { path, statements } = stampedModule();
const nameOf = (id) => {
  if (id < 0) return { [-1]: 'Import-Module', [-3]: 'the command itself' }[id];
  const { function: name, text } = statements[id];
  return `${name}: ${text.length > 90 ? `${text.slice(0, 90)} ...` : text}`;
};
const times = new Map();
const totals = [];
for (let round = 0; round < Number(options.runs); round++) {
  const noted = stamps(path);
  const sums = new Map();
  for (const [index, { id, ms }] of noted.slice(0, -1).entries()) {
    sums.set(id, (sums.get(id) ?? 0) + noted[index + 1].ms - ms);
  }
  for (const [id, ms] of sums) times.set(id, [...(times.get(id) ?? []), ms]);
  totals.push(noted.at(-1).ms - noted[0].ms);
}
console.log(
  `together ${median(totals).toFixed(0)} ms (medians of ${options.runs} sessions)\n\n| ms | statement |\n| --: | --- |`,
);
const rows = [...times].map(([id, each]) => ({ id, ms: median(each) })).sort((a, b) => b.ms - a.ms);
for (const { id, ms } of rows.slice(0, Number(options.lines))) {
  console.log(`| ${ms.toFixed(1)} | ${nameOf(id).replaceAll('|', '\\|')} |`);
}
