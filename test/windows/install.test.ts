import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/content-staging.js';
import { literal } from '../support/powershell-script.js';
import { describePowerShell, pwsh, runPowerShell } from '../support/pwsh.js';
import { elevated, titled } from './machine.js';

const packager = fileURLToPath(new URL('../../.scripts/package.mjs', import.meta.url));

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describePowerShell('the package', () => {
  test.skipIf(!elevated)(
    titled('installs, is detected, works by its name and uninstalls', elevated, 'needs an elevated Windows'),
    async () => {
      await using folder = await temporaryFolder();
      execFileSync(process.execPath, [
        packager,
        '--node',
        process.arch === 'arm64' ? 'arm64' : 'x64',
        '--output',
        folder.path,
      ]);
      const name = readdirSync(folder.path).find((entry) => /^c2r-bridge-[\d.]+$/.test(entry)) ?? expect.unreachable();
      const script = (file: string) =>
        execFileSync(
          pwsh,
          ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', join(folder.path, name, file)],
          { encoding: 'utf8' },
        );
      // As a browser marks what it has downloaded.
      const mark = (path: string) => `${path}:Zone.Identifier`;
      for (const file of filesBelow(join(folder.path, name)))
        writeFileSync(mark(file), '[ZoneTransfer]\r\nZoneId=3\r\n');
      expect(script('Install.ps1')).not.toBe('');
      try {
        expect(script('Detect.ps1')).toContain('is installed');
        const { output } = await runPowerShell(
          `Import-Module C2RBridge
         $null = Test-C2RHealth
         @{ backend = (Get-C2RBridge).Backend; path = (Get-Module C2RBridge).Path; node = (Get-C2RBridge).NodeVersion }`,
          { module: null },
        );
        expect(output.backend).toBe('windows');
        expect(output.path).toContain('Program Files');
        expect(filesBelow(dirname(output.path)).filter((file) => existsSync(mark(file)))).toEqual([]);
      } finally {
        script('Uninstall.ps1');
      }
      const { output: left } = await runPowerShell(
        `@(Get-Module -ListAvailable C2RBridge | Where-Object { $_.Path -like ${literal('*WindowsPowerShell*')} }).Count`,
        { module: null },
      );
      expect(left).toBe(0);
    },
  );
});
