import type { Clock } from '../../base/run.js';

/** The figures of a progress report. */
export interface ByteFigures {
  readonly percent: number | null;
  readonly elapsedMs: number;
  readonly bytes: number;
  readonly totalBytes: number | null;
  readonly bytesPerSecond: number | null;
  readonly remainingMs: number | null;
}

/** How far back the rate looks, in milliseconds: steady enough to read, quick enough to show a stall. */
const windowMs = 5000;
/** The shortest time between two reports. */
const intervalMs = 100;

/** Counts bytes and turns them into percent, rate and time left. The percentage never falls. */
export class ByteProgress {
  readonly #started: number;
  #bytes = 0;
  /** Bytes that this run has worked on, which alone make the rate. */
  #worked = 0;
  #total: number | null = null;
  #percent = 0;
  #reported = Number.NEGATIVE_INFINITY;
  #samples: { at: number; worked: number }[] = [];

  constructor(
    readonly clock: Clock,
    readonly report: (figures: ByteFigures) => void,
  ) {
    this.#started = clock.now();
  }

  set total(bytes: number | null) {
    this.#total = bytes;
  }

  /** The total turns out to be larger, or smaller, than it was thought to be; one that nobody knows stays unknown. */
  resize(difference: number): void {
    if (this.#total !== null) this.#total += difference;
  }

  /** Bytes that are still to be worked on; null where nobody knows the total. */
  get remaining(): number | null {
    return this.#total === null ? null : Math.max(0, this.#total - this.#bytes);
  }

  get elapsedMs(): number {
    return Math.round(this.clock.now() - this.#started);
  }

  /** Counts bytes that are done; `worked` is false for those that were done before, and a negative count subtracts. */
  add(bytes: number, worked = true): void {
    this.#bytes += bytes;
    if (worked && bytes > 0) this.#worked += bytes;
    if (this.clock.now() - this.#reported >= intervalMs) this.flush();
  }

  /** Everything is done: `total` bytes. */
  finish(total: number): void {
    this.#total = total;
    this.#bytes = total;
    this.#percent = 100;
    this.flush();
  }

  /** Reports at once. */
  flush(): void {
    const now = this.clock.now();
    this.#reported = now;
    this.#samples = [...this.#samples.filter(({ at }) => now - at <= windowMs), { at: now, worked: this.#worked }];
    const [first = { at: now, worked: this.#worked }] = this.#samples;
    const seconds = (now - first.at) / 1000;
    const bytesPerSecond = seconds > 0 ? Math.round((this.#worked - first.worked) / seconds) : null;
    const total = this.#total;
    const bytes = Math.max(0, total === null ? this.#bytes : Math.min(this.#bytes, total));
    if (total !== null) this.#percent = Math.max(this.#percent, total === 0 ? 100 : (100 * bytes) / total);
    this.report({
      percent: total === null ? null : Math.floor(this.#percent * 10) / 10,
      elapsedMs: this.elapsedMs,
      bytes,
      totalBytes: total,
      bytesPerSecond,
      remainingMs: total !== null && bytesPerSecond ? Math.round(((total - bytes) / bytesPerSecond) * 1000) : null,
    });
  }
}

/** For example `1.2 of 3.6 GB, 45 MB/s`, in decimal units. */
export function describeBytes({ bytes, totalBytes, bytesPerSecond }: ByteFigures): string {
  const amount = totalBytes === null ? inUnits(bytes) : `${inUnits(bytes, totalBytes)} of ${inUnits(totalBytes)}`;
  return bytesPerSecond === null ? amount : `${amount}, ${inUnits(bytesPerSecond)}/s`;
}

/** Bytes in a unit that suits them, or, without naming it, in the one that suits `whole`. */
function inUnits(bytes: number, whole?: number): string {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, whole ?? bytes)) / 3));
  const number = (bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1);
  return whole === undefined ? `${number} ${['B', 'kB', 'MB', 'GB'][power]}` : number;
}
