import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { Failure, invalidParams } from '../base/failure.js';
import { fromFileSystem } from '../base/file-errors.js';
import { HResultError, windowsFailure } from '../base/hresult-error.js';
import type { Clock } from '../base/run.js';
import { type bits, sourceIssues } from '../contract/bits.js';
import type { Handlers } from '../contract/method.js';
import { type ContentTable, type Counts, contentKey, countsOf, type RegisteredContent } from './content-table.js';
import type { ContentHost } from './port.js';
import { nothingServed } from './statistics.js';

/** The COM class of the bridge. */
export const bridgeClsid = '{9E349168-6535-48C0-AA63-158FE76AF636}';

/** A server writes at least every few seconds while it serves; what is older is from one that is gone. */
const liveMs = 15_000;

/** `bits/*` over the host of a backend. */
export function bitsHandlers(host: ContentHost): Handlers<typeof bits> {
  return {
    register: (params, { clock }) => asWireErrors(() => register(host, params, clock)),
    unregister: ({ contentId }) => asWireErrors(() => unregister(host, contentId)),
    list: (_, { clock }) => asWireErrors(() => list(host, clock)),
  };
}

interface Registration {
  readonly contentId: string;
  readonly path?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly clsid?: string | undefined;
}

async function register(host: ContentHost, params: Registration, clock: Clock) {
  const issues = sourceIssues(params);
  if (issues.length > 0) throw invalidParams(issues);
  if (params.path !== undefined) await requireFolder(params.path);
  const clsid = (params.clsid ?? bridgeClsid).toUpperCase();
  return host.exclusively(async () => {
    const owner = await host.classOwner(clsid);
    if (owner.kind === 'other') throw belongsToAnother(clsid, owner.name);
    const table = await host.readTable();
    const key = contentKey(params.contentId);
    const before = table.contents.find((content) => contentKey(content.contentId) === key);
    const { path = null, baseUrl = null } = params;
    const same = before?.path === path && before.baseUrl === baseUrl && before.clsid === clsid;
    const content: RegisteredContent = same
      ? before
      : { contentId: params.contentId, clsid, path, baseUrl, registeredAt: clock.date().toISOString() };
    // The class first: a table without it would promise what nobody serves.
    const classChanged = await host.registerClass(clsid);
    if (!same) {
      const next = withContent(table, content);
      try {
        await host.writeTable(next);
      } catch (error) {
        // Nobody would take back a class that serves nothing: its registration was refused.
        if (!isServed(table, clsid)) await host.unregisterClass(clsid).catch(() => undefined);
        throw error;
      }
      if (before && !isServed(next, before.clsid)) await host.unregisterClass(before.clsid);
    }
    return { ...content, changed: !same || classChanged, download: downloadOf(content), backend: host.backend };
  });
}

async function unregister(host: ContentHost, contentId: string) {
  return host.exclusively(async () => {
    const table = await host.readTable();
    const key = contentKey(contentId);
    const found = table.contents.find((content) => contentKey(content.contentId) === key);
    if (!found) return { contentId, removed: false, classRemoved: false, backend: host.backend };
    const next = { ...table, contents: table.contents.filter((content) => content !== found) };
    const classRemoved = !isServed(next, found.clsid);
    // The class first here too: what it no longer serves must not be left to be started.
    if (classRemoved) await host.unregisterClass(found.clsid);
    await host.writeTable(next);
    return { contentId: found.contentId, removed: true, classRemoved, backend: host.backend };
  });
}

async function list(host: ContentHost, clock: Clock) {
  const [table, statistics] = await Promise.all([host.readTable(), host.readStatistics()]);
  const contents = table.contents.map((content) => {
    const counts = countsOf(statistics, content);
    const served = counts?.served ?? nothingServed;
    const percent = counts && isLive(counts, clock) ? served.percent : null;
    return { ...content, ...served, percent, download: downloadOf(content) };
  });
  return { contents, backend: host.backend };
}

/** Nor is what seems to come from the future news: the wall clock was set back since. */
function isLive({ at }: Counts, clock: Clock): boolean {
  return Math.abs(clock.date().getTime() - Date.parse(at)) <= liveMs;
}

/** How much of a running download is transferred; null where none runs from a registered content. */
export async function contentPercent(host: ContentHost, contentId: string, clock: Clock): Promise<number | null> {
  const { contents } = await list(host, clock);
  return contents.find((content) => contentKey(content.contentId) === contentKey(contentId))?.percent ?? null;
}

function withContent(table: ContentTable, content: RegisteredContent): ContentTable {
  const key = contentKey(content.contentId);
  const others = table.contents.filter((other) => contentKey(other.contentId) !== key);
  return { ...table, contents: [...others, content].sort((a, b) => (a.contentId < b.contentId ? -1 : 1)) };
}

function isServed(table: ContentTable, clsid: string): boolean {
  return table.contents.some((content) => content.clsid === clsid);
}

function downloadOf({ clsid, contentId }: RegisteredContent) {
  return { downloadSource: clsid, contentId };
}

async function requireFolder(path: string): Promise<void> {
  // Whoever serves it starts elsewhere, and would take a relative path for another one.
  if (!isAbsolute(path)) throw invalidParams([{ path: 'path', message: 'must be absolute' }]);
  const stats = await stat(path).catch(() => null);
  if (!stats?.isDirectory()) throw invalidParams([{ path: 'path', message: `no folder that can be read: ${path}` }]);
}

function belongsToAnother(clsid: string, name: string): Failure {
  return new Failure('InUse', `The COM class ${clsid} belongs to ${name}.`, {
    clsid,
    owner: name,
    recommendation: 'Give another clsid, or none to use the one of the bridge.',
  });
}

async function asWireErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof HResultError ? windowsFailure(error) : fromFileSystem(error);
  }
}
