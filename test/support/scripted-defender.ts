import { signed } from '../../src/base/hresult.js';
import { HResultError } from '../../src/base/hresult-error.js';
import type { Conditions } from '../../src/contract/defender.js';
import { notifications } from '../../src/defender/mpclient.js';
import {
  callbackTypeSignatureUpdate,
  type Defender,
  type Manager,
  type Notification,
  type SignatureUpdateData,
  type SourceFacts,
  type VersionInfo,
} from '../../src/defender/port.js';

export type NotificationKey = keyof typeof notifications;

export const E_HANDLE = signed(0x80070006);
export const E_ABORT = signed(0x80004004);

export const figures = (values: Partial<SignatureUpdateData> = {}): SignatureUpdateData => ({
  percentComplete: 0,
  totalUpdates: 2,
  currentUpdateIndex: 0,
  updateType: 1,
  stage: 1,
  path: null,
  ...values,
});

export const notification = (
  name: NotificationKey | number,
  hresult = 0,
  data: SignatureUpdateData | null = null,
): Notification => ({
  notify: typeof name === 'number' ? name : notifications[name],
  hresult,
  type: callbackTypeSignatureUpdate,
  data,
});

/** The FILETIME of a moment. */
export const fileTime = (iso: string): bigint => 116_444_736_000_000_000n + BigInt(Date.parse(iso)) * 10_000n;

const newYear = fileTime('2026-01-01T00:00:00Z');

export const versionInfo = (
  signature: bigint,
  updateTime = newYear,
  platform = 0x0004_0012_0001_0002n,
): VersionInfo => {
  const other = { version: platform, updateTime: newYear };
  const signatures = { version: signature, updateTime };
  return {
    product: other,
    service: other,
    engine: other,
    antivirusSignature: signatures,
    antispywareSignature: signatures,
    nisEngine: { version: 0n, updateTime: 0n },
    nisSignature: signatures,
  };
};

export const oldSignature = 0x0001_01a5_000c_0000n;
export const newSignature = 0x0001_01a5_000d_0000n;

/** A Defender that does what the test says, and writes down the order of the calls. */
export class ScriptedDefender implements Defender {
  readonly backend = 'simulated';
  readonly calls: string[] = [];
  options: number | null = null;
  /** The options of every MpUpdateStart so far. */
  readonly started: number[] = [];
  signature = oldSignature;
  updateTime = newYear;
  platform = 0x0004_0012_0001_0002n;
  isEnabled = true;
  productStatus = 0;
  state: Conditions = {
    passiveMode: false,
    passiveModeForced: false,
    passiveModeNote: null,
    edrBlockMode: false,
    thirdPartyAntivirus: [],
    disabledByPolicy: false,
    serviceDisabled: false,
    tamperProtection: null,
  };
  sourceFacts: SourceFacts = {
    fallbackOrder: { policy: null, preference: null },
    fileShares: { policy: null, preference: null },
    sharedSignatures: { policy: null, preference: null },
    wsusServer: null,
    useWsusServer: false,
    automaticUpdates: { disabledByPolicy: false, startType: 'manual', state: 'running' },
  };
  openError: Error | null = null;
  versionsError: Error | null = null;
  statusError: Error | null = null;
  enabledError: Error | null = null;
  /** Runs inside MpManagerVersionQuery. */
  onVersions: () => Promise<void> | void = () => undefined;
  /** Runs inside MpUpdateStart; what it notifies comes before the call has returned. */
  onStart: (defender: ScriptedDefender) => Promise<void> | void = () => undefined;
  /** What each MpUpdateControl does. */
  onManagerAbort: () => Promise<void> | void = () => undefined;
  onUpdateAbort: () => Promise<void> | void = () => undefined;
  /** MpHandleClose of the update. */
  onUpdateClose: () => Promise<void> | void = () => undefined;
  #notify: ((notification: Notification) => void) | null = null;

  notify(name: NotificationKey | number, hresult = 0, data: SignatureUpdateData | null = null): void {
    this.#notify?.(notification(name, hresult, data));
  }

  async open(): Promise<Manager> {
    if (this.openError) throw this.openError;
    this.calls.push('open');
    return {
      library: 'C:\\Program Files\\Windows Defender\\MpClient.dll',
      versions: async () => {
        await this.onVersions();
        if (this.versionsError) throw this.versionsError;
        return versionInfo(this.signature, this.updateTime, this.platform);
      },
      productStatus: async () => {
        if (this.statusError) throw this.statusError;
        return this.productStatus;
      },
      enabled: async () => {
        if (this.enabledError) throw this.enabledError;
        return this.isEnabled;
      },
      errorText: async (hresult) => `text of ${hresult}`,
      startUpdate: async (options, notify) => {
        this.calls.push('start');
        this.options = options;
        this.started.push(options);
        this.#notify = notify;
        await this.onStart(this);
        return {
          abort: async () => {
            this.calls.push('abort update');
            await this.onUpdateAbort();
          },
          close: async () => {
            this.calls.push('close update');
            await this.onUpdateClose();
          },
        };
      },
      abort: async () => {
        this.calls.push('abort manager');
        await this.onManagerAbort();
      },
      close: async () => {
        this.calls.push('close manager');
      },
    };
  }

  conditions = async () => this.state;
  sources = async () => this.sourceFacts;
}

/** For `onManagerAbort` and `onUpdateAbort`. */
export function refuse(hresult: number): () => never {
  return () => {
    throw new HResultError('MpUpdateControl', hresult);
  };
}
