import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { bridgePath } from './bridge.js';
import { deadline } from './deadline.js';

/** The built bridge as a child process and bytes: for what a well-behaved client never sends. */
export interface RawBridge {
  readonly process: ChildProcess;
  /** Writes bytes as they are. */
  write(bytes: string | Uint8Array): void;
  /** Writes each text as the body of a frame, all in one chunk. */
  send(...bodies: readonly (string | object)[]): void;
  /** The body of the next frame as text; rejects when none comes in time, or when stdout has something else. */
  next(): Promise<string>;
  /** Ends stdin. */
  end(): void;
  /** The exit code; whatever stdout then still holds must have been read. */
  exited(): Promise<number | null>;
  stderr(): string;
  [Symbol.asyncDispose](): Promise<void>;
}

const deadlineMs = deadline(10_000);

/** What another implementation of the frames would make of a body. */
export function frame(body: string | Uint8Array): Buffer {
  const bytes = Buffer.from(body as string);
  return Buffer.concat([Buffer.from(`Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
}

export function startRawBridge(
  args: readonly string[] = [],
  { env = process.env, node = process.execPath }: { env?: NodeJS.ProcessEnv; node?: string } = {},
): RawBridge {
  const child = spawn(node, [bridgePath, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = Buffer.alloc(0);
  let stderr = '';
  let wake: () => void = () => undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined);
  const closed = once(child, 'close');
  child.stdout.on('data', (chunk: Buffer) => {
    stdout = Buffer.concat([stdout, chunk]);
    wake();
  });
  closed.then(() => wake());

  function take(): string | undefined {
    if (stdout.length === 0) return undefined;
    const headerEnd = stdout.indexOf('\r\n\r\n');
    const header = stdout.subarray(0, headerEnd < 0 ? stdout.length : headerEnd).toString();
    if (headerEnd < 0 && 'Content-Length: '.startsWith(header.slice(0, 16))) return undefined;
    const [, digits] = /^Content-Length: (\d+)$/.exec(header) ?? [];
    if (!digits) throw new Error(`stdout has something else than a frame: ${stdout.subarray(0, 200)}`);
    const end = headerEnd + 4 + Number(digits);
    if (stdout.length < end) return undefined;
    const body = stdout.subarray(headerEnd + 4, end).toString();
    stdout = stdout.subarray(end);
    return body;
  }

  return {
    process: child,
    write: (bytes) => void child.stdin.write(bytes),
    send: (...bodies) =>
      void child.stdin.write(
        Buffer.concat(
          bodies.map((body) => frame(typeof body === 'string' ? body : JSON.stringify({ jsonrpc: '2.0', ...body }))),
        ),
      ),
    async next() {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        wake();
      }, deadlineMs);
      try {
        for (;;) {
          const body = take();
          if (body !== undefined) return body;
          if (child.stdout.closed) throw new Error(`The bridge ended without another frame. ${stderr}`);
          if (late) throw new Error(`The bridge has sent no frame for ${deadlineMs} ms. ${stderr}`);
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        clearTimeout(timer);
      }
    },
    end: () => void child.stdin.end(),
    async exited() {
      const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
      const [code] = await closed;
      clearTimeout(timer);
      if (stdout.length > 0) throw new Error(`stdout was not read to its end: ${stdout.subarray(0, 500)}`);
      return code;
    },
    stderr: () => stderr,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await closed;
    },
  };
}
