import { Failure } from '../base/failure.js';
import { hresultHex, hresultText, isFailure, S_FALSE } from '../base/hresult.js';
import { HResultError, hresultDetails } from '../base/hresult-error.js';
import { type Clock, deadline, type Run, untilAborted } from '../base/run.js';
import type { defender as area } from '../contract/defender.js';
import type { Params, Progress, Result } from '../contract/method.js';
import { causeOfSilence, isUnreachable } from './availability.js';
import { settlesWithin } from './deferred.js';
import { failureName, failureRecommendation } from './failure.js';
import { asyncWithProgress, sourceOption } from './mpclient.js';
import type { Defender } from './port.js';
import { type Outcome, UpdateSession } from './session.js';
import { versionsDiffer } from './versions.js';

/** From the wish to stop to the end of the request; the reply itself must be out within 5 s. */
const abortGraceMs = 4_000;
/** How long a finished request waits for its handles to close, so that the next one finds the way free. */
const closeGraceMs = 2_000;

type UpdateResult = Result<typeof area.update>;
type UpdateRun = Run<Progress<typeof area.update>>;

/** Runs signature updates, one at a time: a second one would only be told by Defender that the first one runs. */
export function updater(
  defender: Defender,
): (params: Params<typeof area.update>, run: UpdateRun) => Promise<UpdateResult> {
  let current: { readonly since: string; readonly session: UpdateSession } | null = null;

  return async ({ source, timeoutMs }, run) => {
    if (current) throw inUse(current.since, current.session);
    let ended = false;
    const report = () => {
      if (!ended) run.report(session.record.progress(session.elapsedMs));
    };
    const session = new UpdateSession(defender, asyncWithProgress | sourceOption[source], run.clock, report);
    current = { since: run.clock.date().toISOString(), session };
    void session.closed.then(() => {
      current = null;
    });
    report();
    try {
      const stopped = await untilEndedOrStopped(session, run, timeoutMs);
      if (stopped) throw await stop(session, stopped, run.clock);
      await settlesWithin(session.closed, closeGraceMs, run.clock);
      const result = await resultOf(session, await session.outcome, defender);
      run.report({
        ...session.record.progress(session.elapsedMs),
        message: result.changed ? 'Signatures updated' : 'No newer signatures',
        percent: 100,
      });
      return result;
    } finally {
      ended = true;
    }
  };
}

type Stopped = { readonly type: 'RequestCancelled' | 'Timeout'; readonly message: string };

/** Null where the update has ended, whatever came of it. */
async function untilEndedOrStopped(
  session: UpdateSession,
  run: UpdateRun,
  timeoutMs: number | undefined,
): Promise<Stopped | null> {
  const limit = deadline(run, timeoutMs);
  try {
    await untilAborted(session.outcome, limit.signal);
    return null;
  } catch {
    if (!limit.signal.aborted) return null;
    return limit.passed
      ? { type: 'Timeout', message: `The update did not end within ${timeoutMs} ms` }
      : { type: 'RequestCancelled', message: 'The request was cancelled' };
  } finally {
    limit.end();
  }
}

/** Aborts the update and says, within `abortGraceMs`, what has become of it. */
async function stop(session: UpdateSession, { type, message }: Stopped, clock: Clock): Promise<Failure> {
  let refused: HResultError | null = null;
  const aborted = session.abort().then(
    () => session.closed,
    (error: HResultError) => {
      refused = error;
    },
  );
  await settlesWithin(Promise.race([session.closed, aborted]), abortGraceMs, clock);
  return stoppedError(session, { type, message }, refused);
}

function stoppedError(session: UpdateSession, { type, message }: Stopped, refused: HResultError | null): Failure {
  const continues = session.running;
  const { hresult } = session;
  const ending = continues
    ? 'and Defender continues by itself'
    : hresult === null
      ? session.asked
        ? 'and Defender refused the update'
        : 'before Defender was asked to update'
      : `and the update ended with ${failureName(hresult) ?? hresultHex(hresult)}`;
  return new Failure(type, `${message}, ${ending}.`, {
    continues,
    phase: session.record.phase,
    elapsedMs: session.elapsedMs,
    versionsBefore: session.versionsBefore,
    ...(hresult === null ? {} : { ...hresultDetails(hresult), hresultName: failureName(hresult) }),
    ...(refused ? { abortRefused: { source: refused.source, ...hresultDetails(refused.hresult) } } : {}),
    recommendation: continues
      ? 'Let Defender finish and then look at defender/status, or run elevated: only administrators can abort most updates.'
      : 'Run the update again if you still want its result.',
  });
}

async function resultOf(session: UpdateSession, outcome: Outcome, defender: Defender): Promise<UpdateResult> {
  const { hresult, source, versionsBefore, versionsAfter } = outcome;
  const { record, elapsedMs } = session;
  const name = failureName(hresult);
  const text = outcome.text ?? hresultText(hresult) ?? `Defender ended with ${hresultHex(hresult)}.`;
  const told = {
    versionsBefore,
    versionsAfter,
    rebootRequired: record.rebootRequired,
    phases: record.phases(elapsedMs),
    failures: record.failures(),
    unknownNotifications: record.unknownNotifications(),
  };
  if (isFailure(hresult)) {
    const error = new HResultError(source, hresult, text);
    const where = record.phase ? ` in the ${record.phase} phase` : '';
    const conditions = await defender.conditions();
    throw new Failure(
      'UpdateFailed',
      `The signature update failed${where} with ${name ?? hresultHex(hresult)}: ${text}`,
      {
        ...hresultDetails(hresult),
        hresultName: name,
        source,
        text,
        phase: record.phase,
        elapsedMs,
        ...told,
        conditions,
        ...(isUnreachable(error) ? { reason: causeOfSilence(conditions).reason } : {}),
        recommendation: failureRecommendation(hresult),
      },
    );
  }
  const moved = versionsBefore && versionsAfter ? versionsDiffer(versionsBefore, versionsAfter) : true;
  return {
    changed: hresult !== S_FALSE && moved,
    ...told,
    hresult,
    hresultHex: hresultHex(hresult),
    hresultName: name,
    message: text,
    elapsedMs,
    backend: defender.backend,
  };
}

function inUse(since: string, session: UpdateSession): Failure {
  return new Failure('InUse', `This bridge has been running a signature update since ${since}.`, {
    operation: 'defender/update',
    since,
    phase: session.record.phase,
    recommendation: 'Wait for the running update: a second one would bring nothing more.',
  });
}
