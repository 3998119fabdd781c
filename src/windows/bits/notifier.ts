import { isFailure } from '../../base/hresult.js';
import { limit } from '../../base/limit.js';
import type { Clock } from '../../base/run.js';
import type { CopyJob } from '../../bits/job.js';
import { notifyFlags } from '../../bits/job-settings.js';
import { IBackgroundCopyCallback } from '../abi/bits.js';
import { IUnknown } from '../abi/ole32.js';
import { type ComObject, methodOf, releaseOnPool } from '../native/com.js';
import { guidBytes } from '../native/guid.js';
import { pointerAt, pointerSlot } from '../native/native.js';

/** BITS calls until it hears S_OK and leaves open how often; a client that cannot be reached is told a few times. */
const [attempts, intervalMs] = [3, 1000];

/** What a notification refers to, as references that are ours for as long as the call takes. */
export interface NotifiedObjects {
  job(job: CopyJob): bigint;
  error(job: CopyJob): bigint | null;
  release(address: bigint): void;
}

/** Of libuv's four pool threads, so that clients that do not return never hold those that read and write files. */
const poolThreads = 2;

/**
 * Tells clients what became of their jobs. Their callbacks run in other processes and may take as long as they like, so
 * that every call leaves the event loop.
 */
export class Notifier {
  readonly #limited = limit(poolThreads);
  readonly #callbacks = new Map<CopyJob, ComObject<'IUnknown'>>();

  constructor(
    private readonly clock: Clock,
    private readonly objects: () => NotifiedObjects,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Takes a reference of its own, and gives back the one that it had. */
  set(job: CopyJob, callback: bigint | null): void {
    this.forget(job);
    if (callback === null) return;
    const object = callback as ComObject<'IUnknown'>;
    methodOf(object, IUnknown.AddRef)(object);
    this.#callbacks.set(job, object);
    // An event that has happened already is told as well.
    this.changed(job);
  }

  /** A counted reference, or null. */
  get(job: CopyJob): bigint | null {
    const object = this.#callbacks.get(job);
    if (object === undefined) return null;
    methodOf(object, IUnknown.AddRef)(object);
    return object;
  }

  forget(job: CopyJob): void {
    const object = this.#callbacks.get(job);
    if (object === undefined) return;
    this.#callbacks.delete(job);
    this.#release(object);
  }

  /** Tells the client of the job about the state that it is in now, where it wants to know. */
  changed(job: CopyJob): void {
    const callback = this.#callbacks.get(job);
    const flags = job.settings.notifyFlags;
    if (job.hasEnded()) {
      this.forget(job);
      return;
    }
    if (callback === undefined || flags & notifyFlags.disable) return;
    if (job.state === 'TRANSFERRED' && flags & notifyFlags.transferred) this.#tell(callback, job, 'JobTransferred');
    else if (job.state === 'ERROR' && flags & notifyFlags.error) this.#tell(callback, job, 'JobError');
    else if (flags & notifyFlags.modification) this.#tell(callback, job, 'JobModification');
  }

  #tell(
    callback: ComObject<'IUnknown'>,
    job: CopyJob,
    method: 'JobTransferred' | 'JobError' | 'JobModification',
  ): void {
    methodOf(callback, IUnknown.AddRef)(callback);
    this.#call(callback, job, method)
      .catch(this.failed)
      .finally(() => this.#release(callback));
  }

  #release(object: ComObject<string>): void {
    this.#limited(() => releaseOnPool(object)).catch(this.failed);
  }

  async #call(
    callback: ComObject<'IUnknown'>,
    job: CopyJob,
    method: 'JobTransferred' | 'JobError' | 'JobModification',
  ): Promise<void> {
    const slot = pointerSlot();
    const iid = guidBytes(IBackgroundCopyCallback.iid);
    const queried = await this.#limited(() => methodOf(callback, IUnknown.QueryInterface).onPool(callback, iid, slot));
    if (isFailure(queried)) return;
    const client = pointerAt<'IBackgroundCopyCallback'>(slot) as ComObject<'IBackgroundCopyCallback'>;
    const objects = this.objects();
    const jobReference = objects.job(job);
    const errorReference = method === 'JobError' ? objects.error(job) : null;
    try {
      for (let attempt = 1; attempt <= attempts; attempt++) {
        const { JobTransferred, JobError, JobModification } = IBackgroundCopyCallback.methods;
        const answer = await this.#limited(() =>
          method === 'JobTransferred'
            ? methodOf(client, JobTransferred).onPool(client, jobReference)
            : method === 'JobError'
              ? methodOf(client, JobError).onPool(client, jobReference, errorReference)
              : methodOf(client, JobModification).onPool(client, jobReference, 0),
        );
        if (answer === 0 || method === 'JobModification') return;
        await this.clock.sleep(intervalMs);
      }
    } finally {
      if (errorReference !== null) objects.release(errorReference);
      objects.release(jobReference);
      this.#release(client);
    }
  }
}
