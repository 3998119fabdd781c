// Calls of IUpdateNotify::Status through the bridge, against the same calls from a C program; both make an object for each call,
// and both run under Wine. In process (a DLL) and out of process (as COM+ runs Office's):
//   node test/bench/com.mjs [--calls 3000]      needs the lab
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { provision, restart, stop } from '../lab/provision.mjs';
import { atMost, median, noLimit, percentile } from './figures.mjs';

/**
 * Out of process, as Office runs, both wait for RPC, so that the bridge may not take twice as long. In process a call in C takes
 * less than a ping of any server, and what we add is of the kind of the ping: ways into a pool thread and back for the
 * registration, who may write the server's file, activation, call and release.
 */
const limits = { ratio: 2, ratioWithPing: 12, growthMiB: 16, handles: 4 };
/** By then V8's heap has grown to what these calls need: seen to rise by 50 MB over 4,000 of them and to be flat for 3,000 more. */
const warmUp = { inProcess: 4000, outOfProcess: 100 };
const rounds = 5;

const at = process.argv.indexOf('--calls');
const inProcess = at < 0 ? 3000 : Number(process.argv[at + 1]);
/** An activation out of process goes through four processes of Wine. */
const outOfProcess = Math.ceil(inProcess / 10);

const provisioned = await provision();
if (!provisioned.ok) throw new Error(provisioned.reason);
const { lab } = provisioned;
const { startLabBridge } = await compiled('../support/office-bridge.ts');

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

/** Runs a program of the lab that prints JSON. */
function run(program, ...args) {
  const options = { env: { ...process.env, ...lab.environment }, encoding: 'utf8', timeout: 300_000 };
  return JSON.parse(execFileSync('wine', [`C:\\lab\\${program}`, ...args.map(String)], options));
}

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

async function compare(name, calls, warmUpCalls, fixture) {
  const bridge = startLabBridge(lab, {}, fixture);
  try {
    const { process: server } = await bridge.request('initialize', { protocolVersion: 1 });
    const usage = () => run('process-usage.exe', server.pid);
    await timed(bridge, 'c2r/status', warmUpCalls);
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
    const [status, ping, c] = [median(ours), median(pings), median(theirs.map(({ p50 }) => p50))];
    console.log(
      `  ${name}: c2r/status ${show(status, percentile(ours, 0.99))}; ping ${show(ping, percentile(pings, 0.99))}`,
    );
    console.log(`  C program ${show(c, median(theirs.map(({ p99 }) => p99)))}`);
    if (fixture.outOfProcess) atMost(`status ${name}, to the C program`, status / c, limits.ratio);
    else {
      noLimit(`status ${name}, to the C program`, status / c);
      atMost(`status ${name}, to the C program's and a ping together`, status / (c + ping), limits.ratioWithPing);
    }
    const growth = (after.privateBytes - before.privateBytes) / 2 ** 20;
    atMost(`growth over ${calls} calls ${name}`, growth, limits.growthMiB, ' MiB');
    atMost(`handles more after ${calls} calls ${name}`, after.handles - before.handles, limits.handles);
    await bridge.stop();
  } finally {
    await bridge[Symbol.asyncDispose]();
  }
}

try {
  await compare('in process', inProcess, warmUp.inProcess, {});
  // Wine keeps sending clients to a server that is gone, until its services start anew.
  restart();
  await compare('out of process', outOfProcess, warmUp.outOfProcess, { outOfProcess: true });
} finally {
  stop();
}
