import type { Writable } from 'node:stream';

/** Replies are written at the latest when this many characters wait. */
const batchLength = 32 * 1024;
/** A body with a part from this length on goes out alone, its parts side by side. */
const largeLength = 8 * 1024;
/** A text longer than this becomes bytes piece by piece: its JSON as one string would cost as much again, twice. */
const pieceLength = 32 * 1024;
/** So many elements of a list become bytes at once, for the same reason. */
const pieceElements = 1000;
const comma = 0x2c;
/** Reading stops while more bytes than this wait for a client that does not read. */
const maxWaitingBytes = 4 * 1024 * 1024;

/** JSON in parts, one after another; large ones are never joined. */
export type JsonParts = readonly (string | Buffer)[];

export interface Outbox {
  /** Sends a frame with this body. `more` says that other frames follow soon, so that they can go out together. */
  send(body: JsonParts, more: boolean): void;
  /** Resolves when all that was sent is out of this process, or can no longer be. */
  flushed(): Promise<void>;
}

/** Writes frames, many small ones in one system call, in the order they were sent. */
export function createOutbox(output: Writable, onPressure: (full: boolean) => void): Outbox {
  let waiting = '';
  let scheduled = false;
  let full = false;

  function write(): void {
    if (waiting === '') return;
    const frames = waiting;
    waiting = '';
    output.write(frames);
    checkPressure();
  }

  function writeLarge(body: JsonParts): void {
    write();
    const parts = body.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
    output.cork();
    output.write(headerOf(parts.reduce((sum, part) => sum + part.length, 0)));
    for (const part of parts) output.write(part);
    output.uncork();
    checkPressure();
  }

  function checkPressure(): void {
    if (full || output.writableLength <= maxWaitingBytes) return;
    full = true;
    onPressure(true);
    output.once('drain', () => {
      full = false;
      onPressure(false);
    });
  }

  return {
    send(body, more) {
      if (body.some(({ length }) => length >= largeLength)) {
        writeLarge(body);
        return;
      }
      const json = body.join('');
      waiting += headerOf(Buffer.byteLength(json)) + json;
      if (!more || waiting.length >= batchLength) write();
      else if (!scheduled) {
        // The end of this turn of the loop: what is ready by then goes together, and nothing waits for a slow request.
        scheduled = true;
        setImmediate(() => {
          scheduled = false;
          write();
        });
      }
    },
    flushed() {
      write();
      return new Promise((resolve) => {
        if (output.destroyed || output.errored) resolve();
        else output.write('', () => resolve());
      });
    },
  };
}

function headerOf(length: number): string {
  return `Content-Length: ${length}\r\n\r\n`;
}

/**
 * What `JSON.stringify` gives for plain data, in parts, so that a result which is mostly one long text or one long list is
 * cheap to send.
 */
export function jsonParts(value: unknown): JsonParts {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isRecord || !Object.values(value).some(isLong)) return [JSON.stringify(value) ?? 'null'];
  const parts: (string | Buffer)[] = [];
  for (const [key, member] of Object.entries(value)) {
    const json = isLong(member) ? pieces(member) : [JSON.stringify(member)];
    if (json[0] === undefined) continue;
    parts.push(`${parts.length === 0 ? '{' : ','}${JSON.stringify(key)}:`);
    for (const piece of json) parts.push(piece);
  }
  return [...parts, '}'];
}

type Long = string | readonly unknown[];

function isLong(value: unknown): value is Long {
  return typeof value === 'string' ? value.length > pieceLength : Array.isArray(value) && value.length > pieceElements;
}

function pieces(value: Long): JsonParts {
  return typeof value === 'string' ? textPieces(value) : listPieces(value);
}

function listPieces(list: readonly unknown[]): JsonParts {
  const found: Buffer[] = [];
  for (let start = 0; start < list.length; start += pieceElements) {
    const piece = Buffer.from(JSON.stringify(list.slice(start, start + pieceElements)));
    // The brackets between pieces go as bytes: to cut and to join strings would copy each piece once more.
    if (start > 0) piece[0] = comma;
    found.push(piece.subarray(0, -1));
  }
  return [...found, ']'];
}

/** What JSON writes as escape sequences; of surrogates only lone ones, which this does not tell apart. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const escaped = /["\\\u0000-\u001f\ud800-\udfff]/;

function textPieces(text: string): JsonParts {
  const pieces: (string | Buffer)[] = ['"'];
  for (let start = 0; start < text.length; ) {
    let end = start + pieceLength;
    if (isHighSurrogate(text.charCodeAt(end - 1))) end++;
    const piece = text.slice(start, end);
    pieces.push(Buffer.from(escaped.test(piece) ? JSON.stringify(piece).slice(1, -1) : piece));
    start = end;
  }
  return [...pieces, '"'];
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
