// npm test: installs, provisions the lab, finds PowerShell, runs every lane and closes with one line of counts.
// Arguments go to vitest, for example: npm test -- --project unit
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackages } from './install.mjs';
import { cache, root } from './packages.mjs';
import { ensurePowerShell } from './powershell.mjs';

installPackages();

/** Lanes that cannot run here, with the reason. Their tests count as skipped. */
const missing = {};
const env = { ...process.env };

const powershell = ensurePowerShell();
if (powershell.path) env.C2R_PWSH = powershell.path;
else missing.powershell = env.C2R_PWSH_MISSING = powershell.reason;

const { provision, stop } = await import(pathToFileURL(join(root, 'test', 'lab', 'provision.mjs')).href);
const lab = await provision();
if (!lab.ok) missing.lab = env.C2R_LAB_MISSING = lab.reason;

mkdirSync(cache, { recursive: true });
const report = join(cache, `test-report-${process.pid}.json`);
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...['--config', 'test/vitest.config.ts'],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ...process.argv.slice(2),
  ],
  { cwd: root, env, stdio: 'inherit' },
);
stop();
if (!existsSync(report)) throw new Error(`vitest ended with code ${status} and left no report.`);

const results = JSON.parse(readFileSync(report, 'utf8'));
const tests = results.testResults.flatMap(({ assertionResults }) => assertionResults);
const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
const retried = tests.filter((test) => test.status === 'passed' && test.failureMessages.length > 0);
// A file that does not even load has no tests in it that could count as failed.
const broken = results.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);

for (const [lane, reason] of Object.entries(missing)) console.log(`\nSKIPPED the ${lane} lane: ${reason}`);
for (const { name, message } of broken) console.log(`\nBROKEN ${name}: ${message}`);
for (const test of skipped) console.log(`skipped: ${test.fullName}`);
for (const test of retried)
  console.log(`passed at the second try: ${test.fullName}: ${test.failureMessages[0].split('\n')[0]}`);

const failed = results.numFailedTests + broken.length;
const couldRun = missing.lab !== undefined && lab.expected;
if (couldRun) console.log('\nFAILED: the lab lane can run on this machine and did not.');
console.log(`\n${results.numPassedTests} passed, ${failed + (couldRun ? 1 : 0)} failed, ${skipped.length} skipped`);
process.exitCode = status !== 0 || failed > 0 || couldRun ? 1 : 0;
