// A peer that behaves as no bridge should, for the module's client: large, slow, broken and dying on demand.
import { appendFileSync, writeSync } from 'node:fs';

const received = [];
const logFile = process.argv[process.argv.indexOf('--log-file') + 1];
const log = process.argv.includes('--log-file')
  ? (message) => appendFileSync(logFile, `${JSON.stringify(message)}\n`)
  : () => undefined;
let first;
let rest = Buffer.alloc(0);

const frame = (message) => {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
};
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
  'fake/fail': ({ error }) => {
    throw error;
  },
};

/** Methods that answer in their own way, or never. */
const special = {
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
    if (method === '$/cancelRequest') send({ id: params.id, error: { code: -32800, message: 'Cancelled.' } });
    return;
  }
  const { progressToken, ...own } = params;
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
process.stdin.on('end', () => process.exit(0));
