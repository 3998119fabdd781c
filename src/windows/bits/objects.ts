import { E_INVALIDARG, hresultText, S_FALSE, S_OK } from '../../base/hresult.js';
import { BG_E_ERROR_INFORMATION_UNAVAILABLE, BG_E_NOT_FOUND } from '../../bits/hresults.js';
import type { CopyFile, CopyJob, JobError } from '../../bits/job.js';
import type { CopyQueue } from '../../bits/queue.js';
import { errorContexts } from '../../bits/source-reader.js';
import {
  IBackgroundCopyError,
  IBackgroundCopyFile,
  IBackgroundCopyFile2,
  IBackgroundCopyJob,
  IBackgroundCopyJob2,
  IBackgroundCopyJob3,
  IBackgroundCopyJob4,
  IBackgroundCopyJobHttpOptions,
  IBackgroundCopyManager,
  IEnumBackgroundCopyFiles,
  IEnumBackgroundCopyJobs,
  sizeOf,
} from '../abi/bits.js';
import { type Enumerator, enumeration } from '../native/com-enumerator.js';
import { type ComClass, comClass, type ServerEvents } from '../native/com-object.js';
import { windowsText } from '../native/failed-calls.js';
import { guidBytes, guidText } from '../native/guid.js';
import { putBytes, putInt32, putPointer, putTaskMemory, putText, putUint32, required } from '../native/memory.js';
import { bytesAt } from '../native/native.js';
import { httpOptions, jobBasics, jobMethods } from './job.js';
import type { Notifier } from './notifier.js';
import { empty, size, text } from './results.js';

/** What stands behind a client's IBackgroundCopyManager. */
export interface Manager {
  readonly queue: CopyQueue;
}

/** A file with the job that it belongs to. */
export interface FileOfJob {
  readonly job: CopyJob;
  readonly file: CopyFile;
}

export interface BitsClasses {
  readonly manager: ComClass<Manager>;
  readonly job: ComClass<CopyJob>;
  readonly file: ComClass<FileOfJob>;
  readonly error: ComClass<JobError & { readonly job: CopyJob }>;
}

const fileMethods = { ...IBackgroundCopyFile.methods, ...IBackgroundCopyFile2.methods };

/** One after another, as each adds methods to the one before. */
const jobInterfaces = [IBackgroundCopyJob, IBackgroundCopyJob2, IBackgroundCopyJob3, IBackgroundCopyJob4];

/** The classes of BITS over the jobs of a queue. Made once a process. */
export function bitsClasses(notifier: Notifier, events: ServerEvents): BitsClasses {
  const manager: ComClass<Manager> = comClass<Manager, typeof IBackgroundCopyManager.methods>(
    [{ iids: [IBackgroundCopyManager.iid], methods: IBackgroundCopyManager.methods }],
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
      // BG_JOB_ENUM_ALL_USERS is 1: every caller is an administrator, and sees all jobs.
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

  const job: ComClass<CopyJob> = comClass<CopyJob, typeof jobMethods & typeof IBackgroundCopyJobHttpOptions.methods>(
    [
      { iids: jobInterfaces.map(({ iid }) => iid), methods: jobMethods },
      { iids: [IBackgroundCopyJobHttpOptions.iid], methods: IBackgroundCopyJobHttpOptions.methods },
    ],
    {
      ...jobBasics,
      ...httpOptions,
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

  const file: ComClass<FileOfJob> = comClass<FileOfJob, typeof fileMethods>(
    [{ iids: [IBackgroundCopyFile.iid, IBackgroundCopyFile2.iid], methods: fileMethods }],
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

  const error: BitsClasses['error'] = comClass<
    JobError & { readonly job: CopyJob },
    typeof IBackgroundCopyError.methods
  >(
    [{ iids: [IBackgroundCopyError.iid], methods: IBackgroundCopyError.methods }],
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

  const jobEnumerator: ComClass<Enumerator<CopyJob>> = comClass<
    Enumerator<CopyJob>,
    typeof IEnumBackgroundCopyJobs.methods
  >(
    [{ iids: [IEnumBackgroundCopyJobs.iid], methods: IEnumBackgroundCopyJobs.methods }],
    enumeration(
      (item) => job.reference(item),
      (copy) => jobEnumerator.reference(copy),
    ),
    events,
  );

  const fileEnumerator: ComClass<Enumerator<FileOfJob>> = comClass<
    Enumerator<FileOfJob>,
    typeof IEnumBackgroundCopyFiles.methods
  >(
    [{ iids: [IEnumBackgroundCopyFiles.iid], methods: IEnumBackgroundCopyFiles.methods }],
    enumeration(
      (item) => file.reference(item),
      (copy) => fileEnumerator.reference(copy),
    ),
    events,
  );

  return { manager, job, file, error };
}

const contextTexts = {
  generalQueueManager: 'The error occurred in the queue manager.',
  localFile: 'The error occurred while the local file was being processed.',
  remoteFile: 'The error occurred while the remote file was being processed.',
  generalTransport: 'The error occurred in the transport.',
} as const;

const filesOfJobs = new WeakMap<CopyFile, FileOfJob>();

/** One object a file, so that a client that gets it twice sees that it is the same. */
export function fileOf(job: CopyJob, file: CopyFile): FileOfJob {
  const known = filesOfJobs.get(file);
  if (known) return known;
  const pair = { job, file };
  filesOfJobs.set(file, pair);
  return pair;
}

function give<T extends object>(out: bigint | null, to: ComClass<T>, target: T): number {
  putPointer(out, to.reference(target));
  return S_OK;
}
