import { expect, test } from 'vitest';
import { percentDecoded } from '../../../src/base/percent-encoding.js';

test.each([
  ['a%20b', 'a b'],
  ['%E2%82%AC', '€'],
  ['plain', 'plain'],
  ['100%', null],
  ['%zz', null],
  ['%E2%82', null],
])('%s is %s', (text, plain) => {
  expect(percentDecoded(text)).toBe(plain);
});
