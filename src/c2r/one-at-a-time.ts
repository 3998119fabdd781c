import type { Clock } from '../base/run.js';
import { actionInUse } from './errors.js';

/** Carries out `body`; throws InUse while another one is at work. */
export type Exclusively = <T>(who: string, clock: Clock, body: () => Promise<T>) => Promise<T>;

/** Lets one request at a time drive Office: two could not tell whose download they see end. */
export function oneAtATime(): Exclusively {
  let holder: { readonly who: string; readonly since: string } | null = null;
  return async (who, clock, body) => {
    if (holder) throw actionInUse(holder);
    holder = { who, since: clock.date().toISOString() };
    try {
      return await body();
    } finally {
      holder = null;
    }
  };
}
