import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Failure } from '../../../src/base/failure.js';
import { configurationKey } from '../../../src/c2r/registry-keys.js';
import { decodeVersions } from '../../../src/defender/versions.js';
import { simulatedDefender } from '../../../src/simulated/defender.js';
import { simulatedOffice } from '../../../src/simulated/office.js';
import { scenario } from '../../../src/simulated/scenario.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';
import { inPlaceOf } from '../../support/in-place-of.js';
import { session } from '../../support/office-handlers.js';

const folder = mkdtempSync(join(tmpdir(), 'c2r-state-'));
afterAll(() => rmSync(folder, { recursive: true }));

const last = { status: 'DOWNLOAD_WIP', error: 0, contentId: null };
const action = {
  kind: 'apply',
  startedAt: 1,
  endsAt: 2,
  error: 0,
  contentId: null,
  version: '16.0.1.1',
  cancelledAt: null,
};
const state = {
  registry: { [configurationKey]: { VersionToReport: '16.0.1.1', UpdatesEnabled: 1 } },
  service: { last, action },
  channelTaskDue: 1,
  signature: { version: '1', updateTime: '1' },
};
const place = fc.oneof(
  inPlaceOf(state),
  inPlaceOf(last).map((bytes) => Buffer.from(JSON.stringify(state).replace(JSON.stringify(last), String(bytes)))),
  inPlaceOf(action).map((bytes) => Buffer.from(JSON.stringify(state).replace(JSON.stringify(action), String(bytes)))),
);

// A session checks each result against its schema.
test('whatever lies where a simulated machine keeps its state, the machine goes on from it or is not available', async () => {
  const statePath = join(folder, 'machine.json');
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(place, async (bytes) => {
      writeFileSync(statePath, bytes);
      try {
        const { call, clock } = session((now) => simulatedOffice(scenario.parse({ statePath }), now));
        await call('installation');
        await call('status');
        const manager = await simulatedDefender(scenario.parse({ statePath }), clock).open();
        decodeVersions(await manager.versions());
        seen.add('goes on');
      } catch (error) {
        expect(error, (error as Error).stack).toBeInstanceOf(Failure);
        expect((error as Failure).data).toMatchObject({ type: 'NotAvailable', path: statePath });
        seen.add('not available');
      }
    }),
    fuzzParameters(500),
  );
  expect(seen.size).toBe(2);
});
