import { expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.js';
import { bridgeHandlers } from '../../../src/bridge/handlers.js';
import { systemClock } from '../../../src/bridge/system-clock.js';

test('a doctor that is cancelled ends, also where what it asks does not answer', async () => {
  const { doctor } = bridgeHandlers({
    version: '1.2.3',
    backend: 'simulated',
    elevated: async () => true,
    checks: () => new Promise<never>(() => undefined),
    areas: async () => [],
  });
  const cancelled = new AbortController();
  const checks = doctor({}, { signal: cancelled.signal, clock: systemClock, log: silentLog, report: () => undefined });
  cancelled.abort(new Error('enough'));
  await expect(checks).rejects.toThrow('enough');
});
