import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { contentInvalid } from '../../base/content-invalid.js';
import { withoutCredentials } from '../../base/credentials.js';
import { brokeOff } from './response.js';

/** Whether the body is compressed on the way, so that its length and ranges are not those of the file. */
export function isEncoded(headers: IncomingHttpHeaders): boolean {
  return encodingOf(headers) !== 'identity';
}

function encodingOf(headers: IncomingHttpHeaders): string {
  return headers['content-encoding']?.trim().toLowerCase() || 'identity';
}

/** The body without its Content-Encoding: some servers compress although `identity` was asked for. */
export function decodedBody(message: IncomingMessage, url: string): Readable {
  const encoding = encodingOf(message.headers);
  if (encoding === 'identity') return message;
  const decoder =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? createGunzip()
      : encoding === 'deflate'
        ? createInflate()
        : encoding === 'br'
          ? createBrotliDecompress()
          : null;
  if (!decoder) {
    throw contentInvalid(`The server sent an unknown Content-Encoding: ${encoding}.`, { url: withoutCredentials(url) });
  }
  message.once('error', (error) => decoder.destroy(error));
  message.once('aborted', () => decoder.destroy(brokeOff(url)));
  return message.pipe(decoder);
}
