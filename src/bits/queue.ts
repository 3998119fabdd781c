import { randomUUID } from 'node:crypto';
import { E_INVALIDARG, E_NOTIMPL, E_UNEXPECTED } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import { type Clock, deadline } from '../base/run.js';
import { backoffMs } from '../content/http/retry.js';
import { BG_E_FILE_NOT_FOUND, BG_E_MAXDOWNLOAD_TIMEOUT, BG_E_NOT_FOUND } from './hresults.js';
import { type CopyFile, CopyJob, type JobChange, type Scheduler } from './job.js';
import { maxDisplayName } from './job-settings.js';
import { CopyFault, type SourceFile } from './source-reader.js';
import type { OpenSource } from './sources.js';
import type { TemporaryFiles } from './temporary-files.js';

/** Jobs that transfer at a time; further ones wait as QUEUED. Each takes two blocks of memory. */
const maxRunning = 8;

/** As for every transfer of the bridge: new attempts after the first. */
const quickRetries = 4;

/** Node's timers take no more, 24 days, and would not wait at all. */
const maxTimerMs = 0x7fff_ffff;

/** Looks a content source up, by its id in lower case; null where none of that name is registered. */
export type FindSource = (contentId: string) => Promise<OpenSource | null>;

/** What the queue tells, to count it and to notify clients. */
export interface QueueEvents {
  changed(job: CopyJob, change: JobChange): void;
  moved(file: CopyFile, bytes: number): void;
  transferred(file: CopyFile, job: CopyJob): void;
  failed(file: CopyFile, fault: CopyFault): void;
}

/** IBackgroundCopyManager without COM: the jobs, and whose turn it is. */
export class CopyQueue {
  readonly #jobs = new Map<string, CopyJob>();
  readonly #running = new Map<CopyJob, { readonly abort: AbortController; readonly settled: Promise<void> }>();
  readonly #waiting: CopyJob[] = [];
  /** When each job met its first transient error since it moved bytes, on the clock. */
  readonly #failingSince = new WeakMap<CopyJob, number>();
  /** The jobs that wait for their retry delay, with what ends the wait. */
  readonly #retries = new Map<CopyJob, AbortController>();
  readonly #scheduler: Scheduler;

