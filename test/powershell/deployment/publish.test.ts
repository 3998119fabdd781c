import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, runPowerShell } from '../../support/pwsh.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
const url = 'https://github.com/example/c2r-bridge';

describePowerShell('the module packages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-publish-'));
  const made = join(folder, `c2r-bridge-${version}`);
  beforeAll(() => {
    const packager = join(repository, '.scripts', 'package.mjs');
    execFileSync(process.execPath, [packager, '--output', folder, '--project-url', url]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs `body` with PSResourceGet and two empty repositories in folders of their own, and undoes their registration. */
  const withRepositories = (body: string) => {
    const [published, packages] = ['published', 'packages'].map((name) => join(folder, name)) as [string, string];
    for (const path of [published, packages]) mkdirSync(path, { recursive: true });
    return runPowerShell(
      `Import-Module Microsoft.PowerShell.PSResourceGet -MinimumVersion 1.1.0
       $env:PSModulePath = ${literal(made)} + [IO.Path]::PathSeparator + $env:PSModulePath
       $id = [guid]::NewGuid().ToString('N')
       Register-PSResourceRepository -Name "p$id" -Uri ${literal(published)} -Trusted
       Register-PSResourceRepository -Name "n$id" -Uri ${literal(packages)} -Trusted
       try {
         ${body}
       } finally { Unregister-PSResourceRepository -Name "p$id", "n$id" }`,
      { module: null },
    );
  };

  test('have what a gallery shows, and can be published', async () => {
    const { output } = await withRepositories(`
      foreach ($name in 'C2RBridge', 'C2RBridgeDsc') {
        $path = [IO.Path]::Combine(${literal(made)}, $name)
        $manifest = Test-ModuleManifest -Path ([IO.Path]::Combine($path, "$name.psd1"))
        Publish-PSResource -Path $path -Repository "p$id" -SkipDependenciesCheck
        $found = Find-PSResource -Name $name -Repository "p$id"
        @{
          name = $name; version = "$($found.Version)"; project = "$($manifest.ProjectUri)"; licence = "$($manifest.LicenseUri)"
          icon = "$($manifest.IconUri)"; tags = @($manifest.Tags).Count; description = [bool] $manifest.Description
        }
      }`);
    const shown = {
      version: `${version}`,
      project: url,
      licence: `${url}/blob/v${version}/LICENSE`,
      icon: `${url}/raw/v${version}/.github/icon.png`,
      tags: expect.toSatisfy((count: number) => count >= 4),
      description: true,
    };
    expect(output).toEqual([
      { name: 'C2RBridge', ...shown },
      { name: 'C2RBridgeDsc', ...shown },
    ]);
  });

  test('that npm run package writes are found, saved and imported from a repository', async () => {
    const saved = join(folder, 'saved');
    mkdirSync(saved);
    const { output } = await withRepositories(`
      Copy-Item -Path ${literal(join(folder, '*.nupkg'))} -Destination ${literal(join(folder, 'packages'))}
      Save-PSResource -Name C2RBridge -Repository "n$id" -Path ${literal(saved)}
      Import-Module ([IO.Path]::Combine(${literal(saved)}, 'C2RBridge', '${version}', 'C2RBridge.psd1'))
      $WarningPreference = 'SilentlyContinue'
      $status = Get-C2RStatus
      $bridge = Get-C2RBridge
      Disconnect-C2RBridge
      @{ status = $status.Status; path = $bridge.Path; tags = @((Find-PSResource -Name C2RBridge -Repository "n$id").Tags) }`);
    expect(output).toMatchObject({ path: expect.stringContaining(saved), tags: expect.arrayContaining(['Intune']) });
    expect(output.status).toBeTruthy();
  });
});
