import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzParameters } from '../../support/fuzz-parameters.js';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, runPowerShell } from '../../support/pwsh.js';

/** What one reader of command lines or another takes for more than itself. */
const character = fc.constantFrom(
  ...['"', '\\', ' ', '\t', '\n', '\r', "'", '&', '|', '%', '^', '$', '`', ';', '-', 'a', '\u00a0', '\u3000'],
);

describePowerShell('the command line that the module starts a bridge with', () => {
  test('has each argument as one, whatever it says', async () => {
    const given = fc.sample(fc.string({ unit: character, maxLength: 12 }), fuzzParameters(300, 0.1));
    const { output } = await runPowerShell(`
      $echo = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'
      $given = ConvertFrom-Json -InputObject ${literal(JSON.stringify(given))}
      $line = & (Get-Module C2RBridge) { ConvertTo-CommandLine -Argument $args[0] } (@('-e', $echo, '--') + $given)
      $start = [Diagnostics.ProcessStartInfo]::new(${literal(process.execPath)}, $line)
      $start.RedirectStandardOutput = $true
      $start.StandardOutputEncoding = [Text.Encoding]::UTF8
      $process = [Diagnostics.Process]::Start($start)
      $process.StandardOutput.ReadToEnd()`);
    expect(JSON.parse(output)).toEqual(given);
  });
});
