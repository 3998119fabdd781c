import {
  CO_E_SERVER_EXEC_FAILURE,
  E_ACCESSDENIED,
  E_ILLEGAL_METHOD_CALL,
  E_INVALIDARG,
  REGDB_E_CLASSNOTREG,
  RPC_E_DISCONNECTED,
  RPC_S_SERVER_UNAVAILABLE,
} from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import type { Clock } from '../base/run.js';
import { parseParameters } from '../c2r/parameters.js';
import type { UpdateNotify, UpdateStatusReport } from '../c2r/port.js';
import { busyStatuses, reportedError } from '../c2r/status.js';
import { updateStatusNames } from '../contract/c2r.js';
import type { Failure, OfficeScenario } from './scenario.js';

type StatusName = (typeof updateStatusNames)[number];
type Outcome = 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

interface Action {
  readonly kind: 'download' | 'apply';
  readonly startedAt: number;
  readonly endsAt: number;
  readonly error: number;
  readonly contentId: string | null;
  /** The version that the action brings when it succeeds. */
  readonly version: string | null;
  readonly cancelledAt: number | null;
}

/** What the service tells the rest of the simulated machine when an action has ended well. */
export interface Effects {
  downloaded(version: string, at: number): void;
  applied(version: string, at: number): void;
  /** The version that a setting holds the device at, or null. */
  pinned(): string | null;
  /** What is downloaded and waits, or null. */
  staged(): string | null;
  /** Keeps what is known beyond this process, where the scenario says so. */
  save(state: SavedService): void;
  /** What an earlier process has kept, or another one since; null where there is nothing new. */
  saved(): SavedService | null;
}

/** What the service knows, for a later process: times are of the wall clock. */
export interface SavedService {
  readonly last: { readonly status: StatusName; readonly error: number; readonly contentId: string | null };
  readonly action: Action | null;
}

/** How long an accepted action is PENDING, and how long a cancelled one is CANCELLING, at most. */
const transitionMs = 50;

/** UPDATE_ERROR_CODE of an Apply that running apps block: FAILED_APPLY_UPGRADE_PACKAGE. */
const blockedError = 10;

/** What callers see, one after another, while the COM server is gone. */
const goneErrors = [RPC_S_SERVER_UNAVAILABLE, RPC_E_DISCONNECTED, CO_E_SERVER_EXEC_FAILURE] as const;

/**
 * The documented state machine of Click-to-Run's update object, driven by a scenario. It holds no timers: each call works
 * out from the clock what has happened by now.
 */
export class UpdateService implements UpdateNotify {
  readonly #scenario: OfficeScenario;
  readonly #clock: Clock;
  readonly #effects: Effects;
  readonly #startedAt: number;
  #blockingList: string | undefined;
  #last: { readonly status: StatusName; readonly error: number; readonly contentId: string | null };
  #action: Action | null = null;
  #goneFrom: number | null = null;
  #goneCalls = 0;
  #forgot = false;
  #appsForcedDown = false;

