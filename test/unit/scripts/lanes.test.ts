import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { summaryOf } from '../../../.scripts/test-summary.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'c2r-lanes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the last lines of npm test', () => {
  const passed = { name: 'a', lane: 'unit', state: 'passed' };
  const skipped = (lane: string, reason: string | null) => ({ name: 'b', lane, state: 'skipped', reason });

  test('count skips by reason, one line each, and end with the counts alone', () => {
    const tests = [passed, skipped('wire', 'no python3'), skipped('wire', 'no python3'), skipped('lab', null)];
    const { lines, failed } = summaryOf({ tests, broken: [] }, { lab: { reason: 'no Wine', expected: false } });
    expect(failed).toBe(0);
    expect(lines).toEqual([
      '',
      'SKIPPED the lab lane: no Wine',
      'skipped 2: no python3',
      'skipped 1: no Wine',
      '',
      '1 passed, 0 failed, 3 skipped',
    ]);
  });

  test('a lane that could have run, a file that did not load and a failed test are failures each', () => {
    const tests = [passed, { ...passed, state: 'failed' }, { ...passed, retriedAfter: 'it was slow' }];
    const missing = { powershell: { reason: 'dotnet failed', expected: true } };
    const { lines, failed } = summaryOf({ tests, broken: [{ file: 'x.test.ts', message: 'no' }] }, missing);
    expect(failed).toBe(3);
    expect(lines).toContain('passed at the second try: a: it was slow');
    expect(lines).toContain('FAILED: the powershell lane can run on this machine and did not.');
    expect(lines.at(-1)).toBe('2 passed, 3 failed, 0 skipped');
  });

  test('say of each test what vitest knows of it', () => {
    const config = join(folder, 'vitest.config.mjs');
    const report = join(folder, 'report.json');
    writeFileSync(config, 'export default { test: { include: ["*.test.mjs"], retry: 1 } };');
    const vitest = JSON.stringify(join(root, 'node_modules', 'vitest', 'dist', 'index.js'));
    writeFileSync(
      join(folder, 'some.test.mjs'),
      `import { beforeAll, describe, expect, test } from ${vitest};
       test('good', () => undefined);
       test('bad', () => expect(1).toBe(2));
       let tries = 0;
       test('late', () => expect(++tries).toBe(2));
       test('noted', ({ skip }) => skip('there is no gcab'));
       describe.skip('group (no pwsh, and "dotnet (x)" failed)', () => test('in it', () => undefined));
       describe('no ground', () => { beforeAll(() => { throw new Error('no ground'); }); test('on it', () => undefined); });`,
    );
    writeFileSync(join(folder, 'broken.test.mjs'), 'throw new Error("does not load");');
    spawnSync(
      process.execPath,
      [
        ...[join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--root', folder, '--config', config],
        `--reporter=${join(root, '.scripts', 'test-report.mjs')}`,
      ],
      { env: { ...process.env, C2R_TEST_REPORT: report }, stdio: 'ignore' },
    );
    const { tests, broken } = JSON.parse(readFileSync(report, 'utf8'));
    expect(broken).toEqual([
      { file: 'broken.test.mjs', message: 'does not load' },
      { file: 'some.test.mjs', message: 'no ground' },
    ]);
    expect(tests).toMatchObject([
      { name: 'good', state: 'passed' },
      { name: 'bad', state: 'failed' },
      { name: 'late', state: 'passed', retriedAfter: expect.stringContaining('expected 1 to be 2') },
      { name: 'noted', state: 'skipped', reason: 'there is no gcab' },
      { state: 'skipped', reason: 'no pwsh, and "dotnet (x)" failed' },
      { name: 'no ground > on it', state: 'skipped' },
    ]);
  });
});

describe.skipIf(process.platform === 'win32')('where a PowerShell for the tests comes from', () => {
  /** What ensureTestPowerShell finds on a machine whose PATH is one folder with these programs, each a shell script. */
  function found(programs: Readonly<Record<string, string>>): { path?: string; reason?: string; expected?: boolean } {
    const home = mkdtempSync(join(folder, 'machine-'));
    for (const [name, text] of Object.entries(programs)) {
      mkdirSync(join(home, name, '..'), { recursive: true });
      writeFileSync(join(home, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(home, name), 0o755);
    }
    const { C2R_PWSH: _, ...env } = process.env;
    const script = `import { ensureTestPowerShell } from ${JSON.stringify(join(root, '.scripts', 'powershell.mjs'))};
      console.error(JSON.stringify(await ensureTestPowerShell()));`;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      env: { ...env, PATH: home, C2R_CACHE: join(home, 'cache') },
    });
    return JSON.parse(stderr.replaceAll(home, ''));
  }
  const sdk = 'if [ "$1" = --list-sdks ]; then echo "10.0.401 [/usr/share/dotnet/sdk]"; exit 0; fi';

  test('one on PATH is taken', () => {
    expect(found({ pwsh: 'exit 0' })).toEqual({ path: '/pwsh' });
  });

  test('a machine without one and without a .NET SDK could not have run the lane', () => {
    expect(found({})).toMatchObject({ expected: false, reason: expect.stringContaining('no .NET SDK') });
    expect(found({ dotnet: 'exit 0' })).toMatchObject({ expected: false });
  });

  test('a machine with a .NET SDK could have, and the reason is what dotnet said', () => {
    const failing = `${sdk}\necho "error NU1301: no such host" >&2; exit 1`;
    expect(found({ dotnet: failing })).toEqual({
      expected: true,
      reason: expect.stringContaining('"dotnet tool" failed: error NU1301: no such host'),
    });
  });

  test('the shim of the .NET tool, which signals do not pass, is taken only where nothing better can be built', () => {
    const shim = { pwsh: 'exit 0', '.store/powershell/mark': '' };
    expect(found({ ...shim, dotnet: `${sdk}\nexit 1` })).toEqual({ path: '/pwsh' });
    const building = `${sdk}
      for last; do :; done
      if [ "$1" = tool ]; then /bin/mkdir -p "$last/.store/powershell/7.6.9/powershell/7.6.9/tools/net10.0/any/unix/Modules"; exit 0; fi
      /bin/mkdir -p "$last"; : > "$last/pwsh"`;
    expect(found({ ...shim, dotnet: building }).path).toMatch(/^\/cache\/powershell\/linux-x64-[0-9a-f]{16}\/pwsh$/);
  });

  test('npm run uses the pinned version, which the project of the host names as well', () => {
    const script = `import { powershellVersion } from ${JSON.stringify(join(root, '.scripts', 'powershell.mjs'))};
      console.log(powershellVersion);`;
    const version = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    }).trim();
    const project = readFileSync(join(root, 'test', 'support', 'powershell-host', 'pwsh.csproj'), 'utf8');
    expect(project).toContain(`Include="Microsoft.PowerShell.SDK" Version="${version}"`);
  });
});
