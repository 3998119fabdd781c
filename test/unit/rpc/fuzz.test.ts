import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { maxBodyBytes } from '../../../src/rpc/frames.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';
import { frame } from '../../support/raw-bridge.js';
import { startSession } from '../../support/rpc-session.js';

const usual = fuzzParameters(150);
// A long run, which is asked for by command, takes its time.
const timeLimit = Math.max(20_000, usual.numRuns * 100);
const parameters = { ...usual, interruptAfterTimeLimit: timeLimit };
vi.setConfig({ testTimeout: timeLimit + 10_000 });

/** What is sent as one frame, and how many replies with an id of its own, and with id null, must come back. */
interface Sent {
  readonly frame: Uint8Array;
  readonly ids: readonly string[];
  readonly nulls: number;
  /** The id of a request that this frame cancels. */
  readonly cancels?: string;
}

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value));
const id = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
  fc.constantFrom('1e400', '12345678901234567890'),
);
const request = fc.record({
  id,
  method: fc.constantFrom('test/echo', 'test/fail', 'test/wait', 'nope', '__proto__'),
  value: json,
});

/** Makes each id the only one of its kind, as a client must. */
function uniqueId(given: unknown, unique: number): string {
  if (typeof given === 'number') return Number.isInteger(given) ? `${unique}` : `${unique}.25`;
  return given === '1e400' ? `1e4${unique + 100}` : JSON.stringify(`${given}${unique}`);
}

function textOf(id: string, method: string, value: string): string {
  const params = method === 'test/wait' ? '' : `,"params":{"value":${value}}`;
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}"${params}}`;
}

const cancelOf = (id: string) => `{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":${id}}}`;

/** A frame that asks for no reply. */
const silent = fc.oneof(
  fc.constant('{"jsonrpc":"2.0","method":"test/echo","params":{"value":1}}'),
  fc.oneof(id, fc.jsonValue({ maxDepth: 1 })).map((each) => cancelOf(JSON.stringify(each ?? null))),
);

/** A body in which nothing can be understood, and which gets one reply with id null. */
const invalid = fc.oneof(
  fc.constantFrom<string | Uint8Array>('{', '', '[]', 'null', '['.repeat(70), `[${'0,'.repeat(100_000)}0]`),
  fc.constant(`[${Array(101).fill('{"jsonrpc":"2.0","id":1,"method":"nope"}').join(',')}]`),
  fc.json({ maxDepth: 2 }).map((value) => `{"jsonrpc":"2.0","id":1,"method":"test/echo","params":${value}`),
  // No byte of UTF-8 begins so: never JSON.
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.of(0xff, ...bytes)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.of(0x22, ...bytes, 0xff, 0x22)),
);

/** A frame whose header alone has it refused, with a body of any bytes that is to be skipped. */
const refused = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .uint8Array({ maxLength: 200 })
      .map((bytes) =>
        Buffer.concat([
          Buffer.from(`Content-Type: a; charset=utf-16\r\nContent-Length: ${bytes.length}\r\n\r\n`),
          bytes,
        ]),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: maxBodyBytes + 1, max: maxBodyBytes + 2000 })
      .map((length) => Buffer.concat([Buffer.from(`Content-Length: ${length}\r\n\r\n`), Buffer.alloc(length, '{')])),
  },
);

const header = fc.constantFrom(
  'Content-Length: #',
  'content-length:#',
  'CONTENT-LENGTH:   # ',
  'Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: #',
  'Content-Length: #\r\nX-Trace: Content-Length: 5',
);
const framed = (form: string, body: string | Uint8Array) =>
  Buffer.concat([
    Buffer.from(`${form.replace('#', `${Buffer.byteLength(body)}`)}\r\n\r\n`),
    Buffer.from(body as string),
  ]);

const item = fc.oneof(
  fc.record({ requests: fc.array(request, { minLength: 1, maxLength: 1 }), batch: fc.constant(false) }),
  fc.record({ requests: fc.array(request, { minLength: 1, maxLength: 5 }), batch: fc.constant(true) }),
  // A request that waits; until it is cancelled or told to end, its id is taken.
  fc.record({ waits: id, again: fc.nat(2), cancelled: fc.boolean() }),
  fc.record({ silent }),
  fc.record({ invalid }),
  fc.record({ refused }),
);

