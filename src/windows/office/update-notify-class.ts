import { stat } from 'node:fs/promises';
import { Failure } from '../../base/failure.js';
import { REGDB_E_CLASSNOTREG, signed } from '../../base/hresult.js';
import { HResultError, hresultDetails } from '../../base/hresult-error.js';
import type { RegistryValue } from '../../c2r/port.js';
import { CLSID_UpdateNotifyObject, CLSID_UpdateNotifyObject2, knownUpdateNotify2 } from '../abi/update-notify.js';
import { type ComObject, createInstance } from '../native/com.js';
import { windowsText } from '../native/failed-calls.js';
import { type InterfaceDescription, readInterfaces } from '../native/type-library.js';
import { requireProtected } from '../security/trust.js';
import { registry } from '../system/registry.js';

/** The registered class through which Office is driven, and the interface to ask it for. */
export interface UpdateNotifyClass {
  readonly clsid: string;
  /** The file of the server, where the registration names one. */
  readonly server: string | null;
  readonly interface: InterfaceDescription;
  /** Whether the interface was read from Office's own type library, or is the table of this program. */
  readonly from: 'typeLibrary' | 'knownTable';
  /** Why the type library was not read, where it was not. */
  readonly libraryError: HResultError | null;
}

interface Registration {
  readonly clsid: string;
  readonly server: string | null;
}

const knownInterface: InterfaceDescription = {
  name: 'IUpdateNotify2',
  iid: knownUpdateNotify2.iid,
  slots: new Map(Object.entries(knownUpdateNotify2.slots).map(([name, slot]) => [name.toLowerCase(), slot])),
};

/** What IUpdateNotify itself has; a library that lacks one of them by its name is none of Office's, or a damaged one. */
const needed = ['download', 'apply', 'cancel', 'status'];

/** The newer class where it is registered, else the older one. Only HKEY_LOCAL_MACHINE counts: every user can write elsewhere. */
async function findRegistration(): Promise<Registration> {
  for (const clsid of [CLSID_UpdateNotifyObject2, CLSID_UpdateNotifyObject]) {
    const key = `SOFTWARE\\Classes\\CLSID\\${clsid}`;
    if ((await registry.values(key)) === null) continue;
    const command = async (kind: string) => (await registry.values(`${key}\\${kind}`))?.get('');
    return { clsid, server: fileOf(await command('InprocServer32')) ?? programOf(await command('LocalServer32')) };
  }
  throw new HResultError('CoCreateInstance', REGDB_E_CLASSNOTREG, windowsText(REGDB_E_CLASSNOTREG));
}

function fileOf(value: RegistryValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The file in a registered command line, such as `"C:\\Office\\Server.exe" -Embedding`. */
function programOf(command: RegistryValue | undefined): string | null {
  const [, quoted, plain] = /^(?:"([^"]+)"|(.+?\.exe)(?:\s|$))/i.exec(String(command ?? '')) ?? [];
  return quoted ?? plain ?? null;
}

let lastRead: { readonly state: string; readonly interfaces: readonly InterfaceDescription[] } | null = null;

/** The interfaces of the DLL, read again when an update has replaced it. */
async function interfacesOf(server: string): Promise<readonly InterfaceDescription[]> {
  // An update may just have taken it away: reading it says so in Windows' words.
  const stats = await stat(server).catch(() => null);
  const state = `${server} ${stats?.mtimeMs} ${stats?.size}`;
  if (lastRead?.state !== state) {
    lastRead = { state, interfaces: await readInterfaces(server, ['IUpdateNotify2', 'IUpdateNotify']) };
  }
  return lastRead.interfaces;
}

/**
 * ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, ERROR_MOD_NOT_FOUND, ERROR_BAD_EXE_FORMAT, CO_E_DLLNOTFOUND and
 * CO_E_ERRORINDLL: the file of a registered server is missing, cut off or of another architecture. Wine calls the class
 * unregistered then.
 */
const unusableFile: ReadonlySet<number> = new Set(
  [0x80070002, 0x80070003, 0x8007007e, 0x800700c1, 0x800401f8, 0x800401f9, REGDB_E_CLASSNOTREG].map(signed),
);

/** Runs `body`, which needs the file of a registered server; NotAvailable that names it where that is the reason of a failure. */
async function usingServer<T>(server: string | null, body: () => T): Promise<Awaited<T>> {
  try {
    return await body();
  } catch (error) {
    if (server === null || !(error instanceof HResultError) || !unusableFile.has(error.hresult)) throw error;
    throw new Failure('NotAvailable', `${server}, which serves Office's COM object, cannot be used: ${error.message}`, {
      ...hresultDetails(error.hresult),
      source: error.source,
      path: server,
      reason: 'serverUnusable',
      recommendation: 'If an Office update is being applied, try again when it has ended; else repair Office.',
    });
  }
}

/** Creates the object. Throws NotAvailable where the file of its server is missing or damaged. */
export function createUpdateNotify(found: UpdateNotifyClass): Promise<ComObject<'IUpdateNotify'>> {
  return usingServer(found.server, () => createInstance<'IUpdateNotify'>(found.clsid, found.interface.iid));
}

/**
 * Finds out how Office is to be called on this machine. Throws `HResultError` REGDB_E_CLASSNOTREG where nothing is registered,
 * and NotAvailable where what is registered must not be loaded or is not there.
 */
export async function findUpdateNotifyClass(): Promise<UpdateNotifyClass> {
  const { clsid, server } = await findRegistration();
  let libraryError: HResultError | null = null;
  if (server !== null) {
    await usingServer(server, () => requireProtected(server));
    try {
      const interfaces = await interfacesOf(server);
      const named = (name: string) => interfaces.find((each) => each.name.toLowerCase() === name);
      const newer = clsid === CLSID_UpdateNotifyObject2 ? named('iupdatenotify2') : undefined;
      const found = newer ?? named('iupdatenotify');
      if (found && needed.every((name) => found.slots.has(name))) {
        return { clsid, server, interface: found, from: 'typeLibrary', libraryError };
      }
    } catch (error) {
      if (!(error instanceof HResultError)) throw error;
      libraryError = error;
    }
  }
  return { clsid, server, interface: knownInterface, from: 'knownTable', libraryError };
}
