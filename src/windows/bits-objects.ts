import {
  BG_E_ERROR_INFORMATION_UNAVAILABLE,
  BG_E_INVALID_AUTH_SCHEME,
  BG_E_INVALID_AUTH_TARGET,
  BG_E_NOT_FOUND,
} from '../bits/hresults.js';
import { type CopyFile, type CopyJob, type JobError, jobStates } from '../bits/job.js';
import { errorContexts } from '../bits/origin.js';
import type { CopyQueue } from '../bits/queue.js';
import type { FileRange } from '../bits/transfer.js';
import { HResultError } from '../contract/errors.js';
import { E_INVALIDARG, E_NOTIMPL, E_POINTER, hresultText, S_FALSE, S_OK } from '../contract/hresult.js';
import {
  IBackgroundCopyError,
  IBackgroundCopyFile,
  IBackgroundCopyFile2,
  IBackgroundCopyJob,
  IBackgroundCopyJob2,
  IBackgroundCopyJob3,
  IBackgroundCopyManager,
  IEnumBackgroundCopyFiles,
  IEnumBackgroundCopyJobs,
  UINT64_MAX,
} from './abi/bits.js';
import type { Implementation } from './abi/com-server.js';
import type { Notifier } from './bits-notifier.js';
import { type ComClass, comClass, type ServerEvents } from './com-object.js';
import { windowsText } from './errors.js';
import { guidBytes, guidText } from './guid.js';
import { putBytes, putInt32, putPointer, putTaskMemory, putText, putUint32, required } from './memory.js';
import { bytesAt, pointerAt, textAt } from './native.js';

/** What stands behind a client's IBackgroundCopyManager. */
export interface Manager {
  readonly queue: CopyQueue;
}

interface FileOfJob {
  readonly job: CopyJob;
  readonly file: CopyFile;
}

interface Enumerator<T> {
  readonly items: readonly T[];
  position: number;
}

export interface BitsClasses {
  readonly manager: ComClass<Manager>;
  readonly job: ComClass<CopyJob>;
  readonly error: ComClass<JobError & { readonly job: CopyJob }>;
}

/** Far more than a job has; a count above it is a caller's mistake, and would be read from memory that is not there. */
const maxArray = 100_000;

/** Sizes in the 64-bit layout of bits.h and bits2_0.h. */
const sizeOf = { BG_FILE_INFO: 16, BG_FILE_RANGE: 16 } as const;

/** BG_AUTH_TARGET_SERVER 1 and _PROXY 2; BG_AUTH_SCHEME_BASIC 1 to _PASSPORT 5. */
const [maxAuthTarget, maxAuthScheme] = [2, 5];

const jobMethods = { ...IBackgroundCopyJob.methods, ...IBackgroundCopyJob2.methods, ...IBackgroundCopyJob3.methods };
const fileMethods = { ...IBackgroundCopyFile.methods, ...IBackgroundCopyFile2.methods };

