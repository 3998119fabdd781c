import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../../base/failure.js';
import { readJsonFile, replaceJsonFile } from '../../base/json-file.js';
import type { Clock } from '../../base/run.js';
import type { ClassOwner, SourceHost } from '../../bits/port.js';
import {
  type ContentSource,
  emptyTable,
  type SourceTable,
  type StatisticsFile,
  sourceTable,
  statisticsFile,
} from '../../bits/source-table.js';
import type { Check } from '../../contract/bridge.js';
import { kernel32 as kernel32Table } from '../abi/kernel32.js';
import { loadSystemDll } from '../native/dll.js';
import { lastError, lastErrorOf } from '../native/failed-calls.js';
import { bytesAt } from '../native/native.js';
import { withSecurityDescriptor } from '../security/security.js';
import { requireOwn, requireUnchangeable } from '../security/trust.js';
import { knownFolder } from '../system/known-folder.js';
import { mappedDrive } from '../system/mapped-drive.js';
import { type PipeLock, takePipe } from '../system/pipe-lock.js';
import { deleteTree, readableSubkeys, registry, setBinary } from '../system/registry.js';
import { sweepTemporaries } from './temporary-notes.js';

/** Names our COM server in the registry; each class of ours points to it, which is how ours are told from others. */
export const bridgeAppId = '{24FEBC8B-1935-4BDE-B44A-4E183CB02838}';

const className = 'c2r-bridge content source';
const classKey = (clsid: string) => `SOFTWARE\\Classes\\CLSID\\${clsid}`;
const appIdKey = `SOFTWARE\\Classes\\AppID\\${bridgeAppId}`;

const ERROR_ALREADY_EXISTS = 183;

/**
 * SYSTEM and Administrators alone. CC, DC and SW are COM_RIGHTS_EXECUTE, _EXECUTE_LOCAL and _ACTIVATE_LOCAL.
 * https://learn.microsoft.com/windows/win32/com/access-control-lists-for-com
 */
const access = {
  folder: 'O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)',
  launch: 'O:BAG:BAD:(A;;CCDCSW;;;SY)(A;;CCDCSW;;;BA)',
  call: 'O:BAG:BAD:(A;;CCDC;;;SY)(A;;CCDC;;;BA)',
} as const;

/** The folder of the source table, where only SYSTEM and Administrators may write. */
export function tableFolder(): string {
  return `${knownFolder('programData')}\\c2r-bridge`;
}

const tableFile = () => join(tableFolder(), 'contents.json');
const statisticsPath = () => join(tableFolder(), 'statistics.json');

/** What COM starts: absolute paths, so that nothing is searched for. */
function serverCommand(): string {
  return `"${process.execPath}" "${bridgeFile()}" --com-server`;
}

function bridgeFile(): string {
  return resolve(process.argv[1] as string);
}

/** Throws AccessDenied where others may replace what COM would start. */
export function requireProtectedServer(): void {
  requireUnchangeable(process.execPath);
  const folder = dirname(bridgeFile());
  for (const name of readdirSync(folder).filter((each) => loaded.test(each))) requireUnchangeable(join(folder, name));
}

/** What the bridge loads from beside itself. */
const loaded = /\.(?:cjs|node|wasm)$/i;

/** The source table of this machine. Throws AccessDenied where others may write it, NotAvailable where it is damaged. */
export async function readSourceTable(): Promise<SourceTable> {
  if (!folderExists()) return emptyTable;
  requireOwn(tableFolder());
  if (!existsSync(tableFile())) return emptyTable;
  // A file may have permissions of its own.
  requireOwn(tableFile());
  const table = await readJsonFile(tableFile(), sourceTable);
  // Missing by now is the end of the last registration.
  if (table === null && existsSync(tableFile())) throw damagedTable();
  return table ?? emptyTable;
}

