// Mixed traffic at full rate against one bridge, and whether its memory and handles stay flat (Linux):
//   node test/bench/soak.mjs [--seconds 60] [--seed 1]
// After the first third, in which caches fill, a line is laid through the samples of each second: its rise over the whole
// time is the figure.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  CancellationTokenSource,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { atMost } from './figures.mjs';

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const seconds = option('seconds', 60);
const seed = option('seed', Date.now() % 2 ** 31);
/** The rise that counts as a leak: one of a kilobyte a second would be 1.8 MB in half an hour, noise of the heap is more. */
const limits = { riseMB: 16, handles: 2 };

const bridge = fileURLToPath(new URL('../../dist/c2r-bridge.cjs', import.meta.url));
const scenario = JSON.stringify({ office: { downloadMs: 20, applyMs: 20 }, defender: { durationMs: 20 } });
const child = spawn(process.execPath, [bridge, '--simulate', scenario], { stdio: ['pipe', 'pipe', 'pipe'] });
let stderr = '';
child.stderr.setEncoding('utf8').on('data', (text) => {
  stderr += text;
});
const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
connection.listen();

/** Mulberry32: the same traffic for the same seed. */
let state = seed;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

const counts = new Map();
const count = (outcome) => counts.set(outcome, (counts.get(outcome) ?? 0) + 1);

async function send(method, params, token) {
  try {
    await connection.sendRequest(method, params, ...(token ? [token] : []));
    count('results');
  } catch ({ code }) {
    count(code);
  }
}

async function cancelled(method, params) {
  const source = new CancellationTokenSource();
  const reply = send(method, params, source.token);
  source.cancel();
  await reply;
}

const traffic = [
  () => Promise.all(Array.from({ length: 100 }, () => send('bridge/ping', {}))),
  () => send('c2r/status', {}),
  () => send('c2r/installation', {}),
  () => send('bridge/doctor', {}),
  () => send('c2r/update', { pollMs: 100, progressToken: 'update' }),
  () => send('c2r/download', { updateToVersion: '16.0.17928.20114', wait: true, pollMs: 100 }),
  () => send('defender/update', { progressToken: 1 }),
  () => send('content/servicePath', { moreInfoUrl: 'https://a.example/?Ver=16.0.1.1&Branch=Current' }),
  () => send('no/method', { text: 'x'.repeat(100_000) }),
  () => send('c2r/status', { text: 'x'.repeat(1_000_000) }),
  () => cancelled('c2r/wait', { timeoutMs: 1000 }),
  () => cancelled('defender/update', {}),
];

function measure() {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
  return { megabytes: Number(kilobytes) / 1000, handles: readdirSync(`/proc/${child.pid}/fd`).length };
}

/** How far the straight line through `values` rises from the first to the last. */
function rise(values) {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let products = 0;
  let squares = 0;
  for (const [index, value] of values.entries()) {
    products += (index - middle) * (value - mean);
    squares += (index - middle) ** 2;
  }
  return (products / squares) * (values.length - 1);
}

console.log(`soak of ${seconds} s, seed ${seed}`);
const samples = [];
const sampler = setInterval(() => samples.push(measure()), 1000);
const end = performance.now() + seconds * 1000;
await Promise.all(
  Array.from({ length: 4 }, async () => {
    while (performance.now() < end) await traffic[Math.floor(random() * traffic.length)]();
  }),
);
clearInterval(sampler);
await connection.sendRequest('shutdown');
await connection.sendNotification('exit');
const [code] = await once(child, 'exit');

const flat = samples.slice(Math.ceil(samples.length / 3));
console.log(`  ${[...counts].map(([outcome, times]) => `${outcome}: ${times}`).join(', ')}`);
console.log(`  memory in MB: ${samples.map(({ megabytes }) => megabytes.toFixed(0)).join(' ')}`);
atMost('rise of the memory in MB', rise(flat.map(({ megabytes }) => megabytes)), limits.riseMB);
atMost('rise of the open handles', rise(flat.map(({ handles }) => handles)), limits.handles);
atMost('internal errors', counts.get(-32603) ?? 0, 0);
atMost('lines on stderr', stderr.split('\n').length - 1, 0);
atMost('exit code', code, 0);
