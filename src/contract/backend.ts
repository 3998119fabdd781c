import * as z from 'zod/mini';

/** Where a result comes from: the real Windows, or the simulated one that stands in elsewhere. */
export const backend = z
  .enum(['windows', 'simulated'])
  .check(z.describe('Whether real Windows or the simulation answered.'));
export type Backend = z.output<typeof backend>;
