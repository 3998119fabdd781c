// Runs the lanes of the test suite: finds PowerShell, provisions the lab, and closes with one line of counts that hides nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackages } from './install.mjs';
import { cache, root } from './packages.mjs';
import { ensureTestPowerShell, ensureWindowsPowerShell } from './powershell.mjs';
import { summaryOf } from './test-summary.mjs';

const labLanes = ['lab', 'windows-powershell'];
const otherLanes = ['unit', 'wire', 'powershell'];

/**
 * Runs vitest with `args` and more environment. A lane that cannot run here is named with the reason, and so is each test
 * that needed a second try; skipped ones are counted by reason. Gives the exit code: 1 where a test failed, a file did not
 * load, or a lane could have run on this machine and did not.
 */
export async function runLanes(args, env = {}) {
  installPackages();
  mkdirSync(cache, { recursive: true });

  /** Lanes that cannot run here: `{ reason, expected }`, where `expected` says that this machine has what they need. */
  const missing = /** @type {Record<string, { reason?: string, expected?: boolean }>} */ ({});
  const found = /** @type {NodeJS.ProcessEnv} */ ({ ...process.env, ...env });
  const outcomes = args.length === 0 ? await runAll(found, missing) : [await runSome(args, found, missing)];

  const results = outcomes.map(({ results }) => results);
  const { lines, failed } = summaryOf(
    { tests: results.flatMap(({ tests }) => tests), broken: results.flatMap(({ broken }) => broken) },
    missing,
  );
  console.log(lines.join('\n'));
  return failed > 0 || outcomes.some(({ code }) => code !== 0) ? 1 : 0;
}

/**
 * The lab's files run one after another and mostly wait for Wine: its lanes have a vitest of their own beside the others, which
 * take what the lab leaves of the processors, since it takes longer.
 */
async function runAll(env, missing) {
  await findPowerShell(env, missing);
  const others = runVitest(projects(otherLanes), env, { niceness: 10 });
  const stop = await findLab(env, missing);
  await findWindowsPowerShell(env, missing);
  const log = join(cache, `test-lab-${process.pid}.log`);
  const lab = runVitest(projects(labLanes), env, { log });
  const outcomes = [await others, await lab];
  stop();
  console.log(`\nThe lab, which ran beside these:\n${readFileSync(log, 'utf8')}`);
  rmSync(log);
  return outcomes;
}

async function runSome(args, env, missing) {
  const named = args.flatMap((arg, index) =>
    args[index - 1] === '--project' ? arg : (arg.split('--project=')[1] ?? []),
  );
  const wanted = (...lanes) => named.length === 0 || lanes.some((lane) => named.includes(lane));
  if (wanted('powershell', 'lab')) await findPowerShell(env, missing);
  const stop = await findLab(env, missing);
  if (wanted('windows-powershell')) await findWindowsPowerShell(env, missing);
  const outcome = await runVitest(args, env);
  stop();
  return outcome;
}

async function findPowerShell(env, missing) {
  const powershell = await ensureTestPowerShell();
  if (powershell.path) env.C2R_PWSH = powershell.path;
  else {
    missing.powershell = powershell;
    env.C2R_PWSH_MISSING = powershell.reason;
  }
}

/** Gives what ends the lab. */
async function findLab(env, missing) {
  const { provision, stop } = await import(pathToFileURL(join(root, 'test', 'lab', 'provision.mjs')).href);
  const lab = await provision();
  if (!lab.ok) {
    missing.lab = lab;
    missing['windows-powershell'] = { reason: lab.reason };
    env.C2R_LAB_MISSING = lab.reason;
  }
  return stop;
}

async function findWindowsPowerShell(env, missing) {
  if (missing['windows-powershell']) return;
  const windows = await ensureWindowsPowerShell();
  if (windows.path) return;
  missing['windows-powershell'] = windows;
  env.C2R_WINDOWS_PWSH_MISSING = windows.reason;
}

const projects = (lanes) => lanes.map((lane) => `--project=${lane}`);

/**
 * Runs vitest, with its output in the file `log` where one is given, and nicer than this process by `niceness`.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {{ log?: string, niceness?: number }} options
 */
async function runVitest(args, env, { log, niceness = 0 } = {}) {
  const report = join(cache, `test-report-${process.pid}${log ? '-lab' : ''}.json`);
  const output = log ? openSync(log, 'w') : 'inherit';
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...['--config', 'test/vitest.config.ts'],
      ...['--reporter=default', `--reporter=${join(root, '.scripts', 'test-report.mjs')}`],
      ...args,
    ],
    { cwd: root, env: { ...env, C2R_TEST_REPORT: report }, stdio: ['inherit', output, output] },
  );
  if (typeof output === 'number') closeSync(output);
  if (child.pid && niceness > 0) setPriority(child.pid, niceness);
  const [code] = await once(child, 'exit');
  if (!existsSync(report)) {
    const message = `ended with code ${code} and left no report.`;
    return { code, results: { tests: [], broken: [{ file: 'vitest', message }] } };
  }
  const results = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);
  return { code, results };
}
