import { expect, test } from 'vitest';
import { startRawBridge } from '../support/raw-bridge.js';

const poison = '{"progressToken":"polluted","wait":true,"polluted":true}';
const keys = [`"__proto__":${poison}`, `"constructor":{"prototype":${poison}}`, `"prototype":${poison}`];

test('[prototype-pollution] in params, in the request itself, in its id and in a scenario it changes nothing', async () => {
  await using bridge = startRawBridge();
  const ask = async (body: string) => {
    bridge.send(body);
    return JSON.parse(await bridge.next());
  };
  for (const key of keys) {
    const name = key.split('"')[1] as string;
    expect(await ask(`{"jsonrpc":"2.0","id":1,"method":"c2r/status","params":{${key}}}`)).toMatchObject({
      id: 1,
      error: { code: -32602, data: { issues: [{ path: name }] } },
    });
    expect(
      await ask(
        `{"jsonrpc":"2.0","id":2,"method":"content/skus","params":{"proxy":{"url":"x","username":"u",${key}}}}`,
      ),
    ).toMatchObject({ id: 2, error: { code: -32602, data: { issues: [{ path: `proxy.${name}` }] } } });
    expect(await ask(`{"jsonrpc":"2.0","id":3,"method":"bridge/ping",${key}}`)).toEqual({
      jsonrpc: '2.0',
      id: 3,
      result: {},
    });
    expect(await ask(`{"jsonrpc":"2.0","id":{${key}},"method":"bridge/ping"}`)).toMatchObject({
      id: null,
      error: { code: -32600 },
    });
    const stage = `{"destination":"/nonexistent/c2r","files":[{"url":"http://127.0.0.1:9/x","name":"x","relativePath":"/x/",${key}}],"retries":0}`;
    expect(await ask(`{"jsonrpc":"2.0","id":4,"method":"content/stage","params":${stage}}`)).toMatchObject({
      id: 4,
      error: {},
    });
  }
  for (const method of ['__proto__', '__proto__/x', 'constructor/x', 'toString', 'hasOwnProperty/ping']) {
    expect(await ask(JSON.stringify({ jsonrpc: '2.0', id: 5, method }))).toMatchObject({
      id: 5,
      error: { code: -32601 },
    });
  }
  // A polluted prototype would add members to this reply, and unknown keys to these params.
  const status = await ask('{"jsonrpc":"2.0","id":6,"method":"c2r/status","params":{}}');
  expect(status.result).toMatchObject({ backend: 'simulated' });
  expect(status.result).not.toHaveProperty('polluted');
  bridge.end();
  expect(await bridge.exited()).toBe(0);
  expect(bridge.stderr()).toBe('');
});
