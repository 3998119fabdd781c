import { isFailure } from '../../base/hresult.js';
import { limit } from '../../base/limit.js';
import type { Clock } from '../../base/run.js';
import type { CopyFile, CopyJob, JobChange } from '../../bits/job.js';
import { notifyFlags } from '../../bits/job-settings.js';
import { IBackgroundCopyCallback, IBackgroundCopyCallback2 } from '../abi/bits.js';
import { IUnknown } from '../abi/ole32.js';
import { type ComObject, methodOf, releaseOnPool } from '../native/com.js';
import { guidBytes } from '../native/guid.js';
import { pointerAt, pointerSlot } from '../native/native.js';

/** BITS calls until it hears S_OK and leaves open how often; a client that cannot be reached is told a few times. */
const [attempts, intervalMs] = [3, 1000];

/** Pause between two JobModification: what happens meanwhile is told by the next one, as BITS may do. */
const modificationMs = 100;

/** Calls that run at once: of all clients, which leaves threads of the pool to the files, and of one client. */
const [allCalls, callsOfClient] = [13, 2];

/** What a notification refers to, as references that are ours for as long as the call takes. */
export interface NotifiedObjects {
  job(job: CopyJob): bigint;
  error(job: CopyJob): bigint | null;
  file(job: CopyJob, file: CopyFile): bigint;
  release(address: bigint): void;
}

type Call = <T>(call: () => Promise<T>) => Promise<T>;

/** A callback object, which a client may set for many jobs. */
interface Client {
  readonly object: ComObject<'IUnknown'>;
  readonly limited: Call;
  jobs: number;
}

/** What one client is told of one job: one notification after another. */
interface Subscription {
  readonly client: Client;
  readonly inOrder: Call;
  /** Whether JobModification is on its way, and whether anything has happened since. */
  modified: 'told' | 'telling' | 'again';
}

/** A notification: its interface, and the call with the references that it passes. */
interface Notification {
  readonly iid: string;
  call(client: ComObject<'IBackgroundCopyCallback2'>, job: bigint): Promise<number>;
  /** Whether a client that does not answer S_OK is told again. */
  readonly repeated: boolean;
}

const { iid: callbackIid } = IBackgroundCopyCallback;
const { methods } = IBackgroundCopyCallback2;

/**
 * Tells clients what became of their jobs. Their callbacks run in other processes and may take as long as they like, so
 * that every call leaves the event loop.
 */
export class Notifier {
  readonly #limited: Call = limit(allCalls);
  readonly #clients = new Map<bigint, Client>();
  readonly #subscriptions = new Map<CopyJob, Subscription>();

  constructor(
    private readonly clock: Clock,
    private readonly objects: NotifiedObjects,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Takes a reference of its own, and gives back the one that it had. */
  set(job: CopyJob, callback: bigint | null): void {
    this.forget(job);
    if (callback === null) return;
    const object = callback as ComObject<'IUnknown'>;
    methodOf(object, IUnknown.AddRef)(object);
    const client = this.#clients.get(object) ?? { object, limited: limit(callsOfClient), jobs: 0 };
    client.jobs++;
    this.#clients.set(object, client);
    this.#subscriptions.set(job, { client, inOrder: limit(1), modified: 'told' });
    // An event that has happened already is told as well.
    this.changed(job, 'state');
  }

  /** A counted reference, or null. */
  get(job: CopyJob): bigint | null {
    const object = this.#subscriptions.get(job)?.client.object;
    if (object === undefined) return null;
    methodOf(object, IUnknown.AddRef)(object);
    return object;
  }

  forget(job: CopyJob): void {
    const client = this.#subscriptions.get(job)?.client;
    if (client === undefined) return;
    this.#subscriptions.delete(job);
    if (--client.jobs === 0) this.#clients.delete(client.object);
    this.#release(client.object);
  }

  /** Tells the client of the job what is new, where it wants to know. */
  changed(job: CopyJob, change: JobChange): void {
    if (job.hasEnded()) this.forget(job);
    const subscription = this.#wanting(job);
    if (!subscription) return;
    const flags = job.settings.notifyFlags;
    const isNewState = change === 'state';
    if (isNewState && job.state === 'TRANSFERRED' && flags & notifyFlags.transferred)
      void this.#tell(subscription, job, this.#jobTransferred);
    else if (isNewState && job.state === 'ERROR' && flags & notifyFlags.error)
      void this.#tell(subscription, job, this.#jobError(job));
    else if (flags & notifyFlags.modification) void this.#tellModified(subscription, job);
  }

  /** The same for a file that is transferred, for clients that have IBackgroundCopyCallback2. */
  transferred(job: CopyJob, file: CopyFile): void {
    const subscription = this.#wanting(job);
    if (!subscription || !(job.settings.notifyFlags & notifyFlags.fileTransferred)) return;
    void this.#tell(subscription, job, this.#fileTransferred(job, file));
  }

  #wanting(job: CopyJob): Subscription | undefined {
    return job.settings.notifyFlags & notifyFlags.disable ? undefined : this.#subscriptions.get(job);
  }

