import * as z from 'zod/mini';
import { Failure } from '../base/failure.js';
import { officeReported, officeWanted } from '../contract/desired.js';
import type { Machine } from './resource.js';
import { canonicalProperties, reported } from './schema.js';

export const officeState = z.strictObject({ ...officeWanted, ...reported(officeReported), ...canonicalProperties });
export type OfficeState = z.output<typeof officeState>;

/** Throws AccessDenied where Windows would refuse a change to this account. */
export async function mustBeElevated({ elevated }: Machine): Promise<void> {
  if (await elevated()) return;
  throw new Failure('AccessDenied', 'Only an administrator or SYSTEM may change how Office is updated.', {
    recommendation: 'Run elevated: as an administrator or as SYSTEM.',
  });
}
