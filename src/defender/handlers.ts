import { untilAborted } from '../base/run.js';
import type { defender as area } from '../contract/defender.js';
import type { Handlers } from '../contract/method.js';
import type { Defender } from './port.js';
import { readStatus } from './status.js';
import { updater } from './update.js';

/** Signature updates over the given backend; `explainDefender` says what their errors mean. */
export function defenderHandlers(defender: Defender): Handlers<typeof area> {
  return {
    status: (_, { signal }) => untilAborted(readStatus(defender), signal),
    update: updater(defender),
  };
}