/** The classes of BITS over the jobs of a queue. Made once a process. */
export function bitsClasses(notifier: Notifier, events: ServerEvents): BitsClasses {
  const manager: ComClass<Manager> = comClass(
    [IBackgroundCopyManager.iid],
    IBackgroundCopyManager.methods,
    {
      CreateJob({ queue }, name, type, id, out) {
        required(id);
        empty(out);
        if (name === null) return E_INVALIDARG;
        const created = queue.createJob(name, type);
        putBytes(id, guidBytes(created.id));
        return give(out, job, created);
      },
      GetJob({ queue }, id, out) {
        empty(out);
        return give(out, job, queue.getJob(guidText(bytesAt(required(id), 16))));
      },
      // BG_JOB_ENUM_ALL_USERS is 1: whoever may call at all is an administrator, and sees all jobs.
      EnumJobs({ queue }, flags, out) {
        empty(out);
        if (flags > 1) return E_INVALIDARG;
        return give(out, jobEnumerator, { items: queue.jobs(), position: 0 });
      },
      GetErrorDescription(_, hresult, _language, out) {
        empty(out);
        const text = hresultText(hresult) ?? windowsText(hresult);
        if (text === undefined) return BG_E_NOT_FOUND;
        putText(out, text);
        return S_OK;
      },
    },
    events,
  );

  const job: ComClass<CopyJob> = comClass(
    [IBackgroundCopyJob.iid, IBackgroundCopyJob2.iid, IBackgroundCopyJob3.iid],
    jobMethods,
    {
      ...jobBasics,
      EnumFiles(target, out) {
        empty(out);
        const items = target.files.map((file) => fileOf(target, file));
        return give(out, fileEnumerator, { items, position: 0 });
      },
      GetError(target, out) {
        empty(out);
        if (!target.error) return BG_E_ERROR_INFORMATION_UNAVAILABLE;
        return give(out, error, { ...target.error, job: target });
      },
      SetNotifyInterface(target, callback) {
        target.requireLive('IBackgroundCopyJob::SetNotifyInterface');
        notifier.set(target, callback);
        target.touch();
        return S_OK;
      },
      GetNotifyInterface(target, out) {
        putPointer(out, notifier.get(target));
        return S_OK;
      },
    },
    events,
  );

  const file: ComClass<FileOfJob> = comClass(
    [IBackgroundCopyFile.iid, IBackgroundCopyFile2.iid],
    fileMethods,
    {
      GetRemoteName: ({ file: { remoteName } }, out) => text(out, remoteName),
      GetLocalName: ({ file: { localName } }, out) => text(out, localName),
      GetProgress({ file: { bytesTotal, bytesTransferred, saved } }, out) {
        const progress = Buffer.alloc(24);
        progress.writeBigUInt64LE(size(bytesTotal), 0);
        progress.writeBigUInt64LE(BigInt(bytesTransferred), 8);
        progress.writeInt32LE(saved ? 1 : 0, 16);
        putBytes(out, progress);
        return S_OK;
      },
      GetFileRanges({ file: { ranges } }, count, out) {
        required(count);
        empty(out);
        putUint32(count, ranges?.length ?? 0);
        if (!ranges) return S_FALSE;
        const bytes = Buffer.alloc(ranges.length * sizeOf.BG_FILE_RANGE);
        for (const [index, { offset, length }] of ranges.entries()) {
          bytes.writeBigUInt64LE(BigInt(offset), index * sizeOf.BG_FILE_RANGE);
          bytes.writeBigUInt64LE(size(length), index * sizeOf.BG_FILE_RANGE + 8);
        }
        putTaskMemory(out, bytes);
        return S_OK;
      },
      SetRemoteName({ job: owner, file: target }, name) {
        if (name === null) return E_INVALIDARG;
        owner.setRemoteName(target, name);
        return S_OK;
      },
    },
    events,
  );

  const error: BitsClasses['error'] = comClass(
    [IBackgroundCopyError.iid],
    IBackgroundCopyError.methods,
    {
      GetError({ context, hresult }, contextOut, codeOut) {
        required(codeOut);
        putInt32(contextOut, errorContexts[context]);
        putInt32(codeOut, hresult);
        return S_OK;
      },
      GetFile(target, out) {
        empty(out);
        return give(out, file, fileOf(target.job, target.file));
      },
      GetErrorDescription: ({ message }, _language, out) => text(out, message),
      GetErrorContextDescription: ({ context }, _language, out) => text(out, contextTexts[context]),
      GetProtocol: (_, out) => text(out, 'cmbits'),
    },
    events,
  );

  const jobEnumerator: ComClass<Enumerator<CopyJob>> = comClass(
    [IEnumBackgroundCopyJobs.iid],
    IEnumBackgroundCopyJobs.methods,
    enumeration(
      (item) => job.reference(item),
      (copy) => jobEnumerator.reference(copy),
    ),
    events,
  );

  const fileEnumerator: ComClass<Enumerator<FileOfJob>> = comClass(
    [IEnumBackgroundCopyFiles.iid],
    IEnumBackgroundCopyFiles.methods,
    enumeration(
      (item) => file.reference(item),
      (copy) => fileEnumerator.reference(copy),
    ),
    events,
  );

  return { manager, job, error };
}

