import type * as z from 'zod/mini';
import { Failure } from '../../src/base/failure.js';
import { explainOffice } from '../../src/c2r/explain.js';
import { c2rHandlers } from '../../src/c2r/handlers.js';
import type { Office } from '../../src/c2r/port.js';
import { c2r, type UpdateProgress } from '../../src/contract/c2r.js';
import type { Handlers } from '../../src/contract/method.js';
import { simulatedOffice } from '../../src/simulated/office.js';
import { scenario } from '../../src/simulated/scenario.js';
import { ManualClock } from './manual-clock.js';

type Name = keyof typeof c2r;
type Result<K extends Name> = z.output<(typeof c2r)[K]['result']>;

export interface Session {
  readonly office: Office;
  readonly clock: ManualClock;
  readonly progress: UpdateProgress[];
  /** Starts a request without moving the clock. */
  start<K extends Name>(name: K, params?: object, signal?: AbortSignal): Promise<Result<K>>;
  /** Sends a request and moves the clock until it has ended. The result has passed its schema. */
  call<K extends Name>(name: K, params?: object, signal?: AbortSignal): Promise<Result<K>>;
  /** The same for a request that must fail with an error that may cross the wire. */
  fail(name: Name, params?: object, signal?: AbortSignal): Promise<Failure>;
}

/** The c2r feature over any Office, on a clock that stands still. */
export function session(open: (clock: ManualClock) => Office): Session {
  const clock = new ManualClock();
  const office = open(clock);
  const handlers = c2rHandlers(office) as Handlers<typeof c2r>;
  const explain = explainOffice(office);
  const progress: UpdateProgress[] = [];
  const start: Session['start'] = async (name, params = {}, signal = new AbortController().signal) => {
    const method = c2r[name];
    const handler = handlers[name] as (params: unknown, run: object) => Promise<unknown>;
    const schema = method.progress as z.ZodMiniType | undefined;
    const report = (value: unknown) => void (schema && progress.push(schema.parse(value) as UpdateProgress));
    const result = await handler(method.params.parse(params), { signal, clock, report }).catch(async (error: unknown) =>
      Promise.reject(await explain(error)),
    );
    return (method.result as z.ZodMiniType).parse(result) as never;
  };
  const call: Session['call'] = (name, params, signal) => clock.until(start(name, params, signal));
  return {
    office,
    clock,
    progress,
    start,
    call,
    async fail(name, params, signal) {
      const error = await call(name, params, signal).then(
        (result) => {
          throw new Error(`${name} gave ${JSON.stringify(result)} instead of an error`);
        },
        (reason: unknown) => reason,
      );
      if (!(error instanceof Failure)) throw error;
      return error;
    },
  };
}

/** The same over the simulated Office of a scenario. */
export function simulated(office: z.input<typeof scenario>['office'] = {}): Session {
  return session((clock) => simulatedOffice(scenario.parse({ office }), clock));
}
