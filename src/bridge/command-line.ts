import { parseArgs } from 'node:util';
import { parseJsonText } from '../base/json-text.js';
import { type LogFormat, type LogLevel, logFormats, logLevels } from '../base/log.js';
import type { Backend } from '../contract/types.js';

export const help = `Usage: c2r-bridge [options]                       serve JSON-RPC 2.0 over stdin and stdout
       c2r-bridge [options] call <method> [JSON]  send one request and print its result
       c2r-bridge [options] dsc get|test|set|export|schema <resource> [--what-if]
                                                  act as a resource of DSC v3, with its input on stdin

  --stdio                       serve over stdin and stdout, which is also the default
  --backend auto|windows|simulated
                                auto: Windows where this is Windows, else the simulation (C2R_BACKEND)
  --simulate FILE|JSON          scenario of the simulated backend (C2R_SIMULATION)
  --log-level error|warn|info|debug
                                how much is logged as JSON lines on stderr; default: warn, and for call and dsc,
                                whose stderr is for their own errors, nothing unless --log-file is given
  --log-file PATH               log to the end of this file instead of stderr
  --log-format json|cmtrace     how the lines of that file look: JSON, or what CMTrace shows; default: json
  --version, --help

  --com-server                  serve the registered content sources to Click-to-Run; COM starts it with -Embedding
  --com-idle-ms MS              how long it stays once no client holds an object of it; default: 30000
  --com-silent-ms MS            how long it stays without a call, even while objects are held; default: 90 days, as in BITS
  --com-process                 what the COM server gives to the process that serves
`;

/** Wrong use of the command line: one line on stderr, exit code 2. */
export class UsageError extends Error {}

/** What to do with which resource of DSC v3. */
export interface DscCommand {
  readonly name: 'dsc';
  readonly operation: string;
  readonly resource: string;
  readonly whatIf: boolean;
}

/** The COM server that serves content sources. */
export interface ComServerCommand {
  readonly name: 'com-server';
  /** Whether this is the process that serves, and not the one that COM started. */
  readonly launched: boolean;
  readonly idleMs: number;
  readonly silentMs: number;
}

/** What the process is to do. */
export type Command =
  | { readonly name: 'serve' }
  | { readonly name: 'version' }
  | { readonly name: 'help' }
  | { readonly name: 'call'; readonly method: string; readonly params: unknown }
  | DscCommand
  | ComServerCommand;

export interface CommandLine {
  readonly command: Command;
  readonly backend: Backend;
  /** A file name or JSON text; only for the simulated backend. */
  readonly simulate: string | undefined;
  /** Null: nothing is logged. */
  readonly logLevel: LogLevel | null;
  readonly logFile: string | undefined;
  readonly logFormat: LogFormat;
}

const options = {
  stdio: { type: 'boolean' },
  backend: { type: 'string' },
  simulate: { type: 'string' },
  'log-level': { type: 'string' },
  'log-file': { type: 'string' },
  'log-format': { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
  'what-if': { type: 'boolean' },
  'com-server': { type: 'boolean' },
  'com-idle-ms': { type: 'string' },
  'com-silent-ms': { type: 'string' },
  'com-process': { type: 'boolean' },
} as const;

const backends = ['auto', 'windows', 'simulated'] as const;
const onWindows = process.platform === 'win32';

/** Reads the arguments and the variables that stand for options that are not given. Throws UsageError. */
export function parseCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const { values, positionals } = parsed(args);
  const backend = backendOf(values, env);
  const simulated = backend === 'simulated';
  const command = commandOf(values, positionals);
  refuse([
    [!simulated && values.simulate !== undefined, '--simulate needs --backend simulated'],
    [
      // It asks for a simulation; where no backend was chosen, Windows would answer instead.
      !simulated && env.C2R_SIMULATION && values.backend === undefined && !values['com-server'],
      'C2R_SIMULATION needs C2R_BACKEND=simulated here, where Windows would answer',
    ],
    [simulated && command.name === 'com-server', '--com-server needs Windows'],
    [values['log-format'] !== undefined && values['log-file'] === undefined, '--log-format needs --log-file'],
  ]);
  return {
    command,
    backend,
    simulate: simulated ? (values.simulate ?? (env.C2R_SIMULATION || undefined)) : undefined,
    logLevel: logLevelOf(values, command),
    logFile: values['log-file'],
    logFormat: oneOf('--log-format', logFormats, values['log-format'] ?? 'json'),
  };
}

