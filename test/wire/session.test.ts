import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bridgePath, startBridge } from '../support/bridge.js';
import { isAlive } from '../support/is-alive.js';
import { startRawBridge } from '../support/raw-bridge.js';

const slow = { office: { downloadMs: 60_000 } };
const slowArgs = ['--simulate', JSON.stringify(slow)];

// biome-ignore lint/suspicious/noExplicitAny: tests look at whatever arrives
async function nextReply(bridge: { next(): Promise<string> }): Promise<any> {
  return JSON.parse(await bridge.next());
}

test('[initialize] initialize tells who answers; a second one is refused', async () => {
  await using bridge = startBridge();
  expect(await bridge.request('initialize', { protocolVersion: 1, client: { name: 'test', version: '1' } })).toEqual({
    protocolVersion: 1,
    server: { name: 'c2r-bridge', version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
    backend: 'simulated',
    process: { pid: bridge.process.pid, node: process.version, arch: process.arch, elevated: expect.any(Boolean) },
  });
  await expect(bridge.request('initialize', { protocolVersion: 1 })).rejects.toMatchObject({ code: -32600 });
});

test('[initialize] a simulated machine says whether it is elevated', async () => {
  for (const elevated of [true, false]) {
    await using bridge = startBridge({ simulate: { office: { elevated } } });
    expect(await bridge.request('initialize', { protocolVersion: 1 })).toMatchObject({ process: { elevated } });
  }
});

test('[protocol-version] another version is refused by an error that names both, and the right one still opens', async () => {
  await using bridge = startBridge();
  await expect(bridge.request('initialize', { protocolVersion: 99 })).rejects.toMatchObject({
    code: -32602,
    message: expect.stringMatching(/\b1\b.*\b99\b/),
    data: { issues: [{ path: 'protocolVersion' }] },
  });
  expect(await bridge.request('initialize', { protocolVersion: 1 })).toMatchObject({ protocolVersion: 1 });
});

test('[shutdown] [exit] shutdown gives null, refuses what follows, and exit ends with code 0', async () => {
  await using bridge = startRawBridge();
  bridge.send({ id: 1, method: 'shutdown' }, { id: 2, method: 'bridge/ping' }, { id: 3, method: 'shutdown' });
  const replies = [await nextReply(bridge), await nextReply(bridge), await nextReply(bridge)];
  expect(replies).toContainEqual({ jsonrpc: '2.0', id: 1, result: null });
  for (const id of [2, 3]) {
    expect(replies).toContainEqual(expect.objectContaining({ id, error: expect.objectContaining({ code: -32600 }) }));
  }
  bridge.send({ method: 'exit' });
  expect(await bridge.exited()).toBe(0);
  expect(bridge.stderr()).toBe('');
});

test('[exit] exit without shutdown ends with code 1, after the replies to what was sent before', async () => {
  await using bridge = startRawBridge();
  bridge.send({ id: 1, method: 'bridge/ping' }, { id: 2, method: 'c2r/status' }, { method: 'exit' });
  expect([(await nextReply(bridge)).id, (await nextReply(bridge)).id].sort()).toEqual([1, 2]);
  expect(await bridge.exited()).toBe(1);
});

test('[end-of-input] a request followed by the end of stdin is answered; exit code 0', async () => {
  await using bridge = startRawBridge();
  bridge.send({ id: 1, method: 'c2r/status' });
  bridge.end();
  expect(await nextReply(bridge)).toMatchObject({ id: 1, result: { backend: 'simulated' } });
  expect(await bridge.exited()).toBe(0);
});

test('[end-of-input] what would take too long is cancelled and answered within 5 s; exit code 0', async () => {
  await using bridge = startRawBridge(slowArgs);
  bridge.send({ id: 1, method: 'c2r/download', params: { wait: true } });
  bridge.end();
  expect(await nextReply(bridge)).toMatchObject({ id: 1, error: { code: -32800 } });
  expect(await bridge.exited()).toBe(0);
});

test('[concurrency] a request that takes long holds up no other', async () => {
  await using bridge = startRawBridge(slowArgs);
  bridge.send({ id: 'slow', method: 'c2r/download', params: { wait: true } }, { id: 'quick', method: 'bridge/ping' });
  expect(await nextReply(bridge)).toMatchObject({ id: 'quick' });
});

test.each([
  ['7', '7'],
  ['7', '7.0'],
  ['"7"', '"7"'],
  ['1.5', '1.5'],
  ['98765432109876543210', '98765432109876543210'],
])('[cancel] the request %s is ended by a cancel of %s and by no other', async (id, cancelledId) => {
  await using bridge = startRawBridge(slowArgs);
  bridge.send(
    `{"jsonrpc":"2.0","id":${id},"method":"c2r/download","params":{"wait":true}}`,
    '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"another"}}',
    '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":8}}',
    '{"jsonrpc":"2.0","id":"alive","method":"bridge/ping"}',
  );
  expect(await nextReply(bridge)).toMatchObject({ id: 'alive' });
  bridge.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":${cancelledId}}}`);
  const reply = await bridge.next();
  expect(reply).toContain(`"id":${id},`);
  expect(JSON.parse(reply)).toMatchObject({
    error: { code: -32800, data: { type: 'RequestCancelled', recommendation: expect.any(String) } },
  });
  bridge.send({ id: 'status', method: 'c2r/status' });
  expect(await nextReply(bridge)).toMatchObject({ result: { status: 'DOWNLOAD_CANCELLED', busy: false } });
});

test('[cancel-batch] a batch whose slow request is cancelled from another batch is answered whole', async () => {
  await using bridge = startRawBridge(slowArgs);
  const request = (id: number, method: string, params?: object) => ({ jsonrpc: '2.0', id, method, params });
  bridge.send(JSON.stringify([request(1, 'bridge/ping'), request(2, 'c2r/download', { wait: true })]));
  bridge.send({ id: 3, method: 'bridge/ping' });
  expect(await nextReply(bridge)).toMatchObject({ id: 3 });
  bridge.send(
    JSON.stringify([{ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 2 } }, request(4, 'bridge/ping')]),
  );
  const replies = [await nextReply(bridge), await nextReply(bridge)];
  expect(replies).toContainEqual([{ jsonrpc: '2.0', id: 4, result: {} }]);
  expect(replies).toContainEqual([
    { jsonrpc: '2.0', id: 1, result: {} },
    expect.objectContaining({ id: 2, error: expect.objectContaining({ code: -32800 }) }),
  ]);
});

