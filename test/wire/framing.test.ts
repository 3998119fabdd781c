import { expect, test } from 'vitest';
import { frame, startRawBridge } from '../support/raw-bridge.js';

const ping = (id: number) => JSON.stringify({ jsonrpc: '2.0', id, method: 'bridge/ping' });
const pong = (id: number | null) => `{"jsonrpc":"2.0","id":${id},"result":{}}`;
const mark = Uint8Array.of(0xef, 0xbb, 0xbf);

/** What the bridge says to bytes that lose the boundary, and how it ends. */
async function replyAndExit(bytes: string | Uint8Array) {
  await using bridge = startRawBridge();
  bridge.write(bytes);
  bridge.end();
  const reply = JSON.parse(await bridge.next());
  const code = await bridge.exited();
  const logged = bridge
    .stderr()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { reply, code, logged };
}

test('[frame-header] header names in any case, in any order, beside unknown ones', async () => {
  await using bridge = startRawBridge();
  bridge.write(
    `X-Client: é\r\ncontent-TYPE: application/vscode-jsonrpc\r\ncontent-length:${ping(1).length} \r\n\r\n${ping(1)}`,
  );
  expect(await bridge.next()).toBe(pong(1));
});

test('[frame-charset] utf-8 by both names; another charset is refused and the bridge lives on', async () => {
  await using bridge = startRawBridge();
  for (const [id, charset] of ['utf-8', 'utf8', 'UTF-8'].entries()) {
    bridge.write(
      `Content-Length: ${ping(id).length}\r\nContent-Type: application/json; charset=${charset}\r\n\r\n${ping(id)}`,
    );
    expect(await bridge.next()).toBe(pong(id));
  }
  const utf16 = Buffer.from(ping(3), 'utf16le');
  bridge.write(`Content-Length: ${utf16.length}\r\nContent-Type: application/json; charset=utf-16\r\n\r\n`);
  bridge.write(utf16);
  const refused = JSON.parse(await bridge.next());
  expect(refused).toMatchObject({ id: null, error: { code: -32600, message: expect.stringContaining('utf-16') } });
  bridge.send(ping(4));
  expect(await bridge.next()).toBe(pong(4));
});

test('[frame-split] a request whose bytes come one by one, in the middle of characters too', async () => {
  await using bridge = startRawBridge();
  const body = '{"jsonrpc":"2.0","id":"Ä€😀","method":"bridge/ping"}';
  for (const byte of frame(body)) bridge.write(Uint8Array.of(byte));
  expect(await bridge.next()).toBe('{"jsonrpc":"2.0","id":"Ä€😀","result":{}}');
});

test('[frame-bom] one byte order mark before the first header, in a chunk of its own or not', async () => {
  await using bridge = startRawBridge();
  bridge.write(mark);
  bridge.send(ping(1), ping(2));
  expect([await bridge.next(), await bridge.next()]).toEqual([pong(1), pong(2)]);
  await using other = startRawBridge();
  other.write(Buffer.concat([mark, frame(ping(3))]));
  expect(await other.next()).toBe(pong(3));
});

test('[frame-limits] a body above 32 MiB is refused at once, skipped, and the bridge lives on', async () => {
  await using bridge = startRawBridge();
  const length = 32 * 1024 * 1024 + 1;
  bridge.write(`Content-Length: ${length}\r\n\r\n`);
  expect(JSON.parse(await bridge.next())).toMatchObject({ id: null, error: { code: -32600 } });
  bridge.write(Buffer.alloc(length, ' '));
  bridge.send(ping(1));
  expect(await bridge.next()).toBe(pong(1));
});

test('[frame-limits] a header above 8 KiB ends the bridge', async () => {
  const { reply, code } = await replyAndExit(`X: ${'x'.repeat(8 * 1024)}`);
  expect(reply).toMatchObject({ id: null, error: { code: -32600 } });
  expect(code).toBe(2);
});

test.each([
  ['a stray line', `hello\r\n${frame(ping(1))}`],
  ['bare JSON', ping(1)],
  ['a negative length', `Content-Length: -5\r\n\r\n${ping(1)}`],
  ['a length that is no number', `Content-Length: 12abc\r\n\r\n${ping(1)}`],
  ['no length', `Content-Type: application/json\r\n\r\n${ping(1)}`],
  ['the end inside a header', 'Content-Length: 1'],
  ['the end inside a body', `Content-Length: 100\r\n\r\n${ping(1)}`],
  ['two byte order marks', Buffer.concat([mark, mark, frame(ping(1))])],
])('[frame-lost] [frame-only] %s: -32700 with id null, one JSON line at error, exit code 2', async (_, bytes) => {
  const { reply, code, logged } = await replyAndExit(bytes);
  expect(reply).toMatchObject({
    id: null,
    error: { code: -32700, data: { type: 'ParseError', recommendation: expect.any(String) } },
  });
  expect(logged).toMatchObject([{ level: 'error' }]);
  expect(code).toBe(2);
});

test('[frame-lost] a request before the loss gets its reply, and nothing after it is read', async () => {
  await using bridge = startRawBridge();
  bridge.write(Buffer.concat([frame(ping(1)), Buffer.from('garbage\r\n\r\n'), frame(ping(2))]));
  const replies = [JSON.parse(await bridge.next()), JSON.parse(await bridge.next())];
  expect(replies).toContainEqual({ jsonrpc: '2.0', id: 1, result: {} });
  expect(replies).toContainEqual(
    expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32700 }) }),
  );
  expect(await bridge.exited()).toBe(2);
});

test('[body-limits] too deep, too wide, not UTF-8: refused with id null, and the bridge lives on', async () => {
  await using bridge = startRawBridge();
  bridge.send('['.repeat(100_000));
  expect(JSON.parse(await bridge.next())).toMatchObject({ id: null, error: { code: -32600 } });
  bridge.send(`{"jsonrpc":"2.0","id":1,"method":"bridge/ping","params":{"a":[${'0,'.repeat(100_000)}0]}}`);
  expect(JSON.parse(await bridge.next())).toMatchObject({ id: null, error: { code: -32600 } });
  bridge.write(frame(Buffer.from('{"jsonrpc":"2.0","id":"\xff","method":"bridge/ping"}', 'latin1')));
  expect(JSON.parse(await bridge.next())).toMatchObject({ id: null, error: { code: -32700 } });
  bridge.send(ping(2));
  expect(await bridge.next()).toBe(pong(2));
});

test('[batch-limit] 100 messages pass as a batch, 101 do not', async () => {
  await using bridge = startRawBridge();
  const batch = (size: number) => `[${Array.from({ length: size }, (_, id) => ping(id)).join(',')}]`;
  bridge.send(batch(100));
  expect(JSON.parse(await bridge.next())).toHaveLength(100);
  bridge.send(batch(101));
  expect(JSON.parse(await bridge.next())).toMatchObject({ id: null, error: { code: -32600 } });
});
