import { Failure, invalidParams } from '../base/failure.js';
import { hresultHex, isFailure, S_FALSE } from '../base/hresult.js';
import { generalText, HResultError, hresultDetails } from '../base/hresult-error.js';
import { type Clock, type Deadline, deadline, type Run, untilAborted } from '../base/run.js';
import type { defender as area, UpdateAttempt, UpdateSettings, UpdateSource } from '../contract/defender.js';
import type { Params, Progress, Result } from '../contract/method.js';
import { causeOfSilence, isUnreachable } from './availability.js';
import { settlesWithin } from './deferred.js';
import { failureName, failureRecommendation } from './failure.js';
import { asyncWithProgress, sourceOption } from './mpclient.js';
import type { Defender } from './port.js';
import { type Outcome, UpdateSession } from './session.js';
import { decodeSources } from './sources.js';
import { versionsDiffer } from './versions.js';

/** From the wish to stop to the end of the request; the reply itself must be out within 5 s. */
const abortGraceMs = 4_000;
/** How long a finished attempt waits for its handles to close, so that the next one finds the way free. */
const closeGraceMs = 2_000;
/** The pause before a source is tried again: the first, and the longest that it doubles to. */
const firstPauseMs = 5_000;
const longestPauseMs = 60_000;

type UpdateParams = Params<typeof area.update>;
type UpdateResult = Result<typeof area.update>;
type UpdateRun = Run<Progress<typeof area.update>>;

/** One entry of the plan of a request. */
interface PlannedAttempt {
  readonly source: UpdateSource;
  readonly pauseMs: number;
}

/** An attempt that has ended: what it told, and what it threw or gave. */
interface EndedAttempt {
  readonly session: UpdateSession;
  readonly source: UpdateSource;
  readonly report: UpdateAttempt;
  /** How Defender ended it; null where a call was refused. */
  readonly outcome: Outcome | null;
  readonly refused: HResultError | null;
}

type Stopped = { readonly type: 'RequestCancelled' | 'Timeout'; readonly message: string };

/** Runs signature updates, one at a time: a second one would only be told by Defender that the first one runs. */
export function updater(
  defender: Defender,
  onDelivered: (delivered: NonNullable<UpdateSettings['lastDelivered']>) => void = () => undefined,
): (params: UpdateParams, run: UpdateRun) => Promise<UpdateResult> {
  let current: UpdateRequest | null = null;

  return async (params, run) => {
    const plan = planOf(params);
    if (current && !current.over) throw inUse(current);
    current = new UpdateRequest(defender, run, params.timeoutMs);
    const result = await current.carryOut(plan);
    if (result.changed) onDelivered(deliveryOf(result, run.clock.date()));
    return result;
  };
}

/** The sources in turn, each with its retries right behind it. */
function planOf({ source, sources, retryCount }: UpdateParams): PlannedAttempt[] {
  if (source !== undefined && sources !== undefined) {
    throw invalidParams([{ path: 'sources', message: 'give either source or sources' }]);
  }
  return (sources ?? [source ?? 'default']).flatMap((each) =>
    Array.from({ length: retryCount + 1 }, (_, retry) => ({
      source: each,
      pauseMs: retry === 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (retry - 1)),
    })),
  );
}

function deliveryOf({ source, attempts }: UpdateResult, now: Date): NonNullable<UpdateSettings['lastDelivered']> {
  return { source, updateType: attempts.at(-1)?.updateType ?? null, at: now.toISOString() };
}

/** One request: attempts one after another until one succeeds, all within one time limit. */
class UpdateRequest {
  readonly since: string;
  readonly #startedAt: number;
  readonly #attempts: UpdateAttempt[] = [];
  #last: UpdateSession | null = null;
  #open = 0;
  #answered = false;

  constructor(
    private readonly defender: Defender,
    private readonly run: UpdateRun,
    private readonly timeoutMs: number | undefined,
  ) {
    this.since = run.clock.date().toISOString();
    this.#startedAt = run.clock.now();
  }

  get phase(): UpdateAttempt['phase'] {
    return this.#last?.record.phase ?? null;
  }

  /** Whether the request is answered and the handles of all attempts are closed, which may come later. */
  get over(): boolean {
    return this.#answered && this.#open === 0;
  }