/** The table, judged again when its text is another one: for a server, which asks before every file that it opens. */
export function rememberedTable(): () => Promise<SourceTable> {
  let known: { readonly text: string; readonly table: SourceTable } | null = null;
  return async () => {
    // A small file is read sooner than Windows tells all that a stat asks for.
    const text = tableText();
    if (known?.text !== text) known = { text, table: await readSourceTable() };
    return known.table;
  };
}

/** Empty where there is none. */
function tableText(): string {
  try {
    return readFileSync(tableFile(), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Taken for empty, the next registration would forget all others. */
function damagedTable(): Failure {
  const path = tableFile();
  return new Failure('NotAvailable', `${path} is damaged, or was written by another version of the bridge.`, {
    reason: 'contentTable',
    path,
    recommendation: 'Delete the file, then register the content sources again.',
  });
}

export function readSourceStatistics() {
  return readJsonFile(statisticsPath(), statisticsFile);
}

export async function writeSourceStatistics(statistics: StatisticsFile, clock: Clock): Promise<void> {
  // Without the table nothing is registered any more, and nothing is left behind.
  if (existsSync(tableFile())) await replaceJsonFile(statisticsPath(), statistics, clock, false);
}

/** Where content sources are registered on this machine. */
export function openSourceHost(clock: Clock): SourceHost {
  return {
    backend: 'windows',
    exclusively: (work) => exclusively(work, clock),
    readTable: readSourceTable,
    async writeTable(table) {
      if (table.contents.length === 0) {
        await removeFolder(clock);
        return;
      }
      createFolder();
      await replaceJsonFile(tableFile(), table, clock, true);
    },
    readStatistics: readSourceStatistics,
    mappedDrive: async (path) => mappedDrive(path),
    classOwner,
    async registerClass(clsid) {
      requireProtectedServer();
      const wanted: readonly (readonly [key: string, name: string, value: string])[] = [
        [appIdKey, '', className],
        [classKey(clsid), '', className],
        [classKey(clsid), 'AppID', bridgeAppId],
        [`${classKey(clsid)}\\LocalServer32`, '', serverCommand()],
        [`${classKey(clsid)}\\LocalServer32`, 'ServerExecutable', process.execPath],
      ];
      let changed = false;
      // The access first: at no time may there be a class that everybody can start.
      setPermission('LaunchPermission', access.launch);
      setPermission('AccessPermission', access.call);
      for (const [key, name, value] of wanted) {
        if ((await registry.values(key))?.get(name) === value) continue;
        await registry.setValue(key, name, value);
        changed = true;
      }
      return changed;
    },
    async unregisterClass(clsid) {
      if ((await classOwner(clsid)).kind === 'ours') deleteTree(classKey(clsid));
      const { contents } = await readSourceTable();
      if (contents.every((source) => source.clsid === clsid)) deleteTree(appIdKey);
    },
    checks,
  };
}

async function classOwner(clsid: string): Promise<ClassOwner> {
  const values = await registry.values(classKey(clsid));
  if (values === null) return { kind: 'none' };
  if (values.get('AppID') === bridgeAppId) return { kind: 'ours' };
  // What a bridge leaves that is killed before its second write or after its last but one: our name at most, and nothing
  // that could be started.
  const isBare = [...values].every(([name, value]) => name === '' && ['', className].includes(String(value)));
  if (isBare && readableSubkeys(classKey(clsid)).length === 0) return { kind: 'ours' };
  return { kind: 'other', name: String(values.get('') || 'another product') };
}

function folderExists(): boolean {
  return loadSystemDll('kernel32.dll', kernel32Table).GetFileAttributesW(tableFolder()) !== 0xffffffff;
}

/** Made with its access from the first moment; one that is there already must be as protected. */
function createFolder(): void {
  const kernel32 = loadSystemDll('kernel32.dll', kernel32Table);
  withSecurityDescriptor(access.folder, (descriptor) => {
    // SECURITY_ATTRIBUTES: its size, the address of the descriptor, and whether handles are inherited.
    const attributes = Buffer.alloc(24);
    attributes.writeUInt32LE(24, 0);
    attributes.writeBigUInt64LE(descriptor, 8);
    if (kernel32.CreateDirectoryW(tableFolder(), attributes)) return;
    if (lastError() !== ERROR_ALREADY_EXISTS) throw lastErrorOf(`CreateDirectoryW(${tableFolder()})`);
  });
  requireOwn(tableFolder());
}

function setPermission(name: string, sddl: string): void {
  withSecurityDescriptor(sddl, (descriptor, size) => setBinary(appIdKey, name, bytesAt(descriptor, size)));
}

const lockPipe = 'c2r-bridge-contents';
const [lockAttempts, lockIntervalMs] = [50, 200];

async function exclusively<T>(work: () => Promise<T>, clock: Clock): Promise<T> {
  const lock = await acquireLock(clock);
  try {
    return await work();
  } finally {
    lock.close();
  }
}

async function acquireLock(clock: Clock): Promise<PipeLock> {
  for (let attempt = 1; ; attempt++) {
    const lock = takePipe(lockPipe);
    if (lock) return lock;
    if (attempt === lockAttempts) {
      throw new Failure('InUse', 'Another bridge is changing the registered content sources.', {
        recommendation: 'Run again when the other registration has ended.',
      });
    }
    await clock.sleep(lockIntervalMs);
  }
}

async function checks(): Promise<Check[]> {
  const check = { id: 'bits.server', area: 'bits' } as const;
  try {
    const { contents } = await readSourceTable();
    if (contents.length === 0) return [];
    requireProtectedServer();
    const fault = await classFault(contents);
    const detail = fault ?? `Content sources registered: ${contents.length}. What serves them is protected.`;
    return [{ ...check, ok: fault === null, detail, recommendation: fault && 'Register the content sources again.' }];
  } catch (error) {
    const { message: detail } = error as Error;
    const recommendation =
      error instanceof Failure ? error.data.recommendation : `Run as an administrator, who may read ${tableFolder()}.`;
    return [{ ...check, ok: false, detail, recommendation }];
  }
}

/**
 * What a bridge leaves that is killed while it unregisters, or that was replaced by a newer one in another folder: a source
 * that nothing is started for.
 */
async function classFault(contents: readonly ContentSource[]): Promise<string | null> {
  for (const { contentId, clsid } of contents) {
    const started = (await registry.values(`${classKey(clsid)}\\LocalServer32`))?.get('');
    if (!started) return `The class ${clsid}, which serves ${contentId}, is not registered.`;
    const files = [...String(started).matchAll(/"([^"]+)"/g)].map(([, file]) => file as string);
    const missing = files.find((file) => !existsSync(file));
    if (missing) return `What serves ${contentId} cannot be started: ${missing} does not exist.`;
  }
  return null;
}

async function removeFolder(clock: Clock): Promise<void> {
  if (!folderExists()) return;
  // What cannot be deleted now does not keep the registration.
  await sweepTemporaries(tableFolder(), clock).catch(() => undefined);
  removeFiles();
}

/** For a server that ends: what it noted is gone now, and nothing may be registered any more. */
export async function leaveFolder(clock: Clock): Promise<void> {
  if (!folderExists() || existsSync(tableFile())) return;
  await exclusively(async () => {
    // It may have been registered again meanwhile, or this server have written its figures after the table went.
    if (!existsSync(tableFile())) removeFiles();
  }, clock);
}

/** Leaves the folder where something else is kept, such as the notes of a server that still ends. */
function removeFiles(): void {
  // The new one of each too, which a bridge that was killed in the middle of its write leaves.
  for (const file of [tableFile(), statisticsPath()])
    for (const each of [file, `${file}.new`]) rmSync(each, { force: true });
  try {
    rmdirSync(tableFolder());
  } catch (error) {
    if (!['ENOTEMPTY', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
