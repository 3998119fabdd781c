import { contentInvalid } from '../../base/content-invalid.js';
import { withoutCredentials } from '../../base/credentials.js';
import type { HttpResponse } from './response.js';

/** The whole body of a response. Throws ContentInvalid where it is longer than `maxBytes`. */
export async function readBody(response: HttpResponse, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  await response.receive((piece) => {
    size += piece.length;
    if (size > maxBytes) {
      throw contentInvalid(`The response is larger than ${maxBytes} bytes.`, { url: withoutCredentials(response.url) });
    }
    pieces.push(Buffer.from(piece));
    return undefined;
  });
  return Buffer.concat(pieces);
}

/** The body as text; see `readBody`. */
export async function readText(response: HttpResponse, maxBytes: number): Promise<string> {
  return (await readBody(response, maxBytes)).toString('utf8');
}
