import type * as z from 'zod/mini';
import { Failure, invalidParams } from '../base/failure.js';
import type { Log } from '../base/log.js';
import type { Run } from '../base/run.js';
import { maxNameLength, schemaIssues } from '../base/schema-issues.js';
import { RpcError } from '../contract/errors.js';
import type { Area, Handlers, Method } from '../contract/method.js';

/** How many issues are listed. */
const maxIssues = 100;

/** A method with what carries it out. `params` have passed the method's schema. */
interface Operation {
  readonly method: Method;
  run(params: unknown, run: Run): Promise<unknown>;
  readonly explain: Explain;
}

/** An area of the contract with the feature that carries it out. */
export interface ServedArea {
  contract(): Promise<Area>;
  operations(): Promise<readonly Operation[]>;
}

/**
 * What a thrown error means in its feature: a `Failure` where the feature knows it, else the error itself. An HRESULT
 * becomes an error here and nowhere else.
 */
export type Explain = (error: unknown) => unknown;

/** A feature as the service needs it: one handler a method, and what its errors mean. */
export interface Feature<A extends Area> {
  readonly handlers: Handlers<A>;
  readonly explain?: Explain;
}

/** Joins an area with its feature; a missing handler does not compile. Neither is loaded before it is needed. */
export function servedArea<A extends Area>(contract: () => Promise<A>, feature: () => Promise<Feature<A>>): ServedArea {
  return {
    contract,
    async operations() {
      const area = await contract();
      const { handlers, explain = (error: unknown) => error } = await feature();
      return Object.keys(area).map((key) => ({
        method: area[key] as Method,
        run: handlers[key] as Operation['run'],
        explain,
      }));
    },
  };
}

/**
 * Areas by the part of the method name before the slash; names without a slash belong to `bridge`. Each is loaded when
 * the first of its methods is called, so that start-up pays for nothing else.
 */
export type Catalog = Readonly<Record<string, ServedArea>>;

/** What a request needs besides its params; see `Run`. */
export type Context = Omit<Run, 'report' | 'log'> & {
  /** Called with the validated `progressToken`, where the request has one; returns where its progress goes. */
  progress(token: string | number): Run['report'];
};

/** Answers requests: finds the method, validates its params and runs it. */
export interface Service {
  /** Resolves with the result. Rejects with an `RpcError`, whatever went wrong. */
  call(name: string, params: unknown, context: Context): Promise<unknown>;
}

export function createService(catalog: Catalog, log: Log): Service {
  const operations = new Map<string, Operation>();
  const loaded = new Map<string, Promise<void>>();

  async function load(prefix: string, { operations: open }: ServedArea): Promise<void> {
    for (const operation of await open()) operations.set(operation.method.name, operation);
    log.debug('area loaded', { area: prefix });
  }

  async function find(name: string): Promise<Operation> {
    const known = operations.get(name);
    if (known) return known;
    const prefix = name.includes('/') ? name.slice(0, name.indexOf('/')) : 'bridge';
    if (Object.hasOwn(catalog, prefix)) {
      let loading = loaded.get(prefix);
      if (!loading) {
        loading = load(prefix, catalog[prefix] as ServedArea);
        loaded.set(prefix, loading);
        // A failed load (no such DLL, access denied) may succeed later; the failure itself goes to the caller.
        loading.catch(() => loaded.delete(prefix));
      }
      await loading;
      const found = operations.get(name);
      if (found) return found;
    }
    throw new Failure('MethodNotFound', `There is no method ${JSON.stringify(name.slice(0, maxNameLength))}.`, {
      recommendation: 'Call rpc.discover for the list of methods.',
    });
  }

  return {
    async call(name, params, context) {
      let explain: Explain = (error) => error;
      try {
        const { method, run, ...operation } = await find(name);
        explain = operation.explain;
        const valid = validated(method, params);
        const token = (valid as { progressToken?: string | number }).progressToken;
        return await run(valid, {
          get signal() {
            return context.signal;
          },
          clock: context.clock,
          log,
          report: token === undefined ? () => undefined : context.progress(token),
        });
      } catch (error) {
        // At once: what needs no explanation is answered before a later request, as a result is.
        if (error instanceof Failure) throw rpcError(error);
        throw rpcError(await failureOf(await explained(error, explain), name, log));
      }
    },
  };
}