/** Throws a UsageError with the text of the first condition that is met. */
function refuse(conditions: readonly (readonly [condition: unknown, message: string])[]): void {
  const met = conditions.find(([condition]) => condition);
  if (met) throw new UsageError(met[1]);
}

function backendOf(values: Values, env: NodeJS.ProcessEnv): Backend {
  const choice =
    values.backend === undefined && env.C2R_BACKEND
      ? oneOf('C2R_BACKEND', backends, env.C2R_BACKEND)
      : oneOf('--backend', backends, values.backend ?? 'auto');
  if (choice === 'windows' && !onWindows) throw new UsageError('--backend windows needs Windows');
  if (choice !== 'auto') return choice;
  return onWindows ? 'windows' : 'simulated';
}

function parsed(args: readonly string[]) {
  // COM adds it, in either form, to the command that is registered.
  const own = args.includes('--com-server') ? args.filter((argument) => !/^[-/]embedding$/i.test(argument)) : args;
  try {
    return parseArgs({ args: [...own], options, allowPositionals: true });
  } catch (error) {
    // What follows the first sentence is about arguments that the bridge does not take.
    throw new UsageError(`${(error as Error).message.replace(/\. .*/s, '')}; see --help`);
  }
}

type Values = ReturnType<typeof parsed>['values'];

function commandOf(values: Values, positionals: readonly string[]): Command {
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [word, first, second, ...surplus] = positionals;
  refuse([
    [word !== undefined && values.stdio, `${word} and --stdio exclude each other`],
    [word !== undefined && values['com-server'], `${word} and --com-server exclude each other`],
    [surplus.length > 0, `unexpected argument ${surplus[0]}`],
    [values['what-if'] && !(word === 'dsc' && first === 'set'), '--what-if is for dsc set'],
  ]);
  switch (word) {
    case undefined:
      return values['com-server'] ? comServer(values) : { name: 'serve' };
    case 'call':
      return callCommand(first, second);
    case 'dsc':
      return dscCommand(first, second, values['what-if'] ?? false);
    default:
      throw new UsageError(`unknown command ${word}`);
  }
}

function callCommand(method: string | undefined, params: string | undefined): Command {
  if (!method) throw new UsageError('call needs a method, for example: call c2r/status');
  return { name: 'call', method, params: params === undefined ? undefined : parseParams(params) };
}

function dscCommand(operation: string | undefined, resource: string | undefined, whatIf: boolean): Command {
  if (operation && resource) return { name: 'dsc', operation, resource, whatIf };
  throw new UsageError('dsc needs an operation and a resource, for example: dsc get C2RBridge/Office');
}

function logLevelOf(values: Values, { name }: Command): LogLevel | null {
  const level = values['log-level'];
  if (level !== undefined) return oneOf('--log-level', logLevels, level);
  // A caller reads their stderr as the error itself, or as DSC's trace: a line of the log would be neither.
  const quiet = (name === 'call' || name === 'dsc') && values['log-file'] === undefined;
  return quiet ? null : 'warn';
}

function comServer(values: Values): Command {
  return {
    name: 'com-server',
    launched: values['com-process'] ?? false,
    idleMs: milliseconds(values, 'com-idle-ms', '30000'),
    silentMs: milliseconds(values, 'com-silent-ms', String(90 * 24 * 3_600_000)),
  };
}

function milliseconds(values: Values, name: 'com-idle-ms' | 'com-silent-ms', missing: string): number {
  const text = values[name] ?? missing;
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new UsageError(`--${name} must be a number of milliseconds`);
  return Number(text);
}

function oneOf<T extends string>(name: string, allowed: readonly T[], value: string): T {
  const found = allowed.find((candidate) => candidate === value.toLowerCase());
  if (!found) throw new UsageError(`${name} must be one of ${allowed.join(', ')}, not ${value}`);
  return found;
}

function parseParams(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch (error) {
    throw new UsageError(`the params of call are not JSON: ${(error as Error).message}`);
  }
}
