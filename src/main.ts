import { version } from '../package.json';
import { Failure } from './base/failure.js';
import type { Log } from './base/log.js';
import { untilAborted } from './base/run.js';
import { streamText } from './base/stream-text.js';
import { type ComServerCommand, type DscCommand, help, parseCommandLine, UsageError } from './bridge/command-line.js';
import { openLog } from './bridge/log.js';
import { pollParent } from './bridge/poll-parent.js';
import { systemClock } from './bridge/system-clock.js';
import { writeResult } from './bridge/write-result.js';
import type { Backend } from './contract/types.js';
import {
  type Catalog,
  type Context,
  createService,
  damagedInstallation,
  isDamagedInstallation,
  requestCancelled,
  rpcError,
  type Service,
  servedArea,
} from './rpc/service.js';

/** Loads what calls Windows through koffi; NotAvailable where that cannot be, such as in a 32-bit Node. */
async function native<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (isDamagedInstallation(error)) throw damagedInstallation(error);
    throw new Failure('NotAvailable', `Windows cannot be called from here: ${(error as Error).message}`, {
      reason: 'noNativeCalls',
      recommendation: 'Use a 64-bit Node, and keep the koffi-*.node files beside c2r-bridge.cjs.',
    });
  }
}

type Scenario = import('./simulated/scenario.js').Scenario;

