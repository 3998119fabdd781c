import { setImmediate as nextTurn } from 'node:timers/promises';
import { S_OK } from '../../base/hresult.js';
import type { Log } from '../../base/log.js';
import type { Clock } from '../../base/run.js';
import { SourceService } from '../../bits/service.js';
import { IClassFactory } from '../abi/com-server.js';
import { ole32 as ole32Table } from '../abi/ole32.js';
import { ensureApartment } from '../native/com.js';
import { comClass, releaseReference, type ServerEvents } from '../native/com-object.js';
import { loadSystemDll } from '../native/dll.js';
import { checkHResult } from '../native/failed-calls.js';
import { guidBytes } from '../native/guid.js';
import { putPointer, required } from '../native/memory.js';
import { currentUser } from '../security/security.js';
import { Notifier } from './notifier.js';
import { type BitsClasses, bitsClasses } from './objects.js';
import {
  bridgeAppId,
  leaveFolder,
  readSourceStatistics,
  readSourceTable,
  requireProtectedServer,
  tableFolder,
  writeSourceStatistics,
} from './source-host.js';
import { openTemporaryNotes, sweepTemporaries } from './temporary-notes.js';

const CLSCTX_LOCAL_SERVER = 4;
const REGCLS_MULTIPLEUSE = 1;
/** RPC_C_AUTHN_LEVEL and RPC_C_IMP_LEVEL come from the registry too. */
const EOAC_APPID = 8;
const CLASS_E_NOAGGREGATION = 0x80040110 | 0;

/** How many idle times a client may hold on without a call before it counts as gone. A live one asks for its jobs' states. */
const abandonedAfter = 20;

/** How long COM may take from the start of the server to the first call of the client that it was started for. */
const firstUseMs = 30_000;

/**
 * Serves the registered content sources as a COM server until nobody has held anything of it for `idleMs`. Throws where the content
 * table or its own files can be changed by others.
 */
export async function runComServer(clock: Clock, log: Log, idleMs: number): Promise<void> {
  requireProtectedServer();
  const { contents } = await readSourceTable();
  const ole32 = loadSystemDll('ole32.dll', ole32Table);
  ensureApartment();
  checkHResult(
    'CoInitializeSecurity',
    ole32.CoInitializeSecurity(guidBytes(bridgeAppId), -1, null, null, 0, 0, null, EOAC_APPID, null),
  );

  let lastUse = clock.now();
  let objects = 0;
  let locks = 0;
  let wasUsed = false;
  const events: ServerEvents = {
    called() {
      lastUse = clock.now();
    },
    counted(change) {
      objects += change;
      wasUsed = true;
      lastUse = clock.now();
    },
    failed: (name, error) => log.error('a method failed', { name, error: String((error as Error).stack ?? error) }),
  };

  const classes: { current?: BitsClasses } = {};
  const notifier = new Notifier(
    clock,
    () => ({
      job: (job) => (classes.current as BitsClasses).job.reference(job),
      error: (job) => (job.error ? (classes.current as BitsClasses).error.reference({ ...job.error, job }) : null),
      release: (address) => void releaseReference(address, events),
    }),
    (error) => log.warn('a client could not be told', { error: String(error) }),
  );
  const temporaries = openTemporaryNotes(tableFolder(), clock, (error) =>
    log.warn('the temporary files could not be noted', { error: String(error) }),
  );
  const service = new SourceService({
    owner: currentUser(),
    clock,
    log,
    temporaries,
    readTable: readSourceTable,
    readStatistics: readSourceStatistics,
    writeStatistics: (statistics) => writeSourceStatistics(statistics, clock),
    changed(job) {
      // A client that is told, instead of asking, gets its time from here on.
      lastUse = clock.now();
      notifier.changed(job);
    },
  });
  const made = bitsClasses(notifier, events);
  classes.current = made;

  const factory = comClass<object, typeof IClassFactory.methods>(
    [IClassFactory.iid],
    IClassFactory.methods,
    {
      CreateInstance(_, outer, iid, out) {
        putPointer(out, null);
        if (outer !== null) return CLASS_E_NOAGGREGATION;
        // Everybody gets a manager of his own; the jobs behind them are the same.
        return made.manager.query({ queue: service.queue }, required(iid), required(out));
      },
      LockServer(_, lock) {
        locks += lock ? 1 : -1;
        return S_OK;
      },
    },
    { ...events, counted: () => undefined },
  );
  const target = {};
  const cookies = [...new Set(contents.map(({ clsid }) => clsid))].map((clsid) => {
    const cookie = Buffer.alloc(4);
    const address = factory.reference(target);
    checkHResult(
      'CoRegisterClassObject',
      ole32.CoRegisterClassObject(guidBytes(clsid), address, CLSCTX_LOCAL_SERVER, REGCLS_MULTIPLEUSE, cookie),
    );
    return cookie.readUInt32LE(0);
  });
  log.info('the COM server serves', { classes: cookies.length });
  // Beside the clients, who need not wait for a drive that does not answer. Only a folder with a table was found protected.
  if (contents.length > 0)
    sweepTemporaries(tableFolder(), clock).catch((error) =>
      log.warn('what a killed server left could not be deleted', { error: String(error) }),
    );

  const isFree = () => objects === 0 && locks <= 0 && !service.queue.isBusy();
  // COM started this process for a client that is still on its way.
  const patienceMs = () => (wasUsed ? idleMs : Math.max(idleMs, firstUseMs));
  const isAbandoned = () => !service.queue.isPending() && clock.now() - lastUse > patienceMs() * abandonedAfter;
  const untilUnused = async () => {
    while (!(isFree() && clock.now() - lastUse > patienceMs()) && !isAbandoned())
      await clock.sleep(Math.min(idleMs, 1000));
  };
  await untilUnused();
  for (const cookie of cookies) ole32.CoRevokeClassObject(cookie);
  // Whom COM has sent here in the meantime is served to the end; his call waits for a turn of the event loop.
  await nextTurn();
  await untilUnused();
  await service.close();
  await temporaries.close();
  await leaveFolder().catch((error) => log.warn('the empty folder could not be removed', { error: String(error) }));
  log.info('the COM server ends', { abandoned: !isFree() });
}
