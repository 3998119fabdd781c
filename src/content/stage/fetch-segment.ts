import { withoutCredentials } from '../../base/credentials.js';
import type { Clock } from '../../base/run.js';
import { decodedBody, isEncoded } from '../http/content-encoding.js';
import { contentInvalid, HttpFault } from '../http/faults.js';
import { faultFrom, type HttpClient, type HttpResponse } from '../http/http.js';
import type { RateLimit } from '../http/rate-limit.js';
import { type RemoteFile, refusePage, remoteFileOf, validatorOf } from '../http/remote-file.js';
import type { Segment, Transfer } from './transfer.js';

/** The file on the server is not the one that the transfer began with, or the server gives no parts of it. */
export class TransferVoid extends Error {
  override readonly name = 'TransferVoid';

  constructor(
    message: string,
    /** What the server has now; null where it must be asked. */
    readonly remote: RemoteFile | null,
    readonly ranges: boolean,
  ) {
    super(message);
  }
}

export interface FetchContext {
  readonly client: HttpClient;
  readonly limit: RateLimit;
  readonly clock: Clock;
  /** Counts bytes as they arrive. */
  readonly onBytes: (count: number) => void;
}

/**
 * Fetches what is missing of a part in one exchange. Throws HttpFault where the exchange broke (what had arrived stays),
 * TransferVoid where the file must be begun anew, and ContentInvalid for what is not the file.
 */
export async function fetchSegment(
  transfer: Transfer,
  segment: Segment,
  { url, path, signal }: { readonly url: string; readonly path: string; readonly signal: AbortSignal },
  context: FetchContext,
): Promise<void> {
  const from = segment.start + segment.done;
  if (from === segment.end) return;
  const { size, validator } = transfer.remote;
  const whole = from === 0 && (size === null || segment.end === size);
  const headers = whole
    ? {}
    : { range: `bytes=${from}-${segment.end - 1}`, ...(validator === null ? {} : { 'if-range': validator }) };
  const response = await context.client.send({ method: 'GET', url, headers, signal });
  try {
    refusePage(response, path);
    checkIdentity(transfer, response, whole ? null : { from, end: segment.end });
    await receive(transfer, segment, response, { url, path, signal }, context);
  } catch (error) {
    response.message.destroy();
    if (signal.aborted) throw signal.reason;
    throw error;
  }
  if (segment.end === Number.POSITIVE_INFINITY) return transfer.endsHere(segment);
  if (segment.start + segment.done < segment.end) {
    throw new HttpFault('The transfer broke off.', { url, retryable: true, errno: 'ECONNRESET' });
  }
}

/** Throws TransferVoid unless the response is of the very file, and of the very bytes, that the transfer needs. */
function checkIdentity(
  transfer: Transfer,
  response: HttpResponse,
  range: { readonly from: number; readonly end: number } | null,
): void {
  const { size, validator } = transfer.remote;
  const { message, status } = response;
  if (range && status === 206) {
    const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(message.headers['content-range'] ?? '') ?? [];
    const asked = Number(first) === range.from && Number(last) === range.end - 1;
    const named = validatorOf(response);
    // A response without a validator has passed If-Range, which says the same.
    const changed = (total !== '*' && Number(total) !== size) || (named !== null && named !== validator);
    if (asked && !changed && !isEncoded(message)) return;
    if (asked && changed) throw new TransferVoid('The file changed on the server.', null, true);
    throw new TransferVoid('The server sent other bytes than those asked for.', transfer.remote, false);
  }
  if (range && status === 416) throw new TransferVoid('The file changed on the server.', null, true);
  const now = remoteFileOf(response);
  if (range && status === 200) {
    const same = now.size === size && now.validator === validator;
    throw same
      ? new TransferVoid('The server sends no parts of files.', now, false)
      : new TransferVoid('The file changed on the server.', now, true);
  }
  if (status !== 200) {
    throw new HttpFault(`The server answered with status ${status}.`, { url: response.url, status, retryable: false });
  }
  if (size !== null && now.size !== size) throw new TransferVoid('The file changed on the server.', now, true);
  // From its first byte on it is one file, whatever another request, perhaps to another server, was told about it.
  if (size !== null) transfer.adopt(now);
}

interface Place {
  readonly url: string;
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Reads the body into the transfer. */
function receive(
  transfer: Transfer,
  segment: Segment,
  { message }: HttpResponse,
  { url, path, signal }: Place,
  { client, limit, clock, onBytes }: FetchContext,
): Promise<void> {
  const body = decodedBody(message, url);
  const { idleTimeoutMs } = client.settings;
  return new Promise((resolve, reject) => {
    const stop = (error: unknown) => {
      reject(error);
      body.destroy();
      message.destroy();
    };
    const pause = async (ms: number) => {
      body.pause();
      // Silence that we ask for ourselves is no broken transfer.
      message.socket.setTimeout(0);
      await clock.sleep(ms, signal);
      message.socket.setTimeout(idleTimeoutMs);
      body.resume();
    };
    body.on('data', (chunk: Buffer) => {
      if (signal.aborted) return;
      try {
        if (segment.start + segment.done + chunk.length > segment.end) {
          throw contentInvalid(`The server sent more of ${path} than it had announced.`, {
            file: path,
            url: withoutCredentials(url),
            expected: segment.end - segment.start,
          });
        }
        transfer.accept(segment, chunk);
        onBytes(chunk.length);
      } catch (error) {
        return stop(error);
      }
      const wait = limit.take(chunk.length);
      if (wait > 0) pause(wait).catch(stop);
    });
    body.once('end', () => {
      if (message.complete) resolve();
      else stop(new HttpFault('The transfer broke off.', { url, retryable: true, errno: 'ECONNRESET' }));
    });
    body.once('error', (error: Error) => stop(faultFrom(error, url)));
    message.once('error', (error: Error) => stop(faultFrom(error, url)));
    message.once('close', () => {
      if (!message.complete)
        stop(new HttpFault('The transfer broke off.', { url, retryable: true, errno: 'ECONNRESET' }));
    });
  });
}
