import { randomUUID } from 'node:crypto';
import { extname } from 'node:path/posix';
import { withoutCredentials } from '../base/credentials.js';
import { Failure } from '../base/failure.js';
import type { Log } from '../base/log.js';
import { untilAborted } from '../base/run.js';
import { HttpFault } from '../content/http/faults.js';
import { HttpClient } from '../content/http/http.js';
import { RangeFault, readRange } from '../content/http/range-reader.js';
import { readText } from '../content/http/read-text.js';
import { inspectRemote, type RemoteFile, validatorOf } from '../content/http/remote-file.js';
import type { HttpResponse } from '../content/http/response.js';
import { manifestName, urlPath } from '../content/image/image-path.js';
import { type Manifest, parseManifest } from '../content/image/manifest.js';
import {
  BG_E_CONNECT_FAILURE,
  BG_E_FILE_NOT_FOUND,
  BG_E_INSUFFICIENT_RANGE_SUPPORT,
  BG_E_INVALID_RANGE,
  BG_E_INVALID_SERVER_RESPONSE,
  BG_E_MISSING_FILE_SIZE,
  httpStatusError,
} from './hresults.js';
import { CopyFault, entryOf, type SourceFile, type SourceReader } from './source-reader.js';

/** What a manifest may take; a real one has some hundred entries. */
const manifestBytes = 16 * 1024 * 1024;

