import { describe, expect, test } from 'vitest';
import { HttpFault } from '../../../src/content/http/faults.js';
import { Pace } from '../../../src/content/http/pace.js';

function paced() {
  let now = 5000;
  const pace = new Pace({ url: new URL('http://server/file'), idleTimeoutMs: 30_000 }, () => now);
  return {
    pace,
    brings(ms: number, bytes: number) {
      now += ms;
      pace.arrived(bytes);
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('the pace of a transfer', () => {
  test('a byte now and then is a broken transfer, which another attempt may mend', () => {
    const { brings } = paced();
    brings(29_000, 1);
    brings(20_000, 1);
    expect(() => brings(20_000, 1)).toThrow(
      expect.objectContaining({
        message: 'The server sent only 3 bytes in 40000 ms.',
        details: { url: 'http://server/file', retryable: true, errno: 'ETIMEDOUT' },
      }),
    );
  });

  test('also behind a good beginning', () => {
    const { brings } = paced();
    brings(0, 10_000_000);
    brings(30_000, 1);
    brings(20_000, 1);
    expect(() => brings(20_000, 1)).toThrow(HttpFault);
  });

  test('a slow line is not', () => {
    const { brings } = paced();
    for (let second = 0; second < 300; second++) brings(1000, 120);
    // Decompressed, pieces are few.
    for (let piece = 0; piece < 5; piece++) brings(120_000, 16_384);
  });

  test('nor is one that its taker slows down', () => {
    const { pace, brings, pass } = paced();
    for (let piece = 0; piece < 100; piece++) {
      brings(100, 32);
      pace.pause();
      pass(60_000);
      pace.resume();
    }
  });
});
