import type { Clock } from '../../base/run.js';

/** How long COM may take from the start of the server to the first call of the client that it was started for. */
const firstUseMs = 30_000;

/** What the queue of jobs tells of itself. */
export interface Work {
  /** Whether something is transferred or waits for it. */
  isBusy(): boolean;
  /** Whether anything will be transferred without a call of a client. */
  isPending(): boolean;
}

/** How long a server stays that nobody uses. */
export interface Patience {
  /** After the last client has let go of its last object. */
  readonly idleMs: number;
  /** After the last call, whatever is still held: COM lets go of what a dead client held, so that this is a last resort. */
  readonly silentMs: number;
}

/** Whether a COM server is still needed: what clients hold, what runs for them, and when they last called. */
export class Usage {
  #objects = 0;
  #locks = 0;
  #wasUsed = false;
  #lastUse: number;

  constructor(
    private readonly clock: Clock,
    private readonly work: Work,
    private readonly patience: Patience,
  ) {
    this.#lastUse = clock.now();
  }

  /** A client called, or was told something. */
  seen(): void {
    this.#lastUse = this.clock.now();
  }

  /** Clients hold an object more (1) or less (-1). */
  counted(change: 1 | -1): void {
    this.#objects += change;
    this.#wasUsed = true;
    this.seen();
  }

  /** IClassFactory::LockServer. */
  locked(change: 1 | -1): void {
    this.#locks += change;
  }

  /** Whether nobody holds anything and nothing runs. */
  isFree(): boolean {
    return this.#objects === 0 && this.#locks <= 0 && !this.work.isBusy();
  }

  /** Resolves when nobody has needed the server for as long as its patience lasts. */
  async untilUnused(): Promise<void> {
    while (!this.#isUnused()) await this.clock.sleep(Math.min(this.patience.idleMs, 1000));
  }

  #isUnused(): boolean {
    const { idleMs, silentMs } = this.patience;
    const silence = this.clock.now() - this.#lastUse;
    // COM started this process for a client that is still on its way.
    const enough = this.#wasUsed ? idleMs : Math.max(idleMs, firstUseMs);
    return (this.isFree() && silence > enough) || (!this.work.isPending() && silence > Math.max(silentMs, enough));
  }
}
