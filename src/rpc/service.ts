import { fromHResult, HResultError, invalidParams, type ParamsIssue, RpcError } from '../contract/errors.js';
import type { Area, Handlers, Method } from '../contract/method.js';
import type { Run } from '../contract/run.js';

/** How much of a name that a client made up goes back into an error, and how many issues are listed. */
const maxNameLength = 256;
const maxIssues = 100;

/** Levels from the fewest lines to the most. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Lines for whoever looks after the bridge; where they go is not for this room to know. */
export type Log = Readonly<Record<LogLevel, (message: string, details?: Readonly<Record<string, unknown>>) => void>>;

/** A method with what carries it out. `params` have passed the method's schema. */
interface Operation {
  readonly method: Method;
  run(params: unknown, run: Run): Promise<unknown>;
}

/** An area of the contract with the feature that implements it. */
export interface Room {
  contract(): Promise<Area>;
  operations(): Promise<readonly Operation[]>;
}

/** Joins an area with its feature; a missing handler does not compile. Neither is loaded before it is needed. */
export function room<A extends Area>(contract: () => Promise<A>, handlers: () => Promise<Handlers<A>>): Room {
  return {
    contract,
    async operations() {
      const area = await contract();
      const implemented = await handlers();
      return Object.keys(area).map((key) => ({
        method: area[key] as Method,
        run: implemented[key] as Operation['run'],
      }));
    },
  };
}

/**
 * Rooms by the part of the method name before the slash; names without a slash belong to `bridge`. Each is loaded when
 * the first of its methods is called, so that start-up pays for nothing else.
 */
export type Catalog = Readonly<Record<string, Room>>;

/** What a request needs besides its params; see `Run`. */
export type Context = Omit<Run, 'report'> & {
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

  async function load(prefix: string, { operations: open }: Room): Promise<void> {
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
        loading = load(prefix, catalog[prefix] as Room);
        loaded.set(prefix, loading);
        // A failed load (no such DLL, access denied) may succeed later; the failure itself goes to the caller.
        loading.catch(() => loaded.delete(prefix));
      }
      await loading;
      const found = operations.get(name);
      if (found) return found;
    }
    throw new RpcError('MethodNotFound', `There is no method ${JSON.stringify(name.slice(0, maxNameLength))}.`, {
      recommendation: 'Call rpc.discover for the list of methods.',
    });
  }

  return {
    async call(name, params, context) {
      try {
        const { method, run } = await find(name);
        const valid = validated(method, params);
        const token = (valid as { progressToken?: string | number }).progressToken;
        return await run(valid, {
          get signal() {
            return context.signal;
          },
          clock: context.clock,
          report: token === undefined ? () => undefined : context.progress(token),
        });
      } catch (error) {
        throw toRpcError(error, name, log);
      }
    },
  };
}

function validated(method: Method, params: unknown): unknown {
  if (Array.isArray(params)) {
    throw invalidParams([{ path: '', message: 'params must be an object with named members, not an array' }]);
  }
  const parsed = method.params.safeParse(params ?? {});
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.flatMap((issue): ParamsIssue[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: dotted([...issue.path, key]), message: 'unknown key' }))
      : [{ path: dotted(issue.path), message: issue.message }],
  );
  throw invalidParams(issues.slice(0, maxIssues));
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map((key) => String(key).slice(0, maxNameLength)).join('.');
}

/** The one place where anything that is thrown becomes an error of the wire. */
function toRpcError(error: unknown, method: string, log: Log): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof HResultError) return fromHResult(error);
  if (isDamagedInstallation(error)) return damagedInstallation(error);
  log.error('a handler failed unexpectedly', {
    method,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return new RpcError('InternalError', `${method} failed unexpectedly; the bridge's log has the details.`, {
    recommendation: 'Run again with --log-level debug and report the log: this is a fault of the bridge.',
  });
}

/** Whether a file of the bridge is missing or not as it was built; the built file's own loader says so (.scripts/build.mjs). */
export function isDamagedInstallation(error: unknown): error is Error {
  return error instanceof Error && error.name === 'DamagedInstallationError';
}

/** What a client is told then; the message names the file. */
export function damagedInstallation({ message }: Error): RpcError {
  return new RpcError('NotAvailable', message, {
    reason: 'damagedInstallation',
    recommendation: 'Install c2r-bridge again, with every file that lies beside c2r-bridge.cjs.',
  });
}

/** -32800, which is also the reason that a cancelled request's signal carries. */
export function requestCancelled(): RpcError {
  return new RpcError('RequestCancelled', 'The request was cancelled.', {
    recommendation: 'Send the request again when its result is wanted.',
  });
}
