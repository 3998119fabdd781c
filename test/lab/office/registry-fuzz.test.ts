import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { fuzzParameters } from '../../support/fuzz-parameters.js';
import { describeInLab } from '../../support/lab.js';
import { openProbe, type Probe } from '../../support/run-probe.js';

/** https://learn.microsoft.com/windows/win32/sysinfo/registry-value-types */
const [REG_SZ, REG_EXPAND_SZ, REG_DWORD, REG_MULTI_SZ, REG_QWORD] = [1, 2, 4, 7, 11];

const { seed, numRuns } = fuzzParameters(100);

const text = fc.string({ unit: 'binary', maxLength: 12 }).map((value) => Buffer.from(value, 'utf16le'));
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 20 }).map((value) => Buffer.from(value)),
  text,
  fc
    .tuple(text, fc.constantFrom('0000', '00', 'd8', '000000', '00d8'))
    .map(([value, end]) => Buffer.concat([value, Buffer.from(end, 'hex')])),
  fc
    .constantFrom(4, 8)
    .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
    .map((value) => Buffer.from(value)),
);
const type = fc.oneof(
  fc.constantFrom(REG_SZ, REG_EXPAND_SZ, REG_DWORD, REG_MULTI_SZ, REG_QWORD),
  fc.constantFrom(0, 3, 5, 6, 8, 12, 0xffff, 0x7fff_ffff),
);
const name = fc.oneof(
  fc.constantFrom('', '__proto__', 'VersionToReport', 'n'.repeat(255)),
  fc.constantFrom('Größe', '内容', '😀'),
  fc.stringMatching(/^[ -~]{1,20}$/),
);

/** What the port promises: text up to its NUL, numbers of the right size, and nothing else. */
function promised(of: number, data: Buffer): string | number | undefined {
  if (of === REG_SZ || of === REG_EXPAND_SZ) {
    const whole = data.subarray(0, data.length & ~1).toString('utf16le');
    return whole.includes('\0') ? whole.slice(0, whole.indexOf('\0')) : whole;
  }
  if (of === REG_MULTI_SZ) {
    const whole = data.subarray(0, data.length & ~1).toString('utf16le');
    return whole.split('\0').filter(Boolean).join('\n');
  }
  if (of === REG_DWORD && data.length === 4) return data.readUInt32LE(0);
  if (of === REG_QWORD && data.length === 8) return `${data.readBigUInt64LE(0)}n`;
  return undefined;
}

describeInLab('the registry', (lab) => {
  let probe: Probe;
  beforeAll(async () => {
    probe = await openProbe(lab);
  });

  test(
    'gives text up to its NUL, numbers of their own size and nothing else, whatever types and bytes lie there',
    async () => {
      const value = fc.tuple(name, type, bytes);
      // One process for a hundred values: each costs a quarter of a second.
      const keys = fc.sample(
        fc.uniqueArray(value, { minLength: 1, maxLength: 100, selector: ([each]) => each.toLowerCase() }),
        { seed, numRuns: Math.ceil(numRuns / 100) },
      );
      const long = Buffer.alloc(3_000_001, 'ab');
      for (const values of [
        ...keys,
        [['long', REG_SZ, long] as const, ['after it', REG_DWORD, Buffer.alloc(4)] as const],
      ]) {
        // The first bytes and the length: a command line does not take three megabytes.
        const given = values.map(([each, of, data]) => [each, of, data.toString('hex', 0, 600), data.length] as const);
        const { result, error } = await probe('registryRaw', 'SOFTWARE\\c2r-bridge-fuzz', given);
        expect(error).toBeUndefined();
        const expected = values.flatMap(([each, of, data]) => {
          const is = promised(of, data);
          return is === undefined ? [] : [[each, is]];
        });
        const sorted = (entries: readonly unknown[]) => entries.map((entry) => JSON.stringify(entry)).sort();
        expect(sorted(result as unknown[]), `seed ${seed}`).toEqual(sorted(expected));
      }
    },
    30_000 + numRuns * 20,
  );
});
