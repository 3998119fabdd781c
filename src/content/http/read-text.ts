import type { IncomingMessage } from 'node:http';
import { withoutCredentials } from '../../base/credentials.js';
import { decodedBody } from './content-encoding.js';
import { contentInvalid, HttpFault } from './faults.js';
import { faultFrom } from './http.js';

/**
 * The whole body of a response as text, without its Content-Encoding. Throws HttpFault where it breaks off, and
 * ContentInvalid where it is longer than `maxBytes`.
 */
export async function readText(
  message: IncomingMessage,
  { url, maxBytes, signal }: { readonly url: string; readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const body = decodedBody(message, url);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) {
        throw contentInvalid(`The response is larger than ${maxBytes} bytes.`, { url: withoutCredentials(url) });
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') throw faultFrom(error, url);
    throw error;
  } finally {
    message.destroy();
  }
  if (!message.complete) throw new HttpFault('The response broke off.', { url, retryable: true, errno: 'ECONNRESET' });
  return Buffer.concat(chunks).toString('utf8');
}
