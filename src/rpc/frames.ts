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
const headerEnd = Buffer.from('\r\n\r\n');

/** Takes the bytes of a chunk from an index on, and returns where those end that were its own. */
type Reader = (chunk: Buffer, at: number) => number;

/** Splits a byte stream into the bodies of LSP's base protocol, in linear time however the bytes are cut. */
export function createFrameSplitter(events: FrameEvents): FrameSplitter {
  // .NET Framework writes a byte order mark to a child's stdin by itself.
  let read: Reader = readMark;
  let markLength = 0;
  /** The beginning of a header that comes in several chunks. */
  const header = Buffer.allocUnsafe(maxHeaderBytes);
  let headerLength = 0;
  /** What is still to come of the body that is read or skipped. */
  let missing = 0;
  /** A body that comes in several chunks. */
  let body: Buffer = Buffer.alloc(0);
  // The memory of the last one, for the next: fresh memory costs more than filling it. The garbage collector may have it
  // as soon as it wants.
  let spare: WeakRef<Buffer> | undefined;

  function readMark(chunk: Buffer, at: number): number {
    if (chunk[at] !== byteOrderMark[markLength]) {
      if (markLength > 0) throw lost('The first bytes are neither a header nor a byte order mark.');
      read = readHeader;
      return at;
    }
    markLength++;
    if (markLength === byteOrderMark.length) read = readHeader;
    return at + 1;
  }

  function readHeader(chunk: Buffer, at: number): number {
    const before = headerLength;
    if (before === 0 && !isLetter(chunk[at] ?? 0)) throw lost('Stray bytes where a frame header should start.');
    const bytes = before === 0 ? chunk.subarray(at, at + maxHeaderBytes) : keepHeader(chunk, at);
    const length = bytes.indexOf(headerEnd, Math.max(0, before - headerEnd.length));
    if (length >= 0) {
      headerLength = 0;
      beginBody(parseHeader(bytes.toString('latin1', 0, length)));
      return at + length + headerEnd.length - before;
    }
    if (bytes.length === maxHeaderBytes) {
      throw lost(`The header of a frame is longer than ${maxHeaderBytes} bytes.`, 'InvalidRequest');
    }
    if (before === 0) keepHeader(chunk, at);
    return chunk.length;
  }

  /** The header so far, with as much of the chunk as a header may have. */
  function keepHeader(chunk: Buffer, at: number): Buffer {
    headerLength += chunk.copy(header, headerLength, at);
    return header.subarray(0, headerLength);
  }

  function beginBody({ length, refusal }: Header): void {
    missing = length;
    if (refusal) {
      events.refused(refusal);
      read = skipBody;
    } else if (length === 0) events.body(Buffer.alloc(0));
    else read = readBody;
  }

  function readBody(chunk: Buffer, at: number): number {
    const end = at + missing;
    if (end > chunk.length) return beginPieces(chunk, at);
    read = readHeader;
    events.body(chunk.subarray(at, end));
    return end;
  }

  /** The whole length at once: no list of chunks to join later. The pages are the system's until bytes arrive. */
  function beginPieces(chunk: Buffer, at: number): number {
    body = memoryFor(missing);
    read = readPiece;
    return readPiece(chunk, at);
  }

  function readPiece(chunk: Buffer, at: number): number {
    const copied = chunk.copy(body, body.length - missing, at);
    missing -= copied;
    if (missing === 0) {
      const whole = body;
      body = Buffer.alloc(0);
      read = readHeader;
      events.body(whole);
    }
    return at + copied;
  }

  function memoryFor(bytes: number): Buffer {
    const kept = spare?.deref();
    if (kept && kept.length >= bytes) return kept.subarray(0, bytes);
    const fresh = Buffer.allocUnsafe(bytes);
    spare = new WeakRef(fresh);
    return fresh;
  }

  function skipBody(chunk: Buffer, at: number): number {
    const skipped = Math.min(missing, chunk.length - at);
    missing -= skipped;
    if (missing === 0) read = readHeader;
    return at + skipped;
  }

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length; ) at = read(chunk, at);
    },
    end() {
      const between = read === readMark || read === readHeader;
      if (!between || headerLength > 0) throw lost('The input ended inside a frame.');
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
