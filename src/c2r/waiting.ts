import { Failure } from '../base/failure.js';
import { isServerGone } from '../base/hresult-error.js';
import { type ActionKind, isUnregistered, stayedAway } from './errors.js';
import type { OfficeRequest } from './office-request.js';
import { type Status, sameReport } from './status.js';

/** The longest interval between two looks while nothing changes. */
const slowestPollMs = 5000;

/** The same while there is a percentage, which people watch. */
const slowestPercentPollMs = 1000;

/** How much longer each interval is than the one before while nothing changes. */
const backoff = 1.5;

/**
 * How long a report may leave open what became of the action, or the COM server may be away. An update replaces
 * Click-to-Run itself, which takes its service away for a minute or so.
 */
const unclearPatienceMs = 120_000;

/**
 * How long the end of an earlier action is taken for that and not for ours, where both look the same and nothing was seen to
 * run between: Office accepts an action before it shows it.
 */
const stalePatienceMs = 10_000;

/** How long an accepted action is given to show itself, so that the next look at the status does not miss it. */
const showPatienceMs = 2000;
const showPollMs = 100;

/** The status once it shows what was just accepted; after a short while the status as it is. */
export async function untilShown(request: OfficeRequest, before: Status): Promise<Status> {
  const patienceEnds = request.clock.now() + showPatienceMs;
  for (;;) {
    const status = await request.look();
    if (status.busy || !sameReport(status, before) || request.clock.now() >= patienceEnds) return status;
    await request.sleep(showPollMs);
  }
}

/** How a wait ended. */
export interface Ending {
  readonly status: Status;
  /** `ended`: the status tells how. `lost`: the action runs no more as far as anyone can tell, and its end was not seen. */
  readonly outcome: 'ended' | 'lost';
  /** Whether the action was ever seen to run. */
  readonly begun: boolean;
  /** How long the last status had been there. */
  readonly unchangedMs: number;
}

/** An action of our own, and the report from before it was accepted. */
export interface OwnAction {
  readonly kind: ActionKind;
  readonly before: Status;
  /** What it does, in a sentence, for while it runs. */
  readonly message: string;
}

/** What is waited for, and how: what stays the same from look to look. */
export interface Wait {
  readonly own: Pick<OwnAction, 'kind' | 'before'> | null;
  readonly pollMs: number;
  /** The longest interval between two looks. */
  readonly slowestMs: number;
}

/** What a wait remembers from look to look. */
export interface WaitMemory {
  /** Whether the action was ever seen to run. */
  readonly begun: boolean;
  readonly previous: Status | null;
  /** Since when the report leaves open what became of the action. */
  readonly doubtSince: number | null;
  /** Since when the COM server is away. */
  readonly awaySince: number | null;
  readonly nextWaitMs: number;
}

/** What a look at the status gave. */
export type Observation = { readonly status: Status } | { readonly error: unknown };

/**
 * `running`: the action runs. `ended`: the status tells how it ended. `stale`: it may be the end of an earlier action.
 * `unclear`: the status does not tell what became of the action. `lost`: it has not told for too long. `away`: the COM server
 * does not answer, which an update brings with it.
 */
export type Verdict = 'running' | 'ended' | 'stale' | 'unclear' | 'lost' | 'away';

export interface Step {
  readonly memory: WaitMemory;
  readonly verdict: Verdict;
  /** How long the status has left it open what became of the action. */
  readonly unchangedMs: number;
  /** How long until the next look. */
  readonly waitMs: number;
}

/** A wait that has not looked yet. */
export function beginning(pollMs: number): WaitMemory {
  return { begun: false, previous: null, doubtSince: null, awaySince: null, nextWaitMs: pollMs };
}

/** What one look means at the time `now`. Throws what ends the wait: an error that is not an absence, or one that lasts. */
export function step(wait: Wait, memory: WaitMemory, observation: Observation, now: number): Step {
  if ('error' in observation) {
    const awaySince = absentSince(memory.awaySince, observation.error, now, memory.previous, isBearable(wait, memory));
    return paced(wait, { ...memory, awaySince }, 'away', 0);
  }
  const { status } = observation;
  const changed = memory.previous === null || !sameReport(status, memory.previous);
  const begun = memory.begun || status.busy;
  const judged = judge(status, wait.own, begun);
  const isClear = judged === 'running' || judged === 'ended';
  const doubtSince = isClear ? null : ((changed ? null : memory.doubtSince) ?? now);
  const unchangedMs = doubtSince === null ? 0 : now - doubtSince;
  const nextWaitMs = changed ? wait.pollMs : memory.nextWaitMs;
  const next = { begun, previous: status, doubtSince, awaySince: null, nextWaitMs };
  return paced(wait, next, patient(judged, unchangedMs), unchangedMs);
}

