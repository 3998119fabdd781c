import { openSync, writeSync } from 'node:fs';
import { version } from '../package.json';
import { type DscCommand, help, parseCommandLine, UsageError } from './command-line.js';
import { invalidParams, RpcError } from './contract/errors.js';
import type { Handlers } from './contract/method.js';
import type { Clock } from './contract/run.js';
import type { Backend } from './contract/types.js';
import {
  type Catalog,
  type Context,
  createService,
  type Log,
  type LogLevel,
  logLevels,
  requestCancelled,
  room,
  type Service,
} from './rpc/service.js';

/** Logs up to `level` as JSON lines to stderr, or to the end of `file` instead. Throws where `file` cannot be opened. */
function openLog(level: LogLevel, file?: string): Log {
  const fd = file === undefined ? undefined : openSync(file, 'a');
  let stderr: NodeJS.WriteStream | undefined;
  const write = (at: LogLevel, message: string, details?: Readonly<Record<string, unknown>>) => {
    if (logLevels.indexOf(at) > logLevels.indexOf(level)) return;
    const line = `${JSON.stringify({ time: new Date().toISOString(), level: at, message, ...details })}\n`;
    if (fd !== undefined) {
      writeSync(fd, line);
      return;
    }
    // Nobody reads it any more where the client is gone; that is no reason to fail.
    stderr ??= process.stderr.on('error', () => undefined);
    stderr.write(line);
  };
  return {
    error: (message, details) => write('error', message, details),
    warn: (message, details) => write('warn', message, details),
    info: (message, details) => write('info', message, details),
    debug: (message, details) => write('debug', message, details),
  };
}

/** The real time. `performance` and not `Date`, so that a changed wall clock neither stops nor ends a wait. */
const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, ms);
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    }),
};

/** Loads what calls Windows through koffi; NotAvailable where that cannot be, such as in a 32-bit Node. */
async function native<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new RpcError('NotAvailable', `Windows cannot be called from here: ${(error as Error).message}`, {
      reason: 'noNativeCalls',
      recommendation: 'Use a 64-bit Node, and keep the koffi-*.node files beside c2r-bridge.cjs.',
    });
  }
}

type Simulated = import('./simulated/scenario.js').Scenario;

async function openOffice(
  backend: Backend,
  simulated: Simulated | undefined,
  contents: typeof openSimulatedContents,
): Promise<import('./c2r/update-notify.js').Office> {
  if (backend === 'windows') return (await native(() => import('./windows/office.js'))).openOffice();
  const [{ simulatedOffice }, { scenario }, { readingContents }] = await Promise.all([
    import('./simulated/office.js'),
    import('./simulated/scenario.js'),
    import('./simulated/content-download.js'),
  ]);
  return readingContents(simulatedOffice(simulated ?? scenario.parse({}), systemClock), await contents(), systemClock);
}

async function openDefender(
  backend: Backend,
  simulated: Simulated | undefined,
): Promise<import('./defender/port.js').Defender> {
  if (backend === 'windows') return (await native(() => import('./windows/defender.js'))).openDefender();
  const [{ simulatedDefender }, { scenario }] = await Promise.all([
    import('./simulated/defender.js'),
    import('./simulated/scenario.js'),
  ]);
  return simulatedDefender(simulated ?? scenario.parse({}), systemClock);
}

async function openSimulatedContents(): Promise<import('./simulated/content-host.js').SimulatedContentHost> {
  return (await import('./simulated/content-host.js')).simulatedContentHost(systemClock);
}

async function openWindowsContents(): Promise<import('./bits/content-host.js').ContentHost> {
  return (await native(() => import('./windows/content-host.js'))).openContentHost(systemClock);
}

