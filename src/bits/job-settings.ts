import { E_INVALIDARG, E_NOTIMPL } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import { BG_E_PROXY_BYPASS_LIST_TOO_LARGE, BG_E_PROXY_LIST_TOO_LARGE, BG_E_STRING_TOO_LONG } from './hresults.js';

/** https://learn.microsoft.com/windows/win32/api/bits/nf-bits-ibackgroundcopymanager-createjob */
const maxDisplayName = 256;
/** https://learn.microsoft.com/windows/win32/api/bits/nf-bits-ibackgroundcopyjob-setdescription */
const maxDescription = 1024;
/** https://learn.microsoft.com/windows/win32/api/bits/nf-bits-ibackgroundcopyjob-setproxysettings */
const maxProxyList = 4000;
/** https://learn.microsoft.com/windows/win32/api/bits/nf-bits-ibackgroundcopyjob-setminimumretrydelay */
const minRetryDelaySeconds = 5;

/** BG_NOTIFY_JOB_TRANSFERRED 1, _JOB_ERROR 2, _DISABLE 4, _JOB_MODIFICATION 8. */
export const notifyFlags = { transferred: 1, error: 2, disable: 4, modification: 8 } as const;

/** BG_JOB_PROXY_USAGE_OVERRIDE, the only one that goes with a list. */
const PROXY_OVERRIDE = 2;

export interface ProxySettings {
  readonly usage: number;
  readonly list: string | null;
  readonly bypass: string | null;
}

/** What a client may set on a job, with BITS' defaults. Setters throw `HResultError` and then change nothing. */
export class JobSettings {
  #displayName = '';
  #description = '';
  #priority = 2;
  #notifyFlags: number = notifyFlags.transferred | notifyFlags.error;
  #minimumRetryDelay = 600;
  #proxy: ProxySettings = { usage: 0, list: null, bypass: null };
  #aclFlags = 0;
  /** Seconds; 14 days. */
  noProgressTimeout = 1_209_600;

  constructor(displayName: string) {
    this.displayName = displayName;
  }

  get displayName(): string {
    return this.#displayName;
  }
  set displayName(value: string) {
    this.#displayName = atMost(maxDisplayName, value, 'IBackgroundCopyJob::SetDisplayName');
  }

  get description(): string {
    return this.#description;
  }
  set description(value: string) {
    this.#description = atMost(maxDescription, value, 'IBackgroundCopyJob::SetDescription');
  }

  /** BG_JOB_PRIORITY: 0 is FOREGROUND, 3 is LOW. */
  get priority(): number {
    return this.#priority;
  }
  set priority(value: number) {
    if (value < 0 || value > 3) throw new HResultError('IBackgroundCopyJob::SetPriority', E_INVALIDARG);
    this.#priority = value;
  }

  get notifyFlags(): number {
    return this.#notifyFlags;
  }
  set notifyFlags(value: number) {
    if (value >>> 0 > 15) throw new HResultError('IBackgroundCopyJob::SetNotifyFlags', E_NOTIMPL);
    this.#notifyFlags = value;
  }

  /** Seconds; BITS raises what is below its minimum. */
  get minimumRetryDelay(): number {
    return this.#minimumRetryDelay;
  }
  set minimumRetryDelay(value: number) {
    this.#minimumRetryDelay = Math.max(minRetryDelaySeconds, value);
  }

  /** Kept and given back; the source of a content is reached as its registration says. */
  get proxy(): ProxySettings {
    return this.#proxy;
  }
  set proxy({ usage, list, bypass }: ProxySettings) {
    const source = 'IBackgroundCopyJob::SetProxySettings';
    const lists = usage === PROXY_OVERRIDE ? list !== null : list === null && bypass === null;
    if (usage < 0 || usage > 3 || !lists) throw new HResultError(source, E_INVALIDARG);
    if ((list?.length ?? 0) > maxProxyList) throw new HResultError(source, BG_E_PROXY_LIST_TOO_LARGE);
    if ((bypass?.length ?? 0) > maxProxyList) throw new HResultError(source, BG_E_PROXY_BYPASS_LIST_TOO_LARGE);
    this.#proxy = { usage, list, bypass };
  }

  /** BG_COPY_FILE_OWNER, _GROUP, _DACL and _SACL. Kept and given back: a file takes the access of its folder. */
  get aclFlags(): number {
    return this.#aclFlags;
  }
  set aclFlags(value: number) {
    if (value >>> 0 > 15) throw new HResultError('IBackgroundCopyJob3::SetFileACLFlags', E_INVALIDARG);
    this.#aclFlags = value;
  }
}

function atMost(length: number, value: string, source: string): string {
  if (value.length > length) throw new HResultError(source, BG_E_STRING_TOO_LONG);
  return value;
}
