import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { fuzzParameters } from '../fuzz-parameters.js';
import { startSession } from '../unit/rpc/session-harness.js';
import { frame } from './raw-bridge.js';

const usual = fuzzParameters(150);
// A long run, which is asked for by command, takes its time.
const timeLimit = Math.max(20_000, usual.numRuns * 100);
const parameters = { ...usual, interruptAfterTimeLimit: timeLimit };
vi.setConfig({ testTimeout: timeLimit + 10_000 });

/** What is sent as one body, and how many replies with an id of its own, and with id null, must come back. */
interface Sent {
  readonly body: string | Uint8Array;
  readonly ids: readonly string[];
  readonly nulls: number;
}

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value));
const request = fc.record({
  id: fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
    fc.constantFrom('1e400', '12345678901234567890'),
  ),
  method: fc.constantFrom('test/echo', 'test/fail', 'nope', '__proto__'),
  value: json,
});

/** Makes each id the only one of its kind, as a client must. */
function textOf({ id, method, value }: { id: unknown; method: string; value: string }, unique: number) {
  const text =
    typeof id === 'number'
      ? `${Number.isInteger(id) ? unique : `${unique}.25`}`
      : id === '1e400'
        ? `1e4${unique + 100}`
        : JSON.stringify(`${id}${unique}`);
  return { id: text, body: `{"jsonrpc":"2.0","id":${text},"method":"${method}","params":{"value":${value}}}` };
}

const notification: Sent = { body: '{"jsonrpc":"2.0","method":"test/echo","params":{"value":1}}', ids: [], nulls: 0 };
const invalid = fc.constantFrom<Sent>(
  { body: '{', ids: [], nulls: 1 },
  { body: '', ids: [], nulls: 1 },
  { body: '[]', ids: [], nulls: 1 },
  { body: 'null', ids: [], nulls: 1 },
  { body: Uint8Array.of(0x22, 0xff, 0x22), ids: [], nulls: 1 },
  { body: '['.repeat(70), ids: [], nulls: 1 },
);

const bodies = fc
  .array(
    fc.oneof(request, fc.array(request, { minLength: 1, maxLength: 5 }), fc.constant('notification' as const), invalid),
    { minLength: 1, maxLength: 20 },
  )
  .map((items) => {
    let unique = 0;
    return items.map((item): Sent => {
      if (item === 'notification') return notification;
      if ('body' in item) return item;
      const requests = [item].flat().map((each) => textOf(each, ++unique));
      const texts = requests.map(({ body }) => body);
      return {
        body: Array.isArray(item) ? `[${texts.join(',')}]` : (texts[0] ?? ''),
        ids: requests.map(({ id }) => id),
        nulls: 0,
      };
    });
  });

function idsIn(replies: readonly string[]): string[] {
  return replies.flatMap((reply) =>
    [...reply.matchAll(/\{"jsonrpc":"2\.0","id":("(?:[^"\\]|\\.)*"|[^,]*),"(?:result|error)":/g)].map(
      ([, id = '']) => id,
    ),
  );
}

test('[frame-split] whatever is sent in whatever pieces, each id is answered exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(bodies, fc.array(fc.nat(), { maxLength: 30 }), async (sent, cuts) => {
      const session = startSession();
      const bytes = Buffer.concat(sent.map(({ body }) => frame(body)));
      const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
      for (const [index, from] of [0, ...places].entries()) {
        session.input.write(bytes.subarray(from, places[index] ?? bytes.length));
        if (index % 3 === 0) await session.clock.advance(0);
      }
      const expected = [
        ...sent.flatMap(({ ids }) => ids),
        ...sent.flatMap(({ nulls }) => Array<string>(nulls).fill('null')),
      ];
      // One turn more than is needed for the last reply, so that one too many would be seen.
      for (let turn = 0, missing = true; turn < 200 && missing; turn++) {
        missing = idsIn(session.replies).length < expected.length;
        await session.clock.advance(0);
      }
      expect(idsIn(session.replies).sort()).toEqual(expected.sort());
      expect(session.left).toEqual([]);
      expect(session.logged.filter((line) => line.startsWith('error') && !line.includes('a handler failed'))).toEqual(
        [],
      );
    }),
    parameters,
  );
});

test('[frame-lost] random bytes between requests end the session with code 2, after the reply to what stood before them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), async (garbage) => {
      const session = startSession();
      const ping = (id: number) =>
        frame(JSON.stringify({ jsonrpc: '2.0', id, method: 'test/echo', params: { value: id } }));
      session.input.write(ping(1));
      session.input.write(Buffer.concat([garbage, ping(2)]));
      session.input.end();
      for (let turn = 0; turn < 5; turn++) await session.clock.advance(0);
      await session.clock.advance(10_000);
      expect(session.left).toEqual([2]);
      const replies = session.replies.map((reply) => JSON.parse(reply));
      expect(replies).toHaveLength(2);
      expect(replies).toContainEqual({ jsonrpc: '2.0', id: 1, result: 1 });
      expect(replies).toContainEqual(
        expect.objectContaining({
          id: null,
          error: expect.objectContaining({ code: expect.toBeOneOf([-32700, -32600]) }),
        }),
      );
    }),
    parameters,
  );
});

test('[invalid-request] any JSON value as a message is answered or is a notification, and the session lives on', async () => {
  const message = fc.oneof(
    fc.json(),
    fc
      .record(
        {
          jsonrpc: fc.constantFrom('2.0', '1.0', 2, null),
          id: fc.jsonValue({ maxDepth: 1 }),
          method: fc.oneof(
            fc.constantFrom('test/echo', '$/cancelRequest', 'initialize'),
            fc.jsonValue({ maxDepth: 1 }),
          ),
          params: fc.jsonValue({ maxDepth: 2 }),
          __proto__: fc.constant({ method: 'test/echo' }),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(message, async (body) => {
      const session = startSession();
      const replies = await session.send(body, { id: 'alive', method: 'test/echo', params: { value: 1 } });
      expect(replies.filter((reply) => reply === '{"jsonrpc":"2.0","id":"alive","result":1}')).toHaveLength(1);
      expect(replies.length).toBeLessThanOrEqual(2);
      expect(session.left).toEqual([]);
    }),
    parameters,
  );
});
