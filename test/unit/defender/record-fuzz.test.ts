import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { defender, versions } from '../../../src/contract/defender.js';
import { notifications } from '../../../src/defender/mpclient.js';
import type { Notification, VersionInfo } from '../../../src/defender/port.js';
import { UpdateRecord } from '../../../src/defender/record.js';
import { decodeFlags } from '../../../src/defender/status.js';
import { decodeVersions } from '../../../src/defender/versions.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';

// As the structures hold them: whatever 32 and 64 bits can be.
const uint32 = fc.oneof(fc.nat(3), fc.constantFrom(100, 101, 0xffff_ffff), fc.nat(0xffff_ffff));
const int32 = fc.oneof(fc.constantFrom(0, -1, -0x8000_0000), fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }));
const uint64 = fc.oneof(
  fc.constantFrom(0n, 1n, 2n ** 63n, 2n ** 64n - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

const figures = fc.record({
  percentComplete: uint32,
  totalUpdates: uint32,
  currentUpdateIndex: uint32,
  updateType: int32,
  stage: int32,
  path: fc.option(fc.string({ unit: 'binary', maxLength: 20 })),
});
const notification: fc.Arbitrary<Notification> = fc.record({
  notify: fc.oneof(fc.constantFrom(...Object.values(notifications)), uint32),
  hresult: int32,
  type: uint32,
  data: fc.option(figures),
});

test('whatever Defender notifies and in whatever order, each report meets the contract', () => {
  const update = defender.update;
  const reports = z.pick(update.result as z.ZodMiniObject, { phases: true, unknownNotifications: true });
  fc.assert(
    fc.property(fc.array(notification, { maxLength: 40 }), (received) => {
      const record = new UpdateRecord();
      for (const [at, each] of received.entries()) {
        record.receive(each, at);
        const progress = record.progress(at);
        expect(update.progress?.safeParse(progress).error?.issues ?? []).toEqual([]);
      }
      const told = { phases: record.phases(received.length), unknownNotifications: record.unknownNotifications() };
      expect(reports.safeParse(told).error?.issues ?? []).toEqual([]);
      const counted = record.unknownNotifications().reduce((sum, { count }) => sum + count, 0);
      const known = new Set<number>(Object.values(notifications));
      expect(counted).toBe(received.filter(({ notify }) => !known.has(notify)).length);
    }),
    fuzzParameters(500),
  );
});

test('whatever MPVERSION_INFO and the status bits hold, they meet the contract', () => {
  const component = fc.record({ version: uint64, updateTime: uint64 });
  const keys = Object.keys(versions.shape) as (keyof VersionInfo)[];
  const info = fc.record(
    Object.fromEntries(keys.map((key) => [key, component])),
  ) as unknown as fc.Arbitrary<VersionInfo>;
  fc.assert(
    fc.property(info, uint32, (given, flags) => {
      expect(versions.safeParse(decodeVersions(given)).error?.issues ?? []).toEqual([]);
      const names = decodeFlags(flags);
      expect(names).toHaveLength(flags.toString(2).replaceAll('0', '').length);
      expect(new Set(names).size).toBe(names.length);
    }),
    fuzzParameters(500),
  );
});
