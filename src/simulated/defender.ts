import { Failure } from '../base/failure.js';
import { E_FAIL, E_INVALIDARG, hresultText, isFailure, S_FALSE, S_OK, signed } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import type { Clock } from '../base/run.js';
import { type Conditions, type UpdateSource, updateStageNames, updateTypeNames } from '../contract/defender.js';
import { asyncWithProgress, notifications, sourceOption } from '../defender/mpclient.js';
import {
  type ComponentVersion,
  callbackTypeSignatureUpdate,
  type Defender,
  type Manager,
  MpClientMissing,
  type Notification,
  type SignatureUpdateData,
  type SourceFacts,
  type Update,
  type VersionInfo,
} from '../defender/port.js';
import { decodeSources } from '../defender/sources.js';
import type { DefenderScenario, Scenario } from './scenario.js';
import { MachineState } from './state.js';

const E_ABORT = signed(0x80004004);
/** What MpClient gives when the service does not answer. */
const serviceUnreachable = signed(0x800106ba);
/** ERROR_BAD_CONFIGURATION, which the real one gives for an order with an unknown name. */
const badConfiguration = signed(0x8007064a);
/** ERROR_SERVICE_DISABLED. */
const serviceDisabled = signed(0x80070422);
/** DUE_AV_SIGNATURE and DUE_AS_SIGNATURE of MPSTATUS_FLAG. */
const signaturesDue = (1 << 5) | (1 << 6);
const serviceUnavailable = 1 << 0;
/** FILETIME of 1970-01-01. */
const unixEpoch = 116_444_736_000_000_000n;
const namedSources = ['managed', 'unmanaged', 'http', 'unc'] as const;
type NamedSource = (typeof namedSources)[number];
const hour = 3_600_000;
const day = 24 * hour;

/** Defender in memory: the same port as the real one, driven by a scenario. Its versions move with each update. */
export function simulatedDefender({ defender: scenario, statePath }: Scenario, clock: Clock): Defender {
  const machine = new Machine(scenario, clock, new MachineState(statePath));
  const failures = new SourceFailures(scenario);
  return {
    backend: 'simulated',
    async open() {
      if (!scenario.present) throw new MpClientMissing('The simulated Windows has no MpClient.dll.', false);
      return openManager(machine, scenario, clock, failures);
    },
    conditions: async () => conditionsOf(scenario),
    sources: async () => sourcesOf(scenario),
  };
}

function conditionsOf(scenario: DefenderScenario): Conditions {
  const { mode, passiveModeForced, thirdPartyAntivirus, disabledByPolicy, serviceRunning, present } = scenario;
  const passiveModeNote = { passive: 1, edrBlock: 1, sideBySidePassive: 2, normal: null, disabled: null }[mode];
  return {
    passiveMode: passiveModeForced || passiveModeNote !== null,
    passiveModeForced,
    passiveModeNote,
    edrBlockMode: mode === 'edrBlock',
    thirdPartyAntivirus: [...thirdPartyAntivirus],
    disabledByPolicy,
    serviceDisabled: !serviceRunning,
    tamperProtection: present ? scenario.tamperProtection : null,
  };
}

function sourcesOf({ fallbackOrder, fileShares, wsusServer, windowsUpdateDisabled }: DefenderScenario): SourceFacts {
  const byPolicy = (policy: string | null) => ({ policy, preference: null });
  return {
    fallbackOrder: byPolicy(fallbackOrder),
    fileShares: byPolicy(fileShares.join('|')),
    sharedSignatures: byPolicy(null),
    wsusServer,
    useWsusServer: wsusServer !== null,
    automaticUpdates: {
      disabledByPolicy: false,
      startType: windowsUpdateDisabled ? 'disabled' : 'manual',
      state: windowsUpdateDisabled ? 'stopped' : 'running',
    },
  };
}

/** What outlives an update: versions, and whether signatures are due. */
class Machine {
  #signature: ComponentVersion;
  #due = true;
  readonly #engine: ComponentVersion;
  readonly #platform: ComponentVersion;

  constructor(
    scenario: DefenderScenario,
    private readonly clock: Clock,
    private readonly state: MachineState,
  ) {
    this.#due = scenario.signaturesDue ?? (scenario.result !== S_FALSE && scenario.updates > 0);
    const { signatureAgeHours } = scenario;
    this.#signature =
      signatureAgeHours === null
        ? { version: 0n, updateTime: 0n }
        : { version: packed(1, 421, 12, 0), updateTime: this.#fileTime(-signatureAgeHours * hour) };
    this.#engine = { version: packed(1, 1, 25060, 6), updateTime: this.#fileTime(-20 * day) };
    const platform = scenario.platformVersion.split('.').map(Number);
    this.#platform = { version: packed(...platform), updateTime: this.#fileTime(-40 * day) };
    this.#takeOver();
  }

  /** What an earlier or another process has done to this machine. */
  #takeOver(): void {
    const kept = this.state.take('signature');
    if (!kept) return;
    this.#due = false;
    this.#signature = { version: BigInt(kept.version), updateTime: BigInt(kept.updateTime) };
  }

