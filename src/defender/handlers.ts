import { untilAborted } from '../base/run.js';
import type { defender as area } from '../contract/defender.js';
import type { Handlers } from '../contract/method.js';
import { explained } from './availability.js';
import type { Defender } from './port.js';
import { readStatus } from './status.js';
import { updater } from './update.js';

/** Signature updates over the given backend. */
export function defenderHandlers(defender: Defender): Handlers<typeof area> {
  return {
    async status(_, run) {
      try {
        return await untilAborted(readStatus(defender), run.signal);
      } catch (error) {
        throw await explained(error, defender);
      }
    },
    update: updater(defender),
  };
}
