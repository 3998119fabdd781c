import type { Log } from '../base/log.js';
import type { Clock } from '../base/run.js';
import type { Served } from '../contract/bits.js';
import { contentKey } from '../contract/types.js';
import type { CopyFile, CopyJob, JobChange } from './job.js';
import { CopyQueue, type QueueEvents } from './queue.js';
import { type ContentSource, type Counts, countsOf, type SourceTable, type StatisticsFile } from './source-table.js';
import { Sources } from './sources.js';
import { addedTo, nothingServed, Statistics } from './statistics.js';
import type { TemporaryFiles } from './temporary-files.js';

/** How often a service that serves writes down what it has counted. */
const writeIntervalMs = 1000;

/** What the service needs from where it runs. */
export interface ServicePort {
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly temporaries: TemporaryFiles;
  readTable(): Promise<SourceTable>;
  readStatistics(): Promise<StatisticsFile | null>;
  writeStatistics(statistics: StatisticsFile): Promise<void>;
  /** A client can see something new of the job. */
  changed(job: CopyJob, change: JobChange): void;
  /** A file of the job is transferred as a whole. */
  transferred(job: CopyJob, file: CopyFile): void;
}

/** Serves the registered content sources to the jobs of its queue, and counts what it gives. */
export class SourceService {
  readonly queue: CopyQueue;
  readonly #sources: Sources;
  readonly #statistics: Statistics;
  readonly #ended = new AbortController();
  readonly #writing: Promise<void>;
  #dirty = false;
  /** What is in the file already of what was counted. */
  #told: ReadonlyMap<string, Served> = new Map();

  constructor(private readonly port: ServicePort) {
    const { owner, clock, log } = port;
    this.#sources = new Sources(() => port.readTable(), log);
    this.#statistics = new Statistics(clock, async (contentId) => {
      const source = await this.#sources.find(contentId);
      return source?.reader.manifest(this.#ended.signal) ?? null;
    });
    const events: QueueEvents = {
      changed: (job, change) => port.changed(job, change),
      moved: (file, bytes) => this.#count(() => this.#statistics.moved(file, bytes)),
      transferred: (file, job) => {
        this.#count(() => this.#statistics.transferred(file));
        port.transferred(job, file);
      },
      failed: (file, fault) => {
        if (fault.cause instanceof Error) log.warn('the bridge failed in a job', { error: fault.cause.stack });
        this.#count(() => this.#statistics.failed(file, fault));
      },
    };
    const findSource = (contentId: string) => this.#sources.find(contentId);
    this.queue = new CopyQueue(findSource, owner, clock, events, port.temporaries);
    this.#writing = this.#writeNowAndThen();
  }

  /** The streams of a content source, as paths in it; none where nobody recorded what lies there. */
  async streams(contentId: string, signal: AbortSignal): Promise<string[]> {
    const source = await this.#sources.find(contentId);
    const manifest = (await source?.reader.manifest(signal)) ?? null;
    return manifest?.files.map(({ path }) => path).filter((path) => /\.dat$/i.test(path)) ?? [];
  }

  /** Ends all jobs, and writes what was counted. */
  async close(): Promise<void> {
    await this.queue.close();
    this.#ended.abort(new Error('closed'));
    await this.#writing;
    if (this.#statistics.settle(true) || this.#dirty) await this.#write();
    this.#sources.close();
  }

  #count(what: () => void): void {
    what();
    this.#dirty = true;
  }

  async #writeNowAndThen(): Promise<void> {
    const { clock } = this.port;
    while (!this.#ended.signal.aborted) {
      await clock.sleep(writeIntervalMs, this.#ended.signal).catch(() => undefined);
      if (this.#statistics.settle(false)) this.#dirty = true;
      // While something runs also when nothing moved: readers take silence for the end of the service.
      if (this.#dirty || this.queue.isBusy()) await this.#write();
    }
  }

  async #write(): Promise<void> {
    this.#dirty = false;
    const { port } = this;
    const counted = this.#statistics.counted();
    try {
      const [before, { contents }] = await Promise.all([port.readStatistics(), port.readTable()]);
      const entries = contents.flatMap((source) => {
        const counts = this.#countsOf(source, countsOf(before, source), counted);
        return counts ? [[contentKey(source.contentId), counts] as const] : [];
      });
      await port.writeStatistics({ contents: Object.fromEntries(entries) });
      this.#told = counted;
    } catch (error) {
      port.log.warn('the statistics could not be written', { error: (error as Error).message });
    }
  }

  #countsOf(source: ContentSource, before: Counts | null, counted: ReadonlyMap<string, Served>): Counts | null {
    const key = contentKey(source.contentId);
    const served = counted.get(key);
    const told = this.#told.get(key);
    // A download that pauses is news, too: it lives.
    if (!served || (served === told && served.percent === null)) return before;
    return {
      registeredAt: source.registeredAt,
      at: this.port.clock.date().toISOString(),
      served: addedTo(before?.served ?? nothingServed, served, told ?? nothingServed),
    };
  }
}
