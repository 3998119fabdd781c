// Runs the lanes of the test suite: finds PowerShell, provisions the lab, and closes with one line of counts that hides nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackages } from './install.mjs';
import { cache, root } from './packages.mjs';
import { ensurePowerShell } from './powershell.mjs';

/**
 * Runs vitest with `args` and more environment. A lane that cannot run here is named with the reason, and so is each test
 * that was skipped or needed a second try. Gives the exit code: 1 where a test failed, a file did not load, or the lab
 * could have run and did not.
 */
export async function runLanes(args, env = {}) {
  installPackages();

  /** Lanes that cannot run here, with the reason. Their tests count as skipped. */
  const missing = {};
  const lanes = { ...process.env, ...env };

  const powershell = ensurePowerShell();
  if (powershell.path) lanes.C2R_PWSH = powershell.path;
  else missing.powershell = lanes.C2R_PWSH_MISSING = powershell.reason;

  const { provision, stop } = await import(pathToFileURL(join(root, 'test', 'lab', 'provision.mjs')).href);
  const lab = await provision();
  if (!lab.ok) missing.lab = lanes.C2R_LAB_MISSING = lab.reason;

  mkdirSync(cache, { recursive: true });
  const report = join(cache, `test-report-${process.pid}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...['--config', 'test/vitest.config.ts'],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ...args,
    ],
    { cwd: root, env: lanes, stdio: 'inherit' },
  );
  stop();
  if (!existsSync(report)) throw new Error(`vitest ended with code ${status} and left no report.`);
  const results = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);

  const couldRun = missing.lab !== undefined && lab.expected;
  const failed = summarize(results, missing, couldRun);
  return status !== 0 || failed > 0 ? 1 : 0;
}

/** Prints what a reader of the last lines must know; gives the number of failures. */
function summarize({ testResults, numPassedTests, numFailedTests }, missing, couldRun) {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
  const retried = tests.filter((test) => test.status === 'passed' && test.failureMessages.length > 0);
  // A file that does not even load has no tests in it that could count as failed.
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);

  for (const [lane, reason] of Object.entries(missing)) console.log(`\nSKIPPED the ${lane} lane: ${reason}`);
  for (const { name, message } of broken) console.log(`\nBROKEN ${name}: ${message}`);
  for (const test of skipped) console.log(`skipped: ${test.fullName}`);
  for (const test of retried)
    console.log(`passed at the second try: ${test.fullName}: ${test.failureMessages[0].split('\n')[0]}`);
  if (couldRun) console.log('\nFAILED: the lab lane can run on this machine and did not.');

  const failed = numFailedTests + broken.length + (couldRun ? 1 : 0);
  console.log(`\n${numPassedTests} passed, ${failed} failed, ${skipped.length} skipped`);
  return failed;
}
