// The custom BITS manager through COM under Wine, against Wine's own BITS, dd, openssl and curl in the same run:
//   node test/bench/bits.mjs [--mib 1024] [--cycles 10000] [--rounds 3]      needs the lab, and four times that room in the repository's .cache
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { provision, stop } from '../lab/provision.mjs';
import { atMost, noLimit } from './figures.mjs';

const clsid = '{9E349168-6535-48C0-AA63-158FE76AF636}';
/** Wine's own BITS, which copies a `file://` URL and checks nothing. */
const winesOwn = '{4991D34B-80A1-4291-83B6-3328366B9097}';
const limits = {
  ofWine: 1.5,
  cpuOfTools: 2,
  smallOfWine: 1,
  ofCurl: 1.1,
  jobOf50: 1.2,
  rssMiB: 150,
  callMs: 50,
  growthMiB: 8,
  handles: 4,
};

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const mib = option('mib', 1024);
const cycles = option('cycles', 10_000);
const rounds = option('rounds', 3);

const provisioned = await provision();
if (!provisioned.ok) throw new Error(provisioned.reason);
const { lab } = provisioned;
const folder = join(lab.driveC, 'bench-bits');

const smallFile = Buffer.alloc(1000, 7);

/** A file without patterns, and the manifest that knows its hash, so that what is measured includes the check. */
function writeImage() {
  const path = 'Office/Data/16.0.1.2/stream.x64.x-none.dat';
  mkdirSync(join(folder, 'image/Office/Data/16.0.1.2'), { recursive: true });
  mkdirSync(join(folder, 'out'));
  const block = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => (index * 2654435761) >>> 24));
  const hash = createHash('sha256');
  const file = openSync(join(folder, 'image', path), 'w');
  for (let index = 0; index < mib; index++) {
    block.writeUInt32LE(index);
    hash.update(block);
    writeSync(file, block);
  }
  closeSync(file);
  writeFileSync(join(folder, 'image/v64.cab'), Buffer.alloc(5000, 7));
  const at = '2026-01-01T00:00:00Z';
  const none = { validator: null, lcid: null, hashLocation: null, hashAlgorithm: null };
  const entry = { modifiedMs: 0, url: 'https://x/', stagedAt: at, ...none };
  const small = createHash('sha256').update(smallFile).digest('hex');
  const files = [
    { path, size: mib * 1_048_576, sha256: hash.digest('hex'), ...entry },
    { path: 'small.dat', size: smallFile.length, sha256: small, ...entry },
  ];
  const manifest = { schema: 1, createdAt: at, updatedAt: at, sources: [], files };
  writeFileSync(join(folder, 'image/manifest.json'), JSON.stringify(manifest));
  return path;
}

