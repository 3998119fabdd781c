import { type Clock, type Deadline, deadline, type Run, untilAborted } from '../base/run.js';
import type { UpdateProgress } from '../contract/c2r.js';
import { cancelUntilStopped } from './cancel.js';
import { type ActionKind, illegalState, isIllegalCall, requestCancelled, timedOut } from './errors.js';
import type { ActionFor, Office } from './port.js';
import { decodeStatus, type Status } from './status.js';

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

/** One request to Office: how long it may last, what it has begun, what it saw last and where it stands. */
export class OfficeRequest {
  readonly office: Office;
  readonly clock: Clock;
  readonly pollMs: number;
  readonly phases: PhaseReport[] = [];
  /** The action that this request has begun and that has not been seen to end. */
  running: ActionKind | null = null;
  last: Status | null = null;
  /** What the running download asks a custom BITS manager for; only a content source of ours has a percentage. */
  contentId: string | null = null;
  /** How much of that is transferred, as last seen; null where it is not known. */
  percent: number | null = null;
  readonly #limit: AbortSignal;
  readonly #report: (progress: UpdateProgress) => void;
  readonly #startedAt: number;
  #phase: { readonly name: Phase; readonly since: number } | null = null;
  #beginning: Promise<void> = Promise.resolve();

  constructor(
    office: Office,
    run: Pick<Run<UpdateProgress>, 'clock' | 'report'>,
    pacing: Pacing,
    { signal }: Pick<Deadline, 'signal'>,
  ) {
    this.office = office;
    this.clock = run.clock;
    this.pollMs = pacing.pollMs ?? defaultPollMs;
    this.#limit = signal;
    this.#report = (progress) => run.report(progress);
    this.#startedAt = run.clock.now();
  }

  /** Aborts when nobody waits for this request any more. */
  get signal(): AbortSignal {
    return this.#limit;
  }

  /** Waits for a call, but no longer than the request lasts. A call that was sent continues: COM cannot withdraw one. */
  within<T>(call: Promise<T>): Promise<T> {
    return untilAborted(call, this.#limit);
  }

  sleep(ms: number): Promise<void> {
    return this.clock.sleep(ms, this.#limit);
  }

  async look(): Promise<Status> {
    this.last = decodeStatus(await this.within(this.office.updates.status(this.#limit)));
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
  async begin(action: ActionKind, call: (request: ActionFor) => Promise<void>): Promise<void> {
    // The request may have ended while something was read that is not worth a race.
    this.#limit.throwIfAborted();
    const sent = () => {
      this.running = action;
    };
    this.#beginning = call({ signal: this.#limit, sent });
    try {
      await this.within(this.#beginning);
      sent();
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

  /** Ends the current phase. */
  leave(): void {
    if (!this.#phase) return;
    const elapsedMs = Math.round(this.clock.now() - this.#phase.since);
    this.phases.push({ phase: this.#phase.name, status: this.last?.status ?? 'UPDATE_UNKNOWN', elapsedMs });
    this.#phase = null;
  }

  /** Reports progress in the current phase. Office gives no figure: a percentage is of a content source of ours. */
  tell(message: string, phase = this.#phase?.name ?? 'preflight'): void {
    const elapsedMs = Math.round(this.clock.now() - this.#startedAt);
    const percent = phase === 'download' ? this.percent : null;
    this.#report({ phase, message, percent, elapsedMs, ...(this.last ? { status: this.last.status } : {}) });
  }

  /** What continues in Windows when this request ends now, as far as it knows. */
  continuing(): ActionKind | null {
    if (this.running) return this.running;
    if (!this.last?.busy) return null;
    return this.last.status.startsWith('APPLY') ? 'apply' : 'download';
  }

  /** Stops the download that this request has begun, if it can still be stopped. */
  async stopDownload(): Promise<void> {
    const begun = this.#beginning.then(
      () => true,
      () => false,
    );
    const { stopped, last } = await cancelUntilStopped(this.office, this.clock, begun, this.last);
    this.last = last;
    if (stopped) this.ended();
  }
}

/** Carries out one request: `body` ends with the first of its own end, the caller's cancellation and its time limit. */
export async function carryOut<T>(
  office: Office,
  run: Run<UpdateProgress>,
  pacing: Pacing,
  body: (request: OfficeRequest) => Promise<T>,
): Promise<T> {
  const limit = deadline(run, pacing.timeoutMs);
  const request = new OfficeRequest(office, run, pacing, limit);
  try {
    return await body(request);
  } catch (error) {
    if (!limit.signal.aborted || error !== limit.signal.reason) throw error;
    if (limit.passed) throw timedOut(pacing.timeoutMs ?? 0, request.continuing(), request.last);
    if (request.running === 'download') await request.stopDownload();
    throw requestCancelled(request.continuing(), request.last);
  } finally {
    limit.end();
  }
}
