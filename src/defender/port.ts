import type { Conditions, UpdateSettings } from '../contract/defender.js';
import type { Backend } from '../contract/types.js';

/** MPCOMPONENT_VERSION: four 16-bit numbers, the first in the highest word, and a FILETIME in UTC. */
export interface ComponentVersion {
  readonly version: bigint;
  readonly updateTime: bigint;
}

/** MPVERSION_INFO, less what nobody asks about. */
export interface VersionInfo {
  readonly product: ComponentVersion;
  readonly service: ComponentVersion;
  readonly engine: ComponentVersion;
  readonly antivirusSignature: ComponentVersion;
  readonly antispywareSignature: ComponentVersion;
  readonly nisEngine: ComponentVersion;
  readonly nisSignature: ComponentVersion;
}

/** MPSIGUPDATE_DATA. */
export interface SignatureUpdateData {
  /** An estimate over all updates of the phase. */
  readonly percentComplete: number;
  readonly totalUpdates: number;
  /** Counted from zero. */
  readonly currentUpdateIndex: number;
  /** MPSIGUPDATE_TYPE and MP_UPDATE_STAGE as they came. */
  readonly updateType: number;
  readonly stage: number;
  readonly path: string | null;
}

/**
 * MPCALLBACK_SIGUPDATE of MPCALLBACK_TYPE: the only one whose data is an MPSIGUPDATE_DATA.
 * https://learn.microsoft.com/windows/win32/lwef/mpcallback-type
 */
export const callbackTypeSignatureUpdate = 6;

/** MPCALLBACK_DATA: one call of the callback, copied. */
export interface Notification {
  /** MPNOTIFY as it came. */
  readonly notify: number;
  /** Signed 32 bits. */
  readonly hresult: number;
  /** MPCALLBACK_TYPE as it came. */
  readonly type: number;
  /** null where none came, and for any other type than a signature update. */
  readonly data: SignatureUpdateData | null;
}

/** The handle of one update. */
export interface Update {
  /** MpUpdateControl with the update handle. Throws `HResultError` where that is refused. */
  abort(): Promise<void>;
  /** MpHandleClose: may take as long as the update runs. To be called once, before `Manager.close`. Never rejects. */
  close(): Promise<void>;
}

/** The handle of the malware protection manager. Each call throws `HResultError` where Defender refuses it. */
export interface Manager {
  /** Where MpClient was found; only a person wants to know. */
  readonly library: string;
  versions(): Promise<VersionInfo>;
  /** ProductStatus: the bits of MPSTATUS_FLAG. */
  productStatus(): Promise<number>;
  /** WDStatus. */
  enabled(): Promise<boolean>;
  /** Defender's text for an HRESULT, its own or one of the system's; null where it has none. */
  errorText(hresult: number): Promise<string | null>;
  /**
   * MpUpdateStart. `notify` is called on the event loop for every notification, also before the promise resolves; its
   * return value says nothing to Defender.
   */
  startUpdate(options: number, notify: (notification: Notification) => void): Promise<Update>;
  /** MpUpdateControl with the manager handle. */
  abort(): Promise<void>;
  /** MpHandleClose. To be called once. Never rejects. */
  close(): Promise<void>;
}

/** There is no MpClient that may be used; `message` says where it was looked for and what is wrong with what was found. */
export class MpClientMissing extends Error {
  override readonly name = 'MpClientMissing';

  constructor(
    message: string,
    /** Whether there was one, which was refused or could not be loaded. */
    readonly found: boolean,
  ) {
    super(message);
  }
}

/** A setting that a policy may give and, where none does, a preference. */
export interface Setting {
  readonly policy: string | null;
  readonly preference: string | null;
}

/** Where Windows is told to take signatures from, as the registry has it. */
export interface SourceFacts {
  readonly fallbackOrder: Setting;
  readonly fileShares: Setting;
  readonly sharedSignatures: Setting;
  /** WUServer and UseWUServer. */
  readonly wsusServer: string | null;
  readonly useWsusServer: boolean;
  readonly automaticUpdates: UpdateSettings['automaticUpdates'];
}

/** Everything that the feature needs from a machine; both backends implement it. */
export interface Defender {
  readonly backend: Backend;
  /** Opens a manager anew for every use; not once `signal` has aborted. Throws `MpClientMissing`. */
  open(signal?: AbortSignal): Promise<Manager>;
  conditions(): Promise<Conditions>;
  sources(): Promise<SourceFacts>;
}