  async carryOut(plan: readonly PlannedAttempt[]): Promise<UpdateResult> {
    const limit = deadline(this.run, this.timeoutMs);
    try {
      for (const [index, planned] of plan.entries()) {
        await this.#pause(planned.pauseMs, limit);
        const ended = await this.#attempt(planned.source, limit);
        if (ended.outcome && !isFailure(ended.outcome.hresult)) return this.#succeeded(ended, ended.outcome);
        const isLast = index === plan.length - 1;
        if (isLast || isUnreachable(ended.refused) || isUnreachable(failedWith(ended))) {
          throw await this.#failed(ended);
        }
        this.run.log.info('a signature update failed and is tried again', { ...ended.report });
      }
      throw new Error('a plan has at least one attempt');
    } finally {
      limit.end();
      this.#answered = true;
    }
  }

  async #pause(ms: number, limit: Deadline): Promise<void> {
    if (ms === 0) return;
    await this.run.clock.sleep(ms, limit.signal).catch(() => undefined);
    if (limit.signal.aborted && this.#last) throw stoppedError(this.#last, this.#stopped(limit), null, this.#attempts);
  }

  /** Gives how the attempt ended; throws where the request is stopped, and where Defender cannot be asked at all. */
  async #attempt(source: UpdateSource, limit: Deadline): Promise<EndedAttempt> {
    const { clock } = this.run;
    const startedMs = Math.round(clock.now() - this.#startedAt);
    let ended = false;
    const report = () => {
      if (!ended) this.run.report(session.record.progress(session.elapsedMs));
    };
    const options = asyncWithProgress | sourceOption[source];
    const session = new UpdateSession(this.defender, options, clock, this.#startedAt, report);
    this.#last = session;
    this.#open += 1;
    void session.closed.then(() => {
      this.#open -= 1;
    });
    report();
    try {
      const settled = await settledOrStopped(session, limit);
      if (settled === 'stopped') throw await stop(session, this.#stopped(limit), clock, this.#attempts);
      await settlesWithin(session.closed, closeGraceMs, clock);
      const attempt = { session, source, ...settled, report: reportOf(session, source, startedMs, settled) };
      this.#attempts.push(attempt.report);
      return attempt;
    } finally {
      ended = true;
    }
  }

  #stopped({ passed }: Deadline): Stopped {
    return passed
      ? { type: 'Timeout', message: `The update did not end within ${this.timeoutMs} ms` }
      : { type: 'RequestCancelled', message: 'The request was cancelled' };
  }

  #succeeded({ session, source }: EndedAttempt, outcome: Outcome): UpdateResult {
    const { hresult, versionsBefore, versionsAfter } = outcome;
    const moved = versionsBefore && versionsAfter ? versionsDiffer(versionsBefore, versionsAfter) : true;
    const changed = hresult !== S_FALSE && moved;
    this.run.report({
      ...session.record.progress(session.elapsedMs),
      message: changed ? 'Signatures updated' : 'No newer signatures',
      percent: 100,
    });
    return {
      changed,
      source,
      attempts: this.#attempts,
      ...toldBy(session, outcome),
      hresult,
      hresultHex: hresultHex(hresult),
      hresultName: failureName(hresult),
      message: textOf(outcome),
      elapsedMs: session.elapsedMs,
      backend: this.defender.backend,
    };
  }

  /** A single refused call is told as that call; everything else as an update that failed. */
  async #failed(ended: EndedAttempt): Promise<Error> {
    const { session, outcome, refused, report } = ended;
    if (refused && this.#attempts.length === 1) return refused;
    const { hresult, hresultName, message, phase } = report;
    const conditions = await this.defender.conditions();
    const where = phase ? ` in the ${phase} phase` : '';
    const unreachable = isUnreachable(refused) || isUnreachable(failedWith(ended));
    return new Failure(
      'UpdateFailed',
      `The signature update failed${where} with ${hresultName ?? report.hresultHex}: ${message}${inAll(this.#attempts)}`,
      {
        ...hresultDetails(hresult),
        hresultName,
        source: outcome?.source ?? refused?.source,
        text: message,
        phase,
        elapsedMs: session.elapsedMs,
        attempts: this.#attempts,
        ...toldBy(session, outcome),
        conditions,
        ...(unreachable ? { reason: causeOfSilence(conditions).reason } : {}),
        recommendation: failureRecommendation(hresult, await this.#fromShare(report)),
      },
    );
  }

  /** Whether a file share is what failed: the last source in turn is the one whose failure Defender gives. */
  async #fromShare({ source, updateType }: UpdateAttempt): Promise<boolean> {
    if (source !== 'default' || updateType !== null) return source === 'unc' || updateType === 'UNC';
    return decodeSources(await this.defender.sources()).order.at(-1) === 'unc';
  }
}

