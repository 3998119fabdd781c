import type * as z from 'zod/mini';
import { Failure } from '../base/failure.js';
import type { Machine, Outcome, Resource, RunOptions, Step } from './resource.js';

/** A state and what keeps it from being the wanted one, in the order in which `set` puts it right. */
export interface Compared<State> {
  readonly actual: State;
  readonly steps: readonly Step<State>[];
}

/** What came of bringing a state about. */
export interface Brought<State> extends Compared<State> {
  readonly before: State;
  readonly outcomes: readonly Outcome[];
  /** Whether nothing is left but what the update source does not have. */
  readonly nothingNewer: boolean;
}

/** Reads the state and compares it with the wanted one. */
export async function compare<S extends z.ZodMiniObject>(
  resource: Resource<S>,
  desired: z.output<S>,
  machine: Machine,
): Promise<Compared<z.output<S>>> {
  const actual = await resource.get(machine, desired);
  return { actual, steps: resource.plan(desired, actual, machine) };
}

/**
 * Does what is needed so that the state is the wanted one; nothing where it is. Ends where a service has to restart first. A
 * failure says what was done before it.
 */
export async function bringAbout<S extends z.ZodMiniObject>(
  resource: Resource<S>,
  desired: z.output<S>,
  machine: Machine,
  options: RunOptions,
): Promise<Brought<z.output<S>>> {
  const { actual: before, steps } = await compare(resource, desired, machine);
  const outcomes: Outcome[] = [];
  for (const { description, run } of steps) {
    machine.trace.info(`${description} ...`);
    try {
      const outcome = await run(options);
      outcomes.push(outcome);
      // What follows needs the service as it is then.
      if ('service' in (outcome.restartRequired ?? {})) break;
    } catch (error) {
      throw tellingDone(havingDone(error, doneBy(outcomes)));
    }
  }
  const after = steps.length === 0 ? { actual: before, steps } : await compare(resource, desired, machine);
  const missing = outcomes.map(({ nothingNewerFor }) => nothingNewerFor);
  const nothingNewer = after.steps.length > 0 && after.steps.every(({ property }) => missing.includes(property));
  return { before, outcomes, ...after, nothingNewer };
}

/** What was done, in words for people. */
export const doneBy = (outcomes: readonly Outcome[]): string[] => outcomes.flatMap(({ done }) => done ?? []);

/** A failure that has in `done` what was done before it; any other error as it is. */
export function havingDone(error: unknown, done: readonly string[]): unknown {
  if (!(error instanceof Failure)) return error;
  const before = [...done, ...doneBefore(error)];
  return before.length === 0 ? error : new Failure(error.data.type, error.message, { ...error.data, done: before });
}

const doneBefore = ({ data }: Failure) => (data as { readonly done?: readonly string[] }).done ?? [];

/** Says it in the message, too. */
function tellingDone(error: unknown): unknown {
  if (!(error instanceof Failure) || doneBefore(error).length === 0) return error;
  const message = `${error.message} Done before: ${doneBefore(error).join(', ')}.`;
  return new Failure(error.data.type, message, error.data);
}

/** The state that `bringAbout` would give, and what it would do. Throws what it would be refused with. */
export async function predict<S extends z.ZodMiniObject>(
  resource: Resource<S>,
  desired: z.output<S>,
  machine: Machine,
  options: Pick<RunOptions, 'wait'>,
): Promise<Brought<z.output<S>>> {
  const { actual: before, steps } = await compare(resource, desired, machine);
  let actual = before;
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    await step.check(options);
    actual = step.predict(actual);
    outcomes.push({ done: step.description });
    if (await step.restartsService?.()) break;
  }
  return { before, actual, outcomes, steps: resource.plan(desired, actual, machine), nothingNewer: false };
}

/** The reported properties in which two states differ. */
export function changedProperties(before: object, after: object): string[] {
  const [from, to] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...from.keys(), ...to.keys()])].filter(
    (name) => JSON.stringify(from.get(name)) !== JSON.stringify(to.get(name)),
  );
}
