import type { MappedDrive } from '../base/mapped-drive.js';
import type { Check } from '../contract/bridge.js';
import type { Backend } from '../contract/types.js';

/** UPDATE_STATUS_REPORT as Office fills it; the feature decodes it. */
export interface UpdateStatusReport {
  readonly status: number;
  /** UINT: below or equal 13 an UPDATE_ERROR_CODE, above it an HRESULT plus 13. */
  readonly error: number;
  readonly contentId: string | null;
}

/** The request that an action is for. */
export interface ActionFor {
  readonly signal: AbortSignal;
  /** Called right before the action is sent. */
  sent?(): void;
}

/**
 * IUpdateNotify and IUpdateNotify2. Each call throws `HResultError` when Office refuses it (REGDB_E_CLASSNOTREG where the
 * object is not registered), and `Failure` NotAvailable where the method does not exist on an old Office. A call may have to
 * wait while others do not return; it is not sent once its signal has aborted, and rejects with the reason.
 */
export interface UpdateNotify {
  /** `parameters` is Office's own `key=value key=value`; an empty string where nothing is given. */
  download(parameters: string, request?: ActionFor): Promise<void>;
  apply(parameters: string, request?: ActionFor): Promise<void>;
  cancel(request?: ActionFor): Promise<void>;
  status(signal?: AbortSignal): Promise<UpdateStatusReport>;
  /** Office's own comma-separated list; null or empty where nothing blocks. */
  blockingApps(signal?: AbortSignal): Promise<string | null>;
  deploymentData(dataType: number, name: string, signal?: AbortSignal): Promise<string | null>;
}

/** REG_SZ and REG_EXPAND_SZ as strings (not expanded), REG_MULTI_SZ as lines of one string, REG_DWORD as numbers, REG_QWORD as bigints. */
export type RegistryValue = string | number | bigint;

/** Where a value lies. */
export interface ValuePlace {
  readonly key: string;
  readonly name: string;
}

/** A value with its type, to be put elsewhere or back. */
export interface KeptValue {
  /** Creates the key where it is missing. */
  putInto(place: ValuePlace): Promise<void>;
}

/** HKEY_LOCAL_MACHINE, 64-bit view. Key paths have no root and no leading backslash. */
export interface Registry {
  /** All values of a key by name (the default value is ''); null where the key does not exist. */
  values(key: string): Promise<ReadonlyMap<string, RegistryValue> | null>;
  /** Creates the key where it is missing. */
  setValue(key: string, name: string, value: string | number): Promise<void>;
  /** A value of any type as it lies there now; null where there is none. */
  keep(place: ValuePlace): Promise<KeptValue | null>;
  /** Says whether there was something to delete. */
  deleteValue(key: string, name: string): Promise<boolean>;
}

/** The task of Task Scheduler that looks for Office updates. */
export interface UpdateTask {
  /** What it does; null where there is no such task. Throws `HResultError`. */
  state(): Promise<{ readonly enabled: boolean; readonly running: boolean } | null>;
  /** Starts it. Throws `HResultError` where Task Scheduler refuses. */
  run(): Promise<void>;
}

/** Everything that the c2r feature needs from a machine; both backends implement it. */
export interface Office {
  readonly backend: Backend;
  readonly updates: UpdateNotify;
  readonly registry: Registry;
  readonly updateTask: UpdateTask;
  /** Whether a folder can be read, within a few seconds; for the share that updates come from. Never throws. */
  canReach(folder: string): Promise<boolean>;
  /** The drive of a path where it stands for a share; null where it does not. */
  mappedDrive?(path: string): MappedDrive | null;
  /** Windows' own sentence about an HRESULT; null where it has none. */
  errorText?(hresult: number): string | null;
  /** How much of a download of a content that is registered here is transferred; null where it is not known. */
  contentPercent?(contentId: string): Promise<number | null>;
  /** What only this backend can see of the machine's health, for the doctor; never throws. */
  checks(): Promise<readonly Check[]>;
}