test('[progress] [progress-shape] [progress-rate] an update reports each phase, rising to 100 before its response', async () => {
  await using bridge = startRawBridge(['--simulate', JSON.stringify({ defender: { durationMs: 1_600, updates: 8 } })]);
  bridge.send({ id: 1, method: 'defender/update', params: { progressToken: 'é-1' } });
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever arrives
  const values: any[] = [];
  for (;;) {
    const message = await nextReply(bridge);
    if (message.id === 1) {
      expect(message).toMatchObject({ result: { changed: true } });
      break;
    }
    expect(message).toMatchObject({ jsonrpc: '2.0', method: '$/progress', params: { token: 'é-1' } });
    expect(Object.keys(message)).toEqual(['jsonrpc', 'method', 'params']);
    values.push(message.params.value);
  }
  for (const value of values) {
    expect(value).toMatchObject({
      phase: expect.any(String),
      message: expect.any(String),
      elapsedMs: expect.any(Number),
    });
    expect(value.percent === null || (value.percent >= 0 && value.percent <= 100)).toBe(true);
  }
  const phases = [...new Set(values.map(({ phase }) => phase))];
  expect(phases).toEqual(['search', 'download', 'install']);
  const percents = values.map(({ percent }) => percent).filter((percent) => percent !== null);
  expect(percents.length).toBeGreaterThan(3);
  expect(percents).toEqual([...percents].sort((a, b) => a - b));
  expect(percents.at(-1)).toBe(100);
  const seconds = (values.at(-1).elapsedMs - values[0].elapsedMs) / 1000;
  expect(values.length).toBeLessThanOrEqual(10 * seconds + 2 + phases.length);
});

test('[progress] without a token nothing but the response is sent', async () => {
  await using bridge = startRawBridge(['--simulate', JSON.stringify({ office: { downloadMs: 200, applyMs: 100 } })]);
  bridge.send({ id: 1, method: 'c2r/update', params: { pollMs: 100 } });
  expect(await nextReply(bridge)).toMatchObject({ id: 1, result: { changed: true } });
});

test('[error-data] [application-errors] an application error has its code, type and recommendation', async () => {
  await using bridge = startBridge({ simulate: { office: { installed: false } } });
  await expect(bridge.request('c2r/status')).rejects.toMatchObject({
    code: 1002,
    data: { type: 'NotAvailable', recommendation: expect.stringMatching(/\S/) },
  });
});

