import { expect, test } from 'vitest';
import { startSession as start } from '../../support/rpc-session.js';

const result = (id: string, value: unknown) => `{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(value)}}`;
const parsed = (replies: readonly string[]) => replies.map((reply) => JSON.parse(reply));

test('a request is answered with its own id, as it was written', async () => {
  const { send } = start();
  for (const id of ['0', '1.50', '12345678901234567890', '"11"', '11', 'null']) {
    expect(await send(`{"jsonrpc":"2.0","id":${id},"method":"test/echo","params":{"value":"é"}}`)).toEqual([
      result(id, 'é'),
    ]);
  }
});

test('an id that is still in use is refused with id null, and may be used again after the reply', async () => {
  const { send, release } = start();
  const wait = { id: 7, method: 'test/wait' };
  const [refused] = parsed(await send(wait, wait));
  expect(refused).toMatchObject({ id: null, error: { code: -32600, data: { type: 'InvalidRequest' } } });
  expect(await send({ id: '7', method: 'test/echo', params: { value: 1 } })).toEqual([result('"7"', 1)]);
  release();
  await send();
  expect(await send({ id: 7, method: 'test/echo', params: { value: 2 } })).toEqual([result('7', 2)]);
});

test('any number of requests may carry the id null at once; each is answered, and a cancel of null reaches none', async () => {
  const { send, release, aborted, replies } = start();
  const wait = { id: null, method: 'test/wait' };
  expect(await send(wait, wait, { method: '$/cancelRequest', params: { id: null } })).toEqual([]);
  expect(aborted()).toBe(0);
  release();
  await send();
  expect(replies).toEqual([result('null', 'done'), result('null', 'done')]);
});

test.each([
  [[], -32602],
  [[{ value: 1 }], undefined],
  [[{ value: 1, list: null }], undefined],
  [{ value: 1, list: null }, undefined],
  [{ value: null }, undefined],
  [{ value: 1, list: [{ n: null }] }, -32602],
  [{ value: 1, list: [null] }, -32602],
  [[{ value: 1 }, {}], -32602],
  [[[{ value: 1 }]], -32602],
  [[null], -32602],
])('params %j, as clients of .NET send them, give the error %j', async (params, code) => {
  const { send } = start();
  const [reply] = parsed(await send({ id: 1, method: 'test/echo', params }));
  expect(reply.error?.code).toBe(code);
});

test('a batch is answered as one array in its order, when its last request has ended', async () => {
  const { send, release, replies } = start();
  const batch = JSON.stringify([
    { jsonrpc: '2.0', id: 'slow', method: 'test/wait' },
    { jsonrpc: '2.0', method: 'test/echo', params: { value: 'a notification' } },
    1,
    { jsonrpc: '2.0', id: 2, method: 'test/echo', params: { value: 2 } },
  ]);
  expect(await send(batch)).toEqual([]);
  release();
  await send();
  expect(replies).toHaveLength(1);
  expect(JSON.parse(replies[0] ?? '')).toMatchObject([
    { id: 'slow', result: 'done' },
    { id: null, error: { code: -32600 } },
    { id: 2, result: 2 },
  ]);
});

test('a batch of notifications is not answered', async () => {
  const { send } = start();
  expect(
    await send(
      '[{"jsonrpc":"2.0","method":"test/echo"},{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}]',
    ),
  ).toEqual([]);
});

test('a notification runs no method', async () => {
  const { send, aborted, release } = start();
  await send({ method: 'test/wait' });
  release();
  expect(aborted()).toBe(0);
  expect(await send({ id: 1, method: 'test/echo', params: { value: 1 } })).toHaveLength(1);
});

test.each([
  ['5', '5'],
  ['5', '5.0'],
  ['"5"', '"5"'],
  ['123456789012345678901', '123456789012345678901'],
])('the request %s is cancelled by %s', async (id, cancelledId) => {
  const { send, aborted } = start();
  const replies = await send(
    `{"jsonrpc":"2.0","id":${id},"method":"test/wait"}`,
    `{"jsonrpc":"2.0","id":"other","method":"test/wait"}`,
  );
  expect(replies).toEqual([]);
  const [reply] = await send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":${cancelledId}}}`);
  expect(reply).toContain(`"id":${id},"error":{"code":-32800`);
  expect(JSON.parse(reply ?? '')).toMatchObject({ error: { data: { type: 'RequestCancelled' } } });
  expect(aborted()).toBe(1);
});

test('a request that is cancelled in its own chunk or batch is never run', async () => {
  const { send, aborted, logged } = start();
  const cancel = { jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } };
  expect(parsed(await send({ id: 1, method: 'test/wait' }, cancel))).toMatchObject([
    { id: 1, error: { code: -32800 } },
  ]);
  const batch = parsed(await send(JSON.stringify([{ jsonrpc: '2.0', id: 1, method: 'test/wait' }, cancel])));
  expect(batch).toMatchObject([[{ id: 1, error: { code: -32800 } }]]);
  expect(aborted()).toBe(0);
  expect(logged.filter((line) => line.startsWith('error'))).toEqual([]);
});

