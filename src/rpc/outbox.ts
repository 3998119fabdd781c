import type { Writable } from 'node:stream';

/** Replies are written at the latest when this many characters wait. */
const batchLength = 32 * 1024;
/** A body from this length on is encoded once and written beside its header instead of being copied behind it. */
const largeLength = 64 * 1024;
/** Reading stops while more bytes than this wait for a client that does not read. */
const maxWaitingBytes = 4 * 1024 * 1024;

export interface Outbox {
  /** Sends a body as a frame; `more` says that others follow soon, so that they can go out together. */
  send(json: string, more: boolean): void;
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

  function writeLarge(json: string): void {
    write();
    const body = Buffer.from(json);
    output.cork();
    output.write(Buffer.from(`Content-Length: ${body.length}\r\n\r\n`, 'latin1'));
    output.write(body);
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
    send(json, more) {
      if (json.length >= largeLength) {
        writeLarge(json);
        return;
      }
      waiting += `Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`;
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