/** What the features act on. Each part is opened on first use, and is the same for all of them. */
interface Machine {
  readonly backend: Backend;
  office(): Promise<import('./c2r/port.js').Office>;
  defender(): Promise<import('./defender/port.js').Defender>;
  sources(): Promise<import('./bits/port.js').SourceHost>;
  elevated(): Promise<boolean>;
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

function windowsMachine(): Machine {
  return {
    backend: 'windows',
    office: once(async () => (await native(() => import('./windows/office/open-office.js'))).openOffice(systemClock)),
    defender: once(async () => (await native(() => import('./windows/defender/open-defender.js'))).openDefender()),
    sources: once(async () =>
      (await native(() => import('./windows/bits/source-host.js'))).openSourceHost(systemClock),
    ),
    elevated: async () => (await native(() => import('./windows/security/security.js'))).isElevated(),
  };
}

function simulatedMachine(given: Scenario | undefined): Machine {
  const scenario = async () => given ?? (await import('./simulated/scenario.js')).scenario.parse({});
  const sources = once(async () => (await import('./simulated/source-host.js')).simulatedSourceHost(systemClock));
  return {
    backend: 'simulated',
    office: once(async () => {
      const { simulatedOffice } = await import('./simulated/office.js');
      const { readingSources } = await import('./simulated/source-download.js');
      return readingSources(simulatedOffice(await scenario(), systemClock), await sources(), systemClock);
    }),
    defender: once(async () =>
      (await import('./simulated/defender.js')).simulatedDefender(await scenario(), systemClock),
    ),
    sources,
    elevated: async () => given?.office.elevated ?? true,
  };
}

/** Loaded with the first cabinet only: content can be staged where Windows cannot be called. */
const windowsSignatures: import('./content/port.js').CabinetSignatures = {
  fault: async (file) =>
    (await native(() => import('./windows/security/cabinet-signatures.js'))).cabinetSignatures.fault(file),
};

/** Loaded with the first question only: a proxy can be named where Windows cannot be called. */
const windowsNetwork: import('./content/port.js').SystemNetwork = {
  proxyFor: async (url) => (await native(() => import('./windows/system/system-proxy.js'))).proxyFor(url),
  signIn(scheme, host) {
    const begun = native(() => import('./windows/security/sign-in.js')).then(({ signIn }) => signIn(scheme, host));
    return {
      answer: async (challenge) => (await begun).answer(challenge),
      end() {
        begun.then(
          (signIn) => signIn.end(),
          () => undefined,
        );
      },
    };
  },
};
const systemNetwork = process.platform === 'win32' ? windowsNetwork : null;

/**
 * The first argument of the other threads of this program, which are started from this very file, each for one task. Asking
 * node:worker_threads instead would load it at every start.
 */
const threadArgument = '--staging-thread';

/** Every area of the contract with its feature. A new area is one entry here; its port, if it has one, a line in each machine. */
function catalog(machine: Machine, service: () => Service): Catalog {
  const served: Catalog = {
    bridge: servedArea(
      async () => (await import('./contract/bridge.js')).bridge,
      async () => ({
        handlers: (await import('./bridge/handlers.js')).bridgeHandlers({
          version,
          backend: machine.backend,
          elevated: machine.elevated,
          checks: (signal) => checks(machine, signal),
          areas: () => Promise.all(Object.values(served).map(({ contract }) => contract())),
        }),
      }),
    ),
    c2r: servedArea(
      async () => (await import('./contract/c2r.js')).c2r,
      async () => {
        const [{ c2rHandlers }, { explainOffice }, office] = await Promise.all([
          import('./c2r/handlers.js'),
          import('./c2r/explain.js'),
          officeOf(machine),
        ]);
        return { handlers: c2rHandlers(office), explain: explainOffice(office) };
      },
    ),
    defender: servedArea(
      async () => (await import('./contract/defender.js')).defender,
      async () => {
        const [{ defenderHandlers }, { explainDefender }, defender] = await Promise.all([
          import('./defender/handlers.js'),
          import('./defender/explain.js'),
          machine.defender(),
        ]);
        return { handlers: defenderHandlers(defender), explain: explainDefender(defender) };
      },
    ),
    content: servedArea(
      async () => (await import('./contract/content.js')).content,
      async () => {
        const [{ contentHandlers }, { explainContent }] = await Promise.all([
          import('./content/handlers.js'),
          import('./content/explain.js'),
        ]);
        const handlers = contentHandlers({
          thread: { file: __filename, argument: threadArgument },
          signatures: process.platform === 'win32' ? windowsSignatures : null,
          sources: {
            served: async (root) => {
              const [{ servedFrom }, host] = await Promise.all([import('./bits/handlers.js'), sourcesOf(machine)]);
              return host ? servedFrom(host, root, systemClock) : [];
            },
          },
          network: systemNetwork,
        });
        return { handlers, explain: explainContent };
      },
    ),
    bits: servedArea(
      async () => (await import('./contract/bits.js')).bits,
      async () => {
        const { bitsHandlers, explain } = await import('./bits/handlers.js');
        return { handlers: bitsHandlers(await machine.sources()), explain };
      },
    ),
    desired: servedArea(
      async () => (await import('./contract/desired.js')).desired,
      async () => ({
        handlers: (await import('./dsc/handlers.js')).desiredHandlers({
          backend: machine.backend,
          elevated: machine.elevated,
          calling: ({ signal, clock, report }) => callingWithin(service(), { signal, clock, progress: () => report }),
        }),
      }),
    ),
  };
  return served;
}

/** Null where Windows cannot be called, so that nothing serves anything either. */
async function sourcesOf(machine: Machine): Promise<import('./bits/port.js').SourceHost | null> {
  try {
    return await machine.sources();
  } catch (error) {
    if (error instanceof Failure && error.data.type === 'NotAvailable') return null;
    throw error;
  }
}

/** Office together with what the bridge itself serves to it, of which Office tells no percentage. */
async function officeOf(machine: Machine): Promise<import('./c2r/port.js').Office> {
  return {
    ...(await machine.office()),
    contentPercent: async (contentId) =>
      (await import('./bits/handlers.js')).contentPercent(await machine.sources(), contentId, systemClock),
  };
}

/** The findings of every feature, for the doctor. */
async function checks(machine: Machine, signal: AbortSignal): Promise<import('./contract/bridge.js').Check[]> {
  if (machine.backend === 'windows') {
    const missing = await native(() => import('./windows/office/open-office.js')).then(() => null, withoutNativeCalls);
    if (missing) return [missing];
  }
  const { officeChecks } = await import('./c2r/doctor.js');
  const { defenderChecks } = await import('./defender/checks.js');
  return [
    ...(await officeChecks(await officeOf(machine), systemClock.date(), signal)),
    ...(await defenderChecks(await machine.defender(), systemClock.date(), signal)),
    ...(await (await machine.sources()).checks()),
  ];
}

/** What the doctor says where nothing else can be checked. */
function withoutNativeCalls({ message, data }: Failure): import('./contract/bridge.js').Check {
  return { id: 'bridge.koffi', area: 'bridge', ok: false, detail: message, recommendation: data.recommendation };
}

function watchParent(processId: number, onExit: () => void): void {
  if (process.platform === 'win32') {
    // By its handle: Windows gives process numbers out again at once.
    native(() => import('./windows/system/process.js')).then(
      ({ watchProcess }) => watchProcess(processId, onExit),
      () => pollParent(processId, onExit),
    );
  } else pollParent(processId, onExit);
}

/** Lets the process end by itself, and ends it where a call that is still in Windows would keep it. */
function leave(exitCode: number): void {
  process.exitCode = exitCode;
  process.stdin.destroy();
  setTimeout(() => process.exit(), 1000).unref();
}

async function main(): Promise<void> {
  const { command, backend, simulate, logLevel, logFile, logFormat } = parseCommandLine(
    process.argv.slice(2),
    process.env,
  );
  if (command.name === 'help' || command.name === 'version') {
    await writeResult(command.name === 'help' ? help : `${version}\n`);
    return;
  }
  const log = openLog(logLevel, logFile, logFormat);
  if (command.name === 'com-server') {
    await serveCom(command, log).then(
      // COM's own threads would keep the process; where it failed, what it had begun would too.
      (exitCode) => process.exit(exitCode),
      (error: Error) => explainAndExit(explanation(error), 2),
    );
    return;
  }
  // Read at once, where one is given: a scenario that cannot be used is wrong use of the command line.
  const scenario =
    simulate === undefined ? undefined : (await import('./simulated/scenario.js')).loadScenario(simulate);
  const machine = backend === 'windows' ? windowsMachine() : simulatedMachine(scenario);
  const service: Service = createService(
    catalog(machine, () => service),
    log,
  );
  if (command.name === 'serve') await runSession(service, log);
  else if (command.name === 'call') await runCall(service, command.method, command.params);
  else await runDscResource(service, command, machine);
}

/** Serves content sources as a COM server, in a process of its own; gives the exit code. */
async function serveCom({ launched, ...patience }: ComServerCommand, log: Log): Promise<number> {
  if (!launched) return (await import('./windows/bits/com-launcher.js')).launchComServer('--com-process');
  const { runComServer } = await import('./windows/bits/com-server.js');
  await runComServer(systemClock, log, patience);
  return 0;
}

/** Serves one client over stdin and stdout. */
async function runSession(service: Service, log: Log): Promise<void> {
  const { serve } = await import('./rpc/session.js');
  // Nothing may be printed between frames.
  console.log = console.info = console.debug = console.error;
  const { stdin: input, stdout: output } = process;
  const session = serve(service, { input, output, clock: systemClock, log, watchParent, leave });
  // A terminal sends Ctrl+C to the client and to the bridge; what it means is for the client to say, where there is one.
  process.on('SIGINT', () => {
    if (input.isTTY) void session.close('Ctrl+C', 0);
    else log.info('Ctrl+C is left to the client');
  });
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
function explainAndExit(text: string, exitCode: number): void {
  process.stderr.on('error', () => undefined).write(text, () => process.exit(exitCode));
}

async function runCall(service: Service, method: string, params: unknown): Promise<void> {
  try {
    const result = await service.call(method, params, commandContext());
    await writeResult(`${JSON.stringify(result)}\n`);
    process.exit(0);
  } catch (error) {
    const { code, message, data } = rpcError(error as Failure);
    explainAndExit(`${JSON.stringify({ error: { code, message, data } })}\n`, 1);
  }
}

/** Calls methods of the bridge by their definitions. */
function callingWithin(service: Service, context: Context): import('./dsc/resource.js').Call {
  return (method, params) => {
    const wanted = method.progress ? { ...params, progressToken: 0 } : params;
    return service.call(method.name, wanted, context) as never;
  };
}

async function runDscResource(service: Service, command: DscCommand, machine: Machine): Promise<void> {
  const { runDsc, traceTo } = await import('./dsc/command.js');
  process.stderr.on('error', () => undefined);
  const context = commandContext();
  const trace = traceTo((text) => process.stderr.write(text), process.env.DSC_TRACE_LEVEL);
  if (machine.backend === 'simulated') {
    trace.warn('The simulated backend answers: nothing on this machine is read or changed.');
  }
  // Ctrl+C counts also while somebody holds stdin open and says nothing.
  const input = (maxBytes: number) => untilAborted(streamText(process.stdin, maxBytes), context.signal);
  const exitCode = await runDsc({
    ...command,
    version,
    trace,
    readInput: async (maxBytes) => (process.stdin.isTTY ? '' : input(maxBytes)),
    call: callingWithin(service, context),
    now: () => systemClock.date(),
    elevated: machine.elevated,
    writeOutput: writeResult,
  });
  explainAndExit('', exitCode);
}

async function thread(): Promise<void> {
  const { parentPort, workerData } = await import('node:worker_threads');
  if (!parentPort) throw new UsageError(`unknown option ${threadArgument}`);
  try {
    const [{ runStagingThread }, { explainContent }] = await Promise.all([
      import('./content/stage/staging-thread.js'),
      import('./content/explain.js'),
    ]);
    parentPort.postMessage(await runStagingThread(workerData, parentPort, systemClock, explainContent, systemNetwork));
  } catch (error) {
    // The installation was changed since the main thread read its own part of it.
    const { name, message, stack } = error as Error;
    parentPort.postMessage({ bug: { name, message, stack } });
  }
  // Ends what the task has left behind too: its hashing threads, and requests that nobody waits for after a failure.
  process.exit();
}

/** One line for stderr. */
function explanation(error: Error): string {
  return `c2r-bridge: ${error.message.replaceAll(/\s+/g, ' ')}\n`;
}

(process.argv[2] === threadArgument ? thread() : main()).catch((error: Error) => {
  process.stderr.write(explanation(error));
  process.exitCode = 2;
});
