import { setImmediate as nextTurn } from 'node:timers/promises';
import { S_OK } from '../../base/hresult.js';
import type { Log } from '../../base/log.js';
import type { Clock } from '../../base/run.js';
import { SourceService } from '../../bits/service.js';
import type { TemporaryJournal } from '../../bits/temporary-journal.js';
import { IClassFactory } from '../abi/com-server.js';
import { ole32 as ole32Table } from '../abi/ole32.js';
import { ensureApartment } from '../native/com.js';
import { type ComClass, comClass, releaseReference, type ServerEvents } from '../native/com-object.js';
import { loadSystemDll } from '../native/dll.js';
import { checkHResult } from '../native/failed-calls.js';
import { guidBytes } from '../native/guid.js';
import { putPointer, required } from '../native/memory.js';
import type { Functions } from '../native/native.js';
import { currentUser } from '../security/security.js';
import { type NotifiedObjects, Notifier } from './notifier.js';
import { type BitsClasses, bitsClasses, fileOf } from './objects.js';
import {
  bridgeAppId,
  leaveFolder,
  readSourceStatistics,
  readSourceTable,
  rememberedTable,
  requireProtectedServer,
  tableFolder,
  writeSourceStatistics,
} from './source-host.js';
import { openTemporaryNotes, sweepTemporaries } from './temporary-notes.js';
import { type Patience, Usage } from './usage.js';

type Ole32 = Functions<typeof ole32Table>;

const CLSCTX_LOCAL_SERVER = 4;
const REGCLS_MULTIPLEUSE = 1;
/** RPC_C_AUTHN_LEVEL and RPC_C_IMP_LEVEL come from the registry too. */
const EOAC_APPID = 8;
const CLASS_E_NOAGGREGATION = 0x80040110 | 0;

/**
 * Serves the registered content sources as a COM server until nobody needs it any more. Throws where the source table or its
 * own files can be changed by others.
 */
export async function runComServer(clock: Clock, log: Log, patience: Patience): Promise<void> {
  requireProtectedServer();
  const { contents } = await readSourceTable();
  const ole32 = secureApartment();
  const temporaries = openTemporaryNotes(tableFolder(), (error) =>
    log.warn('the temporary files could not be noted', { error: String(error) }),
  );
  const { service, factory, usage } = openService(clock, log, patience, temporaries);
  const classes = new Set(contents.map(({ clsid }) => clsid));
  const cookies = [...classes].map((clsid) => registerClassObject(ole32, clsid, factory));
  log.info('the COM server serves', { classes: cookies.length });
  // Beside the clients, who need not wait for a drive that does not answer. Only a folder with a table was found protected.
  if (contents.length > 0)
    sweepTemporaries(tableFolder(), clock).catch((error) =>
      log.warn('what a killed server left could not be deleted', { error: String(error) }),
    );
  await usage.untilUnused();
  for (const cookie of cookies) ole32.CoRevokeClassObject(cookie);
  // A client that COM has sent here in the meantime is served to the end; its call waits for a turn of the event loop.
  await nextTurn();
  await usage.untilUnused();
  await service.close();
  temporaries.close();
  await leaveFolder(clock).catch((error) =>
    log.warn('the empty folder could not be removed', { error: String(error) }),
  );
  log.info('the COM server ends', { abandoned: !usage.isFree() });
}

/** Puts the process into the multithreaded apartment; only those whom the registered AppID names may call. */
function secureApartment(): Ole32 {
  const ole32 = loadSystemDll('ole32.dll', ole32Table);
  ensureApartment();
  checkHResult(
    'CoInitializeSecurity',
    ole32.CoInitializeSecurity(guidBytes(bridgeAppId), -1, null, null, 0, 0, null, EOAC_APPID, null),
  );
  return ole32;
}

/** The service, the class object over it, and who uses them. */
function openService(clock: Clock, log: Log, patience: Patience, temporaries: TemporaryJournal) {
  // Each needs the others once it is called, which is after all three are there.
  const parts: { classes?: BitsClasses } = {};
  const classes = () => parts.classes as BitsClasses;
  const service: SourceService = new SourceService({
    owner: currentUser(),
    clock,
    log,
    temporaries,
    readTable: rememberedTable(),
    readStatistics: readSourceStatistics,
    writeStatistics: (statistics) => writeSourceStatistics(statistics, clock),
    changed(job, change) {
      // A client that is told, instead of asking, gets its time from here on.
      usage.seen();
      notifier.changed(job, change);
    },
    transferred: (job, file) => notifier.transferred(job, file),
  });
  const usage = new Usage(clock, service.queue, patience);
  const events: ServerEvents = {
    called: () => usage.seen(),
    counted: (change) => usage.counted(change),
    failed: (name, error) => log.error('a method failed', { name, error: String((error as Error).stack ?? error) }),
  };
  const notified: NotifiedObjects = {
    job: (job) => classes().job.reference(job),
    error: (job) => (job.error ? classes().error.reference({ ...job.error, job }) : null),
    file: (job, file) => classes().file.reference(fileOf(job, file)),
    release: (address) => void releaseReference(address, events),
  };
  const notifier = new Notifier(clock, notified, (error) =>
    log.warn('a client could not be told', { error: String(error) }),
  );
  parts.classes = bitsClasses(notifier, events);
  const factory = comClass<object, typeof IClassFactory.methods>(
    [{ iids: [IClassFactory.iid], methods: IClassFactory.methods }],
    {
      CreateInstance(_, outer, iid, out) {
        putPointer(out, null);
        if (outer !== null) return CLASS_E_NOAGGREGATION;
        // Each client gets a manager of its own; the jobs behind them are the same.
        return classes().manager.query({ queue: service.queue }, required(iid), required(out));
      },
      LockServer(_, lock) {
        usage.locked(lock ? 1 : -1);
        return S_OK;
      },
    },
    { ...events, counted: () => undefined },
  );
  return { service, factory, usage };
}

/** Gives the number by which the class object is revoked. */
function registerClassObject(ole32: Ole32, clsid: string, factory: ComClass<object>): number {
  const cookie = Buffer.alloc(4);
  checkHResult(
    'CoRegisterClassObject',
    ole32.CoRegisterClassObject(
      guidBytes(clsid),
      factory.reference(factory),
      CLSCTX_LOCAL_SERVER,
      REGCLS_MULTIPLEUSE,
      cookie,
    ),
  );
  return cookie.readUInt32LE(0);
}
