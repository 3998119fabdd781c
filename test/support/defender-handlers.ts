import type { defender as area } from '../../src/contract/defender.js';
import type { Handlers } from '../../src/contract/method.js';
import { explainDefender } from '../../src/defender/explain.js';
import { defenderHandlers } from '../../src/defender/handlers.js';
import type { Defender } from '../../src/defender/port.js';

/** The handlers of a Defender with their errors explained, as the service calls them. */
export function explainedHandlers(defender: Defender): Handlers<typeof area> {
  const handlers = defenderHandlers(defender);
  const explain = explainDefender(defender);
  const rethrow = async (error: unknown) => Promise.reject(await explain(error));
  return {
    status: (params, run) => handlers.status(params, run).catch(rethrow),
    update: (params, run) => handlers.update(params, run).catch(rethrow),
  };
}
