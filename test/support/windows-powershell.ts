import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { asWindowsPath, hostFolder, underWine } from '../../.scripts/powershell.mjs';
import type { Lab } from '../lab/provision.mjs';
import { describeInLab, describeWithComServers } from './lab.js';
import type { ScriptRun } from './powershell-script.js';
import { PowerShellServer } from './powershell-server.js';

const program = join(hostFolder('win-x64'), 'pwsh.exe');
const missing =
  process.env.C2R_WINDOWS_PWSH_MISSING ??
  (existsSync(program)
    ? undefined
    : 'PowerShell for Windows is not built yet: npm test -- --project windows-powershell');

/** One long-lived PowerShell for Windows. */
export class WindowsPowerShell {
  readonly #server: PowerShellServer;
  readonly #module: string;

  constructor(lab: Lab, { elevated = true } = {}) {
    const launcher = elevated ? [program] : ['C:\\lab\\unelevated.exe', asWindowsPath(program)];
    this.#server = new PowerShellServer(['wine', ...launcher], { ...process.env, ...lab.environment, ...underWine });
    this.#module = `${lab.clone}\\powershell\\C2RBridge`;
  }

  /** Runs a script with the module of the clone; see `asJson`. One that fails rejects. */
  run(script: string, { module = this.#module as string | null } = {}): Promise<ScriptRun> {
    return this.#server.run(script, module);
  }

  /** Ends PowerShell without a word. */
  kill(): Promise<void> {
    return this.#server.kill();
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
      // Vitest gives a second try to a test, not to what comes before it.
      beforeAll(async () => {
        await shell.run('1').catch((error: Error) => {
          console.warn(`PowerShell for Windows is started once more: ${error.message}`);
          return shell.run('1');
        });
      });
      afterAll(() => shell.kill());
      body(shell, lab);
    });
  });
}
