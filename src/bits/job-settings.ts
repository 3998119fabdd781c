import { E_INVALIDARG, E_NOTIMPL } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import { BG_E_PROXY_BYPASS_LIST_TOO_LARGE, BG_E_PROXY_LIST_TOO_LARGE, BG_E_STRING_TOO_LONG } from './hresults.js';

/** https://learn.microsoft.com/windows/win32/api/bits/nf-bits-ibackgroundcopymanager-createjob */
export const maxDisplayName = 256;
/** https://learn.microsoft.com/windows/win32/api/bits/nf-bits-ibackgroundcopyjob-setdescription */
const maxDescription = 1024;
/** https://learn.microsoft.com/windows/win32/api/bits/nf-bits-ibackgroundcopyjob-setproxysettings */
const maxProxyList = 4000;
/** https://learn.microsoft.com/windows/win32/api/bits/nf-bits-ibackgroundcopyjob-setminimumretrydelay */
const minRetryDelaySeconds = 5;

/**
 * BG_NOTIFY_JOB_TRANSFERRED, _JOB_ERROR, _DISABLE, _JOB_MODIFICATION, _FILE_TRANSFERRED and _FILE_RANGES_TRANSFERRED. The
 * last one is kept, and never told: nobody can ask for more ranges of a file that is there already.
 */
export const notifyFlags = {
  transferred: 1,
  error: 2,
  disable: 4,
  modification: 8,
  fileTransferred: 16,
  fileRangesTransferred: 32,
} as const;
const allNotifyFlags = 63;

/** BG_JOB_PRIORITY_LOW and BG_JOB_PROXY_USAGE_AUTODETECT: what lies above them is not defined. */
const [lastPriority, lastProxyUsage] = [3, 3];

/** BG_JOB_PROXY_USAGE_OVERRIDE, the only one that goes with a list. */
const proxyOverride = 2;

/** BG_JOB_ENABLE_PEERCACHING_CLIENT 1, _SERVER 2, BG_JOB_DISABLE_BRANCH_CACHE 4. */
const allPeerCachingFlags = 7;

/** https://learn.microsoft.com/windows/win32/api/bits2_5/nf-bits2_5-ibackgroundcopyjobhttpoptions-setcustomheaders */
const maxHeaders = 16_384;

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
  #peerCachingFlags = 0;
  #customHeaders: string | null = null;
  /** Seconds; 14 days. */
  noProgressTimeout = 1_209_600;
  /** Seconds; 90 days. */
  maximumDownloadTime = 7_776_000;
  /** BG_HTTP_* of IBackgroundCopyJobHttpOptions. Kept and given back: the bridge follows its own rules. */
  securityFlags = 0;

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
    if (value < 0 || value > lastPriority) throw new HResultError('IBackgroundCopyJob::SetPriority', E_NOTIMPL);
    this.#priority = value;
  }

  get notifyFlags(): number {
    return this.#notifyFlags;
  }
  set notifyFlags(value: number) {
    if (value >>> 0 > allNotifyFlags) throw new HResultError('IBackgroundCopyJob::SetNotifyFlags', E_NOTIMPL);
    this.#notifyFlags = value;
  }

  /** Seconds; BITS raises what is below its minimum. */
  get minimumRetryDelay(): number {
    return this.#minimumRetryDelay;
  }
  set minimumRetryDelay(value: number) {
    this.#minimumRetryDelay = Math.max(minRetryDelaySeconds, value);
  }

  /** Kept and given back; a content source is reached as its registration says. */
  get proxy(): ProxySettings {
    return this.#proxy;
  }
  set proxy({ usage, list, bypass }: ProxySettings) {
    const source = 'IBackgroundCopyJob::SetProxySettings';
    const lists = usage === proxyOverride ? list !== null : list === null && bypass === null;
    if (usage < 0 || usage > lastProxyUsage) throw new HResultError(source, E_NOTIMPL);
    if (!lists) throw new HResultError(source, E_INVALIDARG);
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

  /** Kept and given back: files come from the source alone. */
  get peerCachingFlags(): number {
    return this.#peerCachingFlags;
  }
  set peerCachingFlags(value: number) {
    if (value >>> 0 > allPeerCachingFlags)
      throw new HResultError('IBackgroundCopyJob4::SetPeerCachingFlags', E_INVALIDARG);
    this.#peerCachingFlags = value;
  }

  /** Kept and given back, and never sent: they may hold a token that is not for the server of the source. */
  get customHeaders(): string | null {
    return this.#customHeaders;
  }
  set customHeaders(value: string | null) {
    const source = 'IBackgroundCopyJobHttpOptions::SetCustomHeaders';
    this.#customHeaders = value === null ? null : atMost(maxHeaders, value, source);
  }
}

function atMost(length: number, value: string, source: string): string {
  if (value.length > length) throw new HResultError(source, BG_E_STRING_TOO_LONG);
  return value;
}
