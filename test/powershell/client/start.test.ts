import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makesLinks } from '../../support/links.js';
import { describePowerShell, pwsh } from '../../support/pwsh.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

describePowerShell('npm start', () => {
  test.skipIf(!makesLinks)('runs the main job through the module, wherever the clone lies', async () => {
    const folder = mkdtempSync(join(tmpdir(), "c2r start [1] 'ü' "));
    try {
      for (const name of [
        '.scripts',
        'package.json',
        'package-lock.json',
        'powershell',
        'src',
        'LICENSE',
        'tsconfig.json',
      ]) {
        await cp(join(repository, name), join(folder, name), { recursive: true });
      }
      // A folder of its own, whose mark says that all is installed, so that nothing is.
      const packages = join(folder, 'node_modules');
      mkdirSync(packages);
      for (const name of readdirSync(join(repository, 'node_modules'))) {
        if (name !== '.c2r-installed')
          symlinkSync(join(repository, 'node_modules', name), join(packages, name), 'junction');
      }
      await cp(join(folder, 'package-lock.json'), join(packages, '.c2r-installed'));
      const shown = execFileSync(process.execPath, [join(folder, '.scripts', 'start.mjs'), '-WhatIf'], {
        encoding: 'utf8',
        env: { ...process.env, C2R_PWSH: pwsh },
        stdio: 'pipe',
      });
      expect(shown).toContain('What if: Performing the operation "Update to the newest version"');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
