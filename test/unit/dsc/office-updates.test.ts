import { expect, test } from 'vitest';
import { c2r } from '../../../src/contract/c2r.js';
import { office } from '../../../src/dsc/office.js';
import type { Machine } from '../../../src/dsc/resource.js';

const older = '16.0.17928.20114';
const newer = '16.0.19929.20172';

/** A device on which every action ends well, and changes nothing. */
function unmoved(stagedVersion: string | null): Machine {
  const answers = new Map<unknown, object>([
    [c2r.status, { status: 'UPDATE_UNKNOWN', busy: false }],
    [c2r.installation, { version: older, stagedVersion, targetVersion: { version: null } }],
    [c2r.update, { changed: false, versionAfter: older }],
    [c2r.apply, { changed: false, versionAfter: older }],
  ]);
  return {
    call: (async (method: unknown) => answers.get(method)) as Machine['call'],
    now: () => new Date(),
    elevated: async () => true,
  } as Machine;
}

test.each([
  ['a version', { version: newer }, null, `the update did not bring ${newer}`],
  [
    'a minimum',
    { minimumVersion: newer },
    newer,
    `the Apply changed nothing, the update source has nothing newer than ${older}`,
  ],
  ['an update that waits', { updateStaged: false }, newer, 'the Apply changed nothing'],
])('%s that did not come is not said to have come', async (_, desired, staged, done) => {
  const actual = {
    installed: true,
    version: older,
    updateStaged: staged !== null,
    ...(staged && { stagedVersion: staged }),
  };
  const [step] = office.plan(desired, actual, unmoved(staged));
  expect(await step?.run({ wait: true, remainingMs: () => undefined })).toEqual({ done });
});
