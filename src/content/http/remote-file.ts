import { basename } from 'node:path/posix';
import { contentInvalid } from '../../base/content-invalid.js';
import { withoutCredentials } from '../../base/credentials.js';
import { isEncoded } from './content-encoding.js';
import { HttpFault } from './faults.js';
import type { HttpClient } from './http.js';
import type { HttpResponse } from './response.js';

/** What a server says about a file before it is downloaded. */
export interface RemoteFile {
  /** Null where the server does not tell. */
  readonly size: number | null;
  /** A strong ETag or a Last-Modified date: what If-Range takes. Null where neither is there. */
  readonly validator: string | null;
}

/** The validator of a response; a weak ETag promises nothing about bytes, so that the date is taken then. */
export function validatorOf({ headers }: Pick<HttpResponse, 'headers'>): string | null {
  const { etag, 'last-modified': modified } = headers;
  return etag && !etag.startsWith('W/') ? etag : (modified ?? null);
}

/** What a complete (not a partial) response says about its file. */
export function remoteFileOf(response: Pick<HttpResponse, 'headers'>): RemoteFile {
  const { 'content-length': length } = response.headers;
  if (isEncoded(response.headers)) return { size: null, validator: null };
  const size = Number(length ?? 'unknown');
  return { size: Number.isSafeInteger(size) && size >= 0 ? size : null, validator: validatorOf(response) };
}

/** Throws ContentInvalid where a page comes instead of a file: an error page, or the sign-in page of a network. */
export function refusePage(response: HttpResponse, file: string): void {
  const type = response.headers['content-type'] ?? '';
  if (!/^\s*(?:text\/html|application\/xhtml)/i.test(type) || /\.html?$/i.test(basename(file))) return;
  response.discard();
  throw contentInvalid(`An HTML page came instead of ${file}.`, {
    file,
    url: withoutCredentials(response.url),
    expected: 'a file',
    actual: type,
    recommendation: 'Check the URL, and whether a proxy or a sign-in page of the network answers in its place.',
  });
}

/** The statuses with which servers refuse HEAD although they have the file. */
const headRefused = [400, 403, 405, 501];

/** Asks for size and validator with HEAD, or with a GET of which only the header is read. */
export async function inspectRemote(
  client: HttpClient,
  url: string,
  file: string,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const ask = async (method: 'HEAD' | 'GET') => {
    const response = await client.send({ method, url, signal });
    refusePage(response, file);
    response.discard();
    return remoteFileOf(response);
  };
  try {
    const told = await ask('HEAD');
    // Some servers send no length with HEAD but 0.
    return told.size === 0 ? await ask('GET') : told;
  } catch (error) {
    if (error instanceof HttpFault && headRefused.includes(error.details.status ?? 0)) return ask('GET');
    throw error;
  }
}
