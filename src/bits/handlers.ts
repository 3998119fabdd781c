import { realpath, stat } from 'node:fs/promises';
import { absoluteFault } from '../base/absolute-path.js';
import { Failure, invalidParams } from '../base/failure.js';
import { fromFileSystem } from '../base/file-errors.js';
import { HResultError, windowsFailure } from '../base/hresult-error.js';
import { mappedDriveFault } from '../base/mapped-drive.js';
import type { Clock } from '../base/run.js';
import type { ServedVersions } from '../content/port.js';
import { type bits, sourceIssues } from '../contract/bits.js';
import type { Handlers } from '../contract/method.js';
import { bracedClsid, contentKey } from '../contract/types.js';
import type { SourceHost } from './port.js';
import { type ContentSource, type Counts, countsOf, type SourceTable } from './source-table.js';
import { nothingServed } from './statistics.js';

/** The COM class of the bridge. */
export const bridgeClsid = '{9E349168-6535-48C0-AA63-158FE76AF636}';

/** A server writes at least every few seconds while it serves; older figures are from one that has ended. */
const liveMs = 15_000;

/** `bits/*` over the host of a backend. */
export function bitsHandlers(host: SourceHost): Handlers<typeof bits> {
  return {
    register: (params, { clock }) => register(host, params, clock),
    unregister: ({ contentId }) => unregister(host, contentId),
    list: (_, { clock }) => list(host, clock),
  };
}

/** What a Windows call or the file system refused, as callers are told of it. */
export function explain(error: unknown): unknown {
  return error instanceof HResultError ? windowsFailure(error) : fromFileSystem(error);
}

interface Registration {
  readonly contentId: string;
  readonly path?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly clsid?: string | undefined;
}

async function register(host: SourceHost, params: Registration, clock: Clock) {
  const issues = sourceIssues(params);
  if (issues.length > 0) throw invalidParams(issues);
  if (params.path !== undefined) await requireServable(host, params.path);
  const clsid = bracedClsid(params.clsid ?? bridgeClsid);
  return host.exclusively(async () => {
    const owner = await host.classOwner(clsid);
    if (owner.kind === 'other') throw belongsToAnother(clsid, owner.name);
    const change = planned(await host.readTable(), { ...params, clsid }, clock);
    // The class first: a table without it would promise what nobody serves.
    const classChanged = await host.registerClass(clsid);
    if (change.after) await carryOut(host, change.before, change.after, clsid);
    if (change.unusedClass) await host.unregisterClass(change.unusedClass);
    const { source } = change;
    const changed = change.after !== null || classChanged;
    return { ...source, changed, download: downloadOf(source), backend: host.backend };
  });
}

/** What a registration makes of the table. */
interface Change {
  readonly source: ContentSource;
  readonly before: SourceTable;
  /** Null where the source is registered already, just so. */
  readonly after: SourceTable | null;
  /** A class that serves nothing any more once the table is written. */
  readonly unusedClass: string | null;
}

function planned(before: SourceTable, params: Registration & { readonly clsid: string }, clock: Clock): Change {
  const { contentId, clsid, path = null, baseUrl = null } = params;
  const known = find(before, contentId);
  if (known?.path === path && known.baseUrl === baseUrl && known.clsid === clsid)
    return { source: known, before, after: null, unusedClass: null };
  const source = { contentId, clsid, path, baseUrl, registeredAt: clock.date().toISOString() };
  const after = withSource(before, source);
  return { source, before, after, unusedClass: known && !isServed(after, known.clsid) ? known.clsid : null };
}

/** Writes the table; where that fails, the class goes again that would serve nothing: its registration was refused. */
async function carryOut(host: SourceHost, before: SourceTable, after: SourceTable, clsid: string): Promise<void> {
  try {
    await host.writeTable(after);
  } catch (error) {
    if (!isServed(before, clsid)) await host.unregisterClass(clsid).catch(() => undefined);
    throw error;
  }
}

async function unregister(host: SourceHost, contentId: string) {
  return host.exclusively(async () => {
    const table = await host.readTable();
    const found = find(table, contentId);
    if (!found) return { contentId, removed: false, classRemoved: false, backend: host.backend };
    const next = { ...table, contents: table.contents.filter((source) => source !== found) };
    const classRemoved = !isServed(next, found.clsid);
    // The class first here too: what it no longer serves must not be left to be started.
    if (classRemoved) await host.unregisterClass(found.clsid);
    await host.writeTable(next);
    return { contentId: found.contentId, removed: true, classRemoved, backend: host.backend };
  });
}

async function list(host: SourceHost, clock: Clock) {
  const [table, statistics] = await Promise.all([host.readTable(), host.readStatistics()]);
  const contents = table.contents.map((source) => {
    const counts = countsOf(statistics, source);
    const served = counts?.served ?? nothingServed;
    const { percent, versions } = counts && isLive(counts, clock) ? served : nothingServed;
    return { ...source, ...served, percent, versions, download: downloadOf(source) };
  });
  return { contents, backend: host.backend };
}

/** Nor is what seems to come from the future news: the wall clock was set back since. */
function isLive({ at }: Counts, clock: Clock): boolean {
  return Math.abs(clock.date().getTime() - Date.parse(at)) <= liveMs;
}

/** How much of a running download is transferred; null where none runs from a registered content source. */
export async function contentPercent(host: SourceHost, contentId: string, clock: Clock): Promise<number | null> {
  const { contents } = await list(host, clock);
  return contents.find((source) => contentKey(source.contentId) === contentKey(contentId))?.percent ?? null;
}

/** The versions that registered content sources serve from a folder now, by its real path. */
export async function servedFrom(host: SourceHost, root: string, clock: Clock): Promise<ServedVersions[]> {
  const { contents } = await list(host, clock);
  const served: ServedVersions[] = [];
  for (const { contentId, path, versions } of contents) {
    if (path === null || versions.length === 0) continue;
    const place = await realpath(path).catch(() => null);
    if (place === root) served.push({ contentId, since: clock.date().toISOString(), versions });
  }
  return served;
}

function find(table: SourceTable, contentId: string): ContentSource | undefined {
  return table.contents.find((source) => contentKey(source.contentId) === contentKey(contentId));
}

function withSource(table: SourceTable, source: ContentSource): SourceTable {
  const others = table.contents.filter((other) => contentKey(other.contentId) !== contentKey(source.contentId));
  return { ...table, contents: [...others, source].sort((a, b) => (a.contentId < b.contentId ? -1 : 1)) };
}

function isServed(table: SourceTable, clsid: string): boolean {
  return table.contents.some((source) => source.clsid === clsid);
}

function downloadOf({ clsid, contentId }: ContentSource) {
  return { downloadSource: clsid, contentId };
}

async function requireServable(host: SourceHost, path: string): Promise<void> {
  // What serves it starts in another folder, and would take a relative path for another one.
  const fault = absoluteFault(path);
  if (fault) throw invalidParams([{ path: 'path', message: fault }]);
  const mapped = await host.mappedDrive(path);
  if (mapped) throw invalidParams([{ path: 'path', message: mappedDriveFault(mapped) }]);
  const stats = await stat(path).catch(() => null);
  if (!stats?.isDirectory())
    throw invalidParams([{ path: 'path', message: `is not a folder that can be read: ${path}` }]);
}

function belongsToAnother(clsid: string, name: string): Failure {
  return new Failure('InUse', `The COM class ${clsid} belongs to ${name}.`, {
    clsid,
    owner: name,
    recommendation: 'Give another clsid, or none to use the one of the bridge.',
  });
}
