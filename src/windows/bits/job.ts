import { E_INVALIDARG, E_NOTIMPL, E_POINTER, S_FALSE, S_OK } from '../../base/hresult.js';
import { HResultError } from '../../base/hresult-error.js';
import { BG_E_INVALID_AUTH_SCHEME, BG_E_INVALID_AUTH_TARGET } from '../../bits/hresults.js';
import { type CopyJob, jobStates } from '../../bits/job.js';
import type { FileRange } from '../../bits/transfer.js';
import {
  IBackgroundCopyJob,
  IBackgroundCopyJob2,
  IBackgroundCopyJob3,
  IBackgroundCopyJob4,
  type IBackgroundCopyJobHttpOptions,
  sizeOf,
  UINT64_MAX,
} from '../abi/bits.js';
import type { Implementation } from '../abi/com-server.js';
import { guidBytes } from '../native/guid.js';
import { putBytes, putInt32, putText, required } from '../native/memory.js';
import { bytesAt, pointerAt, textAt } from '../native/native.js';
import { integrityLevel, isTokenElevated } from '../security/security.js';
import { empty, int32, size, text } from './results.js';

/** Many times what a job has; a count above it is a caller's mistake, and would be read from memory that is not there. */
const maxArray = 100_000;

/** BG_AUTH_TARGET_SERVER 1 and _PROXY 2; BG_AUTH_SCHEME_BASIC 1 to _PASSPORT 5. */
const [maxAuthTarget, maxAuthScheme] = [2, 5];

/** The methods of IBackgroundCopyJob, Job2, Job3 and Job4, in the order of their slots. */
export const jobMethods = {
  ...IBackgroundCopyJob.methods,
  ...IBackgroundCopyJob2.methods,
  ...IBackgroundCopyJob3.methods,
  ...IBackgroundCopyJob4.methods,
};

/** What a job does that needs no object of another class. */
export const jobBasics: Omit<
  Implementation<CopyJob, typeof jobMethods>,
  'EnumFiles' | 'GetError' | 'SetNotifyInterface' | 'GetNotifyInterface'