/** An image behind a base URL, HTTP or HTTPS. */
export function httpReader(baseUrl: string, log: Log): SourceReader {
  const root = baseUrl.replace(/\/*$/, '/');
  const client = new HttpClient({ proxy: null, idleTimeoutMs: 30_000, connections: 8, log });
  const closed = new AbortController();
  const urlOf = (path: string) => root + urlPath(path);
  // Until the reader is closed, and not only until the job is stopped that happens to ask first.
  const manifest = remoteManifest(client, urlOf(manifestName), closed.signal);

  async function inspected(path: string, signal: AbortSignal): Promise<Inspected> {
    let known = await untilAborted(manifest.known(), signal);
    let recorded = entryOf(known, path);
    if (!recorded) {
      known = await untilAborted(manifest.newerThan(known), signal);
      recorded = entryOf(known, path);
    }
    // Servers tell cases apart, and Office does not ask with the case of the files that it published.
    const url = urlOf(recorded?.path ?? path);
    const remote = await inspectRemote(client, url, path, signal).catch((error) => {
      throw recorded && isNotFound(error) ? notServed(url) : error;
    });
    if (recorded && recorded.size !== remote.size) {
      known = await untilAborted(manifest.newerThan(known), signal);
      recorded = entryOf(known, path);
    }
    return { url, remote, known, sha256: recorded?.sha256 ?? null };
  }

  return {
    manifest: (signal) => untilAborted(manifest.known(), signal),
    async open(path, signal) {
      try {
        const { url, remote, known, sha256 } = await inspected(path, signal);
        const { size } = remote;
        if (size === null) {
          const message = `The server does not tell the size of ${withoutCredentials(url)}.`;
          throw new CopyFault('remoteFile', BG_E_MISSING_FILE_SIZE, message);
        }
        return httpFile(client, url, path, { ...remote, size }, sha256, async (during) => {
          try {
            return entryOf(await untilAborted(manifest.newerThan(known), during), path)?.sha256 ?? null;
          } catch (error) {
            throw during.aborted ? during.reason : asCopyFault(error);
          }
        });
      } catch (error) {
        throw signal.aborted ? signal.reason : asCopyFault(error);
      }
    },
    close() {
      closed.abort(new Error('closed'));
      client.close();
    },
  };
}

/** A file as the server and the manifest describe it. */
interface Inspected {
  readonly url: string;
  readonly remote: RemoteFile;
  /** The manifest that `sha256` is from. */
  readonly known: Manifest | null;
  readonly sha256: string | null;
}

/** The manifest beside a base URL: asked for once, and again when a file does not fit to it. */
interface RemoteManifest {
  known(): Promise<Manifest | null>;
  /** What the server has now, unless that was asked since `stale` came. */
  newerThan(stale: Manifest | null): Promise<Manifest | null>;
}

function remoteManifest(client: HttpClient, url: string, signal: AbortSignal): RemoteManifest {
  let last: { readonly manifest: Manifest | null; readonly etag: string | null } | null = null;
  let asking: Promise<Manifest | null> | null = null;

  function ask(): Promise<Manifest | null> {
    asking ??= fetchManifest(client, url, last?.etag ?? null, signal)
      .then((fetched) => {
        if (fetched !== 'unchanged') last = fetched;
        return last?.manifest ?? null;
      })
      .finally(() => {
        asking = null;
      });
    return asking;
  }

  return {
    known: async () => (last ? last.manifest : ask()),
    newerThan: async (stale) => (last && last.manifest !== stale ? last.manifest : ask()),
  };
}

async function fetchManifest(
  client: HttpClient,
  url: string,
  etag: string | null,
  signal: AbortSignal,
): Promise<{ readonly manifest: Manifest | null; readonly etag: string | null } | 'unchanged'> {
  try {
    const headers = etag === null ? {} : { 'if-none-match': etag };
    const response = await client.send({ method: 'GET', url, headers, signal });
    const manifest = parseManifest(await readText(response, manifestBytes));
    // Taken for none, a damaged one would let everything pass unchecked.
    if (!manifest) {
      const fault = `${withoutCredentials(url)} is not a manifest.`;
      throw new CopyFault('remoteFile', BG_E_INVALID_SERVER_RESPONSE, fault);
    }
    return { manifest, etag: response.headers.etag ?? null };
  } catch (error) {
    const status = error instanceof HttpFault ? error.details.status : undefined;
    if (status === 304 && etag !== null) return 'unchanged';
    if ([403, 404, 410].includes(status ?? 0)) return { manifest: null, etag: null };
    throw error;
  }
}

function httpFile(
  client: HttpClient,
  url: string,
  path: string,
  known: RemoteFile & { readonly size: number },
  sha256: string | null,
  recordedHash: SourceFile['recordedHash'],
): SourceFile {
  const { size, validator } = known;
  let replaced = false;
  let modified: Date | null = null;
  return {
    size,
    // A server that tells nothing about its version may have another one at each opening.
    version: `${url} ${size} ${validator ?? randomUUID()}`,
    sha256,
    recordedHash,
    get modified() {
      return modified;
    },
    async read(offset, length, signal, take) {
      try {
        await readRange(client, {
          url,
          path,
          known,
          range: { start: offset, end: offset + length },
          signal,
          begins(answer, whole) {
            // Of a whole file the validator counts as well: the hash may be unknown.
            if (whole && validatorOf(answer) !== validator) throw new RangeFault('changed', answer.status, null);
            modified = dateOf(answer);
          },
          take,
        });
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        const fault = asCopyFault(error, url);
        replaced ||= fault instanceof CopyFault && fault.hresult === BG_E_INVALID_SERVER_RESPONSE && fault.transient;
        throw fault;
      }
    },
    isUnchanged: async () => !replaced,
    async close() {},
  };
}

const isNotFound = (error: unknown) => error instanceof HttpFault && error.details.status === 404;

/** IIS and ASP.NET have nothing to serve of a type that they do not know, such as .dat, and serve the cabinets beside it. */
function notServed(url: string): CopyFault {
  const message =
    `The manifest names ${withoutCredentials(url)}, and the server answered with status 404. If the file is there: IIS and ` +
    `ASP.NET serve no types of files that they do not know; add the MIME type application/octet-stream for ${extname(url)}.`;
  return new CopyFault('remoteFile', BG_E_FILE_NOT_FOUND, message);
}

/** What it means to a job that bytes were not to be had. */
function rangeFault({ verdict, status }: RangeFault, url: string): CopyFault {
  const fault = (hresult: number, what: string, transient = false) =>
    new CopyFault('remoteFile', hresult, `${withoutCredentials(url)} ${what}.`, transient);
  if (status === 416) return fault(BG_E_INVALID_RANGE, 'does not have the bytes that were asked for');
  switch (verdict) {
    case 'changed':
      return fault(BG_E_INVALID_SERVER_RESPONSE, 'was replaced while it was read', true);
    case 'noRanges':
      return fault(BG_E_INSUFFICIENT_RANGE_SUPPORT, 'cannot be read in ranges');
    case 'otherBytes':
      return fault(BG_E_INVALID_SERVER_RESPONSE, `answered ${status} with other bytes than those that were asked for`);
  }
}

/** Last-Modified; null where a server sends none, or something else there. */
function dateOf({ headers }: Pick<HttpResponse, 'headers'>): Date | null {
  const ms = Date.parse(headers['last-modified'] ?? '');
  return Number.isNaN(ms) ? null : new Date(ms);
}

function asCopyFault(error: unknown, url?: string): unknown {
  if (error instanceof CopyFault) return error;
  if (error instanceof RangeFault) return rangeFault(error, url ?? '');
  if (error instanceof Failure) return new CopyFault('remoteFile', BG_E_INVALID_SERVER_RESPONSE, error.message);
  if (error instanceof HttpFault) {
    const { status, retryable } = error.details;
    const hresult =
      status === undefined ? BG_E_CONNECT_FAILURE : status === 404 ? BG_E_FILE_NOT_FOUND : httpStatusError(status);
    const context = status === undefined ? 'generalTransport' : 'remoteFile';
    return new CopyFault(context, hresult, `${error.message} (${withoutCredentials(error.details.url)})`, retryable);
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined || url === undefined) return error;
  return new CopyFault('generalTransport', BG_E_CONNECT_FAILURE, `${withoutCredentials(url)}: ${message}.`, true);
}