test.each([[undefined], [{}], [{ id: 99 }], [{ id: null }], [{ id: {} }], [[1]]])(
  'a cancel of %j is ignored',
  async (params) => {
    const { send, aborted } = start();
    await send({ id: 1, method: 'test/wait' });
    expect(await send({ method: '$/cancelRequest', params })).toEqual([]);
    expect(aborted()).toBe(0);
  },
);

test.each([
  ['an array of values', [1], ['']],
  ['an array of two objects', [{ value: 1 }, {}], ['']],
  ['an unknown key', { value: 1, valeu: 2 }, ['valeu']],
  ['an unknown key inside a list', { value: 1, list: [{ n: 1 }, { n: 1, m: 2 }] }, ['list.1.m']],
  ['a wrong type inside a list', { value: 1, list: [{ n: 'x' }] }, ['list.0.n']],
])('params with %s are refused by path', async (_, params, paths) => {
  const { send } = start();
  const [reply] = parsed(await send({ id: 1, method: 'test/echo', params }));
  expect(reply.error).toMatchObject({ code: -32602, data: { type: 'InvalidParams' } });
  expect(reply.error.data.issues.map(({ path }: { path: string }) => path)).toEqual(paths);
});

test('a key __proto__ is an unknown key and changes nothing', async () => {
  const { send } = start();
  const [reply] = await send(
    '{"jsonrpc":"2.0","id":1,"method":"test/echo","params":{"value":1,"__proto__":{"polluted":1}}}',
  );
  expect(JSON.parse(reply ?? '').error).toMatchObject({ code: -32602, data: { issues: [{ path: '__proto__' }] } });
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test.each([
  [
    'rpc',
    { code: 1008, message: 'Word runs.', data: { type: 'Blocked', apps: ['Word'], recommendation: 'Close Word.' } },
  ],
  ['hresult', { code: 1009, data: { type: 'AccessDenied', hresultHex: '0x80070005', source: 'IUpdateNotify::Apply' } }],
  ['bug', { code: -32603, data: { type: 'InternalError', recommendation: expect.any(String) } }],
  ['bigint', { code: -32603, data: { type: 'InternalError', recommendation: expect.any(String) } }],
  ['bigint in an error', { code: -32603, data: { type: 'InternalError', recommendation: expect.any(String) } }],
])('a failure of kind %s has its code and data', async (how, error) => {
  const { send } = start();
  const [reply] = parsed(await send({ id: 1, method: 'test/fail', params: { how } }));
  expect(reply.error).toMatchObject(error);
});

test('[internal-error] a bug is logged with its stack, of which nothing crosses the wire', async () => {
  const { send, logged } = start();
  const [reply] = await send({ id: 1, method: 'test/fail', params: { how: 'bug' } });
  expect(reply).not.toMatch(/secret|stack|\.ts/);
  expect(logged.join()).toMatch(/error a handler failed.*secret detail.*rpc-session\.ts/);
});

test.each(['nope', 'nope/nope', 'test/nope', '__proto__/x', 'constructor', '', 'rpc.nope', '$/nope'])(
  'the method %j does not exist',
  async (name) => {
    const { send } = start();
    expect(parsed(await send({ id: 1, method: name }))).toMatchObject([
      { id: 1, error: { code: -32601, data: { type: 'MethodNotFound', recommendation: expect.any(String) } } },
    ]);
  },
);

test('progress carries its token, and its last value comes before the response', async () => {
  const { send, release } = start();
  const first = parsed(await send({ id: 1, method: 'test/wait', params: { progressToken: 'é' } }));
  expect(first).toEqual([
    { jsonrpc: '2.0', method: '$/progress', params: { token: 'é', value: { phase: 'a', percent: 1 } } },
  ]);
  release();
  const rest = parsed(await send());
  expect(rest).toMatchObject([
    { params: { token: 'é', value: { phase: 'b', percent: 1 } } },
    { id: 1, result: 'done' },
  ]);
});

test('without a token no progress is sent', async () => {
  const { send } = start();
  expect(await send({ id: 1, method: 'test/wait' })).toEqual([]);
});

test('initialize is optional, and a second one is refused, also in the same chunk', async () => {
  const { send } = start();
  expect(await send({ id: 0, method: 'test/echo', params: { value: 1 } })).toHaveLength(1);
  const replies = parsed(await send({ id: 1, method: 'initialize' }, { id: 2, method: 'initialize' }));
  expect(replies).toContainEqual({ jsonrpc: '2.0', id: 1, result: {} });
  expect(replies).toContainEqual(expect.objectContaining({ id: 2, error: expect.objectContaining({ code: -32600 }) }));
});

test('initialize may be tried again after it was refused', async () => {
  const { send } = start();
  expect(parsed(await send({ id: 1, method: 'initialize', params: { x: 1 } }))).toMatchObject([
    { error: { code: -32602 } },
  ]);
  expect(parsed(await send({ id: 1, method: 'initialize' }))).toMatchObject([{ result: {} }]);
});

test('after shutdown every request is refused, and exit ends with code 0', async () => {
  const { send, left } = start();
  const replies = parsed(
    await send({ id: 1, method: 'shutdown' }, { id: 2, method: 'test/echo', params: { value: 1 } }),
  );
  expect(replies).toContainEqual({ jsonrpc: '2.0', id: 1, result: null });
  expect(replies).toContainEqual(expect.objectContaining({ id: 2, error: expect.objectContaining({ code: -32600 }) }));
  await send({ method: 'exit' });
  expect(left).toEqual([0]);
});

test('exit without shutdown ends with code 1, after what was running', async () => {
  const { send, left, release, replies } = start();
  await send({ id: 1, method: 'test/wait' }, { method: 'exit' }, { id: 2, method: 'test/echo', params: { value: 1 } });
  expect(left).toEqual([]);
  release();
  await send();
  expect(replies.map((reply) => JSON.parse(reply).id).sort()).toEqual([1, 2]);
  expect(left).toEqual([1]);
});

test('when the input ends, what runs may finish, and nothing new starts', async () => {
  const { send, input, left, release, replies, clock, aborted } = start();
  await send({ id: 1, method: 'test/wait' });
  input.end();
  await clock.advance(1_000);
  expect(left).toEqual([]);
  release();
  await clock.advance(0);
  expect(replies).toEqual([result('1', 'done')]);
  expect(left).toEqual([0]);
  expect(aborted()).toBe(0);
});

test('[end-of-input] within 5 s of the end of the input every request is answered, also one that ignores its cancellation', async () => {
  const { send, input, left, replies, clock, aborted, release } = start();
  await send({ id: 1, method: 'test/wait' }, { id: 2, method: 'test/wait', params: { stubborn: true } });
  input.end();
  await clock.advance(4_000);
  expect(aborted()).toBe(2);
  expect(parsed(replies)).toMatchObject([{ id: 1, error: { code: -32800 } }]);
  await clock.advance(1_000);
  expect(parsed(replies)).toMatchObject([{ id: 1 }, { id: 2, error: { code: -32800 } }]);
  expect(left).toEqual([0]);
  release();
  await clock.advance(0);
  expect(replies).toHaveLength(2);
});

test('a request that asks only late whether it was cancelled learns that the session has ended it', async () => {
  const { send, input, replies, clock, release } = start();
  await send({ id: 1, method: 'test/wait', params: { late: true } });
  input.end();
  await clock.advance(3_000);
  release();
  await clock.advance(0);
  expect(replies).toEqual([result('1', 'cancelled')]);
});

test('a lost frame is answered with id null, logged as an error, and ends with code 2 after what was running', async () => {
  const { send, input, left, replies, logged, release } = start();
  await send({ id: 1, method: 'test/wait' });
  input.write('stray\r\n\r\n');
  await send();
  expect(parsed(replies)).toMatchObject([{ id: null, error: { code: -32700, data: { type: 'ParseError' } } }]);
  expect(logged.filter((line) => line.startsWith('error'))).toHaveLength(1);
  release();
  await send();
  expect(replies).toHaveLength(2);
  expect(left).toEqual([2]);
});

test('a client that no longer reads ends the session and cancels what runs', async () => {
  const { send, output, left, aborted, clock } = start();
  await send({ id: 1, method: 'test/wait' });
  output.destroy(new Error('EPIPE'));
  await clock.advance(100);
  expect(aborted()).toBe(1);
  expect(left).toEqual([0]);
});

test('the end of the parent process ends the session', async () => {
  const { send, left, parentExit } = start();
  await send({ id: 1, method: 'initialize', params: { parentProcessId: 4321 } });
  parentExit();
  await send();
  expect(left).toEqual([0]);
});

test('a session ends once, whatever else comes', async () => {
  const { send, input, left, session, clock } = start();
  await send({ id: 1, method: 'shutdown' }, { method: 'exit' });
  await session.close('again', 9);
  input.end();
  await clock.advance(10_000);
  expect(left).toEqual([0]);
});

test('[back-pressure] a client that reads nothing stops being read, and is answered in full once it reads', async () => {
  const { input, output, replies, clock } = start();
  output.pause();
  const value = 'x'.repeat(1_000_000);
  for (let id = 0; id < 8; id++) {
    const text = JSON.stringify({ jsonrpc: '2.0', id, method: 'test/echo', params: { value } });
    input.write(`Content-Length: ${text.length}\r\n\r\n${text}`);
  }
  await clock.advance(0);
  await clock.advance(0);
  expect(input.isPaused()).toBe(true);
  output.resume();
  for (let turn = 0; turn < 20; turn++) await clock.advance(0);
  expect(replies).toHaveLength(8);
});