function validated(method: Method, params: unknown): unknown {
  const named = byName(params);
  const parsed = method.params.safeParse(holdsNull(named) ? withoutNulls(method.params, named) : named);
  if (parsed.success) return parsed.data;
  throw invalidParams(schemaIssues(parsed.error, 'unknown key').slice(0, maxIssues));
}

/** StreamJsonRpc sends `[]` for a call without arguments and `[{...}]` for one whose only argument is an object. */
function byName(params: unknown): unknown {
  if (!Array.isArray(params)) return params ?? {};
  const [only = {}, ...others] = params;
  if (others.length === 0 && typeof only === 'object' && only !== null && !Array.isArray(only)) return only;
  throw invalidParams([{ path: '', message: 'params must be one object with named members, not values by position' }]);
}

function holdsNull(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.values(value).some(holdsNull));
}

/** What a schema of the contract may be made of. */
interface Parts {
  readonly shape?: Readonly<Record<string, z.ZodMiniType>>;
  readonly element?: z.ZodMiniType;
  readonly options?: readonly z.ZodMiniType[];
  readonly innerType?: z.ZodMiniType;
}

/** Leaves out the optional members that are null, at every depth: System.Text.Json sends what a caller has not set as null. */
function withoutNulls(schema: z.ZodMiniType, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { shape, element, options, innerType } = schema._zod.def as Parts;
  if (innerType) return withoutNulls(innerType, value);
  if (options) return options.reduce((reduced: unknown, option) => withoutNulls(option, reduced), value);
  if (Array.isArray(value)) return element ? value.map((each) => withoutNulls(element, each)) : value;
  if (!shape) return value;
  const members = Object.entries(value).flatMap(([name, content]) => {
    const member = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (!member) return [[name, content]];
    return content === null && isOptional(member) ? [] : [[name, withoutNulls(member, content)]];
  });
  return Object.fromEntries(members);
}

/** Whether a member may be absent, and null is not a value of its own. */
function isOptional(member: z.ZodMiniType): boolean {
  return member.safeParse(undefined).success && !member.safeParse(null).success;
}

/** The form that crosses the wire: the only place that makes one. */
export function rpcError(failure: Failure): RpcError {
  return failure instanceof RpcError ? failure : new RpcError(failure);
}

/** What a feature makes of an error; where explaining fails too, that error. */
async function explained(error: unknown, explain: Explain): Promise<unknown> {
  try {
    return await explain(error);
  } catch (failed) {
    return failed;
  }
}

async function failureOf(error: unknown, method: string, log: Log): Promise<Failure> {
  if (error instanceof Failure) return error;
  if (isDamagedInstallation(error)) return damagedInstallation(error);
  // Here and not at the start, which has no need of every name that Windows has for an error.
  const { HResultError, windowsFailure } = await import('../base/hresult-error.js');
  if (error instanceof HResultError) return windowsFailure(error);
  log.error('a handler failed unexpectedly', {
    method,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return new Failure('InternalError', `${method} failed unexpectedly; the bridge's log has the details.`, {
    recommendation: 'Run again with --log-level debug and report the log: this is a fault of the bridge.',
  });
}

/** Whether a file of the bridge is missing or not as it was built; the built file's own loader says so (.scripts/build.mjs). */
export function isDamagedInstallation(error: unknown): error is Error {
  return error instanceof Error && error.name === 'DamagedInstallationError';
}

/** What a client is told then; the message names the file. */
export function damagedInstallation({ message }: Error): Failure {
  return new Failure('NotAvailable', message, {
    reason: 'damagedInstallation',
    recommendation:
      'Install c2r-bridge again, with every file that lies beside c2r-bridge.cjs. After an upgrade start the bridge anew.',
  });
}

/** -32800, which is also the reason that a cancelled request's signal carries. */
export function requestCancelled(): Failure {
  return new Failure('RequestCancelled', 'The request was cancelled.', {
    recommendation: 'Send the request again when its result is wanted.',
  });
}