> = {
  AddFileSet(job, count, files) {
    if (count === 0 || count > maxArray) return E_INVALIDARG;
    const bytes = bytesAt(required(files), count * sizeOf.BG_FILE_INFO);
    const textOf = (offset: number) => {
      const address = pointerAt(bytes, offset);
      if (address === null) throw new HResultError('IBackgroundCopyJob::AddFileSet', E_INVALIDARG);
      return textAt(address);
    };
    job.addFileSet(
      Array.from({ length: count }, (_, index) => ({
        remoteName: textOf(index * sizeOf.BG_FILE_INFO),
        localName: textOf(index * sizeOf.BG_FILE_INFO + 8),
      })),
    );
    return S_OK;
  },
  AddFile(job, remoteName, localName) {
    if (remoteName === null || localName === null) return E_INVALIDARG;
    job.addFile(remoteName, localName);
    return S_OK;
  },
  Suspend(job) {
    job.suspend();
    return S_OK;
  },
  Resume(job) {
    job.resume();
    return S_OK;
  },
  Cancel: (job) => job.cancel(),
  Complete: (job) => job.complete(),
  GetId(job, out) {
    putBytes(out, guidBytes(job.id));
    return S_OK;
  },
  // BG_JOB_TYPE_DOWNLOAD: there are no others.
  GetType: (_, out) => int32(out, 0),
  GetProgress(job, out) {
    const { bytesTotal, bytesTransferred, filesTotal, filesTransferred } = job.progress();
    const progress = Buffer.alloc(24);
    progress.writeBigUInt64LE(size(bytesTotal), 0);
    progress.writeBigUInt64LE(BigInt(bytesTransferred), 8);
    progress.writeUInt32LE(filesTotal, 16);
    progress.writeUInt32LE(filesTransferred, 20);
    putBytes(out, progress);
    return S_OK;
  },
  GetTimes(job, out) {
    const times = Buffer.alloc(24);
    times.writeBigUInt64LE(fileTime(job.created), 0);
    times.writeBigUInt64LE(fileTime(job.modified), 8);
    times.writeBigUInt64LE(job.transferCompleted ? fileTime(job.transferCompleted) : 0n, 16);
    putBytes(out, times);
    return S_OK;
  },
  GetState: (job, out) => int32(out, jobStates.indexOf(job.state)),
  GetOwner: (job, out) => text(out, job.owner),
  SetDisplayName: (job, value) => set(job, 'SetDisplayName', value, (given) => (job.settings.displayName = given)),
  GetDisplayName: (job, out) => text(out, job.settings.displayName),
  SetDescription: (job, value) => set(job, 'SetDescription', value, (given) => (job.settings.description = given)),
  GetDescription: (job, out) => text(out, job.settings.description),
  SetPriority: (job, value) => set(job, 'SetPriority', value, (given) => (job.settings.priority = given)),
  GetPriority: (job, out) => int32(out, job.settings.priority),
  SetNotifyFlags: (job, value) => set(job, 'SetNotifyFlags', value, (given) => (job.settings.notifyFlags = given)),
  GetNotifyFlags: (job, out) => int32(out, job.settings.notifyFlags),
  SetMinimumRetryDelay: (job, value) =>
    set(job, 'SetMinimumRetryDelay', value, (given) => (job.settings.minimumRetryDelay = given)),
  GetMinimumRetryDelay: (job, out) => int32(out, job.settings.minimumRetryDelay),
  SetNoProgressTimeout: (job, value) =>
    set(job, 'SetNoProgressTimeout', value, (given) => (job.settings.noProgressTimeout = given)),
  GetNoProgressTimeout: (job, out) => int32(out, job.settings.noProgressTimeout),
  GetErrorCount: (job, out) => int32(out, job.errorCount),
  SetProxySettings(job, usage, list, bypass) {
    job.requireLive('IBackgroundCopyJob::SetProxySettings');
    job.settings.proxy = { usage, list, bypass };
    job.touch();
    return S_OK;
  },
  GetProxySettings(job, usage, list, bypass) {
    required(usage);
    empty(list);
    empty(bypass);
    const { proxy } = job.settings;
    putInt32(usage, proxy.usage);
    if (proxy.list !== null) putText(list, proxy.list);
    if (proxy.bypass !== null) putText(bypass, proxy.bypass);
    return S_OK;
  },
  // Every caller is an administrator and every job is written as the same account: it is the owner's already.
  TakeOwnership(job) {
    job.requireLive('IBackgroundCopyJob::TakeOwnership');
    return S_OK;
  },
  // A command line that runs as SYSTEM does not belong to serving files; there is never one set.
  SetNotifyCmdLine: (_, program) => (program === null ? S_OK : E_NOTIMPL),
  GetNotifyCmdLine(_, program, parameters) {
    empty(program);
    empty(parameters);
    return S_OK;
  },
  // What BITS answers for jobs that are no upload-reply jobs.
  GetReplyProgress: (_, out) => (out === null ? E_POINTER : E_NOTIMPL),
  GetReplyData(_, buffer, length) {
    empty(buffer);
    putBytes(length, Buffer.alloc(8));
    return E_NOTIMPL;
  },
  SetReplyFileName: () => E_NOTIMPL,
  GetReplyFileName(_, out) {
    empty(out);
    return E_NOTIMPL;
  },
  // A content source is reached as its registration says, so that a job has no credentials to keep.
  SetCredentials(_, credentials) {
    const head = bytesAt(required(credentials), 8);
    const fault = authFault(head.readInt32LE(0), head.readInt32LE(4));
    return fault ?? E_NOTIMPL;
  },
  RemoveCredentials: (_, target, scheme) => authFault(target, scheme) ?? S_FALSE,
  ReplaceRemotePrefix(job, before, after) {
    if (before === null || after === null) return E_INVALIDARG;
    return job.replaceRemotePrefix(before, after);
  },
  AddFileWithRanges(job, remoteName, localName, count, ranges) {
    if (remoteName === null || localName === null || count > maxArray) return E_INVALIDARG;
    const bytes = count === 0 ? Buffer.alloc(0) : bytesAt(required(ranges), count * sizeOf.BG_FILE_RANGE);
    job.addFileWithRanges(
      remoteName,
      localName,
      Array.from({ length: count }, (_, index) => rangeAt(bytes, index * sizeOf.BG_FILE_RANGE)),
    );
    return S_OK;
  },
  SetFileACLFlags(job, flags) {
    job.setAclFlags(flags);
    return S_OK;
  },
  GetFileACLFlags: (job, out) => int32(out, job.settings.aclFlags),
  SetPeerCachingFlags: (job, value) =>
    set(job, 'SetPeerCachingFlags', value, (given) => (job.settings.peerCachingFlags = given)),
  GetPeerCachingFlags: (job, out) => int32(out, job.settings.peerCachingFlags),
  // Those of this process, as which the files of every job are written.
  GetOwnerIntegrityLevel: (_, out) => int32(out, integrityLevel()),
  GetOwnerElevationState: (_, out) => int32(out, isTokenElevated() ? 1 : 0),
  SetMaximumDownloadTime: (job, value) =>
    set(job, 'SetMaximumDownloadTime', value, (given) => (job.settings.maximumDownloadTime = given)),
  GetMaximumDownloadTime: (job, out) => int32(out, job.settings.maximumDownloadTime),
};