test('[large-message] a message of 20 MB passes in both directions', async () => {
  await using bridge = startRawBridge();
  // The only thing of any size that a bridge gives back without having stored it is an id.
  const id = JSON.stringify('é'.repeat(10 * 1024 * 1024));
  bridge.send(`{"jsonrpc":"2.0","id":${id},"method":"bridge/ping"}`);
  expect((await bridge.next()) === `{"jsonrpc":"2.0","id":${id},"result":{}}`).toBe(true);
});

// Node has no pseudo-terminals; one that changes no bytes still makes a signal of Ctrl+C.
const inTerminal = `
import os, pty, sys, termios
pid, terminal = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
modes = termios.tcgetattr(terminal)
modes[0] &= ~termios.ICRNL
modes[1] &= ~termios.OPOST
modes[3] &= ~(termios.ICANON | termios.ECHO)
termios.tcsetattr(terminal, termios.TCSANOW, modes)
ping = b'{"jsonrpc":"2.0","id":1,"method":"bridge/ping"}'
os.write(terminal, b"Content-Length: %d\\r\\n\\r\\n%b" % (len(ping), ping))
seen = b""
while b'"result"' not in seen: seen += os.read(terminal, 4096)
os.write(terminal, b"\\x03")
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

import { deadline } from '../support/deadline.js';

test('Ctrl+C ends a bridge that somebody has started by hand in a terminal', async ({ skip }) => {
  const run = promisify(execFile)('python3', ['-c', inTerminal, process.execPath, bridgePath], {
    timeout: deadline(20_000),
  });
  const outcome = await run.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') skip('there is no python3 on this machine');
    throw error;
  });
  expect(outcome.stdout).toBe('0\n');
});

test('[parent-death] the bridge ends when the named parent does, even where stdin stays open', async () => {
  const parent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await using bridge = startRawBridge();
  bridge.send({ id: 1, method: 'initialize', params: { protocolVersion: 1, parentProcessId: parent.pid } });
  expect(await nextReply(bridge)).toMatchObject({ id: 1, result: { protocolVersion: 1 } });
  parent.kill('SIGKILL');
  expect(await bridge.exited()).toBe(0);
});

test('[parent-death] a number that no process can have is refused, one that none has ends the bridge', async () => {
  await using bridge = startRawBridge();
  bridge.send({ id: 1, method: 'initialize', params: { protocolVersion: 1, parentProcessId: 2 ** 32 } });
  expect(await nextReply(bridge)).toMatchObject({ error: { data: { issues: [{ path: 'parentProcessId' }] } } });
  bridge.send({ id: 2, method: 'initialize', params: { protocolVersion: 1, parentProcessId: 2 ** 32 - 1 } });
  expect(await nextReply(bridge)).toMatchObject({ id: 2, result: { protocolVersion: 1 } });
  expect(await bridge.exited()).toBe(0);
});

test('[parent-death] no process is left when a parent is killed that had a request running', async () => {
  const script = `
    const bridge = require('child_process').spawn(process.execPath, process.argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'c2r/download', params: { wait: true } });
    const ping = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'bridge/ping' });
    for (const text of [body, ping]) bridge.stdin.write('Content-Length: ' + text.length + '\\r\\n\\r\\n' + text);
    bridge.stdout.once('data', () => console.log(bridge.pid));
  `;
  const parent = spawn(process.execPath, ['-e', script, bridgePath, ...slowArgs], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(String(line).trim());
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: deadline(8_000), interval: 100 }).toBe(false);
});

test('[back-pressure] a client that does not read costs bounded memory, and gets every reply once it reads', async () => {
  await using bridge = startRawBridge();
  const { stdin, stdout } = bridge.process;
  stdout?.pause();
  // 64 MB of replies, of which pipes and the bridge may hold a few; the rest must wait on this side, unread.
  const id = JSON.stringify('x'.repeat(64_000));
  for (let sent = 0; sent < 1_000; sent++) bridge.send(`{"jsonrpc":"2.0","id":${id},"method":"bridge/ping"}`);
  await expect.poll(() => stableLength(stdin), { timeout: deadline(10_000) }).toBeGreaterThan(32_000_000);
  stdout?.resume();
  for (let received = 0; received < 1_000; received++)
    expect((await bridge.next()).startsWith('{"jsonrpc":"2.0","id":')).toBe(true);
});

/** What still waits to be taken by the other side, once that no longer changes; 0 before. */
async function stableLength(stream: { writableLength: number } | null): Promise<number> {
  const before = stream?.writableLength ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 200));
  return stream?.writableLength === before ? before : 0;
}
