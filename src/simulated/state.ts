import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { RpcError } from '../contract/errors.js';

/**
 * What a simulated machine remembers between two processes: one JSON file, read when the machine is opened and written with
 * each change. Without a path nothing is kept.
 */
export class MachineState {
  readonly #path: string | null;
  readonly #parts: Record<string, unknown>;

  constructor(path: string | null) {
    this.#path = path;
    this.#parts = path === null ? {} : load(path);
  }

  get<T>(part: string): T | undefined {
    return this.#parts[part] as T | undefined;
  }

  set(part: string, value: unknown): void {
    if (this.#path === null) return;
    this.#parts[part] = value;
    // Renamed into place, so that another process never reads half a file.
    const draft = `${this.#path}.${process.pid}.tmp`;
    writeFileSync(draft, JSON.stringify({ ...load(this.#path), [part]: value }));
    renameSync(draft, this.#path);
  }
}

function load(path: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new RpcError(
      'NotAvailable',
      `The state ${path} of the simulation cannot be used: ${(error as Error).message}`,
      {
        reason: 'simulationState',
        path,
        recommendation: 'Remove the file, and the simulated machine starts from its scenario again.',
      },
    );
  }
}
