import type { Clock } from '../base/run.js';

/** Shortest time between two values of one token: at most 10 a second. */
const intervalMs = 100;

export interface Progress {
  report(value: unknown): void;
  /** Sends what still waits; to be called before the response is sent. Later reports are dropped. */
  finish(): void;
}

interface Value {
  readonly phase?: unknown;
  readonly percent?: number | null;
}

/**
 * Thins out the progress of one request: of the values of one phase only the newest waits for its turn, but the start
 * of no phase is lost, and `percent` never falls.
 */
export function createProgress(clock: Clock, send: (value: unknown) => void): Progress {
  const waiting: Value[] = [];
  let lastSentAt = Number.NEGATIVE_INFINITY;
  let highest = 0;
  let asleep: AbortController | undefined;
  let finished = false;

  function sendNext(): void {
    const next = waiting.shift();
    if (!next) return;
    lastSentAt = clock.now();
    send(next);
  }

  async function sendLater(): Promise<void> {
    if (asleep) return;
    asleep = new AbortController();
    try {
      while (waiting.length > 0) {
        await clock.sleep(Math.max(0, lastSentAt + intervalMs - clock.now()), asleep.signal);
        sendNext();
      }
    } catch {
      // `finish` ended the sleep and has sent the rest.
    } finally {
      asleep = undefined;
    }
  }

  return {
    report(value) {
      if (finished) return;
      const given = value as Value;
      if (typeof given.percent === 'number') highest = Math.max(highest, given.percent);
      const rising = typeof given.percent === 'number' ? { ...given, percent: highest } : given;
      if (waiting.at(-1)?.phase === given.phase) waiting.pop();
      waiting.push(rising);
      if (waiting.length === 1 && clock.now() - lastSentAt >= intervalMs) sendNext();
      else void sendLater();
    },
    finish() {
      finished = true;
      asleep?.abort();
      while (waiting.length > 0) sendNext();
    },
  };
}
