// npm run fuzz: the fuzz and kill tests of the suite with many more runs, and their seeds printed. A failure is run again with
// C2R_FUZZ_SEED=<seed> C2R_FUZZ_RUNS=<runs>.
//   npm run fuzz -- [runs] [vitest's arguments]      default: 2000 runs
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './packages.mjs';

const [first = '', ...others] = process.argv.slice(2);
const given = /^\d+$/.test(first);
const runs = given ? first : '2000';
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--config', 'test/vitest.config.ts', '--project', 'unit', '--project', 'wire'],
    ...['fuzz', 'killed'],
    ...(given || first === '' ? others : [first, ...others]),
  ],
  { cwd: root, stdio: 'inherit', env: { C2R_KILLS: '100', C2R_FUZZ_RUNS: runs, ...process.env } },
);
process.exitCode = status ?? 1;