/** Opens on first use and gives the same ever after, so that all rooms see one machine; a failure may be tried again. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    if (!opened) {
      opened = open();
      opened.catch(() => {
        opened = undefined;
      });
    }
    return opened;
  };
}

/** Every area of the contract with its feature. One line here is all that a new area needs. */
function catalog(backend: Backend, simulated: Simulated | undefined, log: Log): Catalog {
  const simulatedContents = once(openSimulatedContents);
  const contents = backend === 'simulated' ? simulatedContents : once(openWindowsContents);
  const office = once(async () => ({
    ...(await openOffice(backend, simulated, simulatedContents)),
    contentPercent: async (contentId: string) =>
      (await import('./bits/handlers.js')).contentPercent(await contents(), contentId, systemClock),
  }));
  const defender = once(() => openDefender(backend, simulated));
  const elevated = async () => {
    if (backend === 'simulated') return simulated?.office.elevated ?? true;
    return (await native(() => import('./windows/process.js'))).isElevated();
  };
  const checks = async () => {
    if (backend === 'windows') {
      const missing = await native(() => import('./windows/office.js')).then(() => null, withoutNativeCalls);
      if (missing) return [missing];
    }
    const [{ officeChecks }, { defenderChecks }] = await Promise.all([
      import('./c2r/doctor.js'),
      import('./defender/checks.js'),
    ]);
    return [
      ...(await officeChecks(await office())),
      ...(await defenderChecks(await defender())),
      ...(await (await contents()).checks()),
    ];
  };
  const rooms: Catalog = {
    bridge: room(
      async () => (await import('./contract/bridge.js')).bridge,
      async () => bridgeHandlers(rooms, { backend, elevated, checks }),
    ),
    c2r: room(
      async () => (await import('./contract/c2r.js')).c2r,
      async () => (await import('./c2r/handlers.js')).c2rHandlers(await office()),
    ),
    defender: room(
      async () => (await import('./contract/defender.js')).defender,
      async () => (await import('./defender/handlers.js')).defenderHandlers(await defender()),
    ),
    content: room(
      async () => (await import('./contract/content.js')).content,
      async () =>
        (await import('./content/handlers.js')).contentHandlers({
          threadFile: __filename,
          log: (level, message, details) => log[level](message, details),
          signatures:
            process.platform === 'win32' ? (await import('./windows/cabinet-signatures.js')).cabinetSignatures : null,
        }),
    ),
    bits: room(
      async () => (await import('./contract/bits.js')).bits,
      async () => (await import('./bits/handlers.js')).bitsHandlers(await contents()),
    ),
  };
  return rooms;
}

/** What the doctor says where nothing else can be checked. */
function withoutNativeCalls({ message, data }: RpcError): import('./contract/bridge.js').Check {
  return { id: 'bridge.koffi', area: 'bridge', ok: false, detail: message, recommendation: data.recommendation };
}

interface Machine {
  readonly backend: Backend;
  /** Whether the process has the rights of an administrator. */
  elevated(): Promise<boolean>;
  /** The findings of every feature, for the doctor. */
  checks(): Promise<import('./contract/bridge.js').Check[]>;
}

async function bridgeHandlers(
  rooms: Catalog,
  { backend, elevated, checks }: Machine,
): Promise<Handlers<typeof import('./contract/bridge.js').bridge>> {
  const { protocolVersion } = await import('./contract/bridge.js');
  return {
    async initialize(params) {
      if (params.protocolVersion !== protocolVersion) {
        throw invalidParams([
          {
            path: 'protocolVersion',
            message: `this bridge speaks version ${protocolVersion}, the client asked for ${params.protocolVersion}`,
          },
        ]);
      }
      return {
        protocolVersion,
        server: { name: 'c2r-bridge', version },
        backend,
        process: {
          pid: process.pid,
          node: process.version,
          arch: process.arch,
          // A session without native calls can still stage content and say what is wrong.
          elevated: await elevated().catch(() => false),
        },
      };
    },
    ping: async () => ({}),
    doctor: async () => ({ checks: await checks(), backend }),
    async discover() {
      const { openRpcDocument } = await import('./rpc/discover.js');
      return openRpcDocument(await Promise.all(Object.values(rooms).map(({ contract }) => contract())), version);
    },
    shutdown: async () => null,
  };
}

function watchParent(processId: number, onExit: () => void): void {
  if (process.platform === 'win32') {
    // By its handle: Windows gives process numbers out again at once.
    native(() => import('./windows/process.js')).then(
      ({ watchProcess }) => watchProcess(processId, onExit),
      () => pollParent(processId, onExit),
    );
  } else pollParent(processId, onExit);
}

function pollParent(processId: number, onExit: () => void): void {
  const timer = setInterval(() => {
    try {
      process.kill(processId, 0);
    } catch (error) {
      // EPERM: it lives, as another user's.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') return;
      clearInterval(timer);
      onExit();
    }
  }, 1000);
  timer.unref();
}

/** Lets the process end by itself, and ends it where a call that is still in Windows would keep it. */
function leave(exitCode: number): void {
  process.exitCode = exitCode;
  process.stdin.destroy();
  setTimeout(() => process.exit(), 1000).unref();
}

