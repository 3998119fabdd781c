import { stat } from 'node:fs/promises';
import type { RegistryValue } from '../c2r/update-notify.js';
import { HResultError } from '../contract/errors.js';
import { REGDB_E_CLASSNOTREG } from '../contract/hresult.js';
import { CLSID_UpdateNotifyObject, CLSID_UpdateNotifyObject2, knownUpdateNotify2 } from './abi/update-notify.js';
import { windowsText } from './errors.js';
import { requireProtected } from './protected-dll.js';
import { registry } from './registry.js';
import { type InterfaceDescription, readInterfaces } from './type-library.js';

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

/** The newer class where it is registered, else the older one. Only HKEY_LOCAL_MACHINE counts: anybody can write elsewhere. */
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
  const { mtimeMs, size } = await stat(server);
  const state = `${server} ${mtimeMs} ${size}`;
  if (lastRead?.state !== state) {
    lastRead = { state, interfaces: await readInterfaces(server, ['IUpdateNotify2', 'IUpdateNotify']) };
  }
  return lastRead.interfaces;
}

/**
 * Finds out how Office is to be called on this machine. Throws `HResultError` REGDB_E_CLASSNOTREG where nothing is registered,
 * and NotAvailable where what is registered must not be loaded.
 */
export async function findUpdateNotifyClass(): Promise<UpdateNotifyClass> {
  const { clsid, server } = await findRegistration();
  let libraryError: HResultError | null = null;
  if (server !== null) {
    requireProtected(server);
    try {
      const interfaces = await interfacesOf(server);
      const named = (name: string) => interfaces.find((each) => each.name.toLowerCase() === name);
      const newer = clsid === CLSID_UpdateNotifyObject2 ? named('iupdatenotify2') : undefined;
      const found = newer ?? named('iupdatenotify');
      if (found) return { clsid, server, interface: found, from: 'typeLibrary', libraryError };
    } catch (error) {
      if (!(error instanceof HResultError)) throw error;
      libraryError = error;
    }
  }
  return { clsid, server, interface: knownInterface, from: 'knownTable', libraryError };
}