/** The outcome as an error, for the rules that know errors. */
function failedWith({ outcome }: EndedAttempt): HResultError | null {
  return outcome && new HResultError(outcome.source, outcome.hresult);
}

/** How the update ended, or that the request was stopped before. Rejects where Defender cannot be asked at all. */
async function settledOrStopped(
  { outcome }: UpdateSession,
  { signal }: Deadline,
): Promise<Pick<EndedAttempt, 'outcome' | 'refused'> | 'stopped'> {
  try {
    return { outcome: await untilAborted(outcome, signal), refused: null };
  } catch (error) {
    if (signal.aborted) return 'stopped';
    if (error instanceof HResultError) return { outcome: null, refused: error };
    throw error;
  }
}

function reportOf(
  session: UpdateSession,
  source: UpdateSource,
  startedMs: number,
  { outcome, refused }: Pick<EndedAttempt, 'outcome' | 'refused'>,
): UpdateAttempt {
  const hresult = outcome?.hresult ?? refused?.hresult ?? 0;
  return {
    source,
    startedMs,
    elapsedMs: session.elapsedMs - startedMs,
    hresult,
    hresultHex: hresultHex(hresult),
    hresultName: failureName(hresult),
    message: outcome ? textOf(outcome) : `${refused?.source}: ${refused?.message}`,
    phase: session.record.phase,
    updateType: session.record.updateType,
  };
}

function textOf({ hresult, text }: Outcome): string {
  return text ?? generalText(hresult) ?? `Defender ended with ${hresultHex(hresult)}.`;
}

/** One clause an attempt, where there were several. */
function inAll(attempts: readonly UpdateAttempt[]): string {
  if (attempts.length < 2) return '';
  const each = attempts.map(({ source, hresultName, hresultHex: hex }) => `${source} ${hresultName ?? hex}`);
  return ` All ${attempts.length} attempts failed: ${each.join(', ')}.`;
}

/** What results and failed updates tell alike. */
function toldBy({ record, elapsedMs, versionsBefore }: UpdateSession, outcome: Outcome | null) {
  return {
    versionsBefore,
    versionsAfter: outcome?.versionsAfter ?? null,
    rebootRequired: record.rebootRequired,
    phases: record.phases(elapsedMs),
    failures: record.failures(),
    unknownNotifications: record.unknownNotifications(),
  };
}

/** Aborts the update and says, within `abortGraceMs`, what has become of it. */
async function stop(
  session: UpdateSession,
  stopped: Stopped,
  clock: Clock,
  attempts: readonly UpdateAttempt[],
): Promise<Failure> {
  let refused: HResultError | null = null;
  const aborted = session.abort().then(
    () => session.closed,
    (error: HResultError) => {
      refused = error;
    },
  );
  await settlesWithin(Promise.race([session.closed, aborted]), abortGraceMs, clock);
  return stoppedError(session, stopped, refused, attempts);
}

function stoppedError(
  session: UpdateSession,
  { type, message }: Stopped,
  refused: HResultError | null,
  attempts: readonly UpdateAttempt[],
): Failure {
  const { hresult, running: continues } = session;
  return new Failure(type, `${message}, ${endingOf(session)}.`, {
    continues,
    phase: session.record.phase,
    elapsedMs: session.elapsedMs,
    ...(attempts.length > 0 ? { attempts } : {}),
    versionsBefore: session.versionsBefore,
    ...(hresult === null ? {} : { ...hresultDetails(hresult), hresultName: failureName(hresult) }),
    ...(refused ? { abortRefused: { source: refused.source, ...hresultDetails(refused.hresult) } } : {}),
    recommendation: continues
      ? 'Let Defender finish and then look at defender/status, or run elevated: only administrators can abort most updates.'
      : 'Run the update again if you still want its result.',
  });
}

/** What has become of an update that was stopped. */
function endingOf({ running, hresult, asked }: UpdateSession): string {
  if (running) return 'and Defender continues by itself';
  if (hresult !== null) return `and the update ended with ${failureName(hresult) ?? hresultHex(hresult)}`;
  return asked ? 'and Defender refused the update' : 'before Defender was asked to update';
}

function inUse({ since, phase }: UpdateRequest): Failure {
  return new Failure('InUse', `This bridge has been running a signature update since ${since}.`, {
    operation: 'defender/update',
    since,
    phase,
    recommendation: 'Wait for the running update: a second one would bring nothing more.',
  });
}
