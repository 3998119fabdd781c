import type { Writable } from 'node:stream';

/** Replies are written at the latest when this many characters wait. */
const batchLength = 32 * 1024;
/** A body from this length on is encoded straight into the bytes that are written, and goes out alone. */
const largeLength = 8 * 1024;
/** Reading stops while more bytes than this wait for a client that does not read. */
const maxWaitingBytes = 4 * 1024 * 1024;

export interface Outbox {
  /**
   * Sends a frame whose body is these parts of JSON, one after another; large ones are never joined. `more` says that
   * other frames follow soon, so that they can go out together.
   */
  send(parts: readonly string[], more: boolean): void;
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

  function writeLarge(parts: readonly string[]): void {
    write();
    const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
    const header = headerOf(length);
    const frame = Buffer.allocUnsafe(header.length + length);
    let at = frame.write(header, 'latin1');
    for (const part of parts) at += frame.write(part, at);
    output.write(frame);
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
    send(parts, more) {
      if (parts.some(({ length }) => length >= largeLength)) {
        writeLarge(parts);
        return;
      }
      const json = parts.length === 1 ? (parts[0] as string) : parts.join('');
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
