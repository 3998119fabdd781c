/** Runs tasks one after another, so that a slow disk never holds more than one thread of the pool. */
export class WorkQueue {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `task` when all before it have ended, however they ended. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
