import { randomUUID } from 'node:crypto';
import { withoutCredentials } from '../base/credentials.js';
import { Failure } from '../base/failure.js';
import type { Log } from '../base/log.js';
import { type Clock, untilAborted } from '../base/run.js';
import { isEncoded } from '../content/http/content-encoding.js';
import { HttpFault } from '../content/http/faults.js';
import { HttpClient, type HttpResponse } from '../content/http/http.js';
import { readText } from '../content/http/read-text.js';
import { inspectRemote, type RemoteFile, validatorOf } from '../content/http/remote-file.js';
import { collisionKey, manifestName, urlPath } from '../content/image/image-path.js';
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
import { CopyFault, type Origin, type OriginFile } from './origin.js';

/** How long a manifest is taken for the current one, so that a job of many files asks for it once. */
const manifestAgeMs = 60_000;

/** What a manifest may take; a real one has some hundred entries. */
const manifestBytes = 16 * 1024 * 1024;

/** An image behind a base URL, HTTP or HTTPS. */
export function httpOrigin(baseUrl: string, clock: Clock, log: Log): Origin {
  const root = baseUrl.replace(/\/*$/, '/');
  const client = new HttpClient({ proxy: null, idleTimeoutMs: 30_000, connections: 8, log });
  const closed = new AbortController();
  let known: { readonly at: number; readonly manifest: Promise<Manifest | null> } | undefined;

  const urlOf = (path: string) => root + urlPath(path);

  function manifest(signal: AbortSignal): Promise<Manifest | null> {
    if (!known || clock.now() - known.at > manifestAgeMs) {
      // Until the origin is closed, and not only until the job is stopped that happens to ask first.
      const fetched = fetchManifest(client, urlOf(manifestName), closed.signal);
      known = { at: clock.now(), manifest: fetched };
      fetched.catch(() => {
        known = undefined;
      });
    }
    return untilAborted(known.manifest, signal);
  }

  return {
    manifest,
    async open(path, signal) {
      try {
        const key = collisionKey(path);
        const recorded = (await manifest(signal))?.files.find((file) => collisionKey(file.path) === key);
        // Servers tell cases apart, and Office does not ask with the case of the files that it published.
        const url = urlOf(recorded?.path ?? path);
        const remote = await inspectRemote(client, url, path, signal);
        if (remote.size === null) {
          throw new CopyFault(
            'remoteFile',
            BG_E_MISSING_FILE_SIZE,
            `${withoutCredentials(url)} has no size that is told.`,
          );
        }
        return httpFile(client, url, { ...remote, size: remote.size }, recorded?.sha256 ?? null);
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

function httpFile(
  client: HttpClient,
  url: string,
  { size, validator }: RemoteFile & { readonly size: number },
  sha256: string | null,
): OriginFile {
  let replaced = false;
  return {
    size,
    // Where the server says nothing about it, nobody knows whether it is the same as before: each opening is another version.
    version: `${url} ${size} ${validator ?? randomUUID()}`,
    sha256,
    async *read(offset, length, signal) {
      if (length === 0) return;
      const whole = offset === 0 && length === size;
      try {
        const headers = whole ? {} : rangeHeaders(offset, length, validator);
        const response = await client.send({ method: 'GET', url, headers, signal });
        // A part without a validator has passed If-Range, which says the same.
        const named = validatorOf(response);
        replaced ||= named !== validator && (whole || named !== null);
        yield* bodyOf(response, { offset, length, size, whole, replaced });
      } catch (error) {
        throw signal.aborted ? signal.reason : asCopyFault(error, url);
      }
    },
    isUnchanged: async () => !replaced,
    async close() {},
  };
}

function rangeHeaders(offset: number, length: number, validator: string | null): Record<string, string> {
  const range = { range: `bytes=${offset}-${offset + length - 1}` };
  return validator === null ? range : { ...range, 'if-range': validator };
}

interface Wanted {
  readonly offset: number;
  readonly length: number;
  readonly size: number;
  readonly whole: boolean;
  readonly replaced: boolean;
}

async function* bodyOf({ message, url, status }: HttpResponse, wanted: Wanted): AsyncGenerator<Buffer> {
  const { offset, length, size, whole, replaced } = wanted;
  const refuse = (hresult: number, what: string, transient = false) => {
    message.destroy();
    return new CopyFault('remoteFile', hresult, `${withoutCredentials(url)} ${what}.`, transient);
  };
  if (status === 416) throw refuse(BG_E_INVALID_RANGE, `has no bytes ${offset} to ${offset + length - 1}`);
  if (replaced) throw refuse(BG_E_INVALID_SERVER_RESPONSE, 'was replaced meanwhile', true);
  if (!whole && status !== 206) throw refuse(BG_E_INSUFFICIENT_RANGE_SUPPORT, 'cannot be read in ranges');
  const range = `bytes ${offset}-${offset + length - 1}/${size}`;
  if (status === 206 && message.headers['content-range']?.trim().toLowerCase() !== range)
    throw refuse(BG_E_INVALID_SERVER_RESPONSE, `answered ${message.headers['content-range']} and not ${range}`);
  if (isEncoded(message)) throw refuse(BG_E_INVALID_SERVER_RESPONSE, 'was encoded although it must not be');

  let left = length;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    left -= chunk.length;
    if (left < 0) throw refuse(BG_E_INVALID_SERVER_RESPONSE, 'sent more than it announced');
    yield chunk;
  }
  if (left > 0) throw refuse(BG_E_CONNECT_FAILURE, `ended ${left} bytes early`, true);
}

async function fetchManifest(client: HttpClient, url: string, signal: AbortSignal): Promise<Manifest | null> {
  try {
    const { message } = await client.send({ method: 'GET', url, signal });
    const manifest = parseManifest(await readText(message, { url, maxBytes: manifestBytes, signal }));
    // A damaged one must not read as none: then nothing would be checked.
    if (!manifest)
      throw new CopyFault('remoteFile', BG_E_INVALID_SERVER_RESPONSE, `${withoutCredentials(url)} is no manifest.`);
    return manifest;
  } catch (error) {
    if (error instanceof HttpFault && [403, 404, 410].includes(error.details.status ?? 0)) return null;
    throw error;
  }
}

function asCopyFault(error: unknown, url?: string): unknown {
  if (error instanceof CopyFault) return error;
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
