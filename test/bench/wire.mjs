// Measures the wire against `node -e 0`, a bare vscode-jsonrpc server that validates nothing, the MCP SDK's server and a
// hand-framed minimum, with one client and in interleaved rounds, so that whatever else the machine does hits all alike:
//   node test/bench/wire.mjs [--quick] [--cycles 200] [--before FOLDER] [--only start,sessions,echoes,takes,lists]
// --before names another working tree with its dist/, which is measured side by side.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atMost, median, noLimit, percentile } from './figures.mjs';
import { buildPeers, start } from './peers.mjs';

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    cycles: { type: 'string' },
    before: { type: 'string' },
    only: { type: 'string' },
  },
});
const quick = given.quick ?? false;
const cycles = Number(given.cycles ?? (quick ? 20 : 200));
const onLinux = process.platform === 'linux';
/** A text that JSON must escape, of which much goes through Office's interface. */
const xml = '<package id="x64" path="C:\\Office\\Data">en-us</package>\r\n';
/**
 * Ratios to the bare server unless a unit says otherwise. README promises all but three: that small echoes and idle memory
 * cost no more than a tenth on top, checks included, and that a first response is not far from the bare server's.
 */
const limits = {
  start: 1.4,
  idleMB: 60,
  idle: 1.1,
  roundTrip: 0.95,
  cpu: 0.95,
  burst: 0.5,
  echo: 1.1,
  largeEcho: 0.9,
  large: 1,
  escapedEcho: 1,
  first: 1.5,
  mcp: 1,
  before: 1.03,
};

async function milliseconds(body) {
  const before = performance.now();
  await body();
  return performance.now() - before;
}

