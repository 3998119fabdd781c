import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  CancellationTokenSource,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';

export const bridgePath = fileURLToPath(new URL('../../dist/c2r-bridge.cjs', import.meta.url));

export interface BridgeOptions {
  /** The command line in front of the bridge's own options; the lab puts Wine here. */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  /** The scenario of the simulated backend. */
  readonly simulate?: object;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The account that it runs as, where this process may choose. */
  readonly uid?: number;
}

export interface RequestOptions {
  /** Receives every `$/progress` value of this request. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever arrives
  readonly onProgress?: (value: any) => void;
  readonly signal?: AbortSignal;
}

/** The built bridge as a child process, spoken to by a client that nobody here wrote. */
export interface Bridge {
  readonly process: ChildProcess;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever arrives
  request(method: string, params?: object, options?: RequestOptions): Promise<any>;
  notify(method: string, params?: object): Promise<void>;
  stderr(): string;
  /** `shutdown`, `exit`, and the exit code. */
  stop(): Promise<number | null>;
  /** Kills what is left, for `afterEach`. */
  [Symbol.asyncDispose](): Promise<void>;
}

export function startBridge(options: BridgeOptions = {}): Bridge {
  const [program = process.execPath, ...before] = options.command ?? [process.execPath, bridgePath];
  const simulate = options.simulate ? ['--simulate', JSON.stringify(options.simulate)] : [];
  const child = spawn(program, [...before, '--stdio', ...simulate, ...(options.args ?? [])], {
    env: options.env ?? process.env,
    cwd: options.cwd,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const exited = once(child, 'exit');
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const gone = exited.then(([code]) => {
    throw new Error(`The bridge ended with code ${code}. ${stderr}`);
  });
  gone.catch(() => undefined);
  const listeners = new Map<string, (value: unknown) => void>();
  connection.onNotification('$/progress', ({ token, value }: { token: string; value: unknown }) =>
    listeners.get(token)?.(value),
  );
  connection.onError(() => undefined);
  connection.listen();
  let tokens = 0;
  const answers: Promise<unknown>[] = [];

  async function ask(method: string, params?: object, { onProgress, signal }: RequestOptions = {}) {
    const token = `token-${++tokens}`;
    if (onProgress) listeners.set(token, onProgress);
    const cancellation = new CancellationTokenSource();
    const cancel = () => cancellation.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      const withToken = onProgress ? { ...params, progressToken: token } : params;
      // `sendRequest` spreads an undefined argument into `params: []`, so a method without params must be called without it.
      const reply = withToken
        ? connection.sendRequest(method, withToken, cancellation.token)
        : connection.sendRequest(method, cancellation.token);
      return await Promise.race([reply, gone]);
    } finally {
      signal?.removeEventListener('abort', cancel);
      listeners.delete(token);
    }
  }

  return {
    process: child,
    request(method, params, options) {
      const answer = ask(method, params, options);
      answers.push(answer);
      return answer;
    },
    notify: (method, params) =>
      params ? connection.sendNotification(method, params) : connection.sendNotification(method),
    stderr: () => stderr,
    async stop() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      const [code] = await exited;
      connection.dispose();
      return code;
    },
    async [Symbol.asyncDispose]() {
      // Where a test failed nobody waits for its requests any more; what they end with now would fail the whole run.
      for (const answer of answers) answer.catch(() => undefined);
      connection.dispose();
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}
