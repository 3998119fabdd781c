import type * as z from 'zod/mini';
import { Failure, invalidParams } from '../base/failure.js';
import { parseJsonText } from '../base/json-text.js';
import { schemaIssues } from '../base/schema-issues.js';
import { bringAbout, changedProperties, compare, doneBy, predict } from './carry-out.js';
import { manifestOf, resources, schemaOf } from './manifest.js';
import type { Call, Machine, Outcome, Resource, Step, Trace } from './resource.js';

const levels = ['error', 'warn', 'info', 'debug', 'trace'] as const;

/** How many faults of an input are told. */
const maxIssues = 20;
/** The longest input: the states of these resources have some hundred bytes. */
const maxInputBytes = 1 << 20;

export const operations = ['get', 'test', 'set', 'export', 'schema', 'manifest'] as const;
type Operation = (typeof operations)[number];

/** One run of `c2r-bridge dsc`. */
export interface Command {
  readonly operation: string;
  readonly resource: string;
  readonly whatIf: boolean;
  /** The wanted state as JSON; empty where DSC gives none, null where it has more than `maxBytes`. */
  readInput(maxBytes: number): Promise<string | null>;
  readonly call: Call;
  readonly trace: Trace;
  now(): Date;
  elevated(): Promise<boolean>;
  /** Writes the result to stdout; rejects with a `Failure`. */
  writeOutput(text: string): Promise<void>;
  readonly version: string;
}

