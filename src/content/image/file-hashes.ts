import { join } from 'node:path';
import type { HashPool } from './hash-pool.js';
import type { Sha256 } from './published-hash.js';

/** Hashes files of one image, each once, whether it was begun early or only when it was asked for. */
export class FileHashes {
  readonly #begun = new Map<string, Promise<Sha256>>();

  constructor(
    readonly root: string,
    readonly pool: HashPool,
    readonly signal: AbortSignal,
    readonly onBytes: (count: number) => void,
  ) {}

  /** Begins the first of these files, one for each thread, before anybody knows for certain that they have to be hashed. */
  begin(paths: readonly string[]): void {
    // Why one of them cannot be read is for the one who asks for it.
    for (const path of paths.slice(0, this.pool.size)) this.of(path).catch(() => undefined);
  }

  of(path: string): Promise<Sha256> {
    const begun = this.#begun.get(path) ?? this.pool.hash(join(this.root, path), this.signal, this.onBytes);
    this.#begun.set(path, begun);
    return begun;
  }
}
