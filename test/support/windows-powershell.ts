import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { afterAll, beforeAll, describe } from 'vitest';
import { hostFolder } from '../../.scripts/powershell.mjs';
import type { Lab } from '../lab/provision.mjs';
import type { CmdletRun } from './cmdlet-suite.js';
import { deadline } from './deadline.js';
import { describeInLab, describeWithComServers } from './lab.js';
import { asJson } from './pwsh.js';

const program = join(hostFolder('win-x64'), 'pwsh.exe');
const missing =
  process.env.C2R_WINDOWS_PWSH_MISSING ??
  (existsSync(program)
    ? undefined
    : 'PowerShell for Windows is not built yet: npm test -- --project windows-powershell');

/** What PowerShell needs to run under Wine. IL-only assemblies do not load where mscoree is disabled, as the lab has it. */
const environment = {
  WINEDLLOVERRIDES: 'mshtml=',
  DOTNET_EnableWriteXorExecute: '0',
  POWERSHELL_TELEMETRY_OPTOUT: '1',
  POWERSHELL_UPDATECHECK: 'Off',
  NO_COLOR: '1',
  // As the environment of every Windows has it; PowerShell puts its own folders in front.
  PSModulePath: 'C:\\Program Files\\WindowsPowerShell\\Modules',
};

/** One long-lived PowerShell for Windows; each script has a runspace of its own. */
export class WindowsPowerShell {
  readonly #lab: Lab;
  readonly #launcher: readonly string[];
  #child: ChildProcess | undefined;
  #lines: AsyncIterator<string> | undefined;
  #reader: Interface | undefined;

  constructor(lab: Lab, { elevated = true } = {}) {
    this.#lab = lab;
    this.#launcher = elevated ? [program] : ['C:\\lab\\unelevated.exe', `Z:${program.replaceAll('/', '\\')}`];
  }

  /** Runs a script with the module of the clone; see `asJson`. One that fails rejects. */
  async run(
    script: string,
    { module = `${this.#lab.clone}\\powershell\\C2RBridge` as string | null } = {},
  ): Promise<CmdletRun> {
    if (!this.#child) await this.#start();
    const child = this.#child as ChildProcess;
    const late = setTimeout(() => child.kill('SIGKILL'), deadline(120_000));
    try {
      child.stdin?.write(`${JSON.stringify({ script: asJson(script, module) })}\n`);
      const { output, errors, text } = await this.#answer();
      if (output === '') throw new Error(`The script failed.\n${errors.join('\n')}`);
      return { output: JSON.parse(output), text: `${text}${errors.join('\n')}` };
    } finally {
      clearTimeout(late);
    }
  }

  /** Ends PowerShell without a word. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    this.#reader?.close();
  }

  async #start(): Promise<void> {
    const env = { ...process.env, ...this.#lab.environment, ...environment };
    // What it writes to stderr is Wine's.
    const child = spawn('wine', [...this.#launcher, '--serve'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.on('error', () => undefined);
    this.#reader = createInterface({ input: child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
    this.#child = child;
    await this.#answer();
  }

  // biome-ignore lint/suspicious/noExplicitAny: the host's own JSON
  async #answer(): Promise<any> {
    const { value, done } = (await this.#lines?.next()) ?? { done: true };
    if (!done) return JSON.parse(value);
    this.#child = undefined;
    throw new Error('PowerShell for Windows ended without an answer.');
  }
}

/** A group of tests in one PowerShell for Windows, in the lab; with `comServers` as `describeWithComServers`. */
export function describeInWindowsPowerShell(
  name: string,
  body: (shell: WindowsPowerShell, lab: Lab) => void,
  { comServers = false } = {},
): void {
  const describeGroup = comServers ? describeWithComServers : describeInLab;
  describe.skipIf(missing)(missing ? `PowerShell for Windows (${missing})` : 'PowerShell for Windows', () => {
    describeGroup(name, (lab) => {
      const shell = new WindowsPowerShell(lab);
      beforeAll(() => shell.run('1'));
      afterAll(() => shell.kill());
      body(shell, lab);
    });
  });
}