  versions(): VersionInfo {
    this.#takeOver();
    return {
      product: this.#platform,
      service: this.#platform,
      engine: this.#engine,
      antivirusSignature: this.#signature,
      antispywareSignature: this.#signature,
      nisEngine: this.#engine,
      nisSignature: this.#signature,
    };
  }

  get productStatus(): number {
    this.#takeOver();
    return this.#due ? signaturesDue : 0;
  }

  install(): void {
    this.#takeOver();
    const version = (this.#signature.version || packed(1, 421, 12, 0)) + (1n << 16n);
    const updateTime = this.#fileTime(0);
    this.state.set('signature', { version: String(version), updateTime: String(updateTime) });
    this.#due = false;
    this.#signature = { version, updateTime };
  }

  #fileTime(offsetMs: number): bigint {
    const fileTime = BigInt(Math.round(this.clock.date().getTime() + offsetMs)) * 10_000n + unixEpoch;
    return fileTime > 0n ? fileTime : 0n;
  }
}

/** Four 16-bit numbers, the first in the highest word. */
function packed(...words: readonly number[]): bigint {
  return words.reduce((all, word) => (all << 16n) | BigInt(word), 0n);
}

function openManager(machine: Machine, scenario: DefenderScenario, clock: Clock, failures: SourceFailures): Manager {
  let stop = new AbortController();
  /** Why what an update brought could not be kept, which is told to the next who asks for the versions. */
  let lost: Failure | undefined;
  const answer = <T>(source: string, value: () => T): T => {
    if (!scenario.serviceRunning) throw new HResultError(source, serviceUnreachable);
    return value();
  };
  return {
    library: 'simulated',
    async versions() {
      if (lost) throw lost;
      return answer('MpManagerVersionQuery', () => machine.versions());
    },
    productStatus: async () => (scenario.serviceRunning ? machine.productStatus : serviceUnavailable),
    enabled: async () => scenario.serviceRunning && scenario.mode !== 'disabled',
    errorText: async (hresult) => hresultText(hresult),
    async startUpdate(options, notify) {
      const sources = options & ~asyncWithProgress;
      if ((options & asyncWithProgress) !== asyncWithProgress || !Object.values(sourceOption).includes(sources)) {
        throw new HResultError('MpUpdateStart', E_INVALIDARG);
      }
      stop = new AbortController();
      const chosen = namedSources.find((source) => sourceOption[source] === sources) ?? 'default';
      const worker = carryOut({ machine, scenario, clock, failures }, chosen, stop.signal, notify).catch(
        (error: unknown) => {
          if (!(error instanceof Failure)) throw error;
          lost = error;
          notify({
            notify: notifications.SIGUPDATE_COMPLETE,
            hresult: E_FAIL,
            type: callbackTypeSignatureUpdate,
            data: null,
          });
        },
      );
      const update: Update = { abort: async () => stop.abort(), close: () => worker };
      return update;
    },
    abort: async () => stop.abort(),
    close: async () => undefined,
  };
}

/** What a worker works with. */
interface Worker {
  readonly machine: Machine;
  readonly scenario: DefenderScenario;
  readonly clock: Clock;
  readonly failures: SourceFailures;
}

/** Which sources fail, and how often they still do. */
class SourceFailures {
  readonly #left = new Map<NamedSource, { readonly hresult: number; times: number }>();

  constructor({ failSources, windowsUpdateDisabled }: DefenderScenario) {
    const always = (hresult: number) => ({ hresult, times: Number.POSITIVE_INFINITY });
    if (windowsUpdateDisabled) {
      for (const source of ['managed', 'unmanaged'] as const) this.#left.set(source, always(serviceDisabled));
    }
    for (const { source, hresult, times } of failSources) {
      this.#left.set(source as NamedSource, { hresult, times: times ?? Number.POSITIVE_INFINITY });
    }
  }

  /** The HRESULT that a source fails with now; null where it succeeds. */
  take(source: NamedSource): number | null {
    const failure = this.#left.get(source);
    if (!failure || failure.times === 0) return null;
    failure.times -= 1;
    return failure.hresult;
  }
}

