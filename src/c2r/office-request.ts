import { silentLog } from '../base/log.js';
import { type Clock, type Run, untilAborted } from '../base/run.js';
import type { UpdateProgress } from '../contract/c2r.js';
import {
  type ActionKind,
  comNotRegistered,
  illegalState,
  isIllegalCall,
  isServerGone,
  isUnregistered,
  notInstalled,
  officeError,
  requestCancelled,
  timedOut,
} from './errors.js';
import { isInstalled } from './installation.js';
import type { Office } from './port.js';
import { decodeStatus, type Status, sameReport } from './status.js';

/** How long a request may take and how often it looks. */
export interface Pacing {
  readonly timeoutMs?: number | undefined;
  readonly pollMs?: number | undefined;
}

type Phase = UpdateProgress['phase'];

/** What a phase of an update was like in the end. */
export interface PhaseReport {
  readonly phase: Phase;
  readonly status: Status['status'];
  readonly elapsedMs: number;
}

/** The first interval between two looks, where the caller names none. */
const defaultPollMs = 1000;

/** How long a cancelled request stays to see its download stop. A bridge that ends gives its requests 2 s for that. */
const farewellMs = 1500;

/** How often a download that is to be cancelled is looked at: people wait for it. */
const cancelPollMs = 100;

/** How long Cancel is tried again while the download is still PENDING, where Office refuses it. */
const cancelPatienceMs = 5000;

/** The reason of a limit that the caller's own `timeoutMs` brought about. */
const timeUp = new Error('timeoutMs passed');

/** One request at work on Office: how long it may last, what it has begun, what it saw last and where it stands. */
export class Attempt {
  readonly office: Office;
  readonly clock: Clock;
  readonly pollMs: number;
  readonly phases: PhaseReport[] = [];
  /** The action that this request has begun and that has not been seen to end. */
  running: ActionKind | null = null;
  last: Status | null = null;
  /** What the running download asks a custom BITS manager for; only a registered content has a percentage. */
  contentId: string | null = null;
  /** How much of that is transferred, as last seen; null where nobody knows. */
  percent: number | null = null;
  readonly #limit: AbortSignal;
  readonly #report: (progress: UpdateProgress) => void;
  readonly #startedAt: number;
  #phase: { readonly name: Phase; readonly since: number } | null = null;
  #beginning: Promise<void> = Promise.resolve();

  constructor(office: Office, run: Run<UpdateProgress>, pacing: Pacing, limit: AbortSignal) {
    this.office = office;
    this.clock = run.clock;
    this.pollMs = pacing.pollMs ?? defaultPollMs;
    this.#limit = limit;
    this.#report = (progress) => run.report(progress);
    this.#startedAt = run.clock.now();
  }