/** The next look comes after `nextWaitMs`, and the one behind it later still. */
function paced(wait: Wait, memory: WaitMemory, verdict: Verdict, unchangedMs: number): Step {
  const waitMs = memory.nextWaitMs;
  const nextWaitMs = Math.max(wait.pollMs, Math.min(waitMs * backoff, wait.slowestMs));
  return { memory: { ...memory, nextWaitMs }, verdict, unchangedMs, waitMs };
}

/** What a report says about the action that is waited for. */
function judge(status: Status, own: Wait['own'], begun: boolean): 'running' | 'ended' | 'stale' | 'unclear' {
  if (status.busy) return 'running';
  if (own === null) {
    // A service that was restarted knows nothing of what it did before: UPDATE_UNKNOWN after a busy status is not an end yet.
    return status.terminal || !begun ? 'ended' : 'unclear';
  }
  if (!status.terminal || !status.status.startsWith(own.kind.toUpperCase())) return 'unclear';
  return begun || !sameReport(status, own.before) ? 'ended' : 'stale';
}

function patient(judged: 'running' | 'ended' | 'stale' | 'unclear', unchangedMs: number): Verdict {
  if (judged === 'stale' && unchangedMs >= stalePatienceMs) return 'ended';
  return judged === 'unclear' && unchangedMs >= unclearPatienceMs ? 'lost' : judged;
}

/** An object that is not registered is borne where something ran, which may just be registering it anew. */
function isBearable({ own }: Wait, { begun }: WaitMemory): (error: unknown) => boolean {
  return (error) => isServerGone(error) || ((own !== null || begun) && isNotAvailable(error));
}

function isNotAvailable(error: unknown): boolean {
  return isUnregistered(error) || (error instanceof Failure && error.data.type === 'NotAvailable');
}

/** Since when the COM server is away. Throws what ends a wait for it. */
export function absentSince(
  since: number | null,
  error: unknown,
  now: number,
  last: Status | null,
  bearable: (error: unknown) => boolean = isServerGone,
): number {
  if (!bearable(error)) throw error;
  const waitedMs = now - (since ?? now);
  if (waitedMs >= unclearPatienceMs) throw isServerGone(error) ? stayedAway(error, waitedMs, last) : error;
  return since ?? now;
}

/** What is told while the COM server is away. */
export const awayMessage = 'Click-to-Run does not answer at the moment; still waiting.';

/** Waits until an action has ended; without one of our own, until nothing runs any more. Looks at the caller's pace. */
export async function untilEnded(request: OfficeRequest, own: OwnAction | null): Promise<Ending> {
  let memory = beginning(request.pollMs);
  for (;;) {
    const observation = await observe(request);
    const slowestMs = request.percent === null ? slowestPollMs : slowestPercentPollMs;
    const wait = { own, pollMs: request.pollMs, slowestMs };
    const looked = step(wait, memory, observation, request.clock.now());
    memory = looked.memory;
    const { verdict, unchangedMs } = looked;
    const { previous: status, begun } = memory;
    if (status && (verdict === 'ended' || verdict === 'lost')) {
      return { status, outcome: verdict, begun, unchangedMs };
    }
    request.tell(describe(status, own, verdict), phaseOf(own?.kind ?? null, status));
    await request.sleep(looked.waitMs);
  }
}

async function observe(request: OfficeRequest): Promise<Observation> {
  try {
    return { status: await request.look() };
  } catch (error) {
    return { error };
  }
}

/** Which phase a person would say that this is. */
function phaseOf(kind: ActionKind | null, status: Status | null): 'download' | 'apply' | 'cancel' {
  if (status?.status === 'DOWNLOAD_CANCELLING') return 'cancel';
  return kind ?? (status?.status.startsWith('APPLY') ? 'apply' : 'download');
}

function describe(status: Status | null, own: OwnAction | null, verdict: Verdict): string {
  if (status === null || verdict === 'away') return awayMessage;
  switch (status.status) {
    case 'DOWNLOAD_PENDING':
      return 'Click-to-Run is about to download.';
    case 'DOWNLOAD_CANCELLING':
      return 'Click-to-Run is cancelling the download.';
    case 'APPLY_PENDING':
      return 'Click-to-Run is about to apply the update.';
    case 'DOWNLOAD_WIP':
      return own?.kind === 'download' ? own.message : 'Click-to-Run is downloading an update.';
    case 'APPLY_WIP':
      return own?.kind === 'apply' ? own.message : 'Click-to-Run is applying an update.';
    default:
      return verdict === 'stale'
        ? 'Waiting for Click-to-Run to begin.'
        : `Waiting for Click-to-Run to report what it does; its status is ${status.status} (${status.statusCode}).`;
  }
}
