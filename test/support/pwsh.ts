import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe } from 'vitest';
import { hostFolder } from '../../.scripts/powershell.mjs';
import { deadline } from './deadline.js';
import { asJson, literal, type ScriptRun } from './powershell-script.js';
import { PowerShellServer } from './powershell-server.js';

export const modulePath = fileURLToPath(new URL('../../powershell/C2RBridge', import.meta.url));
export const fakeBridge = fileURLToPath(new URL('fake-bridge.mjs', import.meta.url));

const [platform, executable] = process.platform === 'win32' ? ['win', 'pwsh.exe'] : ['linux', 'pwsh'];
const onPath = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
/** Without npm test, which sets C2R_PWSH: what an earlier one has built, or one on PATH. */
const ownHost = join(hostFolder(`${platform}-${process.arch}`), executable);
const found =
  process.env.C2R_PWSH ??
  [ownHost, ...onPath.map((folder) => join(folder, executable))].find((path) => existsSync(path));

/** Why the PowerShell tests cannot run here; undefined where they can. */
export const missing = found ? undefined : (process.env.C2R_PWSH_MISSING ?? 'no pwsh on PATH or in C2R_PWSH');

/** The PowerShell under test. */
export const pwsh = found ?? executable;

const running = new Set<ChildProcess>();

/** `describe`, skipped with the reason in the name where there is no PowerShell. It leaves no shell behind. */
export function describePowerShell(name: string, body: () => void): void {
  if (missing) describe.skip(`${name} (${missing})`, body);
  else {
    describe(name, () => {
      // Not after each test: others may run beside it.
      afterAll(() => {
        for (const child of running) child.kill('SIGKILL');
      });
      body();
    });
  }
}

export interface RunOptions {
  /** Imported first; null imports nothing. */
  readonly module?: string | null;
  readonly timeoutMs?: number;
}

/** For every file of this worker, since the first script of a PowerShell takes two seconds. It ends with the worker. */
const server = pwsh === ownHost ? new PowerShellServer([pwsh], process.env) : undefined;

/** Runs a script in a runspace of its own; see `asJson`. A script that fails rejects. */
export async function runPowerShell(
  script: string,
  { module = modulePath, timeoutMs = 100_000 }: RunOptions = {},
): Promise<ScriptRun> {
  return server ? server.run(script, module, timeoutMs) : runPowerShellProcess(script, { module, timeoutMs });
}

export interface ProcessOptions extends RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The account that it runs as, where this process may choose. */
  readonly uid?: number;
  /** Sees the process right after its start. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs a script in a PowerShell of its own, as `pwsh -File`, which takes five times as long as `runPowerShell`. */
export async function runPowerShellProcess(script: string, options: ProcessOptions = {}): Promise<ScriptRun> {
  const { module = modulePath, env = process.env, cwd, timeoutMs = 100_000, uid, onStart } = options;
  const folder = mkdtempSync(join(tmpdir(), 'c2r-pwsh-'));
  const [file, result] = [join(folder, 'script.ps1'), join(folder, 'result.json')];
  if (uid !== undefined) chmodSync(folder, 0o777);
  // With a BOM, without which Windows PowerShell takes the file for ANSI.
  writeFileSync(
    file,
    `\ufeff${asJson(script, module)} | ForEach-Object { [IO.File]::WriteAllText(${literal(result)}, $_) }\n`,
  );
  try {
    const child = spawn(pwsh, ['-NoProfile', '-NonInteractive', '-File', file], {
      env,
      cwd,
      ...(uid === undefined ? {} : { uid, gid: uid }),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: deadline(timeoutMs),
      killSignal: 'SIGKILL',
    });
    running.add(child);
    onStart?.(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve);
    });
    running.delete(child);
    if (!existsSync(result)) throw new Error(`PowerShell ended with code ${exitCode}.\n${text}`);
    const json = readFileSync(result, 'utf8').replace(/^\ufeff/, '');
    return { text, output: json === '' ? undefined : JSON.parse(json) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
