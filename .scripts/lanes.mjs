// Runs the lanes of the test suite: finds PowerShell, provisions the lab, and closes with one line of counts that hides nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { installPackages } from './install.mjs';
import { cache, root } from './packages.mjs';
import { ensureTestPowerShell, ensureWindowsPowerShell } from './powershell.mjs';
import { summaryOf } from './test-summary.mjs';

/**
 * Runs vitest with `args` and more environment. A lane that cannot run here is named with the reason, and so is each test
 * that needed a second try; skipped ones are counted by reason. Gives the exit code: 1 where a test failed, a file did not
 * load, or a lane could have run on this machine and did not.
 */
export async function runLanes(args, env = {}) {
  installPackages();
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => passOn(signal));
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
 * Two chains beside each other. The lab mostly waits for Wine; the other lanes take what it leaves of the processors, since it
 * takes longer. A lane waits for no more than it needs: in a fresh clone Wine's folders and the two PowerShells take minutes, in
 * which unit and wire run.
 */
async function runAll(env, missing) {
  const powershell = findPowerShell(env, missing);
  const lab = findLab(env, missing);
  const windowsPowerShell = Promise.all([powershell, lab]).then(() => findWindowsPowerShell(env, missing));
  const log = join(cache, `test-lab-${process.pid}.log`);

  const chains = [
    async () => {
      const first = await runVitest(projects(['unit', 'wire']), env, { niceness: 5 });
      await powershell;
      return [first, await runVitest(projects(['powershell']), env, { niceness: 5 })];
    },
    async () => {
      const stop = await lab;
      const first = await runVitest(projects(['lab']), env, { log });
      await windowsPowerShell;
      const outcomes = [first, await runVitest(projects(['windows-powershell']), env, { log })];
      stop();
      return outcomes;
    },
  ];
  const outcomes = await Promise.all(chains.map((chain) => chain()));
  console.log(`\nThe lab, which ran beside these:\n${readFileSync(log, 'utf8')}`);
  rmSync(log);
  return outcomes.flat();
}

async function runSome(args, env, missing) {
  const named = args.flatMap((arg, index) =>
    args[index - 1] === '--project' ? arg : (arg.split('--project=')[1] ?? []),
  );
  const wanted = (...lanes) => named.length === 0 || lanes.some((lane) => named.includes(lane));
  if (wanted('powershell', 'lab')) await findPowerShell(env, missing);
  const stop = wanted('lab', 'windows-powershell') ? await findLab(env, missing) : undefined;
  if (wanted('windows-powershell')) await findWindowsPowerShell(env, missing);
  const outcome = await runVitest(args, env);
  stop?.();
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

/** Makes the lab, and gives what ends it. */
async function findLab(env, missing) {
  const script = join(root, 'test', 'lab', 'provision.mjs');
  let lab = await makeWindows(script, env, 1);
  // One for each worker: see test/vitest.config.ts.
  if (lab.ok) lab = await makeWindows(script, env, 2);
  if (!lab.ok) {
    missing.lab = lab;
    missing['windows-powershell'] = { reason: lab.reason };
    env.C2R_LAB_MISSING = lab.reason;
  }
  const { stop } = await import(pathToFileURL(script).href);
  return stop;
}

const children = new Set();
let stopped = /** @type {NodeJS.Signals | undefined} */ (undefined);

/** Passes a signal on to what runs. Nothing more is started, and the run ends when all of that has ended. */
function passOn(signal) {
  stopped ??= signal;
  for (const child of children) child.kill(signal);
}

/**
 * A child that is ended with this process.
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
function start(args, options) {
  const child = spawn(process.execPath, args, options);
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Makes the Windows of one worker, in a process of its own, since that blocks the one that does it. */
async function makeWindows(script, env, worker) {
  const child = start([script, '--keep'], {
    env: { ...env, VITEST_POOL_ID: String(worker) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = text(/** @type {import('node:stream').Readable} */ (child.stdout));
  await once(child, 'exit');
  // Where it ended without a word, its error is on the screen.
  const failed = { ok: false, expected: true, reason: 'making it failed, with the error above' };
  const said = await output;
  return said === '' ? failed : JSON.parse(said.trim().split('\n').at(-1) ?? '');
}

async function findWindowsPowerShell(env, missing) {
  if (missing['windows-powershell']) return;
  const windows = await ensureWindowsPowerShell();
  if (windows.path) return;
  missing['windows-powershell'] = windows;
  env.C2R_WINDOWS_PWSH_MISSING = windows.reason;
}

let runs = 0;
const projects = (lanes) => lanes.map((lane) => `--project=${lane}`);

/**
 * Runs vitest, with its output at the end of the file `log` where one is given, and nicer than this process by `niceness`.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {{ log?: string, niceness?: number }} options
 */
async function runVitest(args, env, { log, niceness = 0 } = {}) {
  if (stopped) return { code: 1, results: { tests: [], broken: [{ file: 'vitest', message: `not run: ${stopped}` }] } };
  const report = join(cache, `test-report-${process.pid}-${++runs}.json`);
  const output = log ? openSync(log, 'a') : 'inherit';
  const child = start(
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
