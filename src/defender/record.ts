import { hresultHex, isFailure } from '../base/hresult.js';
import {
  type NotificationReport,
  type PhaseReport,
  type UpdatePhase,
  type UpdateProgress,
  updateStageNames,
  updateTypeNames,
} from '../contract/defender.js';
import { notificationName, notifications } from './mpclient.js';
import type { Notification, SignatureUpdateData } from './port.js';

type Place = 'start' | 'progress' | 'end';

const phaseOf: ReadonlyMap<number, readonly [UpdatePhase, Place]> = new Map([
  [notifications.SIGUPDATE_SEARCH_START, ['search', 'start']],
  [notifications.SIGUPDATE_SEARCH_COMPLETE, ['search', 'end']],
  [notifications.SIGUPDATE_DOWNLOAD_START, ['download', 'start']],
  [notifications.SIGUPDATE_DOWNLOAD_PROGRESS, ['download', 'progress']],
  [notifications.SIGUPDATE_DOWNLOAD_COMPLETE, ['download', 'end']],
  [notifications.SIGUPDATE_INSTALL_START, ['install', 'start']],
  [notifications.SIGUPDATE_INSTALL_PROGRESS, ['install', 'progress']],
  [notifications.SIGUPDATE_INSTALL_COMPLETE, ['install', 'end']],
] as const);

/** What a phase adds to the whole: Defender counts each from 0 to 100, and does not say how long a search takes. */
const share: Readonly<Record<UpdatePhase, { readonly from: number; readonly span: number }>> = {
  search: { from: 0, span: 0 },
  download: { from: 0, span: 50 },
  install: { from: 50, span: 50 },
};

const doing: Readonly<Record<UpdatePhase, string>> = {
  search: 'Searching for signature updates',
  download: 'Downloading signature updates',
  install: 'Installing signature updates',
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };
interface OpenPhase extends Writable<PhaseReport> {
  ended: boolean;
}

/**
 * What the notifications of one update have told so far. Knows no time but what it is given. Its `percent` is what Defender
 * says now; that it never falls on the wire is the business of rpc/progress.
 */
export class UpdateRecord {
  /** How many notifications have come, and how many of them told of a phase. */
  received = 0;
  steps = 0;
  rebootRequired = false;
  readonly #opened: OpenPhase[] = [];
  readonly #failed = new Map<string, Writable<NotificationReport>>();
  readonly #unknown = new Map<string, Writable<NotificationReport>>();
  #percent = 0;
  #phasePercent: number | null = null;
  #updateIndex: number | null = null;
  #updateTotal: number | null = null;

  /** Takes one notification, `at` milliseconds after the start. */
  receive(notification: Notification, at: number): void {
    const { notify, hresult } = notification;
    this.received += 1;
    if (notificationName(notify) === null) {
      count(this.#unknown, String(notify), notification);
      return;
    }
    if (notify === notifications.SIGUPDATE_REBOOT_REQUIRED) this.rebootRequired = true;
    if (notify === notifications.SIGUPDATE_COMPLETE) {
      this.#endPhase(at);
      return;
    }
    if (isFailure(hresult)) count(this.#failed, `${notify} ${hresult}`, notification);
    const step = phaseOf.get(notify);
    if (!step) return;
    this.steps += 1;
    this.#move(...step, notification, at);
  }

  /** What the request is doing now. */
  progress(at: number): UpdateProgress {
    const phase = this.phase ?? 'search';
    const which =
      phase !== 'search' &&
      this.#updateTotal !== null &&
      this.#updateIndex !== null &&
      this.#updateIndex < this.#updateTotal
        ? `, ${this.#updateIndex + 1} of ${this.#updateTotal}`
        : '';
    const howFar = this.#phasePercent === null ? '' : ` (${this.#phasePercent} %)`;
    return {
      phase,
      message: `${doing[phase]}${which}${howFar}`,
      percent: this.#percent,
      elapsedMs: at,
      updateIndex: this.#updateIndex,
      updateTotal: this.#updateTotal,
      phasePercent: this.#phasePercent,
    };
  }

  /** The phase that runs or ran last; null before the first. */
  get phase(): UpdatePhase | null {
    return this.#opened.at(-1)?.phase ?? null;
  }

  /** MPSIGUPDATE_TYPE as last told; null before. */
  get updateType(): PhaseReport['updateType'] {
    return this.#opened.findLast(({ updateType }) => updateType !== null)?.updateType ?? null;
  }

  /** The phases so far in the order in which they came. */
  phases(at: number): PhaseReport[] {
    return this.#opened.map(({ ended, ...phase }) => (ended ? phase : { ...phase, elapsedMs: at - phase.startedMs }));
  }

  /** Notifications that carried a failure, other than the one that ended the update. */
  failures(): NotificationReport[] {
    return [...this.#failed.values()];
  }

  unknownNotifications(): NotificationReport[] {
    return [...this.#unknown.values()];
  }

  #move(phase: UpdatePhase, place: Place, { data }: Notification, at: number): void {
    const current = this.#opened.at(-1);
    // Downloads and installations may be told one by one; a search that starts again is another source's.
    const continues = current?.phase === phase && !(phase === 'search' && place === 'start');
    const open = continues ? current : this.#beginPhase(phase, at);
    if (data) this.#takeFigures(open, data);
    open.ended = place === 'end';
    open.elapsedMs = at - open.startedMs;
  }

  #takeFigures(open: OpenPhase, data: SignatureUpdateData): void {
    open.updateTotal = data.totalUpdates;
    open.updateType = updateTypeNames[data.updateType] ?? data.updateType;
    open.stage = updateStageNames[data.stage] ?? data.stage;
    open.path = data.path ?? open.path;
    this.#updateIndex = data.currentUpdateIndex;
    this.#updateTotal = data.totalUpdates;
    if (open.phase === 'search') return;
    this.#phasePercent = Math.min(100, data.percentComplete);
    const { from, span } = share[open.phase];
    this.#percent = from + (span * this.#phasePercent) / 100;
  }

  #beginPhase(phase: UpdatePhase, at: number): OpenPhase {
    this.#endPhase(at);
    const begun: OpenPhase = {
      phase,
      startedMs: at,
      elapsedMs: 0,
      updateTotal: null,
      updateType: null,
      stage: null,
      path: null,
      ended: false,
    };
    this.#opened.push(begun);
    this.#phasePercent = null;
    this.#updateIndex = null;
    this.#updateTotal = null;
    return begun;
  }

  #endPhase(at: number): void {
    const last = this.#opened.at(-1);
    if (!last || last.ended) return;
    last.ended = true;
    last.elapsedMs = at - last.startedMs;
  }
}

/** Adds to what came before under the same key; the last HRESULT and type win. */
function count(into: Map<string, Writable<NotificationReport>>, key: string, { notify, hresult, type }: Notification) {
  const seen = into.get(key)?.count ?? 0;
  into.set(key, {
    notification: notify,
    name: notificationName(notify),
    type,
    hresult,
    hresultHex: hresultHex(hresult),
    count: seen + 1,
  });
}