function call(method, params) {
  const { status, stderr } = spawnSync(lab.node, [lab.bridge, 'call', method, JSON.stringify(params)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

/** The process that serves, by its id on this machine. */
function server() {
  return readdirSync('/proc').find((pid) => {
    try {
      if (!/^\d+$/.test(pid) || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--com-process')) return false;
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`WINEPREFIX=${lab.prefix}\0`);
    } catch {
      return false;
    }
  });
}

/** Seconds of CPU that a process has taken; Linux counts in hundredths. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Wall and CPU seconds of a program. */
function timed(program, ...args) {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@"';
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', program, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  const [wall, user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { wall, cpu: user + system };
}

/** Milliseconds that the same Node takes for the SHA-256 of as many bytes in memory, which nothing that checks a file can undercut. */
function windowsHashMs() {
  const script = `
    const { createHash } = require('node:crypto');
    const [hash, block] = [createHash('sha256'), Buffer.alloc(1 << 20, 7)];
    const started = performance.now();
    for (let index = 0; index < ${mib}; index++) hash.update(block);
    hash.digest();
    console.log(performance.now() - started);`;
  return Number(execFileSync(lab.node, ['-e', script], { encoding: 'utf8' }));
}

/** Serves the image over HTTP from a process of its own. */
async function serveImage() {
  const script = `
    const { createServer } = require('node:http'); const { createReadStream, statSync } = require('node:fs');
    createServer((request, response) => {
      const file = process.argv[1] + decodeURIComponent(request.url);
      let size; try { size = statSync(file).size; } catch { response.writeHead(404).end(); return; }
      response.writeHead(200, { 'content-length': size, etag: '"1"' });
      if (request.method === 'HEAD') response.end(); else createReadStream(file, { highWaterMark: 1 << 20 }).pipe(response);
    }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;
  const child = spawn(process.execPath, ['-e', script, join(folder, 'image')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(child.stdout, 'data');
  return { baseUrl: `http://127.0.0.1:${String(port).trim()}`, stop: () => child.kill() };
}

/** The best of `rounds` runs of each, which take turns, so that what else the machine does meets them alike. */
async function takeTurns(rounds, ...runs) {
  const best = runs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++)
    for (const [index, run] of runs.entries()) best[index] = Math.min(best[index], await run());
  return best;
}

function look(pid) {
  try {
    const [, rss] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return { rssMiB: Number(rss) / 1024, handles: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return null;
  }
}

/** Runs bits-client.exe, looking at the server four times a second. */
async function client(...args) {
  const env = { ...process.env, ...lab.environment };
  const child = spawn('wine', ['C:\\lab\\bits-client.exe', ...args], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const looks = [];
  const timer = setInterval(() => {
    const seen = look(server());
    if (seen) looks.push(seen);
  }, 250);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${output}`);
  const number = (pattern) => Number(pattern.exec(output)?.[1]);
  return { looks, took: number(/took ([\d.]+) ms/), slowest: number(/slowest call ([\d.]+) ms/) };
}

const windowsFolder = 'C:\\bench-bits';
const outcome = (name) => join(folder, 'out', name);
const looks = [];
const slowest = [];

/** Milliseconds of a whole file, from Resume to TRANSFERRED. */
async function fetchMs(manager, url, name) {
  const run = await client('fetch', manager, url, `${windowsFolder}\\out\\${name}`);
  rmSync(outcome(name));
  if (manager === clsid) {
    looks.push(...run.looks);
    slowest.push(run.slowest);
  }
  return run.took;
}

const cyclesMs = async (manager, url, count) =>
  (await client('cycles', manager, url, `${windowsFolder}\\out\\small`, `${count}`)).took / count;
const jobMs = async (count) => (await client('many', clsid, 'bench', `${windowsFolder}\\out`, `${count}`)).took / count;

let web;
try {
  rmSync(folder, { recursive: true, force: true });
  const path = writeImage();
  const image = join(folder, 'image', path);
  mkdirSync(join(folder, 'image/many'));
  for (let index = 0; index < 50; index++)
    writeFileSync(join(folder, `image/many/file${index}.dat`), Buffer.alloc(200_000, index));
  writeFileSync(join(folder, 'image/small.dat'), smallFile);
  call('bits/register', { contentId: 'bench', path: `${windowsFolder}\\image` });

  let cpu = Number.POSITIVE_INFINITY;
  const [ours, wines, dd, openssl, hashed] = await takeTurns(
    rounds,
    async () => {
      // The server lives on between the runs: what it took before this one is not this one's.
      const before = server() ? cpuOf(server()) : null;
      const took = await fetchMs(clsid, `cmbits://bench/${path}`, 'ours');
      if (before !== null) cpu = Math.min(cpu, cpuOf(server()) - before);
      return took;
    },
    () => fetchMs(winesOwn, `file://${windowsFolder}\\image\\${path.replaceAll('/', '\\')}`, 'wine'),
    () => {
      const { cpu } = timed('dd', `if=${image}`, `of=${outcome('dd')}`, 'bs=1M', 'status=none');
      // Written over in the next round, it would go to the disk at once, during what comes after it.
      rmSync(outcome('dd'));
      return cpu;
    },
    () => timed('openssl', 'dgst', '-sha256', image).cpu,
    () => windowsHashMs(),
  );
  noLimit('one file through COM, hash checked', (mib * 1000) / ours, ' MiB/s');
  atMost("its time, as a multiple of Wine's own BITS without a hash", ours / wines, limits.ofWine);
  noLimit("as a multiple of Node's own SHA-256 of as many bytes, which bounds it", ours / hashed);
  noLimit("Node's own SHA-256, as a multiple of Wine's own BITS", hashed / wines);
  atMost('its CPU, as a multiple of dd and openssl dgst', cpu / (dd + openssl), limits.cpuOfTools);

  web = await serveImage();
  call('bits/register', { contentId: 'web', baseUrl: web.baseUrl });
  const [http, curl] = await takeTurns(
    rounds,
    () => fetchMs(clsid, `cmbits://web/${path}`, 'web'),
    () => timed('curl', '-sf', '-o', outcome('curl'), `${web.baseUrl}/${path}`).wall * 1000,
  );
  rmSync(outcome('curl'));
  atMost('the same from a base URL, as a multiple of curl without a hash', http / curl, limits.ofCurl);

  const few = Math.min(Math.max(cycles, 50), 200);
  const [small, winesSmall] = await takeTurns(
    rounds,
    () => cyclesMs(clsid, 'cmbits://bench/small.dat', few),
    () => cyclesMs(winesOwn, `file://${windowsFolder}\\image\\small.dat`, few),
  );
  noLimit('a job of 1 kB from create to complete', small, ' ms');
  atMost("as a multiple of Wine's own BITS", small / winesSmall, limits.smallOfWine);

  const [one, fifty] = await takeTurns(
    rounds + 2,
    () => jobMs(1),
    () => jobMs(50),
  );
  atMost('a job of 50 at once, as a multiple of one alone', fifty / one, limits.jobOf50);
  const rss = Math.max(...looks.map(({ rssMiB }) => rssMiB));
  atMost('memory of the server', rss, limits.rssMiB, ' MiB');
  atMost('slowest call, the best of the runs', Math.min(...slowest), limits.callMs, ' ms');

  if (cycles > 0) {
    const { looks: seen, took } = await client(
      'cycles',
      clsid,
      'cmbits://bench/v64.cab',
      `${windowsFolder}\\out\\cab`,
      `${cycles}`,
    );
    // The first tenth is the time in which a fresh Node settles.
    const settled = seen.slice(Math.floor(seen.length / 10));
    const growth = (settled.at(-1)?.rssMiB ?? 0) - (settled[0]?.rssMiB ?? 0);
    const handles = (settled.at(-1)?.handles ?? 0) - (settled[0]?.handles ?? 0);
    noLimit('a cycle of create, add, resume, complete', took / cycles, ' ms');
    atMost(`growth over ${cycles} cycles`, growth, limits.growthMiB, ' MiB');
    atMost(`handles more after ${cycles} cycles`, handles, limits.handles);
  }
} finally {
  web?.stop();
  for (const contentId of ['bench', 'web']) call('bits/unregister', { contentId });
  rmSync(folder, { recursive: true, force: true });
  stop();
}
