import { basename } from 'node:path/posix';
import { contentInvalid } from '../../base/content-invalid.js';
import { withoutCredentials } from '../../base/credentials.js';
import type { Failure } from '../../base/failure.js';
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

/**
 * Whether an answer calls itself a page where a file was asked for. Its first bytes tell whether it is one: Twisted calls
 * every file of a type that it does not know so.
 */
export function saysPage({ headers }: Pick<HttpResponse, 'headers'>, file: string): boolean {
  const type = headers['content-type'] ?? '';
  return /^\s*(?:text\/html|application\/xhtml)/i.test(type) && !/\.html?$/i.test(basename(file));
}

/** Whether a body that begins so is a page: the error page of a server, or the sign-in page of a network. */
export function beginsAsPage(bytes: Buffer): boolean {
  return /^(?:\xef\xbb\xbf)?\s*(?:<|$)/.test(bytes.toString('latin1', 0, 256));
}

/** ContentInvalid for a page that came instead of a file. */
export function pageFault({ headers, url }: Pick<HttpResponse, 'headers' | 'url'>, file: string): Failure {
  return contentInvalid(`An HTML page came instead of ${file}.`, {
    file,
    url: withoutCredentials(url),
    expected: 'a file',
    actual: headers['content-type'],
    recommendation: 'Check the URL, and whether a proxy or a sign-in page of the network answers in its place.',
  });
}

/** Whether a page came instead of a file. Ends the exchange of an answer that calls itself one. */
export async function isPage(response: HttpResponse, file: string): Promise<boolean> {
  if (!saysPage(response, file)) return false;
  let page = true;
  const seen = new Error('seen');
  try {
    await response.receive((piece) => {
      page = beginsAsPage(piece);
      throw seen;
    });
  } catch (error) {
    if (error !== seen) throw error;
  }
  return page;
}

/** The statuses with which servers refuse HEAD although they have the file. */
const headRefused = [400, 403, 405, 501];

/**
 * Asks for size and validator with HEAD, or with a GET of which only the header is read, and the beginning of what calls
 * itself a page. Throws ContentInvalid for one.
 */
export async function inspectRemote(
  client: HttpClient,
  url: string,
  file: string,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const ask = async (method: 'HEAD' | 'GET') => {
    const response = await client.send({ method, url, signal });
    if (method === 'GET' && (await isPage(response, file))) throw pageFault(response, file);
    response.discard();
    return { told: remoteFileOf(response), maybePage: saysPage(response, file) };
  };
  try {
    const { told, maybePage } = await ask('HEAD');
    // Some servers send no length with HEAD but 0.
    return told.size === 0 || maybePage ? (await ask('GET')).told : told;
  } catch (error) {
    if (error instanceof HttpFault && headRefused.includes(error.details.status ?? 0)) {
      return (await ask('GET')).told;
    }
    throw error;
  }
}
