import { Failure } from '../base/failure.js';
import { E_FAIL, E_INVALIDARG, hresultText, isFailure, S_FALSE, S_OK, signed } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import type { Clock } from '../base/run.js';
import { failureName } from '../defender/failure.js';
import { asyncWithProgress, notifications, sourceOption } from '../defender/mpclient.js';
import {
  type ComponentVersion,
  callbackTypeSignatureUpdate,
  type Defender,
  type Manager,
  MpClientMissing,
  type Notification,
  type SignatureUpdateData,
  type Update,
  type VersionInfo,
} from '../defender/port.js';
import type { DefenderScenario, Scenario } from './scenario.js';
import { MachineState } from './state.js';

const E_ABORT = signed(0x80004004);
/** What MpClient gives when the service does not answer. */
const serviceUnreachable = signed(0x800106ba);
/** DUE_AV_SIGNATURE and DUE_AS_SIGNATURE of MPSTATUS_FLAG. */
const signaturesDue = (1 << 5) | (1 << 6);
const serviceUnavailable = 1 << 0;
/** FILETIME of 1970-01-01. */
const unixEpoch = 116_444_736_000_000_000n;
const day = 86_400_000;

/** Defender in memory: the same port as the real one, driven by a scenario. Its versions move with each update. */
export function simulatedDefender({ defender: scenario, statePath }: Scenario, clock: Clock): Defender {
  const machine = new Machine(scenario, clock, new MachineState(statePath));
  return {
    backend: 'simulated',
    async open() {
      if (!scenario.present) throw new MpClientMissing('The simulated Windows has no MpClient.dll.', false);
      return openManager(machine, scenario, clock);
    },
    conditions: async () => ({
      passiveMode: false,
      thirdPartyAntivirus: [],
      disabledByPolicy: false,
      serviceDisabled: !scenario.serviceRunning,
      tamperProtection: scenario.present ? true : null,
    }),
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
    this.#due = scenario.result !== S_FALSE && scenario.updates > 0;
    this.#signature = { version: packed(1, 421, 12, 0), updateTime: this.#fileTime(-3 * day) };
    this.#engine = { version: packed(1, 1, 25060, 6), updateTime: this.#fileTime(-20 * day) };
    this.#platform = { version: packed(4, 18, 25060, 7), updateTime: this.#fileTime(-40 * day) };
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
    const version = this.#signature.version + (1n << 16n);
    const updateTime = this.#fileTime(0);
    this.state.set('signature', { version: String(version), updateTime: String(updateTime) });
    this.#due = false;
    this.#signature = { version, updateTime };
  }

  #fileTime(offsetMs: number): bigint {
    return BigInt(this.clock.date().getTime() + offsetMs) * 10_000n + unixEpoch;
  }
}

/** Four 16-bit numbers, the first in the highest word. */
function packed(...words: readonly number[]): bigint {
  return words.reduce((all, word) => (all << 16n) | BigInt(word), 0n);
}

function openManager(machine: Machine, scenario: DefenderScenario, clock: Clock): Manager {
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
    enabled: async () => scenario.serviceRunning,
    errorText: async (hresult) => hresultText(hresult) ?? failureName(hresult),
    async startUpdate(options, notify) {
      const sources = options & ~asyncWithProgress;
      if ((options & asyncWithProgress) !== asyncWithProgress || !Object.values(sourceOption).includes(sources)) {
        throw new HResultError('MpUpdateStart', E_INVALIDARG);
      }
      stop = new AbortController();
      const worker = carryOut(machine, scenario, clock, stop.signal, notify).catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error;
        lost = error;
        notify({
          notify: notifications.SIGUPDATE_COMPLETE,
          hresult: E_FAIL,
          type: callbackTypeSignatureUpdate,
          data: null,
        });
      });
      const update: Update = { abort: async () => stop.abort(), close: () => worker };
      return update;
    },
    abort: async () => stop.abort(),
    close: async () => undefined,
  };
}

/** The worker of one update: every documented notification in order, spread over the scenario's time. */
async function carryOut(
  machine: Machine,
  { durationMs, updates, rebootRequired, result, serviceRunning }: DefenderScenario,
  clock: Clock,
  signal: AbortSignal,
  notify: (notification: Notification) => void,
): Promise<void> {
  const send = (name: keyof typeof notifications, hresult: number = S_OK, data: SignatureUpdateData | null = null) =>
    notify({ notify: notifications[name], hresult, type: callbackTypeSignatureUpdate, data });
  const nothingNew = result === S_FALSE || (updates === 0 && !isFailure(result));
  try {
    // Nothing is told before MpUpdateStart has returned, as with a worker thread of its own.
    await clock.sleep(0, signal);
    send('SIGUPDATE_START');
    if (!serviceRunning) return send('SIGUPDATE_COMPLETE', serviceUnreachable);
    send('SIGUPDATE_SEARCH_START');
    await clock.sleep(durationMs / 4, signal);
    send('SIGUPDATE_SEARCH_COMPLETE', S_OK, figures(0, nothingNew ? 0 : updates, 0));
    if (nothingNew) return send('SIGUPDATE_COMPLETE', S_FALSE);
    send('SIGUPDATE_SOFTWARE_UPDATE_AVAILABLE');
    await phase('DOWNLOAD');
    if (isFailure(result)) return send('SIGUPDATE_COMPLETE', result);
    await phase('INSTALL');
    machine.install();
    if (rebootRequired) send('SIGUPDATE_REBOOT_REQUIRED');
    send('SIGUPDATE_REQUEST_PROCESSED');
    send('SIGUPDATE_COMPLETE', result);
  } catch (error) {
    if (!signal.aborted) throw error;
    send('SIGUPDATE_COMPLETE', E_ABORT);
  }

  async function phase(name: 'DOWNLOAD' | 'INSTALL'): Promise<void> {
    const steps = Math.max(1, updates) * 4;
    send(`SIGUPDATE_${name}_START`);
    for (let step = 1; step <= steps; step++) {
      await clock.sleep((durationMs * 3) / 8 / steps, signal);
      send(`SIGUPDATE_${name}_PROGRESS`, S_OK, figures(step / steps, updates, Math.floor((step - 1) / 4)));
    }
    send(`SIGUPDATE_${name}_COMPLETE`, S_OK, figures(1, updates, Math.max(0, updates - 1)));
  }
}

function figures(part: number, totalUpdates: number, currentUpdateIndex: number): SignatureUpdateData {
  return { percentComplete: Math.floor(part * 100), totalUpdates, currentUpdateIndex, updateType: 0, path: null };
}
