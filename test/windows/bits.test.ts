import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/content-staging.js';
import { literal } from '../support/powershell-script.js';
import { describePowerShell, runPowerShell } from '../support/pwsh.js';
import { elevated, titled } from './machine.js';

const client = fileURLToPath(new URL('bits-client.cs', import.meta.url));

describePowerShell('the BITS manager', () => {
  test.skipIf(!elevated)(
    titled('serves a content source to a client of COM', elevated, 'needs an elevated Windows'),
    async () => {
      await using folder = await temporaryFolder();
      const data = join(folder.path, 'office', 'data');
      await mkdir(data, { recursive: true });
      await writeFile(join(data, 'v64.cab'), Buffer.alloc(300_000, 'content'));
      const target = join(folder.path, 'copy.cab');
      const { output } = await runPowerShell(`
      Add-Type -Path ${literal(client)}
      $source = Register-C2RContentSource -Name c2r-windows-test -Path ${literal(folder.path)}
      try {
        [BitsClient]::Download($source.Clsid, 'cmbits://c2r-windows-test/office/data/v64.cab', ${literal(target)}, 60000)
      } finally { Unregister-C2RContentSource -Name c2r-windows-test }`);
      expect(output).toBe(6);
      expect((await readFile(target)).equals(await readFile(join(data, 'v64.cab')))).toBe(true);
    },
  );
});
