import { Failure } from '../base/failure.js';
import { type ActionKind, isServerGone, isUnregistered, stayedAway } from './errors.js';
import type { Attempt } from './office-request.js';
import { type Status, sameReport } from './status.js';

/** The longest interval between two looks while nothing changes. */
const slowestPollMs = 5000;

/** The same while there is a percentage, which people watch. */
const slowestPercentPollMs = 1000;

/** How much longer each interval is than the one before while nothing changes. */
const backoff = 1.5;

/**
 * How long a report may leave open what became of the action, or the COM server may be gone. An update replaces
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
export async function untilShown(attempt: Attempt, before: Status): Promise<Status> {
  const patienceEnds = attempt.clock.now() + showPatienceMs;
  for (;;) {
    const status = await attempt.look();
    if (status.busy || !sameReport(status, before) || attempt.clock.now() >= patienceEnds) return status;
    await attempt.sleep(showPollMs);
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

/** Bears it that the COM server is away for a while, as it is when an update replaces Click-to-Run itself. */
export interface Absence {
  /** Throws `error` where it is no absence, and what tells how long it has lasted where that is too long. */
  bear(error: unknown, bearable: boolean, phase?: 'download' | 'apply' | 'cancel'): void;
  /** The server has answered. */
  over(): void;
}

/** The absences that one wait bears. */
export function absence(attempt: Attempt): Absence {
  let since: number | null = null;
  return {
    bear(error, bearable, phase) {
      if (!bearable) throw error;
      since ??= attempt.clock.now();
      const waitedMs = attempt.clock.now() - since;
      if (waitedMs >= unclearPatienceMs) throw isServerGone(error) ? stayedAway(error, waitedMs, attempt.last) : error;
      attempt.tell('Click-to-Run does not answer at the moment; still waiting.', phase);
    },
    over() {
      since = null;
    },
  };
}

type Verdict = 'running' | 'ended' | 'stale' | 'unclear';

/** Waits until an action has ended; without one of our own, until nothing runs any more. Asks at the caller's pace. */
export async function untilEnded(attempt: Attempt, own: OwnAction | null): Promise<Ending> {
  const { clock } = attempt;
  let begun = false;
  let interval = attempt.pollMs;
  let doubtSince: number | null = null;
  const away = absence(attempt);
  let previous: Status | null = null;

  for (;;) {
    let status: Status | null = null;
    try {
      status = await attempt.look();
      away.over();
    } catch (error) {
      const bearable = isServerGone(error) || ((own !== null || begun) && isNotAvailable(error));
      away.bear(error, bearable, phaseOf(own?.kind ?? null, previous));
    }

    if (status) {
      begun ||= status.busy;
      const verdict = judge(status, own, begun);
      if (previous === null || !sameReport(status, previous)) {
        interval = attempt.pollMs;
        doubtSince = null;
      }
      previous = status;
      if (verdict === 'ended') return { status, outcome: 'ended', begun, unchangedMs: 0 };
      if (verdict === 'running') doubtSince = null;
      else {
        doubtSince ??= clock.now();
        const unchangedMs = clock.now() - doubtSince;
        if (verdict === 'stale' && unchangedMs >= stalePatienceMs)
          return { status, outcome: 'ended', begun, unchangedMs };
        if (unchangedMs >= unclearPatienceMs) return { status, outcome: 'lost', begun, unchangedMs };
      }
      attempt.tell(describe(status, own, verdict), phaseOf(own?.kind ?? null, status));
    }

    await attempt.sleep(interval);
    interval = Math.max(
      attempt.pollMs,
      Math.min(interval * backoff, attempt.percent === null ? slowestPollMs : slowestPercentPollMs),
    );
  }
}

/** What a report says about the action that is waited for. */
function judge(status: Status, own: OwnAction | null, begun: boolean): Verdict {
  if (status.busy) return 'running';
  if (own === null) {
    // A service that was restarted knows nothing of what it did before: UPDATE_UNKNOWN after a busy status is no end yet.
    return status.terminal || !begun ? 'ended' : 'unclear';
  }
  if (!status.terminal || !status.status.startsWith(own.kind.toUpperCase())) return 'unclear';
  return begun || !sameReport(status, own.before) ? 'ended' : 'stale';
}

function isNotAvailable(error: unknown): boolean {
  return isUnregistered(error) || (error instanceof Failure && error.data.type === 'NotAvailable');
}

/** Which phase a person would say that this is. */
function phaseOf(kind: ActionKind | null, status: Status | null): 'download' | 'apply' | 'cancel' {
  if (status?.status === 'DOWNLOAD_CANCELLING') return 'cancel';
  return kind ?? (status?.status.startsWith('APPLY') ? 'apply' : 'download');
}

function describe(status: Status, own: OwnAction | null, verdict: Verdict): string {
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
        : `Waiting for Click-to-Run to say what it does; its status is ${status.status} (${status.statusCode}).`;
  }
}
