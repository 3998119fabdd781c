// Runs the lanes of the test suite: finds PowerShell, provisions the lab, and closes with one line of counts that hides nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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

  /** Lanes that cannot run here: `{ reason, expected }`, where `expected` says that this machine has what they need. */
  const missing = /** @type {Record<string, { reason?: string, expected?: boolean }>} */ ({});
  const lanes = /** @type {NodeJS.ProcessEnv} */ ({ ...process.env, ...env });

  const named = args.flatMap((arg, index) =>
    args[index - 1] === '--project' ? arg : (arg.split('--project=')[1] ?? []),
  );
  const wanted = (...lanes) => named.length === 0 || lanes.some((lane) => named.includes(lane));

  if (wanted('powershell', 'lab')) {
    const powershell = await ensureTestPowerShell();
    if (powershell.path) lanes.C2R_PWSH = powershell.path;
    else {
      missing.powershell = powershell;
      lanes.C2R_PWSH_MISSING = powershell.reason;
    }
  }

  const { provision, stop } = await import(pathToFileURL(join(root, 'test', 'lab', 'provision.mjs')).href);
  const lab = await provision();
  if (!lab.ok) {
    missing.lab = lab;
    missing['windows-powershell'] = { reason: lab.reason };
    lanes.C2R_LAB_MISSING = lab.reason;
  } else if (wanted('windows-powershell')) {
    const windows = await ensureWindowsPowerShell();
    if (!windows.path) {
      missing['windows-powershell'] = windows;
      lanes.C2R_WINDOWS_PWSH_MISSING = windows.reason;
    }
  }

  mkdirSync(cache, { recursive: true });
  const report = join(cache, `test-report-${process.pid}.json`);
  lanes.C2R_TEST_REPORT = report;
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...['--config', 'test/vitest.config.ts'],
      ...['--reporter=default', `--reporter=${join(root, '.scripts', 'test-report.mjs')}`],
      ...args,
    ],
    { cwd: root, env: lanes, stdio: 'inherit' },
  );
  stop();
  if (!existsSync(report)) throw new Error(`vitest ended with code ${status} and left no report.`);
  const results = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);

  const { lines, failed } = summaryOf(results, missing);
  console.log(lines.join('\n'));
  return status !== 0 || failed > 0 ? 1 : 0;
}
