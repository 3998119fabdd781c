import { untilAborted } from '../base/run.js';
import type { defender as area, UpdateSettings } from '../contract/defender.js';
import type { Handlers } from '../contract/method.js';
import type { Defender } from './port.js';
import { readStatus } from './status.js';
import { updater } from './update.js';

/** Signature updates over the given backend; `explainDefender` says what their errors mean. */
export function defenderHandlers(defender: Defender): Handlers<typeof area> {
  // Windows keeps no record of it, so that only what this bridge updated can be told.
  let lastDelivered: UpdateSettings['lastDelivered'] = null;
  return {
    status: ({ maxAgeHours }, { signal, clock }) =>
      untilAborted(readStatus(defender, { maxAgeHours, now: clock.date(), lastDelivered, signal }), signal),
    update: updater(defender, (delivered) => {
      lastDelivered = delivered;
    }),
  };
}
