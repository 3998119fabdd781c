import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createFrameSplitter, LostFrameError, maxBodyBytes, maxHeaderBytes } from '../../../src/rpc/frames.js';
import { rpcError } from '../../../src/rpc/service.js';

/** What a splitter made of `chunks`: bodies and refusals in order, and the code of the loss where one came. */
function split(...chunks: readonly (string | Buffer)[]): readonly (string | number)[] {
  const seen: (string | number)[] = [];
  const splitter = createFrameSplitter({
    body: (bytes) => seen.push(bytes.toString()),
    refused: (failure) => seen.push(rpcError(failure).code),
  });
  try {
    for (const chunk of chunks) splitter.push(Buffer.from(chunk));
    splitter.end();
  } catch (error) {
    if (!(error instanceof LostFrameError)) throw error;
    seen.push(`lost ${rpcError(error.reply).code}`);
  }
  return seen;
}

const frame = (body: string) => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

describe('frames', () => {
  test('come out whole however the bytes are cut', () => {
    const bytes = Buffer.from(frame('{"é":1}') + frame('') + frame('second'));
    expect(split(bytes)).toEqual(['{"é":1}', '', 'second']);
    expect(split(...Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(['{"é":1}', '', 'second']);
  });

  test('of any lengths do not mix, though the memory of one is used for the next', () => {
    const bodies = ['a', 'b', 'c', 'd'].map((letter, index) => letter.repeat([9000, 5000, 7000, 12_000][index] ?? 0));
    const bytes = Buffer.from(bodies.map(frame).join(''));
    const chunks = Array.from({ length: Math.ceil(bytes.length / 999) }, (_, at) =>
      bytes.subarray(at * 999).subarray(0, 999),
    );
    expect(split(...chunks)).toEqual(bodies);
  });

  test('may carry other headers, in any case and order', () => {
    expect(
      split('X-Trace: 1\r\ncontent-length:  2 \r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\nab'),
    ).toEqual(['ab']);
    expect(split('Content-Type: application/json; charset="UTF8"\r\nContent-Length: 1\r\n\r\na')).toEqual(['a']);
  });

  test('may follow one byte order mark, also a cut one', () => {
    const mark = Buffer.of(0xef, 0xbb, 0xbf);
    expect(split(mark, frame('a'))).toEqual(['a']);
    expect(split(Buffer.of(0xef), Buffer.of(0xbb), Buffer.of(0xbf), frame('a'))).toEqual(['a']);
    expect(split(mark, mark, frame('a'))).toEqual(['lost -32700']);
    expect(split(frame('a'), mark, frame('b'))).toEqual(['a', 'lost -32700']);
    expect(split(Buffer.of(0xef, 0xbb), frame('a'))).toEqual(['lost -32700']);
  });

  test('in another charset or above 32 MiB are refused and skipped without being kept', () => {
    expect(split('Content-Type: text/plain; charset=utf-16le\r\nContent-Length: 3\r\n\r\na\0b', frame('next'))).toEqual(
      [-32600, 'next'],
    );
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const oversized = Array.from({ length: maxBodyBytes / chunk.length }, () => chunk);
    expect(split(`Content-Length: ${maxBodyBytes + 1}\r\n\r\n`, ...oversized, `x${frame('next')}`)).toEqual([
      -32600,
      'next',
    ]);
  });

  test.each([
    ['no length', 'Content-Type: a\r\n\r\n'],
    ['an empty header', '\r\n\r\n'],
    ['a negative length', 'Content-Length: -5\r\n\r\n'],
    ['a length that is no number', 'Content-Length: 12abc\r\n\r\n'],
    ['a length beyond exact numbers', `Content-Length: ${'9'.repeat(16)}\r\n\r\n`],
    ['two lengths', 'Content-Length: 1\r\nContent-Length: 1\r\n\r\na'],
    ['a stray line', 'hello\r\nContent-Length: 1\r\n\r\na'],
    ['bare JSON', '{"jsonrpc":"2.0"}'],
    ['line feeds alone', 'Content-Length: 1\n\na\r\n\r\n'],
    ['an end inside a header', 'Content-Le'],
    ['an end inside a body', 'Content-Length: 5\r\n\r\nab'],
    ['an end inside a skipped body', `Content-Length: ${maxBodyBytes + 1}\r\n\r\nab`],
  ])('%s: the boundary is lost', (_, bytes) => {
    expect(split(bytes).at(-1)).toBe('lost -32700');
  });

  test('a header of 8 KiB passes, one byte more does not', () => {
    const padded = (size: number) => {
      const rest = '\r\nContent-Length: 1\r\n\r\n';
      return `X: ${'x'.repeat(size - 3 - rest.length)}${rest}a`;
    };
    expect(split(padded(maxHeaderBytes))).toEqual(['a']);
    expect(split(padded(maxHeaderBytes + 1))).toEqual(['lost -32600']);
  });

  test('no byte of a header that arrives byte by byte is searched more than a few times', () => {
    const rest = '\r\nContent-Length: 0\r\n\r\n';
    const header = Buffer.from(`X: ${'x'.repeat(maxHeaderBytes - 3 - rest.length)}${rest}`);
    const splitter = createFrameSplitter({ body: () => undefined, refused: () => undefined });
    const search = vi.spyOn(Buffer.prototype, 'indexOf');
    onTestFinished(() => search.mockRestore());
    for (let at = 0; at < header.length; at++) splitter.push(header.subarray(at, at + 1));
    const searched = search.mock.contexts.map(
      (bytes, call) => (bytes as Buffer).length - Number(search.mock.calls[call]?.[1] ?? 0),
    );
    expect(searched).toHaveLength(header.length);
    expect(Math.max(...searched)).toBeLessThanOrEqual(5);
  });
});
