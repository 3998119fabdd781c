import { type Lab, type NoLab, provision } from './provision.mjs';

const missing = process.env.C2R_LAB_MISSING;
const result: { readonly ok: true; readonly lab: Lab } | NoLab = missing
  ? { ok: false, expected: false, reason: missing }
  : await provision();
if (!result.ok) console.warn(`The lab tests are skipped: ${result.reason}`);

/** The lab, or null where it cannot be had; `describe.skipIf(!lab)` around everything that needs it. */
export const lab: Lab | null = result.ok ? result.lab : null;
