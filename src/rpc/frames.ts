import { Failure } from '../base/failure.js';

/** Longest header of a frame, in bytes; real ones have about 30. */
export const maxHeaderBytes = 8 * 1024;
/** Longest body of a frame, in bytes: above the 20 MB results that clients must bear, far below V8's string limit. */
export const maxBodyBytes = 32 * 1024 * 1024;

/** Where a frame ends is unknown from here on, so nothing that follows can be understood. */
export class LostFrameError extends Error {
  override readonly name = 'LostFrameError';
  constructor(
    /** What the client is told before the bridge ends. */
    readonly reply: Failure,
  ) {
    super(reply.message);
  }
}

export interface FrameEvents {
  /** `bytes` are the splitter's own again when this returns. */
  body(bytes: Buffer): void;
  /** A frame was refused whose end is known; its body is skipped without being kept. */
  refused(error: Failure): void;
}

export interface FrameSplitter {
  /** Takes bytes as they arrive. Throws `LostFrameError`; the splitter must not be used after that. */
  push(chunk: Buffer): void;
  /** Throws `LostFrameError` when the input ends inside a frame. */
  end(): void;
}

const byteOrderMark = [0xef, 0xbb, 0xbf];
const headerEnd = [0x0d, 0x0a, 0x0d, 0x0a];

/** Splits a byte stream into the bodies of LSP's base protocol, in linear time however the bytes are cut. */
export function createFrameSplitter(events: FrameEvents): FrameSplitter {
  const header = Buffer.allocUnsafe(maxHeaderBytes);
  let headerLength = 0;
  let matched = 0;
  // .NET Framework writes a byte order mark to a child's stdin by itself; -1 once the first byte after it was seen.
  let markMatched = 0;
  // Of the body that is being read: its length, or -1 between two; what has come, once it does not come in one chunk.
  let length = -1;
  let body: Buffer | undefined;
  let bodyLength = 0;
  let skip = 0;
  // Of a body that came in several chunks, for the next such one: fresh memory costs more than filling it. The garbage
  // collector may have it as soon as it wants.
  let spare: WeakRef<Buffer> | undefined;

  function endHeader(): void {
    const parsed = parseHeader(header.toString('latin1', 0, headerLength - headerEnd.length));
    headerLength = 0;
    matched = 0;
    if (parsed.refusal) {
      skip = parsed.length;
      events.refused(parsed.refusal);
    } else {
      length = parsed.length;
    }
  }

  /** Reads body bytes from `at`; returns where they end. */
  function readBody(chunk: Buffer, at: number): number {
    let whole: Buffer | undefined;
    let end = at + length;
    if (!body && end <= chunk.length) {
      whole = chunk.subarray(at, end);
    } else {
      // The whole length at once: no list of chunks to join later. The pages are the system's until bytes arrive.
      body ??= memoryFor(length);
      const copied = chunk.copy(body, bodyLength, at);
      bodyLength += copied;
      end = at + copied;
      if (bodyLength === length) whole = body;
    }
    if (whole) {
      length = -1;
      body = undefined;
      bodyLength = 0;
      events.body(whole);
    }
    return end;
  }

  function memoryFor(bytes: number): Buffer {
    const kept = spare?.deref();
    if (kept && kept.length >= bytes) return kept.subarray(0, bytes);
    const fresh = Buffer.allocUnsafe(bytes);
    spare = new WeakRef(fresh);
    return fresh;
  }

  /** Reads header bytes from `at`; returns where they end. */
  function readHeader(chunk: Buffer, at: number): number {
    for (let index = at; index < chunk.length; index++) {
      const byte = chunk[index] as number;
      if (markMatched >= 0) {
        if (byte === byteOrderMark[markMatched]) {
          markMatched = markMatched === 2 ? -1 : markMatched + 1;
          continue;
        }
        if (markMatched > 0) throw lost('The first bytes are neither a header nor a byte order mark.');
        markMatched = -1;
      }
      if (headerLength === 0 && !isLetter(byte)) throw lost('Stray bytes where a frame header should start.');
      if (headerLength === maxHeaderBytes) {
        throw lost(`The header of a frame is longer than ${maxHeaderBytes} bytes.`, 'InvalidRequest');
      }
      header[headerLength++] = byte;
      matched = byte === headerEnd[matched] ? matched + 1 : byte === 0x0d ? 1 : 0;
      if (matched === headerEnd.length) {
        endHeader();
        return index + 1;
      }
    }
    return chunk.length;
  }

  return {
    push(chunk) {
      let at = 0;
      while (at < chunk.length || length === 0) {
        if (skip > 0) {
          const skipped = Math.min(skip, chunk.length - at);
          skip -= skipped;
          at += skipped;
        } else {
          at = length >= 0 ? readBody(chunk, at) : readHeader(chunk, at);
        }
      }
    },
    end() {
      if (skip > 0 || length >= 0 || headerLength > 0) throw lost('The input ended inside a frame.');
    },
  };
}

interface Header {
  readonly length: number;
  readonly refusal: Failure | undefined;
}

function parseHeader(text: string): Header {
  let length: number | undefined;
  let charset: string | undefined;
  for (const line of text.split('\r\n')) {
    const [, name = '', value = ''] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n]*)$/.exec(line) ?? [];
    if (!name) throw lost('A line of a frame header is not "Name: value".');
    if (name.toLowerCase() === 'content-length') {
      if (length !== undefined) throw lost('A frame has two Content-Length headers.');
      // 15 digits: whatever fits is exact as a number.
      if (!/^\d{1,15}[ \t]*$/.test(value)) throw lost('Content-Length is not a number of bytes.');
      length = Number.parseInt(value, 10);
    } else if (name.toLowerCase() === 'content-type') {
      charset = /;[ \t]*charset[ \t]*=[ \t]*"?([^";\s]+)/i.exec(value)?.[1];
    }
  }
  if (length === undefined) throw lost('A frame has no Content-Length header.');
  return { length, refusal: refusalOf(length, charset) };
}

function refusalOf(length: number, charset: string | undefined): Failure | undefined {
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    return new Failure('InvalidRequest', `The charset ${charset} is not supported.`, {
      recommendation: 'Send UTF-8; the Content-Type header can be left out.',
    });
  }
  if (length > maxBodyBytes) {
    return new Failure('InvalidRequest', `A message of ${length} bytes is longer than ${maxBodyBytes}.`, {
      recommendation: 'Send less at once.',
    });
  }
  return undefined;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function lost(message: string, type: 'ParseError' | 'InvalidRequest' = 'ParseError'): LostFrameError {
  return new LostFrameError(
    new Failure(type, `${message} The bridge ends because it cannot find the next message.`, {
      recommendation:
        'Start each message with "Content-Length: <bytes of the body>" and an empty line, both with CR LF.',
    }),
  );
}
