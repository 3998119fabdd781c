import koffi = require('koffi');

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, test } from 'vitest';
import { bytesAt, putBytesAt } from '../../../src/windows/native/native.js';

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
  ])('%s it a hundred thousand times takes no memory that is not given back', (_, access) => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const used = () => {
      for (let done = 0; done < 100_000; done++) access();
      collectGarbage();
      return process.memoryUsage.rss();
    };
    const measured = [used(), used(), used(), used(), used()];
    // A leak shows in every round; what Node itself takes at some time does not.
    const growth = measured.slice(1).map((after, round) => after - (measured[round] as number));
    expect(Math.min(...growth)).toBeLessThan(0.5e6);
  });
});
