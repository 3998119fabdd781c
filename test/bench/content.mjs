// Staging against the tools an administrator would use instead, side by side on the loopback:
//   node test/bench/content.mjs [--mib 4096]      needs curl, aria2c, sha256sum and openssl, and twice that room in the temporary folder
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { generated, image, sha256Of, startCdn } from '../support/cdn.mjs';
import { atLeast, atMost, percentile } from './figures.mjs';

const bridge = fileURLToPath(new URL('../../dist/c2r-bridge.cjs', import.meta.url));
const limits = { curl: 0.8, sha256sum: 0.6, openssl: 1.0, rssMiB: 150, pingMs: 20, againSeconds: 1, rehash: 0.8 };

/** 60 files: one stream with a quarter of the bytes, 28 of equal size, their cabinets, and three more cabinets. */
function sixtyFiles(mib) {
  const bytes = mib * 1_048_576;
  const languages = Array.from({ length: 27 }, (_, index) => `l${String.fromCharCode(97 + index / 10)}-${index}`);
  const each = Math.floor((bytes * 0.75) / languages.length);
  const dats = { 'x-none': generated(Math.floor(bytes / 4), 1) };
  for (const [index, language] of languages.entries()) dats[language] = generated(each + index, index + 2);
  return image({ dats });
}

async function serve() {
  const cdn = await startCdn(sixtyFiles(workerData.mib));
  const dats = cdn.list.filter(({ hashLocation }) => hashLocation);
  const hashes = dats.map(({ relativePath, name }) => {
    const path = `${relativePath}${name}`.slice(1);
    return `${sha256Of(cdn.files.get(path))}  ${path}`;
  });
  parentPort.postMessage({ endpoint: cdn.endpoint, list: cdn.list, hashes });
}

/** Runs a command to its end; gives the seconds that it took. */
function seconds(command, args, options) {
  const started = performance.now();
  const { status, stderr } = spawnSync(command, args, { maxBuffer: 1 << 28, ...options });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return (performance.now() - started) / 1000;
}

/** Stages with the bridge; gives the result, the round trips of pings meanwhile, and the peak of its memory. */
async function stage(params) {
  const child = spawn(process.execPath, [bridge, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  await connection.sendRequest('bridge/ping', {});
  const pings = [];
  let staging = true;
  const started = performance.now();
  const result = connection.sendRequest('content/stage', params).finally(() => {
    staging = false;
  });
  while (staging) {
    const sent = performance.now();
    await connection.sendRequest('bridge/ping', {});
    pings.push(performance.now() - sent);
    await Promise.race([result, new Promise((resolve) => setTimeout(resolve, 5))]);
  }
  const outcome = await result;
  const wall = (performance.now() - started) / 1000;
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  await once(child, 'exit');
  return { ...outcome, wall, pings, rssMiB: Number(peak) / 1024 };
}

async function main() {
  const at = process.argv.indexOf('--mib');
  const mib = at < 0 ? 4096 : Number(process.argv[at + 1]);
  const server = new Worker(new URL(import.meta.url), { workerData: { mib } });
  const [{ endpoint, list, hashes }] = await once(server, 'message');
  const work = mkdtempSync(join(tmpdir(), 'c2r-bench-'));
  try {
    const bytes = mib * 1_048_576;
    const input = list.map(
      ({ url, relativePath, name }) => `${url}\n  dir=${join(work, 'aria', relativePath)}\n  out=${name}\n`,
    );
    writeFileSync(join(work, 'list.txt'), input.join(''));
    const curl = list.flatMap(({ url, relativePath, name }) => [
      `url = "${url}"`,
      `output = "${join(work, 'curl', relativePath, name)}"`,
    ]);
    const parallel = ['silent', 'show-error', 'fail', 'create-dirs', 'parallel', 'parallel-max = 4'];
    writeFileSync(join(work, 'curl.txt'), [...parallel, ...curl].join('\n'));
    writeFileSync(join(work, 'sums.txt'), `${hashes.join('\n')}\n`);
    const dats = hashes.map((line) => line.slice(66));
    const aria = ['-x4', '-j4', '--quiet', '--allow-overwrite', '-i', join(work, 'list.txt')];

    const staged = await stage({ endpoint, destination: join(work, 'image') });
    console.log(
      `bridge: ${staged.wall.toFixed(2)} s, ${(bytes / staged.wall / 1e6).toFixed(0)} MB/s, ${staged.files} files`,
    );
    const again = await stage({ endpoint, destination: join(work, 'image') });
    const cwd = join(work, 'image');
    const hashAll = () => seconds('openssl', ['dgst', '-sha256', ...dats], { cwd });
    // Before and after, so that what else the machine does weighs on both alike.
    const before = hashAll();
    const forced = await stage({ endpoint, destination: join(work, 'image'), force: true });
    const openssl = (before + hashAll()) / 2;
    rmSync(join(work, 'image'), { recursive: true });

    const curled = seconds('curl', ['-K', join(work, 'curl.txt')]);
    rmSync(join(work, 'curl'), { recursive: true });
    const download = seconds('aria2c', aria);
    const inAria = { cwd: join(work, 'aria') };
    const sums = seconds('sha256sum', ['--quiet', '-c', join(work, 'sums.txt')], inAria);
    const digests = seconds('openssl', ['dgst', '-sha256', ...dats], inAria);
    const others = { curl: curled, aria2c: download, sha256sum: sums, openssl: digests };
    console.log(
      Object.entries(others)
        .map(([name, took]) => `${name} ${took.toFixed(2)} s`)
        .join(', '),
    );

    const { wall, rssMiB, pings } = staged;
    atMost('staging, to curl and sha256sum', wall / (curled + sums), limits.curl);
    atMost('staging, to aria2c and sha256sum', wall / (download + sums), limits.sha256sum);
    atMost('staging, to aria2c and openssl', wall / (download + digests), limits.openssl);
    atMost('peak memory', rssMiB, limits.rssMiB, ' MiB');
    atMost(`ping p99 of ${pings.length} while staging`, percentile(pings, 0.99), limits.pingMs, ' ms');
    atMost('second run', again.wall, limits.againSeconds, ' s');
    atMost('files hashed by the second run', again.verified, 0);
    atLeast('forced re-hash, rate to openssl', openssl / forced.wall, limits.rehash);
    atMost('bytes loaded by the re-hash', forced.downloadedBytes, 0);
    atMost('peak memory of the re-hash', forced.rssMiB, limits.rssMiB, ' MiB');
  } finally {
    rmSync(work, { recursive: true, force: true });
    await server.terminate();
  }
}

await (isMainThread ? main() : serve());