/**
 * IBackgroundCopyJobHttpOptions: a content source is reached as its registration says, so that a job has no certificate of
 * its own to show. https://learn.microsoft.com/windows/win32/api/bits2_5/nn-bits2_5-ibackgroundcopyjobhttpoptions
 */
export const httpOptions: Implementation<CopyJob, typeof IBackgroundCopyJobHttpOptions.methods> = {
  SetClientCertificateByID: () => E_NOTIMPL,
  SetClientCertificateByName: () => E_NOTIMPL,
  RemoveClientCertificate: () => S_FALSE,
  GetClientCertificate(_, location, storeName, hash, subject) {
    putInt32(location, 0);
    for (const out of [storeName, hash, subject]) empty(out);
    return RPC_X_BAD_STUB_DATA;
  },
  SetCustomHeaders(job, value) {
    job.requireLive('IBackgroundCopyJobHttpOptions::SetCustomHeaders');
    job.settings.customHeaders = value;
    job.touch();
    return S_OK;
  },
  GetCustomHeaders(job, out) {
    empty(out);
    const { customHeaders } = job.settings;
    if (customHeaders === null) return S_FALSE;
    putText(out, customHeaders);
    return S_OK;
  },
  SetSecurityFlags: (job, value) =>
    set(job, 'SetSecurityFlags', value, (given) => (job.settings.securityFlags = given)),
  GetSecurityFlags: (job, out) => int32(out, job.settings.securityFlags),
};

/** What BITS answers for a job without a certificate. */
const RPC_X_BAD_STUB_DATA = 0x800706f7 | 0;

/** An offset beyond 2^53 is not exact as a number; it stays too large for any file, and is refused. */
function rangeAt(bytes: Buffer, offset: number): FileRange {
  const length = bytes.readBigUInt64LE(offset + 8);
  return { offset: Number(bytes.readBigUInt64LE(offset)), length: length === UINT64_MAX ? null : Number(length) };
}

function authFault(target: number, scheme: number): number | null {
  if (target < 1 || target > maxAuthTarget) return BG_E_INVALID_AUTH_TARGET;
  return scheme < 1 || scheme > maxAuthScheme ? BG_E_INVALID_AUTH_SCHEME : null;
}

/** A property that a job takes as long as it lives. */
function set<V>(job: CopyJob, method: string, value: V | null, take: (given: V) => void): number {
  if (value === null) return E_INVALIDARG;
  job.requireLive(`IBackgroundCopyJob::${method}`);
  take(value);
  job.touch();
  return S_OK;
}

/** FILETIME: units of 100 ns since 1601. */
function fileTime(date: Date): bigint {
  return (BigInt(date.getTime()) - BigInt(Date.UTC(1601, 0, 1))) * 10_000n;
}
