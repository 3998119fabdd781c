import type { createHash, Hash } from 'node:crypto';
import type fs from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Sha256 } from './published-hash.js';

/** What a thread is told: to hash a file, or to hash one that is being written up to where it is by now. */
type HashOrder =
  | { readonly id: number; readonly file: string }
  | { readonly id: number; readonly fd: number; readonly to: number; readonly last: boolean };

type HashAnswer = { readonly id: number } & (
  | { readonly bytes: number }
  | { readonly sha256: Sha256 }
  | { readonly failure: { readonly message: string; readonly details: object } }
);

interface HashPort {
  on(event: 'message', listener: (order: HashOrder) => void): unknown;
  postMessage(answer: HashAnswer): void;
}

/**
 * What runs in the thread, from its text alone: it refers to nothing outside of itself. A thread that had to load the bridge
 * would take three times as long to start, and half as much memory again.
 *
 * It reads synchronously, because the system reads ahead by itself, and a handover of each block between threads costs more
 * than it saves.
 */
function serve(port: HashPort, { openSync, readSync, closeSync }: typeof fs, create: typeof createHash): void {
  // Small enough to stay in the processor's own cache: of 1 MiB, where SHA-256 is an instruction, a read costs as much as its hash.
  const block = Buffer.allocUnsafeSlow(128 * 1024);
  const reportBytes = 16 * 1024 * 1024;
  const begun = new Map<number, { readonly hash: Hash; at: number }>();

  /** Hashes on to `to`, or to the end of the file. */
  const advance = (id: number, fd: number, to: number) => {
    const { hash, at } = begun.get(id) ?? { hash: create('sha256'), at: 0 };
    let [next, told] = [at, at];
    const tell = () => {
      port.postMessage({ id, bytes: next - told });
      told = next;
    };
    while (next < to) {
      const count = readSync(fd, block, 0, Math.min(block.length, to - next), next);
      if (count === 0) break;
      hash.update(block.subarray(0, count));
      next += count;
      if (next - told >= reportBytes) tell();
    }
    tell();
    begun.set(id, { hash, at: next });
    return { hash, at: next };
  };
  const whole = (id: number, file: string) => {
    const fd = openSync(file, 'r');
    try {
      return advance(id, fd, Number.POSITIVE_INFINITY);
    } finally {
      closeSync(fd);
    }
  };
  const follow = (id: number, fd: number, to: number) => {
    const reached = advance(id, fd, to);
    if (reached.at < to) throw new Error('The file became shorter while it was written.');
    return reached;
  };

  port.on('message', (order) => {
    const { id } = order;
    try {
      const { hash } = 'file' in order ? whole(id, order.file) : follow(id, order.fd, order.to);
      if (!('file' in order || order.last)) return;
      begun.delete(id);
      port.postMessage({ id, sha256: hash.digest('hex') });
    } catch (error) {
      const { message, code, path, syscall } = error as NodeJS.ErrnoException;
      port.postMessage({ id, failure: { message, details: { code, path, syscall } } });
    }
  });
}

const program = `(${serve})(require('node:worker_threads').parentPort, require('node:fs'), require('node:crypto').createHash)`;

interface Listener {
  bytes(count: number): void;
  settled(answer: Sha256 | Error): void;
}

/** A thread that does nothing but hash, one order after another. */
export class HashThread {
  readonly #worker = new Worker(program, {
    eval: true,
    stdout: true,
    resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 },
  });
  readonly #listeners = new Map<number, Listener>();
  #nextId = 0;
  #end: Error | null = null;

  constructor() {
    this.#worker.on('message', (answer: HashAnswer) => this.#answered(answer));
    this.#worker.once('error', (error) => this.#ended(error));
    this.#worker.once('exit', () => this.#ended(new Error('The hashing thread ended early.')));
  }

  /** The SHA-256 of a file. */
  hash(file: string, onBytes: (count: number) => void): Promise<Sha256> {
    const { id, answer } = this.#listen(onBytes);
    this.#order({ id, file });
    return answer;
  }

  /** Begins to hash a file that is being written, in the order of its bytes. */
  follow(fd: number): { reached(to: number): void; digest(size: number): Promise<Sha256> } {
    const { id, answer } = this.#listen(() => undefined);
    // A file that is begun anew is not asked for again.
    answer.catch(() => undefined);
    return {
      reached: (to) => this.#order({ id, fd, to, last: false }),
      digest: (size) => {
        this.#order({ id, fd, to: size, last: true });
        return answer;
      },
    };
  }

  /** Ends the thread, whatever it is doing. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #listen(bytes: Listener['bytes']): { id: number; answer: Promise<Sha256> } {
    const id = this.#nextId++;
    const answer = new Promise<Sha256>((resolve, reject) => {
      const settled: Listener['settled'] = (end) => (typeof end === 'string' ? resolve(end) : reject(end));
      if (this.#end) settled(this.#end);
      else this.#listeners.set(id, { bytes, settled });
    });
    return { id, answer };
  }

  #order(order: HashOrder): void {
    this.#worker.postMessage(order);
  }

  #answered(answer: HashAnswer): void {
    const listener = this.#listeners.get(answer.id);
    if ('bytes' in answer) {
      listener?.bytes(answer.bytes);
      return;
    }
    this.#listeners.delete(answer.id);
    if ('sha256' in answer) listener?.settled(answer.sha256);
    else listener?.settled(Object.assign(new Error(answer.failure.message), answer.failure.details));
  }

  #ended(error: Error): void {
    this.#end ??= error;
    for (const { settled } of this.#listeners.values()) settled(error);
    this.#listeners.clear();
  }
}
