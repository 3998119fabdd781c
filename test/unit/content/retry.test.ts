import { expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.js';
import { HttpFault, networkError } from '../../../src/content/http/faults.js';
import { rateLimit } from '../../../src/content/http/rate-limit.js';
import { withRetries } from '../../../src/content/http/retry.js';
import { ByteProgress, describeBytes } from '../../../src/content/image/byte-progress.js';
import type { StageProgress } from '../../../src/contract/content.js';
import { ManualClock } from '../../support/manual-clock.js';

const fault = (details: object = {}) =>
  new HttpFault('It failed.', { url: 'http://user:secret@cdn/a', retryable: true, ...details });

/** Runs an attempt that always fails; gives the times of the attempts and the error. */
async function failing(retries: number, error: unknown) {
  const clock = new ManualClock();
  const times: number[] = [];
  const running = withRetries(
    { retries, clock, signal: new AbortController().signal, log: silentLog },
    'a.dat',
    async () => {
      times.push(clock.now());
      throw error;
    },
  );
  const outcome = await clock.until(running).catch((reason: unknown) => reason);
  const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  return { waits, outcome };
}

test('waits 0.25 s doubling to 4 s, each between half and all of it, and then names url, file and attempts', async () => {
  const { waits, outcome } = await failing(7, fault({ status: 503 }));
  expect(waits).toHaveLength(7);
  for (const [index, wait] of waits.entries()) {
    const full = Math.min(4000, 250 * 2 ** index);
    expect(wait).toBeGreaterThanOrEqual(full / 2);
    expect(wait).toBeLessThanOrEqual(full);
  }
  expect(outcome).toMatchObject({
    data: { type: 'NetworkError', url: 'http://cdn/a', file: 'a.dat', status: 503, errno: null, attempts: 8 },
  });
});

test('Retry-After is waited for when it is longer than the pause would be', async () => {
  const { waits } = await failing(1, fault({ retryAfterMs: 30_000 }));
  expect(waits).toEqual([30_000]);
});

test.each([
  ['a fault that will not pass', fault({ retryable: false }), { attempts: 1 }],
  ['a Retry-After of more than 30 s', fault({ retryAfterMs: 30_001 }), { attempts: 1, retryAfterSeconds: 31 }],
])('%s ends at once', async (_what, error, data) => {
  const { waits, outcome } = await failing(4, error);
  expect(waits).toEqual([]);
  expect(outcome).toMatchObject({ data });
});

test('anything else than a failed exchange is passed on as it is', async () => {
  const error = new TypeError('bug');
  expect(await failing(4, error)).toEqual({ waits: [], outcome: error });
});

test('a rate is shared: bytes that arrive at once are waited for one after another', async () => {
  const clock = new ManualClock();
  const limit = rateLimit(1000, clock);
  expect([limit.take(500), limit.take(500)]).toEqual([500, 1000]);
  await clock.advance(5000);
  expect(limit.take(100)).toBe(100);
  expect(rateLimit(undefined, clock).take(1e12)).toBe(0);
});

test('the percentage never falls when bytes are taken back, and the rate counts only what this run moved', async () => {
  const clock = new ManualClock();
  const seen: Omit<StageProgress, 'phase' | 'message'>[] = [];
  const progress = new ByteProgress(clock, (figures) => seen.push(figures));
  progress.total = 1000;
  progress.add(400, false);
  await clock.advance(1000);
  progress.add(200);
  await clock.advance(1000);
  progress.add(-200);
  await clock.advance(1000);
  progress.add(100);
  progress.finish(1000);
  expect(seen.map(({ percent }) => percent)).toEqual([40, 60, 60, 60, 100]);
  expect(seen[1]).toMatchObject({
    bytes: 600,
    totalBytes: 1000,
    bytesPerSecond: 200,
    remainingMs: 2000,
    elapsedMs: 1000,
  });
});

test.each([
  [{ bytes: 1_234_000_000, totalBytes: 3_600_000_000, bytesPerSecond: 45_000_000 }, '1.2 of 3.6 GB, 45.0 MB/s'],
  [{ bytes: 0, totalBytes: 999, bytesPerSecond: null }, '0 of 999 B'],
  [{ bytes: 1500, totalBytes: null, bytesPerSecond: 10 }, '1.5 kB, 10 B/s'],
])('%j reads as %s', (figures, text) => {
  expect(describeBytes({ percent: null, elapsedMs: 0, remainingMs: null, ...figures })).toBe(text);
});

test.each([
  ['a refused connection', { errno: 'ECONNREFUSED' }],
  ['an unknown name', { errno: 'ENOTFOUND' }],
  ['a fault without a family', { errno: 'EWHATEVER' }],
  ['a busy server', { status: 503 }],
  ['a missing file', { status: 404 }],
])(
  'the advice for %s says once what to do, and speaks of what is complete only where a file is downloaded',
  (_, details) => {
    const list = networkError(fault(details), 1).data.recommendation;
    expect(list).not.toContain('complete');
    expect(list.match(/again/gi) ?? []).toHaveLength(/again/i.test(list) ? 1 : 0);
    expect(networkError(fault(details), 1, 'a.dat').data.recommendation).toBe(
      `${list} What is complete is not downloaded again.`,
    );
  },
);