async function main(): Promise<void> {
  const { command, backend, simulate, logLevel, logFile } = parseCommandLine(process.argv.slice(2), process.env);
  if (command.name === 'help' || command.name === 'version') {
    process.stdout.write(command.name === 'help' ? help : `${version}\n`);
    return;
  }
  const log = openLog(logLevel, logFile);
  if (command.name === 'com-server') {
    const { runComServer } = await import('./windows/com-server.js');
    await runComServer(systemClock, log, command.idleMs);
    // COM's own threads would keep the process.
    process.exit();
  }
  // Read at once, where one is given: a scenario that cannot be used is wrong use of the command line.
  const simulated =
    simulate === undefined ? undefined : (await import('./simulated/scenario.js')).loadScenario(simulate);
  const service = createService(catalog(backend, simulated, log), log);
  if (command.name === 'serve') await runSession(service, log);
  else if (command.name === 'call') await runCall(service, command.method, command.params);
  else await runDscResource(service, command, backend);
}

/** Serves one client over stdin and stdout. */
async function runSession(service: Service, log: Log): Promise<void> {
  const { serve } = await import('./rpc/session.js');
  // Whoever prints must not print between frames.
  console.log = console.info = console.debug = console.error;
  const { stdin: input, stdout: output } = process;
  const session = serve(service, { input, output, clock: systemClock, log, watchParent, leave });
  // A terminal sends Ctrl+C to the client and to the bridge; what it means is for the client to say.
  process.on('SIGINT', () => log.info('Ctrl+C is left to the client'));
  process.on('SIGTERM', () => void session.close('SIGTERM', 0));
  process.on('uncaughtException', (error) => {
    log.error('the bridge failed', { error: error.stack ?? error.message });
    void session.close('failure', 1);
  });
}

/** What a request needs that comes from the command line: Ctrl+C cancels it, and nobody follows its progress. */
function commandContext(): Context {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort(requestCancelled()));
  return { signal: interrupted.signal, clock: systemClock, progress: () => () => undefined };
}

/** Ends the process once `text` is written: whatever a request has started may still run, in the simulation too. */
function writeAndExit(stream: NodeJS.WriteStream, text: string, exitCode: number): void {
  stream.write(text, () => process.exit(exitCode));
}

async function runCall(service: Service, method: string, params: unknown): Promise<void> {
  try {
    const result = await service.call(method, params, commandContext());
    writeAndExit(process.stdout, `${JSON.stringify(result)}\n`, 0);
  } catch (error) {
    const { code, message, data } = error as RpcError;
    writeAndExit(process.stderr, `${JSON.stringify({ error: { code, message, data } })}\n`, 1);
  }
}

async function runDscResource(service: Service, command: DscCommand, backend: Backend): Promise<void> {
  const { runDsc, traceTo } = await import('./dsc/command.js');
  const trace = traceTo((text) => writeSync(2, text), process.env.DSC_TRACE_LEVEL);
  if (backend === 'simulated') {
    trace.warn('The simulated backend answers: nothing on this machine is read or changed.');
  }
  const context = commandContext();
  const { lines, exitCode } = await runDsc({
    ...command,
    version,
    trace,
    readInput: async () => (process.stdin.isTTY ? '' : (await import('node:stream/consumers')).text(process.stdin)),
    call: (method, params) => service.call(method.name, params, context) as never,
    now: () => systemClock.date(),
  });
  writeAndExit(process.stdout, lines.map((text) => `${text}\n`).join(''), exitCode);
}

/**
 * The first argument of the other threads of this program: content/off-thread.ts starts each from this very file for one
 * task. Asking node:worker_threads instead would load it at every start.
 */
const threadArgument = '--staging-thread';

async function thread(): Promise<void> {
  const [{ parentPort, workerData }, { runStagingThread }] = await Promise.all([
    import('node:worker_threads'),
    import('./content/staging-thread.js'),
  ]);
  if (!parentPort) throw new UsageError(`unknown option ${threadArgument}`);
  await runStagingThread(workerData, parentPort, systemClock);
}

(process.argv[2] === threadArgument ? thread() : main()).catch((error: Error) => {
  process.stderr.write(`c2r-bridge: ${error.message.replaceAll(/\s+/g, ' ')}\n`);
  process.exitCode = 2;
});
