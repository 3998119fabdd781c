import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { literal, type ScriptRun } from './powershell-script.js';
import { pwsh, runPowerShell } from './pwsh.js';

/** What became of a script that was run by its path. */
export interface FileRun {
  readonly code: number | null;
  /** What it gave, a line each. */
  readonly out: string;
  /** What a caller takes for trouble: errors, and in a runspace also whatever else is no text. */
  readonly err: string;
}

/** A script and what is handed to it. */
export interface FileCall {
  readonly file: string;
  readonly args: readonly string[];
}

export interface FileOptions {
  readonly cwd?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Runs scripts by their paths, one after another, in one runspace of its own, or in the PowerShell that `run` starts. */
export async function runFiles(
  calls: readonly FileCall[],
  { cwd, variables = {} }: FileOptions = {},
  run: (script: string, options: { module: null }) => Promise<ScriptRun> = runPowerShell,
): Promise<FileRun[]> {
  const set = Object.entries(variables).map(([name, value]) => `$env:${name} = ${literal(value)}`);
  const move =
    cwd === undefined ? '' : `[Environment]::CurrentDirectory = ${literal(cwd)}; Set-Location ${literal(cwd)}`;
  const { output, text } = await run(
    `${set.join('\n')}
     ${move}
     function Invoke-File([scriptblock] $Call) {
       # As a new process begins.
       Set-StrictMode -Off
       $ErrorActionPreference = 'Continue'
       $global:LASTEXITCODE = 0
       $all = @(& $Call *>&1)
       @{
         code = $LASTEXITCODE
         out = @($all | Where-Object { $_ -is [string] } | ForEach-Object { "$_\`n" }) -join ''
         err = @($all | Where-Object { $_ -isnot [string] } | ForEach-Object { "$($_.GetType().Name): $_" }) -join "\`n"
       }
     }
     @(${calls.map((call) => `Invoke-File { ${commandLine(call)} }`).join('\n')})`,
    { module: null },
  );
  return [output].flat().map((each: FileRun) => ({ ...each, err: `${each.err}${text}` }));
}

/** Runs one script by its path in a runspace of its own. */
export async function runFile(file: string, args: readonly string[], options?: FileOptions): Promise<FileRun> {
  const [run] = await runFiles([{ file, args }], options);
  return run as FileRun;
}

/** Names of parameters stay words of the language, with the value of a switch; everything else is a text, as -File has it. */
function commandLine({ file, args }: FileCall): string {
  return `& ${[literal(file), ...args.map((arg) => (/^-[A-Z]\w*(:\$\w+)?$/i.test(arg) ? arg : literal(arg)))].join(' ')}`;
}

/** Runs a script by its path as agents do, in a process of its own, where `variables` also tell its culture; it takes five times as long as `runFile`. */
export async function runFileProcess(
  file: string,
  args: readonly string[],
  { cwd, variables }: FileOptions = {},
): Promise<FileRun> {
  const child = spawn(pwsh, ['-NoProfile', '-ExecutionPolicy', 'Bypass', '-File', file, ...args], {
    cwd,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, out, err };
}
