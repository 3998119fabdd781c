import type * as z from 'zod/mini';
import { Failure, invalidParams } from '../base/failure.js';
import { parseJsonText } from '../base/json-text.js';
import { manifestOf, resources, schemaOf } from './manifest.js';
import type { Call, Machine, Resource, Step, Trace } from './resource.js';

const levels = ['error', 'warn', 'info', 'debug', 'trace'] as const;

export const operations = ['get', 'test', 'set', 'export', 'schema', 'manifest'] as const;
type Operation = (typeof operations)[number];

/** One run of `c2r-bridge dsc`. */
export interface Command {
  readonly operation: string;
  readonly resource: string;
  readonly whatIf: boolean;
  /** The wanted state as JSON; empty where DSC gives none. */
  readInput(): Promise<string>;
  readonly call: Call;
  readonly trace: Trace;
  now(): Date;
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
  const machine: Machine = { call: command.call, trace, now: command.now };
  const desired = parsedInput(resource, await command.readInput());
  const actual = await resource.get(machine);
  if (operation === 'get') return [actual];
  if (operation === 'export') return resource.exists(actual) ? [actual] : [];

  const steps = resource.plan(desired, actual, machine);
  if (operation === 'test') {
    for (const { property } of steps) trace.info(`${property} is not as wanted.`);
    return [{ ...actual, _inDesiredState: steps.length === 0 }];
  }
  if (command.whatIf) {
    const expected = Object.fromEntries(steps.map(({ property }) => [property, desired[property]]));
    const whatIf = steps.map(({ description }) => `${description}.`);
    return [{ ...actual, ...expected, _inDesiredState: true, _metadata: { whatIf } }];
  }
  const restarts = await carryOutAll(steps, trace);
  const after = await resource.get(machine);
  const left = resource.plan(desired, after, machine);
  for (const { property } of left) trace.warn(`${property} is still not as wanted.`);
  const restartRequired = restarts.length > 0 ? { _restartRequired: restarts } : {};
  return [{ ...after, _inDesiredState: left.length === 0, ...restartRequired }];
}

async function carryOutAll(steps: readonly Step[], trace: Trace) {
  const restarts = [];
  for (const { description, run } of steps) {
    trace.info(`${description} ...`);
    const { restartRequired } = await run();
    if (restartRequired) restarts.push(restartRequired);
  }
  return restarts;
}

function parsedInput(resource: Resource, text: string): z.output<Resource['state']> {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch (error) {
    throw wrongUse('input', `is not JSON: ${(error as Error).message}`);
  }
  const parsed = resource.state.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidParams(
    parsed.error.issues.map((issue) => ({
      path: (issue.code === 'unrecognized_keys' ? issue.keys : issue.path).join('.'),
      message: issue.code === 'unrecognized_keys' ? 'unknown property' : issue.message,
    })),
  );
}

function wrongUse(path: string, message: string): Failure {
  return invalidParams([{ path, message }]);
}
