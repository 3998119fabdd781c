import { dirname, join } from 'node:path';
import { E_INVALIDARG, S_FALSE, S_OK } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import {
  BG_E_EMPTY,
  BG_E_ERROR_CONTEXT_LOCAL_FILE,
  BG_E_INVALID_RANGE,
  BG_E_INVALID_STATE,
  BG_E_OVERLAPPING_RANGES,
  BG_S_PARTIAL_COMPLETE,
  BG_S_UNABLE_TO_DELETE_FILES,
  fromErrno,
} from './hresults.js';
import { JobSettings } from './job-settings.js';
import { isLocalName } from './local-name.js';
import type { CopyFault, ErrorContext } from './source-reader.js';
import { parseSourceUrl, type SourceUrl } from './source-url.js';
import { type TemporaryFiles, temporaryName } from './temporary-files.js';
import { type FileRange, FileTransfer } from './transfer.js';

/** BG_JOB_STATE, in the order of the enumeration. https://learn.microsoft.com/windows/win32/api/bits/ne-bits-bg_job_state */
export const jobStates = [
  'QUEUED',
  'CONNECTING',
  'TRANSFERRING',
  'SUSPENDED',
  'ERROR',
  'TRANSIENT_ERROR',
  'TRANSFERRED',
  'ACKNOWLEDGED',
  'CANCELLED',
] as const;
export type JobState = (typeof jobStates)[number];

/** One file of a job. */
export interface CopyFile {
  remoteName: string;
  readonly localName: string;
  url: SourceUrl;
  readonly ranges: readonly FileRange[] | null;
  /** Null until the source was asked. */
  bytesTotal: number | null;
  bytesTransferred: number;
  /** Whether everything lies in the temporary file. */
  transferred: boolean;
  /** Whether the local file is there, which only `complete` does. */
  saved: boolean;
  readonly transfer: FileTransfer;
}

/** Why a job stands still, as IBackgroundCopyError tells it. */
export interface JobError {
  readonly context: ErrorContext;
  readonly hresult: number;
  readonly message: string;
  readonly file: CopyFile;
}

/** What is new of a job: its state, or anything else that a client can see. */
export type JobChange = 'state' | 'detail';

/** What the queue does for its jobs. */
export interface Scheduler {
  /** The job waits for its turn. */
  queued(job: CopyJob): void;
  /** Stops what runs for the job; resolves when nothing touches its files any more. Null where that is so already. */
  stop(job: CopyJob): Promise<void> | null;
  /** The job has ended and leaves the queue. */
  ended(job: CopyJob): void;
  changed(job: CopyJob, change: JobChange): void;
  readonly temporaries: TemporaryFiles;
  now(): Date;
}

/** A download job with the state machine of BITS. Methods throw `HResultError`, at once and without a change. */
export class CopyJob {
  readonly files: CopyFile[] = [];
  readonly settings: JobSettings;
  readonly created: Date;
  /** When a client changed anything, the state became another one, or bytes were moved. */
  modified: Date;
  transferCompleted: Date | null = null;
  state: JobState = 'SUSPENDED';
  error: JobError | null = null;
  errorCount = 0;
  /** Milliseconds in CONNECTING and TRANSFERRING since a client resumed it. */
  transferMs = 0;
  readonly #scheduler: Scheduler;
  #filesNamed = 0;

  constructor(
    /** A GUID with braces, in upper case. */
    readonly id: string,
    displayName: string,
    /** The SID of the account that the files are written as. */
    readonly owner: string,
    scheduler: Scheduler,
  ) {
    this.#scheduler = scheduler;
    this.settings = new JobSettings(displayName);
    this.created = this.modified = scheduler.now();
  }

  addFile(remoteName: string, localName: string): void {
    this.requireLive('IBackgroundCopyJob::AddFile');
    this.#add([this.#newFile('IBackgroundCopyJob::AddFile', remoteName, localName, null)]);
  }

  /** All of them or none. */
  addFileSet(files: readonly { readonly remoteName: string; readonly localName: string }[]): void {
    const source = 'IBackgroundCopyJob::AddFileSet';
    this.requireLive(source);
    if (files.length === 0) throw new HResultError(source, E_INVALIDARG);
    this.#add(files.map(({ remoteName, localName }) => this.#newFile(source, remoteName, localName, null)));
  }