const frames = fc.array(fc.tuple(item, header), { minLength: 1, maxLength: 20 }).map((items) => {
  let unique = 0;
  return items.flatMap(([given, form]): Sent[] => {
    const sent = (body: string | Uint8Array, ids: readonly string[], nulls: number): Sent => ({
      frame: framed(form, body),
      ids,
      nulls,
    });
    if ('silent' in given) return [sent(given.silent, [], 0)];
    if ('invalid' in given) return [sent(given.invalid, [], 1)];
    if ('refused' in given) return [{ frame: given.refused, ids: [], nulls: 1 }];
    if ('waits' in given) {
      const own = uniqueId(given.waits, ++unique);
      const duplicates = Array.from({ length: given.again }, () => sent(textOf(own, 'test/echo', '1'), [], 1));
      const cancel = given.cancelled ? [{ ...sent(cancelOf(own), [], 0), cancels: own }] : [];
      return [sent(textOf(own, 'test/wait', ''), [own], 0), ...duplicates, ...cancel];
    }
    const ids = given.requests.map((each) => uniqueId(each.id, ++unique));
    const texts = given.requests.map(({ method, value }, index) => textOf(ids[index] as string, method, value));
    return [sent(given.batch ? `[${texts.join(',')}]` : (texts[0] as string), ids, 0)];
  });
});

function idsIn(replies: readonly string[]): string[] {
  return replies.flatMap((reply) =>
    [...reply.matchAll(/\{"jsonrpc":"2\.0","id":("(?:[^"\\]|\\.)*"|[^,]*),"(?:result|error)":/g)].map(
      ([, id = '']) => id,
    ),
  );
}

test('[frame-split] whatever is sent in whatever pieces, with whatever between the requests, each id is answered exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(frames, fc.boolean(), fc.array(fc.nat(), { maxLength: 30 }), async (sent, marked, cuts) => {
      const session = startSession();
      const mark = marked ? [Uint8Array.of(0xef, 0xbb, 0xbf)] : [];
      const bytes = Buffer.concat([...mark, ...sent.map(({ frame: each }) => each)]);
      const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
      for (const [index, from] of [0, ...places].entries()) {
        session.input.write(bytes.subarray(from, places[index] ?? bytes.length));
        if (index % 3 === 0) await session.clock.advance(0);
      }
      const expected = [
        ...sent.flatMap(({ ids }) => ids),
        ...sent.flatMap(({ nulls }) => Array<string>(nulls).fill('null')),
      ];
      const cancelled = sent.flatMap(({ cancels }) => cancels ?? []);
      const refusals = cancelled.map((own) => `{"jsonrpc":"2.0","id":${own},"error":{"code":-32800,`);
      const missing = () => refusals.filter((start) => !session.replies.some((reply) => reply.startsWith(start)));
      for (let turn = 0; turn < 200 && missing().length > 0; turn++) await session.clock.advance(0);
      expect(missing()).toEqual([]);
      // One turn more than is needed for the last reply, so that one too many would be seen.
      for (let turn = 0, few = true; turn < 200 && few; turn++) {
        few = idsIn(session.replies).length < expected.length;
        session.release();
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

test('[frame-limits] a length of any size is refused at once, and an end before its last byte is told', async () => {
  const length = fc.oneof(
    fc.integer({ min: maxBodyBytes + 1, max: 2 ** 40 }),
    fc.constantFrom(2 ** 53 - 1, 10 ** 15 - 1),
  );
  await fc.assert(
    fc.asyncProperty(length, fc.uint8Array({ maxLength: 100 }), async (announced, bytes) => {
      const session = startSession();
      session.input.write(`Content-Length: ${announced}\r\n\r\n`);
      session.input.write(Buffer.from(bytes));
      for (let turn = 0; turn < 3; turn++) await session.clock.advance(0);
      const tooMany = String(announced).length > 15;
      expect(session.replies.map((reply) => JSON.parse(reply).error.code)).toEqual([tooMany ? -32700 : -32600]);
      session.input.end();
      await session.clock.advance(10_000);
      expect(session.left).toEqual([2]);
      expect(session.replies.map((reply) => JSON.parse(reply).error.code)).toEqual(
        tooMany ? [-32700] : [-32600, -32700],
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
