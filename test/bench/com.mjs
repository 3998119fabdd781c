// Calls of IUpdateNotify::Status through the bridge, against the same calls from a C program; both make an object for each call,
// and both run under Wine. In process (a DLL) and out of process (as COM+ runs Office's):
//   node test/bench/com.mjs [--calls 3000]      needs the lab
// Prints `name: figure (limit)`; ends with code 1 where a limit is passed.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { provision, restart, stop } from '../lab/provision.mjs';

/**
 * Out of process, where the call is RPC for both, a status may take at most so many times the C program's; and what it takes
 * beyond that program's and beyond a ping of the bridge, which is the price of any answer here, at most so many milliseconds.
 */
const limits = { ratio: 3, ownMs: 1, growthMiB: 8, handles: 4 };
const rounds = 5;

const at = process.argv.indexOf('--calls');
const calls = at < 0 ? 3000 : Number(process.argv[at + 1]);

const provisioned = await provision();
if (!provisioned.ok) throw new Error(provisioned.reason);
const { lab } = provisioned;
const { startLabBridge } = await compiled('../lab/office-bridge.ts');
let failed = false;

/** The lab's own TypeScript; beside node_modules, where its imports are found. */
async function compiled(source) {
  const outfile = fileURLToPath(new URL('../../.cache/bench-office-bridge.mjs', import.meta.url));
  const entry = fileURLToPath(new URL(source, import.meta.url));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
  });
  return import(pathToFileURL(outfile).href).finally(() => rmSync(outfile));
}

function report(name, figure, limit, unit = '') {
  const passed = figure <= limit;
  failed ||= !passed;
  console.log(`${name}: ${figure.toFixed(2)}${unit} (${limit}${unit})${passed ? '' : ' PAST ITS LIMIT'}`);
}

/** Runs a program of the lab that prints JSON. */
function run(program, ...args) {
  const options = { env: { ...process.env, ...lab.environment }, encoding: 'utf8', timeout: 120_000 };
  return JSON.parse(execFileSync('wine', [`C:\\lab\\${program}`, ...args.map(String)], options));
}

const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.floor(values.length * share)];

/** Microseconds of each of `count` requests, one after another. */
async function timed(bridge, method, count) {
  const took = [];
  for (let call = 0; call < count; call++) {
    const before = performance.now();
    await bridge.request(method);
    took.push((performance.now() - before) * 1000);
  }
  return took;
}

async function compare(name, outOfProcess) {
  const bridge = startLabBridge(lab, {}, { outOfProcess });
  try {
    const { process: server } = await bridge.request('initialize', { protocolVersion: 1 });
    const usage = () => run('process-usage.exe', server.pid);
    await timed(bridge, 'c2r/status', Math.ceil(calls / 3));
    await timed(bridge, 'bridge/ping', 500);
    const before = usage();
    const [ours, pings, theirs] = [[], [], []];
    for (let round = 0; round < rounds; round++) {
      ours.push(...(await timed(bridge, 'c2r/status', Math.ceil(calls / rounds))));
      pings.push(...(await timed(bridge, 'bridge/ping', Math.ceil(calls / rounds))));
      theirs.push(run('status-client.exe', Math.ceil(calls / rounds)));
    }
    const after = usage();
    const show = (p50, p99) => `${p50.toFixed(0)} µs (p99 ${p99.toFixed(0)}), ${(1e6 / p50).toFixed(0)} a second`;
    const c = percentile(
      theirs.map(({ p50 }) => p50),
      0.5,
    );
    const [status, ping] = [percentile(ours, 0.5), percentile(pings, 0.5)];
    console.log(`  ${name}: c2r/status ${show(status, percentile(ours, 0.99))}`);
    console.log(
      `  C program ${show(
        c,
        percentile(
          theirs.map(({ p99 }) => p99),
          0.5,
        ),
      )}; bridge/ping ${show(ping, percentile(pings, 0.99))}`,
    );
    if (outOfProcess) report(`status ${name}, to the C program`, status / c, limits.ratio);
    else console.log(`status ${name}, to the C program: ${(status / c).toFixed(2)} (no limit)`);
    report(`status ${name} beyond the C program's and a ping`, (status - c - ping) / 1000, limits.ownMs, ' ms');
    report(
      `growth over ${calls} calls ${name}`,
      (after.privateBytes - before.privateBytes) / 2 ** 20,
      limits.growthMiB,
      ' MiB',
    );
    report(`handles more after ${calls} calls ${name}`, after.handles - before.handles, limits.handles);
    await bridge.stop();
  } finally {
    await bridge[Symbol.asyncDispose]();
  }
}

try {
  await compare('in process', false);
  // Wine keeps sending clients to a server that is gone, until its services start anew.
  restart();
  await compare('out of process', true);
} finally {
  stop();
}
process.exitCode = failed ? 1 : 0;