  addFileWithRanges(remoteName: string, localName: string, ranges: readonly FileRange[]): void {
    const source = 'IBackgroundCopyJob3::AddFileWithRanges';
    this.requireLive(source);
    if (ranges.length === 0) throw new HResultError(source, E_INVALIDARG);
    checkRanges(source, ranges);
    this.#add([this.#newFile(source, remoteName, localName, ranges)]);
  }

  setRemoteName(file: CopyFile, remoteName: string): void {
    this.requireLive('IBackgroundCopyFile2::SetRemoteName');
    this.#rename(file, remoteName, requireUrl('IBackgroundCopyFile2::SetRemoteName', remoteName));
  }

  /** S_FALSE where no remote name starts with `before`; case matters, as it does in BITS. */
  replaceRemotePrefix(before: string, after: string): number {
    const source = 'IBackgroundCopyJob3::ReplaceRemotePrefix';
    this.requireLive(source);
    if (before === '' || after === '') throw new HResultError(source, E_INVALIDARG);
    const matching = this.files
      .filter(({ remoteName }) => remoteName.startsWith(before))
      .map((file) => ({ file, name: after + file.remoteName.slice(before.length) }))
      .map(({ file, name }) => ({ file, name, url: requireUrl(source, name) }));
    for (const { file, name, url } of matching) this.#rename(file, name, url);
    return matching.length > 0 ? S_OK : S_FALSE;
  }

  resume(): void {
    this.requireLive('IBackgroundCopyJob::Resume');
    if (this.files.length === 0) throw new HResultError('IBackgroundCopyJob::Resume', BG_E_EMPTY);
    if (!['SUSPENDED', 'ERROR', 'TRANSIENT_ERROR'].includes(this.state)) return;
    if (this.files.every(({ transferred }) => transferred)) {
      this.enter('TRANSFERRED');
      return;
    }
    this.transferMs = 0;
    this.retry();
  }

  /** Waits for its turn once more, as after the retry delay. */
  retry(): void {
    this.enter('QUEUED');
    this.#scheduler.queued(this);
  }

  setAclFlags(flags: number): void {
    const source = 'IBackgroundCopyJob3::SetFileACLFlags';
    this.requireLive(source);
    // The files are written already.
    if (this.state === 'TRANSFERRED') throw new HResultError(source, BG_E_INVALID_STATE);
    this.settings.aclFlags = flags;
    this.touch();
  }

  suspend(): void {
    this.requireLive('IBackgroundCopyJob::Suspend');
    // What has stopped by itself counts as suspended already, and still tells how.
    if (['SUSPENDED', 'TRANSFERRED', 'ERROR'].includes(this.state)) return;
    this.enter('SUSPENDED');
    this.#scheduler.stop(this);
  }

  /**
   * Ends the job: the files that are transferred appear under their names, all others are forgotten. BG_S_PARTIAL_COMPLETE
   * where there were such. Throws where a file cannot be given its name; the job is then as it was, without the files
   * that could.
   */
  complete(): number {
    const source = 'IBackgroundCopyJob::Complete';
    this.requireLive(source);
    for (const file of this.files) {
      if (!file.transferred || file.saved) continue;
      try {
        file.transfer.moveTo(file.localName);
      } catch (error) {
        throw new HResultError(
          source,
          fromErrno((error as NodeJS.ErrnoException).code, BG_E_ERROR_CONTEXT_LOCAL_FILE),
          `${file.localName} cannot be given its name: ${(error as Error).message}`,
        );
      }
      file.saved = true;
    }
    const whole = this.files.every(({ saved }) => saved);
    const clean = this.#end('ACKNOWLEDGED');
    return !whole ? BG_S_PARTIAL_COMPLETE : clean ? S_OK : BG_S_UNABLE_TO_DELETE_FILES;
  }

  /** Ends the job and forgets everything. BG_S_UNABLE_TO_DELETE_FILES where a temporary file stayed. */
  cancel(): number {
    this.requireLive('IBackgroundCopyJob::Cancel');
    return this.#end('CANCELLED') ? S_OK : BG_S_UNABLE_TO_DELETE_FILES;
  }

