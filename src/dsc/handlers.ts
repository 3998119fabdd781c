import { Failure, invalidParams } from '../base/failure.js';
import type { Log } from '../base/log.js';
import type { Run } from '../base/run.js';
import { c2r } from '../contract/c2r.js';
import { defender } from '../contract/defender.js';
import type { desired as area } from '../contract/desired.js';
import type { Handlers, Params, Progress, Result } from '../contract/method.js';
import type { Backend } from '../contract/types.js';
import { bringAbout, type Compared, compare, doneBy, predict } from './carry-out.js';
import { defenderSignature } from './defender-signature.js';
import { office } from './office.js';
import { officeNotes } from './office-notes.js';
import type { Call, Machine, Outcome, Resource, RunOptions, Trace } from './resource.js';

/** What the desired state needs of the bridge. */
export interface Bridge {
  readonly backend: Backend;
  elevated(): Promise<boolean>;
  /** Calls the bridge's methods within a request. */
  calling(run: Run): Call;
}

type Wanted = Pick<Params<typeof area.test>, 'office' | 'defenderSignature' | 'exempt'>;
type Found = Result<typeof area.test>;
type Brought = Result<typeof area.set>;

/** The one resource that a request is about, with what is wanted of it. */
interface Subject {
  readonly key: 'office' | 'defenderSignature';
  readonly resource: Resource;
  readonly desired: Record<string, unknown>;
}

/** The desired state for all that is not DSC v3 itself, which calls the command `dsc`. */
export function desiredHandlers(bridge: Bridge): Handlers<typeof area> {
  const { backend } = bridge;
  const machineOf = (run: Run): Machine => ({
    call: bridge.calling(run),
    trace: traceOf(run.log),
    now: () => run.clock.date(),
    elevated: bridge.elevated,
  });

  return {
    async test(params, run) {
      const subject = subjectOf(params);
      const machine = machineOf(run);
      const exempted = await exemption(params, machine);
      if (exempted !== null) return nothingWanted(exempted, backend);
      try {
        const { actual, steps } = await compare(subject.resource, subject.desired, machine);
        return await found(subject, { actual, steps }, machine, backend);
      } catch (error) {
        if (error instanceof Failure && error.data.type === 'NotAvailable') return notAvailable(error, backend);
        throw error;
      }
    },

    async set(params, run) {
      const subject = subjectOf(params);
      const machine = machineOf({ ...run, report: telling(run) });
      const exempted = await exemption(params, machine);
      if (exempted !== null)
        return { ...nothingWanted(exempted, backend), ...moved(null, null), ...summary([]), nothingNewer: false };
      const { resource, desired } = subject;
      const brought = params.whatIf
        ? await predict(resource, desired, machine, params)
        : await bringAbout(resource, desired, machine, optionsOf(params, run));
      const { before, actual, outcomes, nothingNewer } = brought;
      return {
        ...(await found(subject, brought, machine, backend)),
        ...moved(versionIn(subject, before), versionIn(subject, params.whatIf ? before : actual)),
        ...summary(outcomes),
        nothingNewer,
      };
    },
  };
}

function subjectOf({ office: wantedOffice, defenderSignature: wantedSignature }: Wanted): Subject {
  if (wantedOffice && !wantedSignature) {
    return { key: 'office', resource: office as unknown as Resource, desired: wantedOffice };
  }
  if (wantedSignature && !wantedOffice) {
    const resource = defenderSignature as unknown as Resource;
    return { key: 'defenderSignature', resource, desired: wantedSignature };
  }
  throw invalidParams([{ path: '', message: 'give either office or defenderSignature' }]);
}

/** Reports the progress of the calls that a request is made of as its own. */
function telling({ clock, report }: Run<Progress<typeof area.set>>): Run['report'] {
  const startedAt = clock.now();
  return (value) => {
    const { phase, message, percent } = value as Progress<typeof area.set>;
    report({ phase, message, percent, elapsedMs: Math.round(clock.now() - startedAt) });
  };
}

function optionsOf({ wait, timeoutMs }: Params<typeof area.set>, { clock }: Run): RunOptions {
  const end = timeoutMs === undefined ? undefined : clock.now() + timeoutMs;
  return { wait, remainingMs: () => (end === undefined ? undefined : Math.max(1, Math.floor(end - clock.now()))) };
}

function traceOf({ error, warn, info, debug }: Log): Trace {
  return { error, warn, info, debug, trace: debug };
}

/** Why nothing is wanted of this device; null where it is managed. */
async function exemption({ office: wantedOffice, exempt }: Wanted, { call }: Machine): Promise<string | null> {
  if (wantedOffice) {
    if (!exempt.includes('noOffice') || (await call(c2r.installation, {})).installed) return null;
    return 'Microsoft 365 Apps (Click-to-Run) is not installed on this device.';
  }
  if (!exempt.includes('thirdPartyAntivirus')) return null;
  const others = await protectors(call);
  return others.length > 0 ? `Another antivirus protects this device: ${others.join(', ')}.` : null;
}

/** Other antivirus products, where Defender leaves the protection of the device to them. */
async function protectors(call: Call): Promise<readonly string[]> {
  try {
    const { runningMode, conditions } = await call(defender.status, {});
    return runningMode === 'normal' ? [] : conditions.thirdPartyAntivirus;
  } catch (error) {
    if (!(error instanceof Failure) || error.data.type !== 'NotAvailable') throw error;
    const { conditions } = error.data as { conditions?: { thirdPartyAntivirus?: readonly string[] } };
    return conditions?.thirdPartyAntivirus ?? [];
  }
}

function nothingWanted(exempted: string, backend: Backend): Found {
  return { inDesiredState: true, exempted, office: null, defenderSignature: null, reasons: [], notes: [], backend };
}

/** What keeps the state from being read is a reason of its own. */
function notAvailable({ message, data }: Failure, backend: Backend): Found {
  return {
    inDesiredState: false,
    exempted: null,
    office: null,
    defenderSignature: null,
    reasons: [{ code: 'NotAvailable', property: null, phrase: `${message} ${data.recommendation}` }],
    notes: [],
    backend,
  };
}

async function found(
  { key }: Subject,
  { actual, steps }: Compared<object>,
  { call }: Machine,
  backend: Backend,
): Promise<Found> {
  const inDesiredState = steps.length === 0;
  return {
    inDesiredState,
    exempted: null,
    office: null,
    defenderSignature: null,
    [key]: actual,
    reasons: steps.map(({ property, reason: { code, phrase } }) => ({ code, property, phrase })),
    notes: key === 'office' ? officeNotes(await call(c2r.installation, {}), inDesiredState) : [],
    backend,
  };
}

function versionIn({ key }: Subject, state: Readonly<Record<string, unknown>>): string | null {
  const version = state[key === 'office' ? 'version' : 'signatureVersion'];
  return typeof version === 'string' ? version : null;
}

function moved(
  versionBefore: string | null,
  versionAfter: string | null,
): Pick<Brought, 'changed' | 'versionBefore' | 'versionAfter'> {
  return { changed: versionAfter !== null && versionAfter !== versionBefore, versionBefore, versionAfter };
}

function summary(outcomes: readonly Outcome[]): Pick<Brought, 'done' | 'continues' | 'restartRequired'> {
  return {
    done: doneBy(outcomes),
    continues: outcomes.some(({ continues }) => continues),
    restartRequired: outcomes.flatMap(({ restartRequired }) => (restartRequired ? [{ ...restartRequired }] : [])),
  };
}