const contextTexts = {
  generalQueueManager: 'The error occurred in the queue manager.',
  localFile: 'The error occurred while the local file was being processed.',
  remoteFile: 'The error occurred while the remote file was being processed.',
  generalTransport: 'The error occurred in the transport.',
} as const;

type JobMethods = typeof jobMethods;

/** What needs no other class. */
const jobBasics: Omit<
  Implementation<CopyJob, JobMethods>,
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
  TakeOwnership: () => S_OK,
  // A command line that runs as SYSTEM is no part of serving files; none set is what it is anyway.
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
  // The source of a content is reached as its registration says, so that a job has no credentials to keep.
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
  SetFileACLFlags: (job, flags) => set(job, 'SetFileACLFlags', flags, (given) => (job.settings.aclFlags = given)),
  GetFileACLFlags: (job, out) => int32(out, job.settings.aclFlags),
};

/** An offset that no file has stays one that is refused: beyond 2^53 a number is no longer exact. */
function rangeAt(bytes: Buffer, offset: number): FileRange {
  const length = bytes.readBigUInt64LE(offset + 8);
  return { offset: Number(bytes.readBigUInt64LE(offset)), length: length === UINT64_MAX ? null : Number(length) };
}

function authFault(target: number, scheme: number): number | null {
  if (target < 1 || target > maxAuthTarget) return BG_E_INVALID_AUTH_TARGET;
  return scheme < 1 || scheme > maxAuthScheme ? BG_E_INVALID_AUTH_SCHEME : null;
}

const filesOfJobs = new WeakMap<CopyFile, FileOfJob>();

/** One object a file, so that whoever gets it twice sees that it is the same. */
function fileOf(job: CopyJob, file: CopyFile): FileOfJob {
  const known = filesOfJobs.get(file);
  if (known) return known;
  const pair = { job, file };
  filesOfJobs.set(file, pair);
  return pair;
}

function enumeration<T>(
  reference: (item: T) => bigint,
  clone: (copy: Enumerator<T>) => bigint,
): Implementation<Enumerator<T>, typeof IEnumBackgroundCopyJobs.methods> {
  return {
    Next(target, count, out, fetched) {
      // Only a caller that asks for one may leave out where to put the number.
      if (fetched === null && count !== 1) return E_INVALIDARG;
      required(out);
      const items = target.items.slice(target.position, target.position + count);
      for (const [index, item] of items.entries()) putPointer((out as bigint) + BigInt(index * 8), reference(item));
      target.position += items.length;
      if (fetched !== null) putUint32(fetched, items.length);
      return items.length === count ? S_OK : S_FALSE;
    },
    Skip(target, count) {
      const left = target.items.length - target.position;
      target.position += Math.min(count, left);
      return count <= left ? S_OK : S_FALSE;
    },
    Reset(target) {
      target.position = 0;
      return S_OK;
    },
    Clone(target, out) {
      empty(out);
      putPointer(out, clone({ items: target.items, position: target.position }));
      return S_OK;
    },
    GetCount(target, out) {
      putUint32(out, target.items.length);
      return S_OK;
    },
  };
}

/** What a caller reads there until it is set, also where the call fails. */
function empty(out: bigint | null): void {
  putPointer(out, null);
}

function give<T extends object>(out: bigint | null, to: ComClass<T>, target: T): number {
  putPointer(out, to.reference(target));
  return S_OK;
}

function text(out: bigint | null, value: string): number {
  empty(out);
  putText(out, value);
  return S_OK;
}

function int32(out: bigint | null, value: number): number {
  putUint32(out, value);
  return S_OK;
}

/** A property that a job takes as long as it lives. */
function set<V>(job: CopyJob, method: string, value: V | null, take: (given: V) => void): number {
  if (value === null) return E_INVALIDARG;
  job.requireLive(`IBackgroundCopyJob::${method}`);
  take(value);
  job.touch();
  return S_OK;
}

function size(bytes: number | null): bigint {
  return bytes === null ? UINT64_MAX : BigInt(bytes);
}

/** FILETIME: units of 100 ns since 1601. */
function fileTime(date: Date): bigint {
  return (BigInt(date.getTime()) - BigInt(Date.UTC(1601, 0, 1))) * 10_000n;
}
