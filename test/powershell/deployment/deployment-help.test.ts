import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describePowerShell, runPowerShell } from '../../support/pwsh.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const topic = readFileSync(join(repository, 'powershell/C2RBridge/en-US/about_C2RBridge_Deployment.help.txt'), 'utf8');

describePowerShell('about_C2RBridge_Deployment', () => {
  test('is found, and names cmdlets and parameters that exist', async () => {
    const { output } = await runPowerShell(`
      $text = Get-Help about_C2RBridge_Deployment | Out-String
      $missing = foreach ($match in [regex]::Matches($text, '\\b([A-Z][a-z]+-C2R[A-Za-z2]+)((?: -[A-Z]\\w+)*)')) {
        $command = Get-Command $match.Groups[1].Value -ErrorAction Ignore
        if (-not $command) { $match.Value; continue }
        foreach ($parameter in $match.Groups[2].Value.Split(' -', [StringSplitOptions]::RemoveEmptyEntries)) {
          if (-not $command.Parameters.ContainsKey($parameter)) { "$($match.Value): $parameter" }
        }
      }
      @{ title = $text.Contains('Recipes for installation'); missing = @($missing) }`);
    expect(output).toEqual({ title: true, missing: [] });
  });

  test('heads its troubleshooting with errors as the program words them', () => {
    const sources = ['src', 'powershell'].flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|ps1|psm1)$/.test(name))
        .map((name) => readFileSync(join(repository, folder, name), 'utf8')),
    );
    const troubleshooting = topic.slice(topic.indexOf('TROUBLESHOOTING'), topic.indexOf('SEE ALSO'));
    const headings = [...troubleshooting.matchAll(/^ {4}"([^"]+)"$/gm)].map(([, heading = '']) =>
      heading.replace(/\s+/g, ' '),
    );
    expect(headings.length).toBeGreaterThan(5);
    const unknown = headings
      .flatMap((heading) => heading.split('...').map((part) => part.trim()))
      .filter((part) => part !== '' && !sources.some((source) => source.includes(part)));
    expect(unknown).toEqual([]);
  });

  test('and all other help keeps to 80 columns, save for lines of samples', () => {
    const folder = join(repository, 'powershell/C2RBridge');
    const long = readdirSync(join(folder, 'Public')).flatMap((name) => {
      const [help = ''] = readFileSync(join(folder, 'Public', name), 'utf8').split('#>');
      // A sample ends with the first empty line.
      const prose = help.replace(/^ {4}\.EXAMPLE\n(?: {8}.*\n)+/gm, '');
      return prose
        .split('\n')
        .filter((line) => line.length > 80 && !line.includes('https://'))
        .map((line) => `${name}: ${line}`);
    });
    for (const name of readdirSync(join(folder, 'en-US'))) {
      const lines = readFileSync(join(folder, 'en-US', name), 'utf8').split('\n');
      long.push(...lines.filter((line) => line.length > 80).map((line) => `${name}: ${line}`));
    }
    expect(long).toEqual([]);
  });

  test('names files that are in the package', () => {
    for (const name of readdirSync(join(repository, 'powershell/package'))) expect(topic).toContain(name);
    for (const name of readdirSync(join(repository, 'powershell/intune'))) {
      expect(topic).toContain(/-(\w+)\.ps1/.exec(name)?.[1]);
    }
  });
});
