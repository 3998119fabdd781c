import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { limit } from '../../base/limit.js';
import { hashFile } from './hash-file.js';
import type { Sha256 } from './published-hash.js';

/** A program that serves as another thread of this one when it is started with this argument. */
export interface ThreadProgram {
  readonly file: string;
  readonly argument: string;
}

/** What a hashing thread is told, one file at a time, and what it answers. */
export type HashOrder = { readonly file: string };
export type HashAnswer =
  | { readonly bytes: number }
  | { readonly sha256: Sha256 }
  | { readonly failure: { readonly message: string; readonly details: object } };

/** More threads than this find nothing to do: a disk is slower, and each takes memory. */
const mostThreads = 4;

/** Hashes files, several at once: SHA-256 keeps one core busy, and verifying an image is hashing. */
export class HashPool {
  readonly #threads = Math.min(mostThreads, availableParallelism());
  readonly #atATime = limit(this.#threads);
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];

  constructor(readonly program: ThreadProgram) {}

  /** The SHA-256 of a file; `onBytes` gets the count of what has been hashed since the last call. */
  hash(file: string, signal: AbortSignal, onBytes: (count: number) => void): Promise<Sha256> {
    if (this.#threads === 1) return hashFile(file, signal, onBytes);
    return this.#atATime(async () => {
      signal.throwIfAborted();
      const worker = this.#idle.pop() ?? this.#start();
      const sha256 = await hashIn(worker, file, signal, onBytes);
      this.#idle.push(worker);
      return sha256;
    });
  }

  /** Ends the threads, whatever they are doing. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const { file, argument } = this.program;
    const worker = new Worker(file, {
      workerData: { task: 'hash' },
      stdout: true,
      argv: [argument],
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 },
    });
    worker.setMaxListeners(0);
    this.#all.push(worker);
    return worker;
  }
}

function hashIn(worker: Worker, file: string, signal: AbortSignal, onBytes: (count: number) => void): Promise<Sha256> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      worker.off('message', answered).off('error', failed).off('exit', exited);
      signal.removeEventListener('abort', aborted);
      end();
    };
    const answered = (answer: HashAnswer) => {
      if ('bytes' in answer) onBytes(answer.bytes);
      else if ('sha256' in answer) settle(() => resolve(answer.sha256));
      else settle(() => reject(Object.assign(new Error(answer.failure.message), answer.failure.details)));
    };
    const failed = (error: Error) => settle(() => reject(error));
    const exited = () => settle(() => reject(new Error('The hashing thread ended early.')));
    const aborted = () => settle(() => reject(signal.reason));
    worker.on('message', answered).on('error', failed).on('exit', exited);
    signal.addEventListener('abort', aborted, { once: true });
    worker.postMessage({ file } satisfies HashOrder);
  });
}

/** A thread's end of the connection. */
export interface HashPort {
  postMessage(answer: HashAnswer): void;
  on(event: 'message', listener: (order: HashOrder) => void): unknown;
}

/** Hashes what it is told to; ends with its thread. */
export function serveHashes(port: HashPort): void {
  const { signal } = new AbortController();
  port.on('message', ({ file }) => {
    let bytes = 0;
    const tell = () => {
      port.postMessage({ bytes });
      bytes = 0;
    };
    hashFile(file, signal, (count) => {
      bytes += count;
      if (bytes >= reportBytes) tell();
    }).then(
      (sha256) => {
        tell();
        port.postMessage({ sha256 });
      },
      ({ message, code, path, syscall }: NodeJS.ErrnoException) =>
        port.postMessage({ failure: { message, details: { code, path, syscall } } }),
    );
  });
}

/** How much is hashed between two messages. */
const reportBytes = 16 * 1024 * 1024;