  /** Waits for a call, but no longer than the request lasts. The call itself goes on: COM cannot take one back. */
  within<T>(call: Promise<T>): Promise<T> {
    return untilAborted(call, this.#limit);
  }

  sleep(ms: number): Promise<void> {
    return this.clock.sleep(ms, this.#limit);
  }

  async look(): Promise<Status> {
    this.last = decodeStatus(await this.within(this.office.updates.status()));
    if (this.last.status === 'DOWNLOAD_WIP') this.percent = await this.#lookAtContent();
    else if (this.percent !== null && this.last.status === 'DOWNLOAD_SUCCEEDED') this.percent = 100;
    return this.last;
  }

  async #lookAtContent(): Promise<number | null> {
    const { contentPercent } = this.office;
    if (this.contentId === null || !contentPercent) return null;
    // A figure is worth no failure of the download that it is about.
    return this.within(contentPercent(this.contentId).catch(() => null));
  }

  /** Starts an action. From here on the request answers for it, until `ended`. */
  async begin(action: ActionKind, call: () => Promise<void>): Promise<void> {
    // The request may have ended while something was read that is not worth a race.
    this.#limit.throwIfAborted();
    this.running = action;
    this.#beginning = call();
    try {
      await this.within(this.#beginning);
    } catch (error) {
      if (error === this.#limit.reason) throw error;
      this.running = null;
      if (!isIllegalCall(error)) throw error;
      throw illegalState(action === 'download' ? 'Download' : 'Apply', await this.look().catch(() => null));
    }
  }

  ended(): void {
    this.running = null;
  }

  /** Ends the phase before and begins the next. */
  enter(name: Phase): void {
    this.leave();
    this.#phase = { name, since: this.clock.now() };
  }

  /** Ends the phase that runs. */
  leave(): void {
    if (!this.#phase) return;
    const elapsedMs = Math.round(this.clock.now() - this.#phase.since);
    this.phases.push({ phase: this.#phase.name, status: this.last?.status ?? 'UPDATE_UNKNOWN', elapsedMs });
    this.#phase = null;
  }

  /** Reports progress in the present phase. Office gives no figure: a percentage there is of contents that we serve. */
  tell(message: string, phase = this.#phase?.name ?? 'preflight'): void {
    const elapsedMs = Math.round(this.clock.now() - this.#startedAt);
    const percent = phase === 'download' ? this.percent : null;
    this.#report({ phase, message, percent, elapsedMs, ...(this.last ? { status: this.last.status } : {}) });
  }

  /** What goes on in Windows when this request ends now, as far as it knows. */
  goesOn(): ActionKind | null {
    if (this.running) return this.running;
    if (!this.last?.busy) return null;
    return this.last.status.startsWith('APPLY') ? 'apply' : 'download';
  }

  /**
   * Stops a download that this request began, once Office has answered whether it began at all; tells whether it is certain
   * that none goes on. Office shows an accepted download only after a while, and until then a Cancel does nothing: it is sent
   * again.
   */
  async stopDownload(clock: Clock): Promise<boolean> {
    const { last: before, office } = this;
    const farewell: Run<UpdateProgress> = {
      clock,
      signal: new AbortController().signal,
      log: silentLog,
      report: () => undefined,
    };
    const begun = this.#beginning.then(
      () => true,
      () => false,
    );
    return attempt(office, farewell, { timeoutMs: farewellMs }, async (current) => {
      if (!(await current.within(begun))) return true;
      for (let seen = before?.busy ?? false; ; await current.sleep(cancelPollMs)) {
        try {
          this.last = await cancelDownload(current);
          while (this.last.busy) {
            seen = true;
            await current.sleep(cancelPollMs);
            this.last = await current.look();
          }
          if (seen || before === null || !sameReport(this.last, before)) return true;
        } catch (error) {
          if (!isServerGone(error)) throw error;
        }
      }
    }).catch(() => false);
  }
}

/**
 * Carries out one request: `body` ends with the first of its own end, the caller's cancellation and its time limit. Whatever
 * a backend throws leaves as an error that can cross the wire.
 */
export async function attempt<T>(
  office: Office,
  run: Run<UpdateProgress>,
  pacing: Pacing,
  body: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const alarm = new AbortController();
  const cancel = () => limit.abort(run.signal.reason);
  if (run.signal.aborted) cancel();
  run.signal.addEventListener('abort', cancel, { once: true });
  const { timeoutMs } = pacing;
  if (timeoutMs !== undefined) {
    run.clock.sleep(timeoutMs, alarm.signal).then(
      () => limit.abort(timeUp),
      () => undefined,
    );
  }
  const current = new Attempt(office, run, pacing, limit.signal);
  try {
    return await body(current);
  } catch (error) {
    if (!limit.signal.aborted || error !== limit.signal.reason) throw await explained(office, error);
    if (error === timeUp) throw timedOut(timeoutMs ?? 0, current.goesOn(), current.last);
    if (current.running === 'download' && (await current.stopDownload(run.clock))) current.ended();
    throw requestCancelled(current.goesOn(), current.last);
  } finally {
    alarm.abort();
    run.signal.removeEventListener('abort', cancel);
  }
}

/** The wire's form of an error; an object that is not registered is told apart from an Office that is not there. */
async function explained(office: Office, error: unknown): Promise<unknown> {
  if (!isUnregistered(error)) return officeError(error);
  const installed = await isInstalled(office).catch(() => true);
  return installed ? comNotRegistered(error) : notInstalled();
}

/**
 * Cancels the running download. Where none runs there is nothing to do, and Office may refuse the call or accept it: both
 * are fine. An Apply cannot be cancelled: IllegalState.
 */
export async function cancelDownload(current: Attempt): Promise<Status> {
  const patienceEnds = current.clock.now() + cancelPatienceMs;
  for (;;) {
    try {
      await current.within(current.office.updates.cancel());
      return await current.look();
    } catch (error) {
      if (!isIllegalCall(error)) throw error;
      const status = await current.look();
      if (!status.busy || status.status === 'DOWNLOAD_CANCELLING') return status;
      // Office accepts Cancel only from DOWNLOAD_WIP on, so a download that is about to begin is waited for.
      if (status.status.startsWith('APPLY') || current.clock.now() >= patienceEnds)
        throw illegalState('Cancel', status);
    }
    await current.sleep(cancelPollMs);
  }
}
