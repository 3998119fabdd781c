import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../../.scripts/package.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'c2r-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) =>
  spawnSync(process.execPath, [script, '--output', join(folder, 'out'), ...args], { encoding: 'utf8' });

describe('the arguments of npm run package', () => {
  test('--help says which there are', () => {
    const { status, stdout, stderr } = run('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const option of ['node', 'signing-script', 'intunewin', 'project-url', 'output']) {
      expect(stdout).toContain(`\n  --${option} `);
    }
  });

  test.each([
    [['--nonsense'], /^Unknown option '--nonsense'/],
    [['--node', 'x86'], /^--node takes x64 and arm64, not 'x86'\.\n/],
    [['--node', 'constructor'], /^--node takes x64 and arm64, not 'constructor'\.\n/],
    [['--signing-script', join(folder, 'none.ps1')], /^There is no signing script '.*none\.ps1'\.\n/],
  ])('%j is refused before anything is written, with what there is instead', (args, message) => {
    const { status, stderr } = run(...args);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('\nnpm run package -- ');
    expect(stderr).not.toContain(' at ');
    expect(status).toBe(2);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });
});