  constructor(
    private readonly findSource: FindSource,
    private readonly owner: string,
    private readonly clock: Clock,
    private readonly events: QueueEvents,
    temporaries: TemporaryFiles,
  ) {
    this.#scheduler = {
      queued: (job) => this.#enqueue(job),
      stop: (job) => this.#stop(job),
      ended: (job) => void this.#jobs.delete(job.id),
      changed: (job, change) => {
        if (job.state !== 'TRANSIENT_ERROR') this.#forgetRetry(job);
        events.changed(job, change);
      },
      temporaries,
      now: () => clock.date(),
    };
  }

  /** `type` is BG_JOB_TYPE; there is nothing to upload to. */
  createJob(displayName: string, type: number): CopyJob {
    const source = 'IBackgroundCopyManager::CreateJob';
    if (type !== 0) throw new HResultError(source, E_NOTIMPL);
    if (displayName.length > maxDisplayName) throw new HResultError(source, E_INVALIDARG);
    const job = new CopyJob(`{${randomUUID().toUpperCase()}}`, displayName, this.owner, this.#scheduler);
    this.#jobs.set(job.id, job);
    return job;
  }

  getJob(id: string): CopyJob {
    const job = this.#jobs.get(id);
    if (!job) throw new HResultError('IBackgroundCopyManager::GetJob', BG_E_NOT_FOUND);
    return job;
  }

  jobs(): CopyJob[] {
    return [...this.#jobs.values()];
  }

  /** Whether something is transferred or waits for it. */
  isBusy(): boolean {
    return this.#running.size > 0 || this.#waiting.length > 0;
  }

  /** Whether anything is transferred, or will be without a call of a client: after the retry delay of a job too. */
  isPending(): boolean {
    return this.isBusy() || this.jobs().some(({ state }) => state === 'TRANSIENT_ERROR');
  }

  /** Ends all jobs and waits until nothing of them is left. */
  async close(): Promise<void> {
    const settled = [...this.#running.values()].map((run) => run.settled);
    for (const job of this.jobs()) job.cancel();
    await Promise.all(settled);
  }

  #enqueue(job: CopyJob): void {
    this.#waiting.push(job);
    this.#startNext();
  }

  #stop(job: CopyJob): Promise<void> | null {
    const place = this.#waiting.indexOf(job);
    if (place >= 0) this.#waiting.splice(place, 1);
    const run = this.#running.get(job);
    run?.abort.abort(new Error('stopped'));
    return run?.settled ?? null;
  }

  #startNext(): void {
    while (this.#running.size < maxRunning) {
      // A job that was suspended and resumed waits until its earlier run has let go of the files.
      const ready = this.#waiting.filter((job) => !this.#running.has(job));
      const next = ready.reduce<CopyJob | null>(
        (best, job) => (best === null || job.settings.priority < best.settings.priority ? job : best),
        null,
      );
      if (!next) return;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      const abort = new AbortController();
      const settled = this.#run(next, abort.signal).then((finish) => {
        this.#running.delete(next);
        // Only now, so that a client that sees how it ended finds the files free.
        if (!abort.signal.aborted) finish();
        this.#startNext();
      });
      this.#running.set(next, { abort, settled });
    }
  }

  /** Transfers what the job lacks; gives what is to be done when it has let go of the files. Never rejects. */
  async #run(job: CopyJob, signal: AbortSignal): Promise<() => void> {
    const started = this.clock.now();
    const { clock } = this;
    const allowed = job.settings.maximumDownloadTime * 1000 - job.transferMs;
    const limit = deadline({ signal, clock }, allowed > maxTimerMs ? undefined : Math.max(0, allowed));
    try {
      return await this.#transferAll(job, limit.signal, () => limit.passed);
    } finally {
      limit.end();
      job.transferMs += clock.now() - started;
    }
  }

  async #transferAll(job: CopyJob, signal: AbortSignal, isLate: () => boolean): Promise<() => void> {
    job.enter('CONNECTING');
    // By index: files may be added meanwhile.
    for (let index = 0; index < job.files.length; index++) {
      const file = job.files[index] as CopyFile;
      if (file.transferred) continue;
      try {
        await this.#transfer(job, file, signal);
      } catch (error) {
        return () => this.#failed(job, file, isLate() ? tookTooLong() : error);
      }
    }
    return () => job.enter('TRANSFERRED');
  }

  /** Transfers one file, with the quick attempts that a passing fault is worth. */
  async #transfer(job: CopyJob, file: CopyFile, signal: AbortSignal): Promise<void> {
    for (let failures = 0; ; ) {
      const before = file.bytesTransferred;
      try {
        await this.#attempt(job, file, signal);
        if (signal.aborted) throw signal.reason;
        file.transferred = true;
        this.events.transferred(file, job);
        return;
      } catch (error) {
        if (signal.aborted || !(error instanceof CopyFault) || !error.transient) throw error;
        failures = file.bytesTransferred > before ? 1 : failures + 1;
        if (failures > quickRetries) throw error;
      }
      await this.clock.sleep(backoffMs(failures), signal);
    }
  }

  async #attempt(job: CopyJob, file: CopyFile, signal: AbortSignal): Promise<void> {
    const { contentId, path } = file.url;
    const source = await this.findSource(contentId);
    if (!source)
      throw new CopyFault('remoteFile', BG_E_FILE_NOT_FOUND, `Content source ${contentId} is not registered.`);
    const opened: SourceFile = await source.reader.open(path, signal);
    try {
      signal.throwIfAborted();
      if (job.state !== 'TRANSFERRING') job.enter('TRANSFERRING');
      await file.transfer.run(opened, source.verify, signal, {
        sized: (total) => {
          file.bytesTotal = total;
        },
        moved: (bytes) => {
          file.bytesTransferred += bytes;
          job.touch();
          this.#failingSince.delete(job);
          this.events.moved(file, bytes);
        },
        restarted: () => {
          file.bytesTransferred = 0;
        },
      });
    } finally {
      await opened.close();
    }
  }

  #failed(job: CopyJob, file: CopyFile, error: unknown): void {
    const fault = error instanceof CopyFault ? error : faultOfOurs(error as Error);
    this.events.failed(file, fault);
    if (!fault.transient || !this.#isWorthRetry(job)) {
      this.#failingSince.delete(job);
      job.fail(file, fault, 'ERROR');
      return;
    }
    job.fail(file, fault, 'TRANSIENT_ERROR');
    void this.#resumeLater(job);
  }

  async #resumeLater(job: CopyJob): Promise<void> {
    const retry = new AbortController();
    this.#retries.set(job, retry);
    const delayMs = Math.min(job.settings.minimumRetryDelay * 1000, maxTimerMs);
    await this.clock.sleep(delayMs, retry.signal).catch(() => undefined);
    if (!retry.signal.aborted) job.retry();
  }

  /** The client has resumed, suspended or ended the job: a delay may be weeks, and would hold it for as long. */
  #forgetRetry(job: CopyJob): void {
    this.#retries.get(job)?.abort();
    this.#retries.delete(job);
  }

  /**
   * Not where the no-progress time-out of the job has passed since its first transient error, or is shorter than the retry
   * delay. https://learn.microsoft.com/windows/win32/api/bits/nf-bits-ibackgroundcopyjob-setnoprogresstimeout
   */
  #isWorthRetry(job: CopyJob): boolean {
    const { minimumRetryDelay, noProgressTimeout } = job.settings;
    if (minimumRetryDelay > noProgressTimeout) return false;
    const now = this.clock.now();
    const since = this.#failingSince.get(job) ?? now;
    this.#failingSince.set(job, since);
    return now - since < noProgressTimeout * 1000;
  }
}

/** https://learn.microsoft.com/windows/win32/api/bits3_0/nf-bits3_0-ibackgroundcopyjob4-setmaximumdownloadtime */
function tookTooLong(): CopyFault {
  return new CopyFault(
    'generalQueueManager',
    BG_E_MAXDOWNLOAD_TIMEOUT,
    'The transfer took longer than the job allows.',
  );
}

/** A bug. Its stack is for the log, not for the client. */
function faultOfOurs(cause: Error): CopyFault {
  const fault = new CopyFault('generalQueueManager', E_UNEXPECTED, `The bridge failed: ${cause.message}`);
  return Object.assign(fault, { cause });
}