  readonly #jobTransferred: Notification = {
    iid: callbackIid,
    repeated: true,
    call: (client, job) => methodOf(client, methods.JobTransferred).onPool(client, job),
  };

  readonly #jobModification: Notification = {
    iid: callbackIid,
    repeated: false,
    call: (client, job) => methodOf(client, methods.JobModification).onPool(client, job, 0),
  };

  #jobError(of: CopyJob): Notification {
    return {
      iid: callbackIid,
      repeated: true,
      call: async (client, job) => {
        const error = this.objects.error(of);
        // It was resumed before its client could be told.
        if (error === null) return 0;
        try {
          return await methodOf(client, methods.JobError).onPool(client, job, error);
        } finally {
          this.objects.release(error);
        }
      },
    };
  }

  #fileTransferred(of: CopyJob, which: CopyFile): Notification {
    return {
      iid: IBackgroundCopyCallback2.iid,
      repeated: true,
      call: async (client, job) => {
        const file = this.objects.file(of, which);
        try {
          return await methodOf(client, methods.FileTransferred).onPool(client, job, file);
        } finally {
          this.objects.release(file);
        }
      },
    };
  }

  /** Tells of everything up to now in one call, and of what happens during that call in another one. */
  async #tellModified(subscription: Subscription, job: CopyJob): Promise<void> {
    if (subscription.modified !== 'told') {
      subscription.modified = 'again';
      return;
    }
    do {
      subscription.modified = 'telling';
      await this.#tell(subscription, job, this.#jobModification);
      await this.clock.sleep(modificationMs);
    } while ((subscription.modified as string) === 'again' && this.#subscriptions.get(job) === subscription);
    subscription.modified = 'told';
  }

  /** Never rejects. The client is held for as long as that takes. */
  #tell({ client, inOrder }: Subscription, job: CopyJob, notification: Notification): Promise<void> {
    const { object } = client;
    methodOf(object, IUnknown.AddRef)(object);
    return inOrder(() => this.#notify(client, job, notification))
      .catch(this.failed)
      .finally(() => this.#release(object));
  }

  async #notify({ object, limited }: Client, job: CopyJob, { iid, call, repeated }: Notification): Promise<void> {
    const onThread: Call = (work) => limited(() => this.#limited(work));
    const slot = pointerSlot();
    const query = methodOf(object, IUnknown.QueryInterface);
    if (isFailure(await onThread(() => query.onPool(object, guidBytes(iid), slot)))) return;
    const callback = pointerAt<'IBackgroundCopyCallback2'>(slot) as ComObject<'IBackgroundCopyCallback2'>;
    const reference = this.objects.job(job);
    try {
      for (let attempt = 1; attempt <= attempts; attempt++) {
        const answer = await onThread(() => call(callback, reference));
        if (answer === 0 || !repeated) return;
        await this.clock.sleep(intervalMs);
      }
    } finally {
      this.objects.release(reference);
      this.#release(callback);
    }
  }

  #release(object: ComObject<string>): void {
    this.#limited(() => releaseOnPool(object)).catch(this.failed);
  }
}
