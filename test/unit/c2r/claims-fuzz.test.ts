import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '../../../src/base/failure.js';
import { updateStatusNames } from '../../../src/contract/c2r.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';
import { simulated } from '../../support/office-handlers.js';

type Machine = NonNullable<Parameters<typeof simulated>[0]>;

const milliseconds = (max: number) => fc.integer({ min: 0, max });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Machines on which everything ends some time. */
const machine = fc.record({
  downloadMs: milliseconds(20_000),
  applyMs: milliseconds(20_000),
  blockingApps: fc.constantFrom<Machine['blockingApps']>([], ['WINWORD.EXE']),
  appsCloseAfterMs: milliseconds(30_000),
  initialStatus: fc.constantFrom(...updateStatusNames),
  availableVersion: fc.constantFrom('16.0.19929.20172', '16.0.17928.20114'),
  vanishAfterMs: fc.option(milliseconds(20_000)),
  vanishForMs: milliseconds(200_000),
  vanishForgets: fc.boolean(),
  fail: fc.constantFrom<Machine['fail']>(
    [],
    [{ at: 'download', errorCode: 9 }],
    [{ at: 'apply', hresult: '0x80070070' }],
    [{ at: 'cancel', errorCode: 1 }],
    [{ at: 'cancel', hresult: '0x8000000E', when: 'call' }],
  ),
});

const pacing = { timeoutMs: maybe(fc.integer({ min: 1, max: 60_000 })) };
const request = fc.oneof(
  fc.record({ name: fc.constantFrom('download', 'apply', 'cancel'), wait: fc.boolean(), ...pacing }),
  fc.record({ name: fc.constant('update'), onBlockingApps: fc.constantFrom('fail', 'force', 'wait'), ...pacing }),
  fc.record({ name: fc.constant('wait'), ...pacing }),
);
const requests = fc.array(
  fc.record({ request, cancelAfterMs: maybe(milliseconds(40_000)), pauseMs: milliseconds(10_000) }),
  {
    minLength: 1,
    maxLength: 4,
  },
);

type Name = 'download' | 'apply' | 'cancel' | 'update' | 'wait';

test('what a request says has ended has ended, and a version that it says has moved has moved', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(machine, requests, async (office, all) => {
      const { clock, start, call, office: truth } = simulated(office);
      for (const {
        request: { name, ...params },
        cancelAfterMs,
        pauseMs,
      } of all) {
        const { version: before } = await call('installation');
        const cancelling = new AbortController();
        if (cancelAfterMs !== undefined) {
          void clock.sleep(cancelAfterMs, cancelling.signal).then(
            () => cancelling.abort(new Failure('RequestCancelled', 'Cancelled.', { recommendation: 'None.' })),
            () => undefined,
          );
        }
        const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
        const ending = await clock.until(
          start(name as Name, given, cancelling.signal).then(
            (result) => ({ ended: given.wait !== false, ...result }),
            (error: unknown) => {
              expect(error, (error as Error).stack).toBeInstanceOf(Failure);
              const { type, continues } = (error as Failure).data;
              return { type, ended: continues === false || type === 'UpdateFailed' };
            },
          ),
        );
        cancelling.abort();
        seen.add('type' in ending ? ending.type : 'result');
        const status = await truth.updates.status().catch(() => null);
        if (status !== null && ending.ended) {
          expect(updateStatusNames[status.status], JSON.stringify(ending)).not.toMatch(/PENDING|WIP|CANCELLING/);
        }
        if ('changed' in ending) {
          const { version: after } = await call('installation');
          expect(ending.changed).toBe(after !== before);
        }
        await clock.advance(pauseMs);
      }
    }),
    fuzzParameters(300),
  );
  expect([...seen]).toEqual(expect.arrayContaining(['result', 'UpdateFailed', 'Timeout', 'RequestCancelled']));
});
