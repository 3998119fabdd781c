import { contentInvalid } from '../../base/content-invalid.js';
import { withoutCredentials } from '../../base/credentials.js';
import { isEncoded } from './content-encoding.js';
import { unexpectedStatus } from './faults.js';
import type { HttpClient } from './http.js';
import {
  beginsAsPage,
  isPage,
  pageFault,
  type RemoteFile,
  remoteFileOf,
  saysPage,
  validatorOf,
} from './remote-file.js';
import { brokeOff, type HttpResponse, type TakePiece } from './response.js';

/** Bytes of a file; `end` is infinite where nobody knows its size. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What an answer to a request for bytes of a known file turns out to be. */
export type Verdict =
  /** The very bytes that were asked for, of the file that is known. */
  | 'ours'
  /** The server has another file in its place now. */
  | 'changed'
  /** The known file, whole, although a part was asked for. */
  | 'noRanges'
  /** Other bytes than those that were asked for. */
  | 'otherBytes'
  /** Not an answer to the question. */
  | 'refused';

/**
 * Decides what an answer is. `asked` is null where the whole file was asked for; a part was asked for on condition that the
 * file is still the known one, where it has a validator.
 */
export function judge(
  answer: Pick<HttpResponse, 'status' | 'headers'>,
  asked: ByteRange | null,
  known: RemoteFile,
): Verdict {
  const now = remoteFileOf(answer);
  const sameSize = now.size === known.size;
  if (asked === null) {
    if (answer.status !== 200) return 'refused';
    return known.size === null || sameSize ? 'ours' : 'changed';
  }
  switch (answer.status) {
    case 206:
      return judgePart(answer, asked, known);
    case 200:
      return sameSize && now.validator === known.validator ? 'noRanges' : 'changed';
    case 416:
      return 'changed';
    default:
      return 'refused';
  }
}

function judgePart(answer: Pick<HttpResponse, 'headers'>, asked: ByteRange, known: RemoteFile): Verdict {
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(answer.headers['content-range']?.trim() ?? '');
  const [, first, last, total] = range ?? [];
  if (Number(first) !== asked.start || Number(last) !== asked.end - 1) return 'otherBytes';
  if (total !== '*' && Number(total) !== known.size) return 'changed';
  const named = validatorOf(answer);
  // An answer without a validator has passed If-Range, which says the same.
  if (named !== null && named !== known.validator) return 'changed';
  return isEncoded(answer.headers) ? 'otherBytes' : 'ours';
}

/** The bytes could not be had because the file, or the server, is not what the reader was told. */
export class RangeFault extends Error {
  override readonly name = 'RangeFault';

  constructor(
    readonly verdict: Exclude<Verdict, 'ours' | 'refused'>,
    readonly status: number,
    /** What the server has now; null where it must be asked. */
    readonly now: RemoteFile | null,
  ) {
    super(verdicts[verdict]);
  }
}

const verdicts = {
  changed: 'The file changed on the server.',
  noRanges: 'The server sends no parts of files.',
  otherBytes: 'The server sent other bytes than those asked for.',
};

export interface RangeRequest {
  readonly url: string;
  /** Its path in the image, for errors. */
  readonly path: string;
  readonly known: RemoteFile;
  readonly range: ByteRange;
  readonly signal: AbortSignal;
  /** Called before the first byte of an answer that was accepted: of the whole file, or of a part. May throw. */
  readonly begins?: (answer: Pick<HttpResponse, 'status' | 'headers'>, whole: boolean) => void;
  readonly take: TakePiece;
}

/**
 * Reads bytes of a file in one exchange. Throws RangeFault where they are not to be had, HttpFault where the exchange broke
 * (what had come stays taken), and ContentInvalid for a page or for more than was announced.
 */
export async function readRange(client: HttpClient, request: RangeRequest): Promise<void> {
  const { url, path, known, range, signal } = request;
  const { start, end } = range;
  if (start === end) return;
  const whole = start === 0 && (known.size === null || end === known.size);
  const headers = whole ? {} : rangeHeaders(range, known.validator);
  const response = await client.send({ method: 'GET', url, headers, signal });
  try {
    await accept(response, whole ? null : range, known, path);
    request.begins?.(response, whole);
    const received = await receive(response, request);
    if (end !== Number.POSITIVE_INFINITY && received < end - start) throw brokeOff(url);
  } catch (error) {
    response.discard();
    throw signal.aborted ? signal.reason : error;
  }
}

function rangeHeaders({ start, end }: ByteRange, validator: string | null): Record<string, string> {
  const range = { range: `bytes=${start}-${end - 1}` };
  return validator === null ? range : { ...range, 'if-range': validator };
}

/** Throws unless the answer is what was asked for, as far as its head tells. */
async function accept(response: HttpResponse, asked: ByteRange | null, known: RemoteFile, path: string): Promise<void> {
  const { status, url } = response;
  const verdict = judge(response, asked, known);
  switch (verdict) {
    case 'ours':
      return;
    case 'refused':
      throw unexpectedStatus(url, status);
    case 'otherBytes':
      throw new RangeFault(verdict, status, known);
    default:
      if (status === 200 && (await isPage(response, path))) throw pageFault(response, path);
      throw new RangeFault(verdict, status, status === 200 ? remoteFileOf(response) : null);
  }
}

/** Takes the body; gives its length. */
async function receive(response: HttpResponse, { url, path, range, signal, take }: RangeRequest): Promise<number> {
  const length = range.end - range.start;
  // A part is never a page, whatever it is called: BusyBox calls every part text/html, and the whole file nothing.
  const maybePage = response.status !== 206 && saysPage(response, path);
  let received = 0;
  await response.receive((piece) => {
    if (signal.aborted) return undefined;
    if (maybePage && received === 0 && beginsAsPage(piece)) throw pageFault(response, path);
    received += piece.length;
    if (received > length) {
      throw contentInvalid(`The server sent more of ${path} than it had announced.`, {
        file: path,
        url: withoutCredentials(url),
        expected: length,
      });
    }
    return take(piece);
  });
  if (maybePage && received === 0) throw pageFault(response, path);
  return received;
}
