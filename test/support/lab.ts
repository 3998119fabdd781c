import { beforeAll, describe } from 'vitest';
import { type Lab, type NoLab, provision, restart } from '../lab/provision.mjs';

const missing = process.env.C2R_LAB_MISSING;
const result: { readonly ok: true; readonly lab: Lab } | NoLab = missing
  ? { ok: false, expected: false, reason: missing }
  : await provision();
if (!result.ok) console.warn(`The lab tests are skipped: ${result.reason}`);

/** Stands in where there is no lab: the tests are still collected, so that they count as skipped. */
const noLab: Lab = {
  prefix: '',
  driveC: '',
  environment: {},
  relay: '',
  node: '',
  nodeVersion: '',
  bridge: '',
  bridgeCommand: [],
  clone: '',
};

/** A group of tests that need the lab; `body` may use it in tests and hooks only. All are skipped where it cannot be had. */
export function describeInLab(name: string, body: (lab: Lab) => void): void {
  describe.skipIf(!result.ok)(name, () => body(result.ok ? result.lab : noLab));
}

/**
 * The same for tests of COM servers in processes of their own. Wine keeps sending clients to a server that was killed, so each
 * such group begins with services that know of none.
 */
export function describeWithComServers(name: string, body: (lab: Lab) => void): void {
  describeInLab(name, (lab) => {
    beforeAll(restart);
    body(lab);
  });
}