/** The sources that an update tries. A name in the order that is not a source fails it, as with the real one. */
function sourcesInTurn(scenario: DefenderScenario, chosen: UpdateSource): readonly NamedSource[] | null {
  if (chosen !== 'default') return [chosen];
  const { order } = decodeSources(sourcesOf(scenario));
  const known = order.filter((source): source is NamedSource => (namedSources as readonly string[]).includes(source));
  return known.length === order.length ? known : null;
}

/** The worker of one update: every documented notification in order, spread over the scenario's time. */
async function carryOut(
  { machine, scenario, clock, failures }: Worker,
  chosen: UpdateSource,
  signal: AbortSignal,
  notify: (notification: Notification) => void,
): Promise<void> {
  const { durationMs, updates, rebootRequired, result, serviceRunning } = scenario;
  const send = (name: keyof typeof notifications, hresult: number = S_OK, data: SignatureUpdateData | null = null) =>
    notify({ notify: notifications[name], hresult, type: callbackTypeSignatureUpdate, data });
  const nothingNew = result === S_FALSE || (updates === 0 && !isFailure(result));
  try {
    // Nothing is told before MpUpdateStart has returned, as with a worker thread of its own.
    await clock.sleep(0, signal);
    send('SIGUPDATE_START');
    if (!serviceRunning) return send('SIGUPDATE_COMPLETE', serviceUnreachable);
    const sources = sourcesInTurn(scenario, chosen);
    if (!sources) return send('SIGUPDATE_COMPLETE', badConfiguration);
    const found = await search(sources);
    if (typeof found !== 'string') return send('SIGUPDATE_COMPLETE', found.hresult);
    const figures = figuresOf(found, scenario);
    send('SIGUPDATE_SEARCH_COMPLETE', S_OK, { ...figures('SEARCH', 0, 0), totalUpdates: nothingNew ? 0 : updates });
    if (nothingNew) return send('SIGUPDATE_COMPLETE', S_FALSE);
    send('SIGUPDATE_SOFTWARE_UPDATE_AVAILABLE');
    await phase('DOWNLOAD', figures);
    if (isFailure(result)) return send('SIGUPDATE_COMPLETE', result);
    await phase('INSTALL', figures);
    machine.install();
    if (rebootRequired) send('SIGUPDATE_REBOOT_REQUIRED');
    send('SIGUPDATE_REQUEST_PROCESSED');
    send('SIGUPDATE_COMPLETE', result);
  } catch (error) {
    if (!signal.aborted) throw error;
    send('SIGUPDATE_COMPLETE', E_ABORT);
  }

  /** The first source that has an answer, or how the last one failed. */
  async function search(sources: readonly NamedSource[]): Promise<NamedSource | { readonly hresult: number }> {
    let hresult: number = E_FAIL;
    for (const [index, source] of sources.entries()) {
      send('SIGUPDATE_SEARCH_START');
      await clock.sleep(durationMs / 4, signal);
      const failed = failures.take(source);
      if (failed === null) return source;
      hresult = failed;
      // The last one's failure is that of the update.
      if (index < sources.length - 1) send('INTERNAL_FAILURE', failed);
    }
    return { hresult };
  }

  async function phase(name: 'DOWNLOAD' | 'INSTALL', figures: ReturnType<typeof figuresOf>): Promise<void> {
    const steps = Math.max(1, updates) * 4;
    send(`SIGUPDATE_${name}_START`);
    for (let step = 1; step <= steps; step++) {
      await clock.sleep((durationMs * 3) / 8 / steps, signal);
      send(`SIGUPDATE_${name}_PROGRESS`, S_OK, figures(name, step / steps, Math.floor((step - 1) / 4)));
    }
    send(`SIGUPDATE_${name}_COMPLETE`, S_OK, figures(name, 1, Math.max(0, updates - 1)));
  }
}

const typeOf: Readonly<Record<NamedSource, (typeof updateTypeNames)[number]>> = {
  managed: 'MANAGED',
  unmanaged: 'UNMANAGED',
  http: 'HTTP',
  unc: 'UNC',
};

function figuresOf(source: NamedSource, { updates, fileShares }: DefenderScenario) {
  return (stage: (typeof updateStageNames)[number], part: number, index: number): SignatureUpdateData => ({
    percentComplete: Math.floor(part * 100),
    totalUpdates: updates,
    currentUpdateIndex: index,
    updateType: updateTypeNames.indexOf(typeOf[source]),
    stage: updateStageNames.indexOf(stage),
    path: source === 'unc' ? (fileShares[0] ?? null) : null,
  });
}