/** Lines on stderr that DSC takes as messages; `level` is DSC_TRACE_LEVEL, which DSC sets for its resources. */
export function traceTo(write: (line: string) => void, level: string | undefined): Trace {
  const wanted = (levels as readonly (string | undefined)[]).indexOf(level?.toLowerCase());
  const limit = wanted < 0 ? levels.indexOf('warn') : wanted;
  const at = (name: (typeof levels)[number]) => (message: string) => {
    if (levels.indexOf(name) <= limit) write(`${JSON.stringify({ [name]: message })}\n`);
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug'), trace: at('trace') };
}

/** Carries out one operation and gives the exit code. Whatever fails has been traced. */
export async function runDsc(command: Command): Promise<number> {
  try {
    const lines = await carryOut(command);
    await command.writeOutput(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    command.trace.error(explained(error));
    return exitCodeOf(error);
  }
}

/** What went wrong and what to do, in the one line that DSC shows. */
function explained({ message, data }: Failure): string {
  // Says all itself; the recommendation is about the methods of the bridge, not about a resource's properties.
  return data.type === 'InvalidParams' ? `${message}.` : `${message} ${data.recommendation}`;
}

/** The exit codes are those of the manifest. */
function exitCodeOf({ data }: Failure): number {
  switch (data.type) {
    case 'InvalidParams':
      return 2;
    case 'AccessDenied':
      return 3;
    case 'NotAvailable':
      return 4;
    case 'Blocked':
    case 'InUse':
      return 5;
    default:
      return 1;
  }
}

async function carryOut(command: Command): Promise<readonly object[]> {
  const operation = operations.find((name) => name === command.operation);
  const resource = resources.find(({ type }) => type.toLowerCase() === command.resource.toLowerCase());
  if (!operation) throw wrongUse('operation', `must be one of ${operations.join(', ')}`);
  if (!resource) throw wrongUse('resource', `must be one of ${resources.map(({ type }) => type).join(', ')}`);
  if (operation === 'schema') return [schemaOf(resource)];
  if (operation === 'manifest') {
    return [manifestOf(resource, command.version, { executable: 'node', args: ['../../dist/c2r-bridge.cjs'] })];
  }
  return carryOutOn(resource, operation, command);
}

async function carryOutOn(
  resource: Resource,
  operation: Exclude<Operation, 'schema' | 'manifest'>,
  command: Command,
): Promise<readonly object[]> {
  const { trace } = command;
  const machine: Machine = { call: command.call, trace, now: command.now, elevated: command.elevated };
  const desired = parsedInput(resource, await command.readInput(maxInputBytes));
  switch (operation) {
    case 'get':
      return [await resource.get(machine, desired)];
    case 'export':
      return exported(resource, desired, machine);
    case 'test': {
      const { actual, steps } = await compare(resource, desired, machine);
      for (const { reason } of steps) trace.info(reason.phrase);
      return stateAndDiff(
        { ...actual, _inDesiredState: steps.length === 0 },
        steps.map(({ property }) => property),
      );
    }
    case 'set':
      return command.whatIf ? predicted(resource, desired, machine) : brought(resource, desired, machine);
  }
}

/** The two lines of DSC's `stateAndDiff`. */
function stateAndDiff(state: object, differing: readonly string[]): readonly object[] {
  return [state, [...new Set(differing)]];
}

/** Every instance that the filter lets through: a device has one, or none. */
async function exported(resource: Resource, filter: State, machine: Machine): Promise<readonly object[]> {
  try {
    const actual = await resource.get(machine, filter);
    return resource.exists(actual) && passes(resource, filter, actual, machine) ? [actual] : [];
  } catch (error) {
    if (error instanceof Failure && error.data.type === 'NotAvailable') return [];
    throw error;
  }
}

/** What a state shows must be as in the filter; what can only be wanted, such as a minimum, must be met. */
function passes(resource: Resource, filter: State, actual: State, machine: Machine): boolean {
  const shown = Object.entries(filter).filter(([name]) => !name.startsWith('_') && !resource.wantedOnly.includes(name));
  const differs = shown.some(([name, value]) => JSON.stringify(actual[name]) !== JSON.stringify(value));
  return !differs && resource.plan(filter, actual, machine).length === 0;
}

async function predicted(resource: Resource, desired: State, machine: Machine): Promise<readonly object[]> {
  const { before, actual, outcomes, steps } = await predict(resource, desired, machine, { wait: true });
  const whatIf = outcomes.map(({ done }) => `${done}.`);
  return stateAndDiff(
    { ...actual, _inDesiredState: steps.length === 0, _metadata: { whatIf } },
    changedProperties(before, actual),
  );
}

async function brought(resource: Resource, desired: State, machine: Machine): Promise<readonly object[]> {
  const unlimited = { wait: true, remainingMs: () => undefined };
  const { before, actual, outcomes, steps, nothingNewer } = await bringAbout(resource, desired, machine, unlimited);
  const restarts = outcomes.flatMap(({ restartRequired }) => (restartRequired ? [restartRequired] : []));
  if (steps.length > 0 && restarts.length === 0 && !nothingNewer) throw notReached(steps, outcomes);
  if (steps.length > 0) machine.trace.warn(whatIsLeft(steps, outcomes));
  const state = { ...actual, _inDesiredState: steps.length === 0 };
  return stateAndDiff(
    restarts.length > 0 ? { ...state, _restartRequired: restarts } : state,
    outcomes.length > 0 ? changedProperties(before, actual) : [],
  );
}

/** Why `set` has failed although nothing did: DSC takes exit code 0 for success, whatever the state says. */
function notReached(steps: readonly Step[], outcomes: readonly Outcome[]): Failure {
  return new Failure('UpdateFailed', whatIsLeft(steps, outcomes), {
    recommendation: 'Correct what is wanted, or run set again once it can be had.',
  });
}

function whatIsLeft(steps: readonly Step[], outcomes: readonly Outcome[]): string {
  return `${steps.map(({ reason }) => reason.phrase).join(' ')} Done: ${doneBy(outcomes).join(', ')}.`;
}

type State = z.output<Resource['state']>;

function parsedInput(resource: Resource, text: string | null): z.output<Resource['state']> {
  if (text === null) throw wrongUse('input', `must have at most ${maxInputBytes} bytes`);
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch (error) {
    throw wrongUse('input', `is not JSON: ${(error as Error).message}`);
  }
  const parsed = resource.state.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidParams(schemaIssues(parsed.error, 'unknown property').slice(0, maxIssues));
}

function wrongUse(path: string, message: string): Failure {
  return invalidParams([{ path, message }]);
}
