import { E_FAIL, isFailure } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import type { Clock } from '../base/run.js';
import type { Versions } from '../contract/defender.js';
import { deferred, settlesWithin } from './deferred.js';
import { notifications } from './mpclient.js';
import type { Defender, Manager, Notification, Update } from './port.js';
import { UpdateRecord } from './record.js';
import { decodeVersions } from './versions.js';

/**
 * After INTERNAL_FAILURE a COMPLETE is not certain to come: this much silence ends the update as failed. Not where a phase has
 * been told of since: another source is tried then, whose search may say nothing for minutes.
 */
const silenceAfterFailureMs = 10_000;
/** How long an abort waits for a MpUpdateStart that has not returned, before it tries the manager handle without it. */
const startGraceMs = 1_000;

/** How an update ended. */
export interface Outcome {
  /** `hResult` of COMPLETE, or of what is taken for it; signed 32 bits. */
  readonly hresult: number;
  /** The notification that carried it. */
  readonly source: 'MPNOTIFY_SIGUPDATE_COMPLETE' | 'MPNOTIFY_INTERNAL_FAILURE';
  readonly text: string | null;
  readonly versionsBefore: Versions | null;
  readonly versionsAfter: Versions | null;
}

/** The update was given up before MpUpdateStart was called. */
class NotStarted extends Error {}

/**
 * One signature update from MpManagerOpen to the last MpHandleClose. It outlives the request that began it where Defender
 * does not let go: closing the handle of an update that has not completed would block.
 */
export class UpdateSession {
  readonly record = new UpdateRecord();
  /** Rejects with what a call refused, or `MpClientMissing`. */
  readonly outcome: Promise<Outcome>;
  /** Resolves when both handles are closed; never rejects. */
  readonly closed: Promise<void>;
  /** `hResult` of COMPLETE, or of what is taken for it; null before. */
  hresult: number | null = null;
  versionsBefore: Versions | null = null;
  /** Whether MpUpdateStart was called. */
  asked = false;

  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #onNotification: () => void;
  readonly #completed = deferred<Pick<Outcome, 'hresult' | 'source'>>();
  readonly #begun = deferred<void>();
  readonly #over = new AbortController();
  #manager: Manager | null = null;
  #update: Update | null = null;
  #state: 'opening' | 'started' | 'ended' = 'opening';
  #givenUp = false;

  /** `startedAt` is the time of `clock` from which all times are counted: when the request began. */
  constructor(defender: Defender, options: number, clock: Clock, startedAt: number, onNotification: () => void) {
    this.#clock = clock;
    this.#startedAt = startedAt;
    this.#onNotification = onNotification;
    this.outcome = this.#carryOut(defender, options);
    this.closed = this.outcome.then(
      () => this.#close(),
      () => this.#close(),
    );
  }

  /** Milliseconds since the request began. */
  get elapsedMs(): number {
    return Math.round(this.#clock.now() - this.#startedAt);
  }

  /** Whether Defender has been asked to update and has not said that it ended. */
  get running(): boolean {
    return this.#state === 'started';
  }

  /**
   * Asks Defender to stop. Throws the `HResultError` of the manager handle where that and the update handle are refused.
   * May take as long as MpUpdateStart does: what was asked before that had returned is asked again.
   */
  async abort(): Promise<void> {
    this.#givenUp = true;
    const begun = await settlesWithin(this.#begun.promise, startGraceMs, this.#clock);
    if (this.running) await this.#control();
    if (begun) return;
    await this.#begun.promise;
    if (this.running) await this.#control();
  }

  /** With the manager handle, and with the update handle where that is refused: which one is right differs between builds. */
  async #control(): Promise<void> {
    try {
      await this.#manager?.abort();
    } catch (refused) {
      await this.#begun.promise;
      if (!this.running) return;
      await this.#update?.abort().catch(() => {
        throw refused;
      });
    }
  }

  async #carryOut(defender: Defender, options: number): Promise<Outcome> {
    const manager = await defender.open();
    this.#manager = manager;
    this.versionsBefore = await readVersions(manager);
    await this.#start(manager, options);
    const { hresult, source } = await this.#completed.promise;
    return {
      hresult,
      source,
      text: await manager.errorText(hresult),
      versionsBefore: this.versionsBefore,
      versionsAfter: await readVersions(manager),
    };
  }

  async #start(manager: Manager, options: number): Promise<void> {
    try {
      if (this.#givenUp) throw new NotStarted();
      this.#state = 'started';
      this.asked = true;
      this.#update = await manager.startUpdate(options, (notification) => this.#receive(notification));
    } catch (error) {
      this.#state = 'ended';
      throw error;
    } finally {
      this.#begun.resolve();
    }
  }

  #receive(notification: Notification): void {
    if (!this.running) return;
    this.record.receive(notification, this.elapsedMs);
    if (notification.notify === notifications.SIGUPDATE_COMPLETE) {
      this.#complete(notification.hresult, 'MPNOTIFY_SIGUPDATE_COMPLETE');
    }
    if (notification.notify === notifications.INTERNAL_FAILURE) {
      void this.#completeAfterSilence(isFailure(notification.hresult) ? notification.hresult : E_FAIL);
    }
    this.#onNotification();
  }

  #complete(hresult: number, source: Outcome['source']): void {
    this.#state = 'ended';
    this.hresult = hresult;
    this.#over.abort();
    this.#completed.resolve({ hresult, source });
  }

  async #completeAfterSilence(hresult: number): Promise<void> {
    const { steps } = this.record;
    while (this.running && this.record.steps === steps) {
      const heard = this.record.received;
      await this.#clock.sleep(silenceAfterFailureMs, this.#over.signal).catch(() => undefined);
      if (this.running && this.record.received === heard) this.#complete(hresult, 'MPNOTIFY_INTERNAL_FAILURE');
    }
  }

  /** The update handle first: its worker still uses the manager. */
  async #close(): Promise<void> {
    await this.#update?.close();
    await this.#manager?.close();
  }
}

/** null where the versions cannot be read now: that must neither keep an update from starting nor hide how it ended. */
async function readVersions(manager: Manager): Promise<Versions | null> {
  try {
    return decodeVersions(await manager.versions());
  } catch (error) {
    if (error instanceof HResultError) return null;
    throw error;
  }
}