  constructor(scenario: OfficeScenario, clock: Clock, effects: Effects) {
    this.#scenario = scenario;
    this.#clock = clock;
    this.#effects = effects;
    this.#startedAt = clock.now();
    this.#last = { status: scenario.initialStatus, error: 0, contentId: null };
    const saved = effects.saved();
    if (saved) {
      this.#takeOver(saved);
      this.settle();
    } else if (busyStatuses.has(scenario.initialStatus)) {
      this.#last = { ...this.#last, status: 'UPDATE_UNKNOWN' };
      this.#begin(
        scenario.initialStatus.startsWith('APPLY') ? 'apply' : 'download',
        null,
        scenario.availableVersion,
        0,
      );
      if (scenario.initialStatus === 'DOWNLOAD_CANCELLING') this.#cancelAction();
    }
  }

  async download(parameters: string): Promise<void> {
    this.#activate('IUpdateNotify::Download');
    const given = parseParameters(parameters);
    if (given.has('downloadsource') !== given.has('contentid')) {
      throw new HResultError('IUpdateNotify::Download', E_INVALIDARG);
    }
    this.#refuseWhileBusy('IUpdateNotify::Download');
    const failing = this.#failing('download', 'IUpdateNotify::Download');
    const version = given.get('updatetoversion') ?? this.#effects.pinned() ?? this.#scenario.availableVersion;
    this.#begin('download', given.get('contentid') ?? null, version, failing);
    this.#vanishLater();
  }

  async apply(parameters: string): Promise<void> {
    this.#activate('IUpdateNotify::Apply');
    const given = parseParameters(parameters);
    this.#refuseWhileBusy('IUpdateNotify::Apply');
    const failing = this.#failing('apply', 'IUpdateNotify::Apply');
    if (given.get('forceappshutdown')?.toLowerCase() === 'true') this.#appsForcedDown = true;
    const blocked = this.#runningApps().length > 0;
    this.#begin('apply', this.#last.contentId, this.#effects.staged(), blocked ? blockedError : failing);
    this.#vanishLater();
  }

  async cancel(): Promise<void> {
    this.#activate('IUpdateNotify::Cancel');
    if (this.#status() !== 'DOWNLOAD_WIP') throw new HResultError('IUpdateNotify::Cancel', E_ILLEGAL_METHOD_CALL);
    const error = this.#failing('cancel', 'IUpdateNotify::Cancel');
    this.#cancelAction(error);
  }

  async status(): Promise<UpdateStatusReport> {
    this.#activate('IUpdateNotify::status');
    const error = this.#failing('status', 'IUpdateNotify::status');
    const status = updateStatusNames.indexOf(this.#status());
    const { contentId } = this.#action ?? this.#last;
    return { status, error: error || (this.#action ? 0 : this.#last.error), contentId };
  }

  async blockingApps(): Promise<string | null> {
    this.#activate('IUpdateNotify2::GetBlockingApps');
    if (this.#runningApps().length === 0) return null;
    this.#blockingList ??= this.#scenario.blockingApps.join(',');
    return this.#blockingList;
  }

  async deploymentData(dataType: number): Promise<string | null> {
    this.#activate('IUpdateNotify2::GetOfficeDeploymentData');
    return this.#scenario.deploymentData[String(dataType)] ?? null;
  }

  /** Brings everything up to the present: an action whose time has come ends now. */
  settle(): void {
    const saved = this.#effects.saved();
    if (saved) this.#takeOver(saved);
    const now = this.#clock.now();
    if (this.#scenario.vanishForgets && !this.#forgot && this.#goneFrom !== null && now >= this.#goneFrom) {
      this.#forgot = true;
      this.#endBefore(this.#goneFrom);
      if (this.#action) this.#last = { status: 'UPDATE_UNKNOWN', error: 0, contentId: null };
      this.#action = null;
    }
    this.#endBefore(now);
  }

  #takeOver({ last, action }: SavedService): void {
    this.#last = last;
    this.#action = action && this.#resumed(action);
  }

  #wallOffset(): number {
    return this.#clock.date().getTime() - this.#clock.now();
  }

  /** An action of an earlier process on the clock of this one. */
  #resumed(action: Action): Action {
    const here = shifted(action, -this.#wallOffset());
    // It began in the future where the wall clock was set back since: its own length is all that can be relied on.
    const ahead = Math.max(here.startedAt, here.cancelledAt ?? here.startedAt) - this.#clock.now();
    return ahead > 0 ? shifted(here, -ahead) : here;
  }

  /** Keeps what is to be so from now on. What cannot be kept has not happened: it throws before anything has changed. */
  #become(action: Action | null, last = this.#last): void {
    this.#effects.save({ last, action: action && shifted(action, this.#wallOffset()) });
    this.#action = action;
    this.#last = last;
  }

  #endBefore(now: number): void {
    const action = this.#action;
    if (!action || now < action.endsAt) return;
    const outcome: Outcome = action.error !== 0 ? 'FAILED' : action.cancelledAt !== null ? 'CANCELLED' : 'SUCCEEDED';
    const { error, contentId, version, endsAt } = action;
    if (action.kind === 'apply') {
      if (outcome === 'SUCCEEDED' && version) this.#effects.applied(version, endsAt);
      this.#become(null, { status: outcome === 'FAILED' ? 'APPLY_FAILED' : 'APPLY_SUCCEEDED', error, contentId });
    } else {
      if (outcome === 'SUCCEEDED' && version) this.#effects.downloaded(version, endsAt);
      this.#become(null, { status: `DOWNLOAD_${outcome}`, error, contentId });
    }
  }

  #status(): StatusName {
    const action = this.#action;
    if (!action) return this.#last.status;
    if (action.cancelledAt !== null) return 'DOWNLOAD_CANCELLING';
    const pendingMs = Math.min(transitionMs, (action.endsAt - action.startedAt) / 4);
    const pending = this.#clock.now() < action.startedAt + pendingMs;
    if (action.kind === 'apply') return pending ? 'APPLY_PENDING' : 'APPLY_WIP';
    return pending ? 'DOWNLOAD_PENDING' : 'DOWNLOAD_WIP';
  }

  #begin(kind: Action['kind'], contentId: string | null, version: string | null, error: number): void {
    const now = this.#clock.now();
    const duration = kind === 'download' ? this.#scenario.downloadMs : this.#scenario.applyMs;
    this.#become({ kind, startedAt: now, endsAt: now + duration, error, contentId, version, cancelledAt: null });
    this.settle();
  }

  #cancelAction(error = 0): void {
    if (!this.#action) return;
    const now = this.#clock.now();
    this.#become({ ...this.#action, error, cancelledAt: now, endsAt: now + transitionMs });
  }

  /** What CoCreateInstance and the call into its server do before the method itself is reached. */
  #activate(source: string): void {
    this.settle();
    const { installed, leftover, comRegistered } = this.#scenario;
    if (!installed || leftover || !comRegistered) {
      throw new HResultError('CoCreateInstance', REGDB_E_CLASSNOTREG);
    }
    if (!this.#scenario.elevated) throw new HResultError('CoCreateInstance', E_ACCESSDENIED);
    if (this.#isGone()) {
      const code = goneErrors[this.#goneCalls++ % goneErrors.length] ?? RPC_S_SERVER_UNAVAILABLE;
      throw new HResultError(code === CO_E_SERVER_EXEC_FAILURE ? 'CoCreateInstance' : source, code);
    }
  }

  #isGone(): boolean {
    const now = this.#clock.now();
    const { vanishForMs } = this.#scenario;
    if (this.#goneFrom === null || now < this.#goneFrom) return false;
    return vanishForMs === null || now < this.#goneFrom + vanishForMs;
  }

  #vanishLater(): void {
    const { vanishAfterMs } = this.#scenario;
    if (vanishAfterMs !== null) this.#goneFrom ??= this.#clock.now() + vanishAfterMs;
  }

  #refuseWhileBusy(source: string): void {
    if (this.#action) throw new HResultError(source, E_ILLEGAL_METHOD_CALL);
  }

  /** Throws where the scenario refuses the call; else the error that the action is to end with, 0 for none. */
  #failing(at: Failure['at'], source: string): number {
    const failure = this.#scenario.fail.find((entry) => entry.at === at);
    if (!failure) return 0;
    if (failure.when === 'call' && failure.hresult !== undefined) throw new HResultError(source, failure.hresult);
    return failure.hresult === undefined ? (failure.errorCode ?? 0) : reportedError(failure.hresult);
  }

  #runningApps(): readonly string[] {
    const { appsCloseAfterMs, blockingApps } = this.#scenario;
    const closed = appsCloseAfterMs !== null && this.#clock.now() >= this.#startedAt + appsCloseAfterMs;
    return closed || this.#appsForcedDown ? [] : blockingApps;
  }
}

function shifted(action: Action, ms: number): Action {
  const { startedAt, endsAt, cancelledAt } = action;
  return {
    ...action,
    startedAt: startedAt + ms,
    endsAt: endsAt + ms,
    cancelledAt: cancelledAt === null ? null : cancelledAt + ms,
  };
}
