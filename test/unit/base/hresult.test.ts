import { expect, test } from 'vitest';
import { hresultHex, hresultName, isFailure, signed } from '../../../src/base/hresult.js';

test('an HRESULT has one name and one hex form, whether given signed or unsigned', () => {
  expect(hresultHex(-2147024891)).toBe('0x80070005');
  expect(hresultHex(0x80070005)).toBe('0x80070005');
  expect(hresultName(-2147024891)).toBe('E_ACCESSDENIED');
  expect(signed(0x8000000e)).toBe(-2147483634);
  expect(isFailure(1)).toBe(false);
  expect(isFailure(0x80004005)).toBe(true);
});