  /** `bytesTotal` is null as long as a file has not been asked for. */
  progress(): { bytesTotal: number | null; bytesTransferred: number; filesTotal: number; filesTransferred: number } {
    let bytesTotal: number | null = 0;
    let bytesTransferred = 0;
    let filesTransferred = 0;
    for (const file of this.files) {
      bytesTotal = bytesTotal === null || file.bytesTotal === null ? null : bytesTotal + file.bytesTotal;
      bytesTransferred += file.bytesTransferred;
      if (file.transferred) filesTransferred++;
    }
    return { bytesTotal, bytesTransferred, filesTotal: this.files.length, filesTransferred };
  }

  /** Throws BG_E_INVALID_STATE where the job has ended. */
  requireLive(source: string): void {
    if (this.hasEnded()) throw new HResultError(source, BG_E_INVALID_STATE);
  }

  hasEnded(): boolean {
    return this.state === 'ACKNOWLEDGED' || this.state === 'CANCELLED';
  }

  /** Something of it is different now, besides the state. */
  touch(): void {
    this.modified = this.#scheduler.now();
    this.#scheduler.changed(this, 'detail');
  }

  enter(state: JobState): void {
    this.state = state;
    this.modified = this.#scheduler.now();
    if (state === 'TRANSFERRED') this.transferCompleted = this.modified;
    if (state === 'TRANSFERRING') this.error = null;
    this.#scheduler.changed(this, 'state');
  }

  fail(file: CopyFile, { context, hresult, message }: CopyFault, state: 'ERROR' | 'TRANSIENT_ERROR'): void {
    this.error = { context, hresult, message, file };
    this.errorCount++;
    this.enter(state);
  }

  #add(files: readonly CopyFile[]): void {
    this.files.push(...files);
    this.touch();
    // There is something to transfer again, which starts with Resume as in a new job.
    if (this.state === 'TRANSFERRED') this.enter('SUSPENDED');
  }

  #newFile(source: string, remoteName: string, localName: string, ranges: readonly FileRange[] | null): CopyFile {
    const url = requireUrl(source, remoteName);
    if (!isLocalName(localName)) throw new HResultError(source, E_INVALIDARG, `Not the path of a file: ${localName}`);
    const temporary = join(dirname(localName), temporaryName(this.id, this.#filesNamed++));
    return {
      remoteName,
      localName,
      url,
      ranges,
      bytesTotal: null,
      bytesTransferred: 0,
      transferred: false,
      saved: false,
      transfer: new FileTransfer(temporary, ranges, this.#scheduler.temporaries),
    };
  }

  #rename(file: CopyFile, remoteName: string, url: SourceUrl): void {
    file.remoteName = remoteName;
    // A file that is there already is not fetched again, whatever it is called now.
    file.url = url;
    this.touch();
  }

  #end(state: 'ACKNOWLEDGED' | 'CANCELLED'): boolean {
    const stopped = this.#scheduler.stop(this);
    this.enter(state);
    this.#scheduler.ended(this);
    if (!stopped) return this.#removeTemporaries();
    void stopped.then(() => this.#removeTemporaries());
    return true;
  }

  #removeTemporaries(): boolean {
    let clean = true;
    for (const file of this.files) {
      if (file.saved) continue;
      try {
        file.transfer.remove();
      } catch {
        clean = false;
      }
    }
    return clean;
  }
}

function requireUrl(source: string, remoteName: string): SourceUrl {
  const url = parseSourceUrl(remoteName);
  if (!url) throw new HResultError(source, E_INVALIDARG, `Not the URL of a file of a content source: ${remoteName}`);
  return url;
}

function checkRanges(source: string, ranges: readonly FileRange[]): void {
  for (const { offset, length } of ranges) {
    const end = offset + (length ?? 0);
    if (!Number.isSafeInteger(offset) || length === 0 || !Number.isSafeInteger(end))
      throw new HResultError(source, BG_E_INVALID_RANGE);
  }
  const sorted = [...ranges].sort((a, b) => a.offset - b.offset);
  for (const [index, { offset, length }] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next && (length === null || offset + length > next.offset))
      throw new HResultError(source, BG_E_OVERLAPPING_RANGES);
  }
}
