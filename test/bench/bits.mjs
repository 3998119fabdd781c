// The custom BITS manager through COM under Wine, against cp of the same file in the same run:
//   node test/bench/bits.mjs [--mib 1024] [--cycles 10000]      needs the lab, and three times that room in the repository's .cache
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { provision, stop } from '../lab/provision.mjs';
import { atLeast, atMost, noLimit } from './figures.mjs';

const clsid = '{9E349168-6535-48C0-AA63-158FE76AF636}';
const limits = { mibPerSecond: 300 / 1.048576, ofCopy: 0.7, rssMiB: 150, callMs: 50, growthMiB: 8, handles: 4 };

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const mib = option('mib', 1024);
const cycles = option('cycles', 10_000);

const provisioned = await provision();
if (!provisioned.ok) throw new Error(provisioned.reason);
const { lab } = provisioned;
const folder = join(lab.driveC, 'bench-bits');

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
  const entry = { path, size: mib * 1_048_576, sha256: hash.digest('hex'), modifiedMs: 0, url: 'https://x/' };
  const none = { validator: null, lcid: null, hashLocation: null, hashAlgorithm: null };
  const files = [{ ...entry, ...none, stagedAt: at }];
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
      if (!/^\d+$/.test(pid) || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--com-server')) return false;
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`WINEPREFIX=${lab.prefix}\0`);
    } catch {
      return false;
    }
  });
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

try {
  rmSync(folder, { recursive: true, force: true });
  const path = writeImage();
  call('bits/register', { contentId: 'bench', path: 'C:\\bench-bits\\image' });

  const copies = [];
  const runs = [];
  for (let round = 0; round < 3; round++) {
    const started = performance.now();
    copyFileSync(join(folder, 'image', path), join(folder, 'out/copy'));
    copies.push((mib * 1000) / (performance.now() - started));
    rmSync(join(folder, 'out/copy'));
    runs.push(await client('fetch', clsid, `cmbits://bench/${path}`, 'C:\\bench-bits\\out\\file'));
    rmSync(join(folder, 'out/file'));
  }
  const best = Math.max(...runs.map(({ took }) => (mib * 1000) / took));
  const copy = Math.max(...copies);
  const wanted = Math.min(limits.mibPerSecond, limits.ofCopy * copy);
  noLimit('cp of the same file', copy, ' MiB/s');
  atLeast('one file through COM, hash checked', best, Math.round(wanted), ' MiB/s');
  const rss = Math.max(...runs.flatMap(({ looks }) => looks.map(({ rssMiB }) => rssMiB)));
  atMost('memory of the server', rss, limits.rssMiB, ' MiB');
  const slowest = Math.min(...runs.map((run) => run.slowest));
  atMost('slowest call, the best of three runs', slowest, limits.callMs, ' ms');

  if (cycles > 0) {
    const { looks, took } = await client(
      'cycles',
      clsid,
      'cmbits://bench/v64.cab',
      'C:\\bench-bits\\out\\cab',
      `${cycles}`,
    );
    // The first tenth is the time in which a fresh Node settles.
    const settled = looks.slice(Math.floor(looks.length / 10));
    const growth = (settled.at(-1)?.rssMiB ?? 0) - (settled[0]?.rssMiB ?? 0);
    const handles = (settled.at(-1)?.handles ?? 0) - (settled[0]?.handles ?? 0);
    noLimit('a cycle of create, add, resume, complete', took / cycles, ' ms');
    atMost(`growth over ${cycles} cycles`, growth, limits.growthMiB, ' MiB');
    atMost(`handles more after ${cycles} cycles`, handles, limits.handles);
  }
} finally {
  call('bits/unregister', { contentId: 'bench' });
  rmSync(folder, { recursive: true, force: true });
  stop();
}
