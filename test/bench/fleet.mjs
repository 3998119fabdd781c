// What a fleet costs: many bridges at once on this machine, each asked for the installation and driven through an update.
//   node test/bench/fleet.mjs [--hosts 50]
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { atMost, noLimit } from './figures.mjs';

const bridge = fileURLToPath(new URL('../../dist/c2r-bridge.cjs', import.meta.url));
const at = process.argv.indexOf('--hosts');
const hosts = at < 0 ? 50 : Number(process.argv[at + 1]);
/** Of one host: processor time for its start, an update and its end, and resident memory. */
const limits = { cpuMs: 500, megabytes: 80 };
const scenario = JSON.stringify({ office: { downloadMs: 2000, applyMs: 1000 } });

/** Milliseconds of processor time and bytes of memory of a process so far; Linux only. */
function usage(pid) {
  const [, fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  // Clock ticks are a hundredth of a second on every Linux that Node runs on.
  return { cpuMs: (user + system) * 10, megabytes: resident / 1024 };
}

async function host() {
  const started = performance.now();
  const child = spawn(process.execPath, [bridge, '--backend', 'simulated', '--simulate', scenario], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  await connection.sendRequest('c2r/installation', {});
  const firstMs = performance.now() - started;
  const { changed } = await connection.sendRequest('c2r/update', { pollMs: 500 });
  if (!changed) throw new Error('The update changed nothing.');
  const cost = usage(child.pid);
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  connection.dispose();
  return { firstMs, ...cost };
}

const started = performance.now();
const results = await Promise.all(Array.from({ length: hosts }, host));
const seconds = (performance.now() - started) / 1000;
const mean = (name) => results.reduce((sum, result) => sum + result[name], 0) / hosts;
const slowest = Math.max(...results.map(({ firstMs }) => firstMs));

console.log(`${hosts} hosts at once on ${cpus().length} processors: ${seconds.toFixed(1)} s for updates of 3 s each`);
atMost('processor time a host', mean('cpuMs'), limits.cpuMs, ' ms');
atMost('memory a host', mean('megabytes'), limits.megabytes, ' MB');
noLimit('the latest first answer', slowest, ' ms');
// On devices of their own the bridges cost the console nothing but a connection; this is a console that runs them all.
const total = (1000 * mean('cpuMs')) / 1000;
console.log(
  `1,000 hosts from one console, 32 at a time as PowerShell remoting throttles: ${total.toFixed(0)} s of processor time, ` +
    `${(32 * mean('megabytes')).toFixed(0)} MB, and ${Math.ceil(1000 / 32)} times the time that one host takes`,
);
