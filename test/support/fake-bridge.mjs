// A peer that behaves as no bridge should, for the module's client: large, slow, broken and dying on demand.
import { appendFileSync, closeSync, writeSync } from 'node:fs';

const received = [];
const logFile = process.argv[process.argv.indexOf('--log-file') + 1];
const log = process.argv.includes('--log-file')
  ? (message) => appendFileSync(logFile, `${JSON.stringify(message)}\n`)
  : () => undefined;
const simulation = process.argv.indexOf('--simulate');
/** What to play instead of answering initialize. */
const { initialize: overture } = simulation < 0 ? {} : JSON.parse(process.argv[simulation + 1]);
/** The ids of requests that only `play` has to do with. */
const played = new Set();
let immortal = false;
let first;
let rest = Buffer.alloc(0);

const frameOf = (body, length = body.length) => Buffer.concat([Buffer.from(`Content-Length: ${length}\r\n\r\n`), body]);
const frame = (message) => frameOf(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })));
const send = (message) => process.stdout.write(frame(message));

const methods = {
  initialize: () => ({
    protocolVersion: 1,
    server: { name: 'fake', version: '0.0.0' },
    backend: 'windows',
    process: { pid: process.pid, node: process.versions.node, arch: process.arch, elevated: false },
  }),
  'fake/process': () => ({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() }),
  'fake/echo': (params) => params,
  'fake/received': () => ({ received, first }),
  'fake/large': ({ bytes }) => ({ text: 'x'.repeat(bytes) }),
  'fake/records': ({ count }) => ({
    items: Array.from({ length: count }, (_, index) => ({ index, name: `item ${index}`, text: '\u00e9'.repeat(40) })),
  }),
  'fake/stderr': ({ bytes }) => {
    // Synchronous, so that the answer comes only once somebody has read all of it.
    for (let left = bytes; left > 0; left -= 1000) writeAll(2, Buffer.from(`${'e'.repeat(999)}\n`));
    return {};
  },
  'fake/die': ({ code, words }) => {
    writeAll(2, Buffer.from(words));
    process.exit(code);
  },
  'c2r/status': () => 'no status',
  'bridge/doctor': () => ({ checks: [null] }),
  'bits/list': () => ({}),
  /** From now on each of these methods gives this result. */
  'fake/answers': ({ json }) => {
    for (const [name, result] of Object.entries(JSON.parse(json))) methods[name] = () => result;
    return {};
  },
  'fake/fail': ({ error }) => {
    throw error;
  },
};

/** Methods that answer in their own way, or never. */
const special = {
  'fake/play': (piece, id) => play(piece, id),
  'fake/hang': (_params, _id, token) =>
    send({
      method: '$/progress',
      params: { token, value: { phase: 'hang', message: 'hanging', percent: null, elapsedMs: 0 } },
    }),
  'fake/deaf': () => {
    process.stdin.pause();
  },
  'fake/garbage': ({ text }) => process.stdout.write(text),
  'fake/half': ({ bytes }, id) => {
    writeAll(1, frame({ id, result: { whole: true } }).subarray(0, bytes));
    process.exit(0);
  },
  'fake/wrong': ({ ids }, id) => {
    process.stdout.write(Buffer.concat([...ids, id].map((each) => frame({ id: each, result: { answered: each } }))));
  },
  'fake/dribble': (params, id) => {
    for (const byte of frame({ id, result: params })) writeAll(1, Buffer.from([byte]));
  },
  'fake/burst': ({ count }, id, token) => {
    const value = (index) => ({
      phase: 'download',
      message: `step ${index}`,
      percent: index / count,
      elapsedMs: index,
    });
    const frames = Array.from({ length: count }, (_, index) =>
      frame({ method: '$/progress', params: { token, value: value(index) } }),
    );
    process.stdout.write(
      Buffer.concat([...frames, frame({ id: 'someone else', result: 1 }), frame({ id, result: { count } })]),
    );
  },
};

/**
 * Plays what a test wrote for a request, whose id stands as ID in texts. Each of `writes` has `raw` or `body` (base64), a
 * body with the `length` that is to be claimed; `cut` takes that many bytes off the end. `ending` says what comes then.
 */
function play({ writes, ending = 'stay', code = 0, text = '', pieces = 1, livesOn = false }, id) {
  played.add(id);
  immortal ||= livesOn;
  // Keeps the process alive when nothing else does.
  if (immortal || ending !== 'stay') setInterval(() => undefined, 60_000);
  const filled = (base64) =>
    Buffer.from(Buffer.from(base64, 'base64').toString('latin1').replaceAll('ID', id), 'latin1');
  const bytes = writes.map(({ raw, body, length, cut = 0 }) => {
    const whole = raw === undefined ? frameOf(filled(body), length) : filled(raw);
    return whole.subarray(0, Math.max(0, whole.length - cut));
  });
  const all = Buffer.concat(bytes);
  const size = Math.max(1, Math.ceil(all.length / pieces));
  for (let at = 0; at < all.length; at += size) writeAll(1, all.subarray(at, at + size));
  const more = text.replaceAll('ID', id);
  const flood = (stream) => stream.write(more, () => setImmediate(flood, stream));
  if (ending === 'exit') process.exit(code);
  else if (ending === 'closeOutput') closeSync(1);
  else if (ending === 'closeInput') closeSync(0);
  else if (ending === 'floodOutput') flood(process.stdout);
  else if (ending === 'floodErrors') flood(process.stderr);
  else if (ending === 'dribble') setInterval(() => process.stdout.write(more), 1);
}

function writeAll(fd, bytes) {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

function answer({ id, method, params = {} }) {
  received.push({ id, method, params });
  log({ id, method, params, pid: process.pid });
  if (id === undefined) {
    if (method === '$/cancelRequest' && !played.has(params.id))
      send({ id: params.id, error: { code: -32800, message: 'Cancelled.' } });
    return;
  }
  const { progressToken, ...own } = params;
  if (method === 'initialize' && overture) return play(overture, id);
  if (special[method]) return special[method](own, id, progressToken);
  try {
    send({ id, result: methods[method](own) });
  } catch (error) {
    send({ id, error });
  }
}

process.on('SIGINT', () => undefined);
process.stdin.on('data', (chunk) => {
  first ??= chunk.subarray(0, 14).toString('latin1');
  rest = Buffer.concat([rest, chunk]);
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/Content-Length: (\d+)/.exec(rest.subarray(0, end).toString())[1]);
    if (rest.length < end + 4 + length) return;
    const body = rest.subarray(end + 4, end + 4 + length).toString();
    rest = rest.subarray(end + 4 + length);
    answer(JSON.parse(body));
  }
});
process.stdin.on('error', () => undefined);
process.stdin.on('end', () => {
  if (!immortal) process.exit(0);
});
