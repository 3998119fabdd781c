// Measures the wire against `node -e 0` and a bare vscode-jsonrpc server, side by side in interleaved rounds, so that
// whatever else the machine does hits both. Prints `name: figure (limit)`; ends with code 1 where a limit is passed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const bridge = join(here, '../../dist/c2r-bridge.cjs');
const work = mkdtempSync(join(tmpdir(), 'c2r-bench-'));

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const frame = (message) => {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};
let failed = false;

function report(name, figure, limit, unit = '') {
  const passed = figure <= limit;
  failed ||= !passed;
  console.log(`${name}: ${figure.toFixed(2)}${unit} (${limit}${unit})${passed ? '' : ' PAST ITS LIMIT'}`);
}

/** A server with a client that knows only frames, so that it costs little and the same for everyone. */
function start(script) {
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  let chunks = [];
  let need = 0;
  let have = 0;
  let missing = 0;
  let done;
  child.stdout.on('data', (chunk) => {
    chunks.push(chunk);
    have += chunk.length;
    if (have < need) return;
    let bytes = Buffer.concat(chunks);
    for (;;) {
      const headerEnd = bytes.indexOf('\r\n\r\n');
      if (headerEnd < 0) break;
      need = headerEnd + 4 + Number(bytes.latin1Slice(16, headerEnd));
      if (bytes.length < need) break;
      bytes = bytes.subarray(need);
      need = 0;
      missing--;
    }
    chunks = [bytes];
    have = bytes.length;
    if (missing === 0) done();
  });
  return {
    pid: child.pid,
    /** Resolves when `replies` frames have come back. */
    send(text, replies) {
      missing = replies;
      const answered = new Promise((resolve) => {
        done = resolve;
      });
      child.stdin.write(text);
      return answered;
    },
    async stop() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

async function milliseconds(body) {
  const before = performance.now();
  await body();
  return performance.now() - before;
}

async function startUp() {
  const initialize = frame({ id: 1, method: 'initialize', params: { protocolVersion: 1 } });
  const bare = [];
  const first = [];
  for (let round = 0; round < 20; round++) {
    bare.push(await milliseconds(() => once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')));
    let server;
    first.push(
      await milliseconds(() => {
        server = start(bridge);
        return server.send(initialize, 1);
      }),
    );
    await server.stop();
  }
  console.log(`node -e 0: ${median(bare).toFixed(1)} ms; initialize answered: ${median(first).toFixed(1)} ms`);
  report('start-up beyond node -e 0', median(first) - median(bare), 25, ' ms');
}

async function idleMemory() {
  if (process.platform !== 'linux') return;
  const server = start(bridge);
  await server.send(frame({ id: 1, method: 'initialize', params: { protocolVersion: 1 } }), 1);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'));
  await server.stop();
  report('idle memory', Number(kilobytes) / 1000, 60, ' MB');
}

/** CPU seconds of a process, user and system; Linux counts in hundredths. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function roundTrips(ours, theirs) {
  const ping = frame({ id: 1, method: 'bridge/ping' });
  const times = new Map([
    [ours, []],
    [theirs, []],
  ]);
  for (const server of times.keys()) for (let call = 0; call < 3000; call++) await server.send(ping, 1);
  const cpu = new Map(
    [...times.keys()].map((server) => [server, process.platform === 'linux' ? cpuSeconds(server.pid) : 0]),
  );
  for (let round = 0; round < 30; round++) {
    for (const [server, measured] of times) {
      for (let call = 0; call < 500; call++) measured.push(await milliseconds(() => server.send(ping, 1)));
    }
  }
  const p50 = (server) => median(times.get(server));
  console.log(`round trip: ${(p50(ours) * 1000).toFixed(0)} µs; bare: ${(p50(theirs) * 1000).toFixed(0)} µs`);
  report('round trip p50', p50(ours) / p50(theirs), 1);
  if (process.platform !== 'linux') return;
  const spent = (server) => cpuSeconds(server.pid) - cpu.get(server);
  report('server CPU a call', spent(ours) / spent(theirs), 1);
}

async function bursts(ours, theirs) {
  const count = 50_000;
  const burst = Array.from({ length: count }, (_, id) => frame({ id, method: 'bridge/ping' })).join('');
  const times = new Map([
    [ours, []],
    [theirs, []],
  ]);
  for (let round = 0; round < 5; round++) {
    for (const [server, measured] of times) measured.push(await milliseconds(() => server.send(burst, count)));
  }
  const rate = (server) => `${Math.round(count / median(times.get(server)))}k`;
  console.log(`burst of ${count}: ${rate(ours)} requests a second; bare: ${rate(theirs)}`);
  report('burst of 50,000', median(times.get(ours)) / median(times.get(theirs)), 0.5);
}

async function echoes(ours, theirs, bytes, rounds, name) {
  const message = frame({ id: 1, method: 'bench/echo', params: { value: 'x'.repeat(bytes) } });
  const times = new Map([
    [ours, []],
    [theirs, []],
  ]);
  for (let round = 0; round < rounds; round++) {
    for (const [server, measured] of times) measured.push(await milliseconds(() => server.send(message, 1)));
  }
  console.log(
    `echo of ${name}: ${median(times.get(ours)).toFixed(1)} ms; bare: ${median(times.get(theirs)).toFixed(1)} ms`,
  );
  report(`echo of ${name}`, median(times.get(ours)) / median(times.get(theirs)), 1);
}

try {
  await build({
    entryPoints: { bare: join(here, 'bare-server.ts'), echo: join(here, 'echo-server.ts') },
    outdir: work,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
  });
  const [ours, theirs, echo, bareEcho] = [
    bridge,
    join(work, 'bare.cjs'),
    join(work, 'echo.cjs'),
    join(work, 'bare.cjs'),
  ].map(start);
  await startUp();
  await idleMemory();
  await roundTrips(ours, theirs);
  await bursts(ours, theirs);
  await echoes(echo, bareEcho, 64_000, 60, '64 kB');
  await echoes(echo, bareEcho, 1_000_000, 30, '1 MB');
  await echoes(echo, bareEcho, 16_000_000, 7, '16 MB');
  for (const server of [ours, theirs, echo, bareEcho]) await server.stop();
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
