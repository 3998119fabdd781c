// Staging and verifying against the tools an administrator would use instead, side by side on the loopback:
//   node test/bench/content.mjs [--mib 1200] [--rounds 3] [--counts 60,600,6000] [--against DIST/c2r-bridge.cjs]
// needs aria2c and openssl, and three times that room in the temporary folder: TMPDIR=/dev/shm keeps the disk out of it. With
// --against, another build takes part; `--mib 0` and `--counts 0` leave out the large image and those of many small files.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { generated, image, startCdn } from '../support/cdn.mjs';
import { atMost, median, noLimit, percentile } from './figures.mjs';

/** Ratios but for memory, pings and the second run. */
const limits = {
  staging: 0.8,
  stagingCpu: 0.55,
  stagingMb: 110,
  hashing: 0.55,
  hashingMb: 150,
  pingMs: 20,
  again: 0.5,
  perFile: 1.2,
};

function option(name, usual) {
  const at = process.argv.indexOf(name);
  return at < 0 ? usual : process.argv[at + 1];
}

const bridge = option('--bridge', fileURLToPath(new URL('../../dist/c2r-bridge.cjs', import.meta.url)));
const minimal = fileURLToPath(new URL('./minimal-receiver.mjs', import.meta.url));

/** Languages that make an image of `count` streams and their cabinets. */
function languages(count) {
  const letter = (index) => String.fromCharCode(97 + (index % 26));
  return Array.from({ length: count }, (_, index) => `l${letter(index)}${letter(index / 26)}${letter(index / 676)}`);
}

/** 20 streams: one with a quarter of the bytes, the others of equal size. */
function largeImage(mib) {
  const bytes = mib * 1_048_576;
  const others = languages(19);
  const each = Math.floor((bytes * 0.75) / others.length);
  const dats = { 'x-none': generated(Math.floor(bytes / 4), 1) };
  for (const [index, language] of others.entries()) dats[language] = generated(each + index, index + 2);
  return image({ dats });
}

/** About `count` files of 32 KiB: half of them streams, half their cabinets. */
function manyFiles(count) {
  const dats = { 'x-none': generated(32_768, 1) };
  for (const [index, language] of languages(count / 2 - 3).entries()) dats[language] = generated(32_768, index + 2);
  return image({ dats });
}

async function serve() {
  const { mib, count } = workerData;
  const cdn = await startCdn(count ? manyFiles(count) : largeImage(mib));
  parentPort.postMessage({ endpoint: cdn.endpoint, list: cdn.list });
}

/** Runs what needs a server of an image. */
async function withServer(what, body) {
  const server = new Worker(new URL(import.meta.url), { workerData: what });
  try {
    const [served] = await once(server, 'message');
    return await body(served);
  } finally {
    await server.terminate();
  }
}

