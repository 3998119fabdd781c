import koffi = require('koffi');

import { afterAll, describe, expect, test } from 'vitest';
import { bytesAt, putBytesAt } from '../../../src/windows/native/native.js';
import { garbageCollector, leastGrowth } from '../../support/least-growth.js';

describe('memory at an address', () => {
  const address = koffi.alloc('uint8', 4096) as unknown as bigint;
  afterAll(() => koffi.free(address));

  test.each([0, 1, 2, 16, 4096])('%i bytes are written and read as they are', (length) => {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 7 + 1) % 256));
    putBytesAt(address, bytes);
    expect(bytesAt(address, length)).toEqual(bytes);
  });

  test('what was read does not change with the memory', () => {
    putBytesAt(address, Buffer.from([1, 2]));
    const read = bytesAt(address, 2);
    putBytesAt(address, Buffer.from([3, 4]));
    expect([...read]).toEqual([1, 2]);
  });

  test.each([
    ['reading', () => bytesAt(address, 16)],
    ['writing', () => putBytesAt(address, Buffer.alloc(16, 1))],
  ])('%s it a hundred thousand times takes no memory that is not given back', async (_, access) => {
    const collectGarbage = garbageCollector();
    const { rss } = await leastGrowth(4, { rss: 0.5e6 }, () => {
      for (let done = 0; done < 100_000; done++) access();
      collectGarbage();
      return { rss: process.memoryUsage.rss() };
    });
    expect(rss).toBeLessThan(0.5e6);
  });
});
