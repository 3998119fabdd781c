// npm run bench: every bench, one after another, each with its own lines `name: figure (limit)`. Ends with code 1 where one
// passes a limit or cannot run.
//   npm run bench -- [--quick | --full] [wire powershell …]
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The arguments of each bench: to see that it runs, by default, and at the size that its figures are published for. */
const benches = {
  wire: { quick: ['--quick'], usual: [], full: ['--cycles', '10000'] },
  powershell: { quick: ['--runs', '1', '--calls', '500'], usual: [], full: [] },
  content: { quick: ['--mib', '64'], usual: ['--mib', '2048'], full: ['--mib', '4096'] },
  bits: { quick: ['--mib', '32', '--cycles', '50'], usual: ['--mib', '256', '--cycles', '1000'], full: [] },
  com: { quick: ['--calls', '300'], usual: [], full: ['--calls', '10000'] },
  soak: { quick: ['--seconds', '30'], usual: ['--seconds', '60'], full: ['--seconds', '1800'] },
  fleet: { quick: ['--hosts', '3'], usual: ['--hosts', '20'], full: [] },
  'fleet-runspaces': { quick: ['--hosts', '50'], usual: ['--hosts', '200'], full: [] },
};

const words = process.argv.slice(2);
const size = words.includes('--full') ? 'full' : words.includes('--quick') ? 'quick' : 'usual';
const chosen = words.filter((word) => !word.startsWith('--'));
const unknown = chosen.filter((name) => !(name in benches));
if (unknown.length > 0) throw new Error(`There is no bench ${unknown.join(', ')}: ${Object.keys(benches).join(', ')}`);

const results = [];
for (const name of chosen.length > 0 ? chosen : Object.keys(benches)) {
  console.log(`\n== ${name}`);
  const file = join(fileURLToPath(new URL('.', import.meta.url)), `${name}.mjs`);
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [file, ...benches[name][size]], { stdio: 'inherit' });
  results.push({ name, ok: status === 0, seconds: (performance.now() - started) / 1000 });
}
console.log('');
for (const { name, ok, seconds } of results)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(0)} s)`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
