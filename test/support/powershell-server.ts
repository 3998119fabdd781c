import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { deadline } from './deadline.js';
import { asJson, type ScriptRun } from './powershell-script.js';

/** One long-lived PowerShell of our own host (`powershell-host/`); each script has a runspace of its own, one after another. */
export class PowerShellServer {
  readonly #command: readonly [program: string, ...args: string[]];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #lines: AsyncIterator<string> | undefined;
  #reader: Interface | undefined;
  #stderr = '';
  /** The exit code or the signal that it ends with, or why it could not be started. */
  #end: Promise<unknown> = Promise.resolve();
  #last: Promise<unknown> = Promise.resolve();

  constructor(command: readonly [program: string, ...args: string[]], env: NodeJS.ProcessEnv) {
    this.#command = command;
    this.#env = env;
  }

  /** Runs a script; see `asJson`. One that fails rejects. */
  run(script: string, module: string | null, timeoutMs = 120_000): Promise<ScriptRun> {
    const run = this.#last.then(() => this.#run(asJson(script, module), timeoutMs));
    this.#last = run.catch(() => undefined);
    return run;
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

  async #run(script: string, timeoutMs: number): Promise<ScriptRun> {
    if (!this.#child) await this.#start();
    const child = this.#child as ChildProcess;
    const late = setTimeout(() => child.kill('SIGKILL'), deadline(timeoutMs));
    try {
      child.stdin?.write(`${JSON.stringify({ script })}\n`);
      const { output, errors, text } = await this.#answer();
      if (output === '') throw new Error(`The script failed: ${errors.join('\n')}`);
      return { output: JSON.parse(output), text: `${text}${errors.join('\n')}` };
    } finally {
      clearTimeout(late);
    }
  }

  async #start(): Promise<void> {
    const [program, ...args] = this.#command;
    const child = spawn(program, [...args, '--serve'], { env: this.#env });
    child.stdin.on('error', () => undefined);
    this.#end = once(child, 'exit').then(([code, signal]) => code ?? signal, String);
    this.#stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-1000);
    });
    // Nobody has to end it: it ends when its input does, as it does with this process.
    for (const each of [child, ...child.stdio] as { unref?: () => void }[]) each.unref?.();
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
    throw new Error(`PowerShell ended without an answer: ${await this.#end}. ${this.#stderr}`);
  }
}
