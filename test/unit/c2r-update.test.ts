import { expect, test } from 'vitest';
import { simulated } from './c2r-session.js';

test('an update downloads, applies and tells that the version moved', async () => {
  const { call, clock, progress } = simulated();
  const result = await call('update');
  expect(result).toMatchObject({
    changed: true,
    versionBefore: '16.0.17928.20114',
    versionAfter: '16.0.19929.20172',
    backend: 'simulated',
  });
  expect(result.phases.map(({ phase, status }) => [phase, status])).toEqual([
    ['preflight', 'UPDATE_UNKNOWN'],
    ['download', 'DOWNLOAD_SUCCEEDED'],
    ['apply', 'APPLY_SUCCEEDED'],
  ]);
  expect(new Set(progress.map(({ phase }) => phase))).toEqual(new Set(['preflight', 'download', 'apply']));
  expect(clock.sleeping).toBe(0);
});