/** Runs `body` for each server in turn, `rounds` times; gives the figures of each server by its key. */
async function interleaved(servers, rounds, body) {
  const figures = Object.fromEntries(Object.keys(servers).map((key) => [key, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [key, server] of Object.entries(servers)) figures[key].push(...(await body(server)));
  }
  return figures;
}

/** The median of ours against the bare server, which has a limit of its own, and against the others. */
function compare(name, figures, limit, unit, digits = 2) {
  const shown = Object.entries(figures).map(
    ([key, values]) =>
      `${peers[key].name} ${median(values).toFixed(digits)} (p99 ${percentile(values, 0.99).toFixed(digits)})`,
  );
  console.log(`  ${unit}: ${shown.join(', ')}`);
  const ratio = (key) => median(figures.ours) / median(figures[key]);
  atMost(`${name}, to bare vscode-jsonrpc`, ratio('bare'), limit);
  if (figures.mcp) atMost(`${name}, to the MCP SDK`, ratio('mcp'), limits.mcp);
  if (figures.before) atMost(`${name}, to the build before`, ratio('before'), limits.before);
  if (figures.minimal) noLimit(`${name}, to a hand-framed minimum`, ratio('minimal'));
}

async function startUp() {
  const rounds = quick ? 5 : 25;
  const bare = [];
  const figures = await interleaved(peers, rounds, async (peer) => {
    if (peer === peers.ours)
      bare.push(await milliseconds(() => once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')));
    let server;
    const first = await milliseconds(() => {
      server = start(peer, peer.session);
      return server.send(peer === peers.bare || peer === peers.minimal ? peer.wire.ping(0) : peer.wire.initialize);
    });
    await server.stop();
    return [first];
  });
  console.log(`  node -e 0: ${median(bare).toFixed(1)} ms`);
  // The milliseconds differ threefold between machines.
  atMost('first response, to node -e 0', median(figures.ours) / median(bare), limits.start);
  compare('first response', figures, limits.first, 'ms', 1);
}

/** Starts and stops leave no process, no file and no other exit code than 0. */
async function startAndStop() {
  const temporary = join(work, 'temporary');
  mkdirSync(temporary);
  const env = { ...process.env, TMPDIR: temporary, TMP: temporary, TEMP: temporary };
  const pids = [];
  let otherCodes = 0;
  for (let cycle = 0; cycle < cycles; cycle++) {
    const server = start(peers.ours, peers.ours.session, { env });
    await server.send(peers.ours.wire.initialize);
    if ((await server.stop()) !== 0) otherCodes++;
    pids.push(server.pid);
  }
  const alive = onLinux ? pids.filter((pid) => isBridge(pid)) : [];
  atMost(`other exit codes than 0 in ${cycles} starts and stops`, otherCodes, 0);
  atMost('processes left', alive.length, 0);
  atMost('files left in the temporary folder', readdirSync(temporary).length, 0);
}

/** Numbers of processes are given out again, so one that is still there must be ours as well. */
function isBridge(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(peers.ours.session);
  } catch {
    return false;
  }
}

async function idleMemory(servers) {
  if (!onLinux) return;
  const resident = ({ pid }) =>
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1000;
  const shown = Object.entries(servers).map(([key, server]) => `${peers[key].name} ${resident(server).toFixed(0)}`);
  console.log(`  MB resident after initialize: ${shown.join(', ')}`);
  const ours = resident(servers.ours);
  atMost('idle memory', ours, limits.idleMB, ' MB');
  atMost('idle memory, to bare vscode-jsonrpc', ours / resident(servers.bare), limits.idle);
  if (servers.mcp) atMost('idle memory, to the MCP SDK', ours / resident(servers.mcp), limits.mcp);
}

/** CPU seconds of a process, of all its threads; /proc/PID/stat would count in hundredths. */
function cpuSeconds({ pid }) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = (thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return threads.reduce((sum, thread) => sum + nanoseconds(thread), 0) / 1e9;
}

function cpuOfEach(servers) {
  return onLinux && Object.fromEntries(Object.entries(servers).map(([key, server]) => [key, cpuSeconds(server)]));
}

function compareCpu(name, servers, before, limit) {
  if (!onLinux) return;
  const spent = (key) => cpuSeconds(servers[key]) - before[key];
  atMost(`${name}, to bare vscode-jsonrpc`, spent('ours') / spent('bare'), limit);
  if (servers.mcp) atMost(`${name}, to the MCP SDK`, spent('ours') / spent('mcp'), limits.mcp);
  if (servers.before) atMost(`${name}, to the build before`, spent('ours') / spent('before'), limits.before);
}

async function roundTrips(servers) {
  const calls = async (server, count) => {
    const ping = server.peer.wire.ping(1);
    const measured = [];
    for (let call = 0; call < count; call++) measured.push((await milliseconds(() => server.send(ping))) * 1000);
    return measured;
  };
  for (const server of Object.values(servers)) await calls(server, quick ? 500 : 3000);
  const before = cpuOfEach(servers);
  const figures = await interleaved(servers, quick ? 4 : 30, (server) => calls(server, 500));
  compare('round trip p50', figures, limits.roundTrip, 'µs', 0);
  compareCpu('server CPU a call', servers, before, limits.cpu);
}

async function bursts(servers) {
  const count = quick ? 5_000 : 50_000;
  const figures = await interleaved(servers, quick ? 2 : 5, async (server) => {
    const burst = Array.from({ length: count }, (_, id) => server.peer.wire.ping(id)).join('');
    return [await milliseconds(() => server.send(burst, count))];
  });
  compare(`burst of ${count}`, figures, limits.burst, 'ms', 0);
}

async function echoes(servers, name, value, rounds, limit) {
  const echo = async (server) => [await milliseconds(() => server.send(server.peer.wire.echo(value)))];
  // What V8 has not compiled yet is not what is compared.
  await interleaved(servers, value.length < 1_000_000 ? 300 : 5, echo);
  const before = cpuOfEach(servers);
  const figures = await interleaved(servers, quick ? 3 : rounds, echo);
  compare(`echo of ${name}`, figures, limit, 'ms', 1);
  if (value.length >= 1_000_000) compareCpu(`server CPU an echo of ${name}`, servers, before, limit);
}

/** 16 MB that the client sends, of which the server makes something only by taking it. */
async function takes() {
  const { bare, ours, before } = peers;
  const servers = startAll({ ours, bare, ...(before && { before }) }, ({ echo }) => echo);
  const values = {
    'one text': 'x'.repeat(16_000_000),
    'one text of XML': xml.repeat(16_000_000 / xml.length),
    '90,000 texts': Array(90_000).fill('x'.repeat(175)),
  };
  for (const [name, value] of Object.entries(values)) {
    const take = async (server) => [await milliseconds(() => server.send(server.peer.wire.take(value)))];
    await measureLarge(`16 MB in, ${name}`, servers, take);
  }
  await stopAll(servers);
}

/** 16 MB that a method of the bridge itself gives back: what blocks an Apply in the simulated Office. */
async function lists() {
  const { bare, ours, before } = peers;
  const values = {
    '160 texts': Array.from({ length: 160 }, (_, index) => `${index}`.padStart(100_000, 'x')),
    '160,000 texts': Array.from({ length: 160_000 }, (_, index) => `${index}`.padStart(97, 'x')),
    '1,000,000 names': Array.from({ length: 1_000_000 }, (_, index) => `APP${`${index}`.padStart(6, '0')}.EXE`),
  };
  for (const [name, blockingApps] of Object.entries(values)) {
    const scenario = join(work, 'scenario.json');
    writeFileSync(scenario, JSON.stringify({ office: { blockingApps } }));
    const env = { ...process.env, C2R_SIMULATION: scenario, C2R_BACKEND: 'simulated' };
    const servers = startAll({ ours, bare, ...(before && { before }) }, ({ session }) => session, { env });
    const ask = async (server) => [await milliseconds(() => server.send(server.peer.wire.blockingApps()))];
    await measureLarge(`16 MB out by c2r/blockingApps, ${name}`, servers, ask);
    await stopAll(servers);
  }
}

async function measureLarge(name, servers, body) {
  await interleaved(servers, 5, body);
  const cpu = cpuOfEach(servers);
  const figures = await interleaved(servers, quick ? 3 : 20, body);
  compare(name, figures, limits.large, 'ms', 1);
  compareCpu(`server CPU, ${name}`, servers, cpu, limits.large);
}

const running = new Set();
async function stop(server) {
  running.delete(server);
  await server.stop();
}
async function stopAll(servers) {
  for (const server of Object.values(servers)) await stop(server);
}
function startAll(which, script, options) {
  const servers = Object.fromEntries(
    Object.entries(which).map(([key, peer]) => [key, Object.assign(start(peer, script(peer), options), { peer })]),
  );
  for (const server of Object.values(servers)) running.add(server);
  return servers;
}

const work = mkdtempSync(join(tmpdir(), 'c2r-bench-'));
const peers = await buildPeers(work, given.before);
/** A ping, alone and in a burst. */
async function sessions() {
  const servers = startAll(peers, ({ session }) => session);
  for (const key of ['ours', 'before', 'mcp']) await servers[key]?.send(peers[key].wire.initialize);
  await idleMemory(servers);
  await roundTrips(servers);
  await bursts(servers);
  await stopAll(servers);
}

async function allEchoes() {
  const servers = startAll(peers, ({ echo }) => echo);
  await servers.mcp?.send(peers.mcp.wire.initialize);
  await echoes(servers, '64 kB', 'x'.repeat(64_000), 500, limits.echo);
  await echoes(servers, '1 MB', 'x'.repeat(1_000_000), 30, limits.echo);
  // The SDK ends where a message is longer than 10 MB.
  const { mcp: _, ...large } = servers;
  await echoes(large, '16 MB', 'x'.repeat(16_000_000), 15, limits.largeEcho);
  await echoes(large, '16 MB of XML', xml.repeat(16_000_000 / xml.length), 15, limits.escapedEcho);
  await stopAll(servers);
}

const parts = {
  start: async () => {
    await startUp();
    await startAndStop();
  },
  sessions,
  echoes: allEchoes,
  takes,
  lists,
};
try {
  for (const part of given.only?.split(',') ?? Object.keys(parts)) await parts[part]();
} finally {
  for (const server of running) await stop(server);
  rmSync(work, { recursive: true, force: true });
}
