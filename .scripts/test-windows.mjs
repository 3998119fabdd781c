// npm run test:windows: what only a real Windows can prove. Prints a table and writes a report to attach to an issue.
//   npm run test:windows [-- vitest's arguments]
// Run it elevated: Install.ps1, COM registrations and Office's COM object need that. Without elevation those tests are skipped.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { join } from 'node:path';
import { installPackages } from './install.mjs';
import { cache, root } from './packages.mjs';

if (process.platform !== 'win32') {
  console.error('These tests need Windows. Elsewhere: npm test');
  process.exit(2);
}
installPackages();
mkdirSync(cache, { recursive: true });

/** Both editions, where they are installed. */
const hosts = [
  join(process.env.SystemRoot ?? 'C:\\Windows', 'System32\\WindowsPowerShell\\v1.0\\powershell.exe'),
  join(process.env.ProgramFiles ?? 'C:\\Program Files', 'PowerShell\\7\\pwsh.exe'),
].filter((path) => existsSync(path));

const runs = hosts.map((host) => ({ host, ...run(host) }));
const rows = runs.flatMap(({ host, tests }) =>
  tests.map((test) => ({
    host: host.endsWith('pwsh.exe') ? 'PowerShell 7' : 'Windows PowerShell',
    result: test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped',
    test: test.fullName,
    reason: test.failureMessages.map((message) => message.split('\n')[0]).join(' | '),
  })),
);
console.table(rows.map(({ reason, ...row }) => ({ ...row, reason: reason.slice(0, 60) })));

const report = join(root, 'windows-report.log');
const facts = [`Windows ${release()} ${arch()}`, `Node ${process.version}`, ...hosts, new Date().toISOString()];
const lines = rows.map(
  ({ host, result, test, reason }) => `${result.padEnd(8)}${host}: ${test}${reason && `\n        ${reason}`}`,
);
writeFileSync(report, `${[...facts, '', ...lines].join('\n')}\n`);
console.log(`The report is in ${report}. Attach it to your issue.`);

const count = (result) => rows.filter((row) => row.result === result).length;
const broken = runs.filter(({ broken }) => broken).length;
console.log(`\n${count('passed')} passed, ${count('failed') + broken} failed, ${count('skipped')} skipped`);
process.exitCode = count('failed') + broken > 0 || rows.length === 0 ? 1 : 0;

/** Runs the suite with one PowerShell; `broken` where a file did not load or vitest left no report. */
function run(host) {
  const output = join(cache, `windows-report-${process.pid}.json`);
  rmSync(output, { force: true });
  spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...['--config', 'test/windows/vitest.config.ts'],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${output}`],
      ...process.argv.slice(2),
    ],
    { cwd: root, env: { ...process.env, C2R_PWSH: host }, stdio: 'inherit' },
  );
  if (!existsSync(output)) return { tests: [], broken: true };
  const { testResults } = JSON.parse(readFileSync(output, 'utf8'));
  rmSync(output);
  return {
    tests: testResults.flatMap(({ assertionResults }) => assertionResults),
    broken: testResults.some((file) => file.status === 'failed' && file.assertionResults.length === 0),
  };
}