/** Runs a command to its end; gives the seconds that it took, by the clock and of processor time. */
function run(command, args, options) {
  const script = 'TIMEFORMAT="%R %U %S"; time "$0" "$@" >/dev/null';
  const { status, stderr } = spawnSync('bash', ['-c', script, command, ...args], { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  const [wall, user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { wall, cpu: user + system };
}

/** Processor seconds that a process and its threads have used. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Makes one request of a bridge of its own; gives the result, times, the round trips of pings meanwhile, and its memory. */
async function request(program, method, params) {
  const child = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  await connection.sendRequest('bridge/ping', {});
  const pings = [];
  let running = true;
  const [started, cpuBefore] = [performance.now(), cpuOf(child.pid)];
  const result = connection.sendRequest(method, params).finally(() => {
    running = false;
  });
  while (running) {
    const sent = performance.now();
    await connection.sendRequest('bridge/ping', {});
    pings.push(performance.now() - sent);
    await Promise.race([result, new Promise((resolve) => setTimeout(resolve, 5))]);
  }
  const outcome = await result;
  const wall = (performance.now() - started) / 1000;
  const cpu = cpuOf(child.pid) - cpuBefore;
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  await once(child, 'exit');
  return { ...outcome, wall, cpu, pings, mb: (Number(peak) * 1024) / 1e6 };
}

async function round(work, { endpoint, list }, programs) {
  const figures = {};
  const streams = list.filter(({ hashLocation }) => hashLocation);
  const dats = streams.map(({ relativePath, name }) => `${relativePath}${name}`.slice(1));
  const folder = (name) => join(work, name);
  for (const [name, program] of Object.entries(programs)) {
    const destination = folder(name);
    figures[name] = { stage: await request(program, 'content/stage', { endpoint, destination }) };
    rmSync(destination, { recursive: true });
  }
  figures.minimal = run(process.execPath, [minimal, folder('minimal'), ...list.map(({ url }) => url)]);
  rmSync(folder('minimal'), { recursive: true });
  const destination = folder('image');
  const input = list.map(
    ({ url, relativePath, name }) => `${url}\n  dir=${folder(`aria${relativePath}`)}\n  out=${name}\n`,
  );
  writeFileSync(folder('list.txt'), input.join(''));
  figures.aria2c = run('aria2c', ['-x4', '-j4', '--quiet', '--allow-overwrite', '-i', folder('list.txt')]);
  rmSync(folder('aria'), { recursive: true });
  figures.first = await request(bridge, 'content/stage', { endpoint, destination });
  figures.again = await request(bridge, 'content/stage', { endpoint, destination });
  // Before and after, so that what else the machine does weighs on both alike.
  const before = run('openssl', ['dgst', '-sha256', ...dats], { cwd: destination });
  for (const [name, program] of Object.entries(programs)) {
    figures[name].verify = await request(program, 'content/verify', { path: destination });
    figures[name].force = await request(program, 'content/stage', { endpoint, destination, force: true });
  }
  const after = run('openssl', ['dgst', '-sha256', ...dats], { cwd: destination });
  figures.openssl = { wall: (before.wall + after.wall) / 2, cpu: (before.cpu + after.cpu) / 2 };
  // What the machine's cores make of it at best.
  const atOnce = ['-0', `-P${Math.min(4, availableParallelism())}`, '-n1', 'openssl', 'dgst', '-sha256'];
  figures.together = run('xargs', atOnce, { cwd: destination, input: dats.join('\0') });
  rmSync(destination, { recursive: true });
  return figures;
}

/** Seconds a file, for images of so many small ones. */
async function perFile(work, count) {
  return withServer({ count }, async ({ endpoint, list }) => {
    const destination = join(work, 'many');
    const { wall } = await request(bridge, 'content/stage', { endpoint, destination });
    rmSync(destination, { recursive: true });
    return wall / list.length;
  });
}

async function main() {
  const [mib, rounds, against] = [Number(option('--mib', 1200)), Number(option('--rounds', 3)), option('--against')];
  const programs = { ours: bridge, ...(against ? { before: against } : {}) };
  const work = mkdtempSync(join(tmpdir(), 'c2r-bench-'));
  mkdirSync(work, { recursive: true });
  try {
    const all = [];
    if (mib > 0) {
      await withServer({ mib }, async (served) => {
        for (let index = 0; index < rounds; index++) all.push(await round(work, served, programs));
      });
    }
    const mid = (figure) => median(all.map(figure));
    for (const name of all.length > 0 ? Object.keys(programs) : []) {
      const show = name === 'ours' ? atMost : (what, figure, _limit, unit) => noLimit(`${name}: ${what}`, figure, unit);
      const pings = (...kinds) => all.flatMap((figures) => kinds.flatMap((kind) => figures[name][kind].pings));
      show(
        'staging, hashed, to aria2c without hashing',
        mid((f) => f[name].stage.wall / f.aria2c.wall),
        limits.staging,
      );
      show(
        'staging, CPU to aria2c and openssl',
        mid((f) => f[name].stage.cpu / (f.aria2c.cpu + f.openssl.cpu)),
        limits.stagingCpu,
      );
      noLimit(
        `${name}: staging, CPU to that of the program that only receives, hashes and writes`,
        mid((f) => f[name].stage.cpu / f.minimal.cpu),
      );
      show('staging, peak memory', Math.max(...all.map((f) => f[name].stage.mb)), limits.stagingMb, ' MB');
      show('staging, ping p99', percentile(pings('stage'), 0.99), limits.pingMs, ' ms');
      show(
        'content/verify, to openssl',
        mid((f) => f[name].verify.wall / f.openssl.wall),
        limits.hashing,
      );
      show(
        '-Force, to openssl',
        mid((f) => f[name].force.wall / f.openssl.wall),
        limits.hashing,
      );
      show(
        'hashing, peak memory',
        Math.max(...all.flatMap((f) => [f[name].verify.mb, f[name].force.mb])),
        limits.hashingMb,
        ' MB',
      );
      show('hashing, ping p99', percentile(pings('verify', 'force'), 0.99), limits.pingMs, ' ms');
    }
    if (all.length > 0) {
      noLimit(
        'a program that only receives, hashes and writes, to aria2c',
        mid((f) => f.minimal.wall / f.aria2c.wall),
      );
      noLimit(
        'its CPU, to aria2c and openssl',
        mid((f) => f.minimal.cpu / (f.aria2c.cpu + f.openssl.cpu)),
      );
      noLimit(
        'openssl on every core at once, to one after another',
        mid((f) => f.together.wall / f.openssl.wall),
      );
      atMost(
        'second run, to the first',
        mid((f) => f.again.wall / f.first.wall),
        limits.again,
      );
      atMost('files hashed by the second run', Math.max(...all.map((f) => f.again.verified)), 0);
      atMost('bytes loaded by -Force', Math.max(...all.map((f) => f.ours.force.downloadedBytes)), 0);
    }
    const counts = option('--counts', '60,600,6000').split(',').map(Number).filter(Boolean);
    const costs = counts.map(() => []);
    for (let index = 0; index < rounds; index++) {
      for (const [at, count] of counts.entries()) costs[at].push(await perFile(work, count));
    }
    const [few, some, many] = costs.map(median);
    // What a run costs besides its files is most of the smallest one, and is not counted against the others.
    if (counts.length === 3) {
      noLimit(`time a file, ${counts[1]} to ${counts[0]}`, some / few);
      atMost(`time a file, ${counts[2]} to ${counts[1]}`, many / some, limits.perFile);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

await (isMainThread ? main() : serve());
