import { isServerGone } from '../base/hresult-error.js';
import { type Clock, type Deadline, deadline, untilAborted } from '../base/run.js';
import { illegalState, isIllegalCall } from './errors.js';
import type { Office } from './port.js';
import { decodeStatus, type Status, sameReport } from './status.js';

/** How often a download that is to be cancelled is looked at: people wait for it. */
const pollMs = 100;

/** How long Cancel is tried again while the download is still PENDING, where Office refuses it. */
const patienceMs = 5000;

/** How long a cancelled request stays to see its download stop. A bridge that ends gives its requests 2 s for that. */
const farewellMs = 1500;

/** What cancelling needs of a request: an Office to call, and how long it may take. */
export interface Caller {
  readonly office: Office;
  readonly clock: Clock;
  /** Aborts when nobody waits for it any more. */
  readonly signal: AbortSignal;
  within<T>(call: Promise<T>): Promise<T>;
  sleep(ms: number): Promise<void>;
  look(): Promise<Status>;
}

/**
 * Cancels the running download. Where none runs there is nothing to do, and Office may refuse the call or accept it: both
 * are fine. An Apply cannot be cancelled: IllegalState.
 */
export async function cancelDownload(caller: Caller): Promise<Status> {
  const patienceEnds = caller.clock.now() + patienceMs;
  for (;;) {
    try {
      await caller.within(caller.office.updates.cancel({ signal: caller.signal }));
      return await caller.look();
    } catch (error) {
      if (!isIllegalCall(error)) throw error;
      const status = await caller.look();
      if (!status.busy || status.status === 'DOWNLOAD_CANCELLING') return status;
      // Office accepts Cancel only from DOWNLOAD_WIP on, so a download that is about to begin is waited for.
      const canBegin = !status.status.startsWith('APPLY') && caller.clock.now() < patienceEnds;
      if (!canBegin) throw illegalState('Cancel', status);
    }
    await caller.sleep(pollMs);
  }
}

/**
 * Stops a download whose request has been cancelled, once Office has answered whether it began at all. `before` is the last
 * status that the request saw. `stopped` says whether it is certain that the download does not continue; never throws.
 */
export async function cancelUntilStopped(
  office: Office,
  clock: Clock,
  begun: Promise<boolean>,
  before: Status | null,
): Promise<{ readonly stopped: boolean; readonly last: Status | null }> {
  const farewell = deadline({ signal: new AbortController().signal, clock }, farewellMs);
  const caller = callerUntil(office, clock, farewell, before);
  try {
    if (await caller.within(begun)) await untilStopped(caller, before);
    return { stopped: true, last: caller.last };
  } catch {
    return { stopped: false, last: caller.last };
  } finally {
    farewell.end();
  }
}

function callerUntil(office: Office, clock: Clock, { signal }: Deadline, before: Status | null) {
  const caller = {
    office,
    clock,
    signal,
    last: before,
    within: <T>(call: Promise<T>) => untilAborted(call, signal),
    sleep: (ms: number) => clock.sleep(ms, signal),
    async look() {
      caller.last = decodeStatus(await caller.within(office.updates.status(signal)));
      return caller.last;
    },
  };
  return caller;
}

/** Office shows an accepted download only after a while, and until then a Cancel does nothing: it is sent again. */
async function untilStopped(caller: Caller, before: Status | null): Promise<void> {
  let shown = before?.busy ?? false;
  let accepted = false;
  for (; ; await caller.sleep(pollMs)) {
    const status = await unlessGone(accepted ? caller.look() : cancelDownload(caller));
    if (status && !status.busy && (shown || before === null || !sameReport(status, before))) return;
    accepted = status?.busy ?? false;
    shown ||= accepted;
  }
}

/** Null while the COM server is away, as it may be for a moment. */
function unlessGone(status: Promise<Status>): Promise<Status | null> {
  return status.catch((error: unknown) => {
    if (isServerGone(error)) return null;
    throw error;
  });
}
