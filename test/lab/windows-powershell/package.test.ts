import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { image } from '../../support/cdn.mjs';
import { layOut } from '../../support/content-staging.js';
import { deadline } from '../../support/deadline.js';
import { controlMpClient, type MpClientControl } from '../../support/mpclient.js';
import { complete, wholeUpdate } from '../../support/mpclient-sequences.js';
import { setUpOfficeInRegistry } from '../../support/office-bridge.js';
import { listed, otherVersion } from '../../support/package-files.js';
import { literal } from '../../support/powershell-script.js';
import { describeInWindowsPowerShell, WindowsPowerShell } from '../../support/windows-powershell.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
const newest = '16.0.19929.20172';
const fast = { downloadMs: 200, applyMs: 200 };

interface Outcome {
  readonly code: number;
  /** What was written to the output, line by line. */
  readonly lines: readonly string[];
  readonly errors: readonly string[];
}

describeInWindowsPowerShell('the package on Windows', (shell, lab) => {
  const folder = join(lab.driveC, 'package');
  const files = join(folder, `c2r-bridge-${version}`);
  const modules = join(lab.driveC, 'Program Files', 'WindowsPowerShell', 'Modules');
  const installed = join(modules, 'C2RBridge', version);
  const package_ = `C:\\package\\c2r-bridge-${version}`;

  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    const args = [join(repository, '.scripts', 'package.mjs'), '--output', folder];
    execFileSync(process.execPath, args, { stdio: 'ignore' });
  });
  beforeEach(() => setUpOfficeInRegistry(lab, fast));
  afterAll(() => {
    for (const each of [folder, modules]) rmSync(each, { recursive: true, force: true });
  });

  /** Runs a script by its path, as Intune does. */
  const run = (file: string, ...args: readonly string[]) => runIn(shell, file, ...args);

  async function runIn(host: WindowsPowerShell, file: string, ...args: readonly string[]): Promise<Outcome> {
    const { output } = await host.run(
      `$all = @(& ${literal(file)} ${args.join(' ')} 2>&1)
       @{
         code = $LASTEXITCODE
         lines = @($all | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] } | ForEach-Object { "$_" })
         errors = @($all | Where-Object { $_ -is [Management.Automation.ErrorRecord] } | ForEach-Object { "$_" })
       }`,
      { module: null },
    );
    return output;
  }
  const install = (from = package_) => run(`${from}\\Install.ps1`);
  const detect = () => run(`${package_}\\Detect.ps1`);
  const uninstall = () => run(`${package_}\\Uninstall.ps1`);
  const inPlace = {
    code: 0,
    lines: [expect.stringMatching(/^C2RBridge is installed in C:\\Program Files\\W/)],
    errors: [],
  };

  describe('Install.ps1', () => {
    beforeEach(() => rmSync(modules, { recursive: true, force: true }));

    test('installs for all users, repairs, is detected, and is removed; each can be repeated', async () => {
      expect(await detect()).toEqual({ code: 1, lines: [], errors: [] });
      expect(await install()).toEqual(inPlace);
      expect(listed(installed)).toEqual(listed(join(files, 'C2RBridge')));
      expect(await detect()).toEqual({ code: 0, lines: [`C2RBridge ${version} is installed.`], errors: [] });

      writeFileSync(join(installed, 'bin', 'features.cjs'), 'not ours');
      rmSync(join(installed, 'C2RBridge.psm1'));
      expect(await install()).toEqual(inPlace);
      expect(listed(installed)).toEqual(listed(join(files, 'C2RBridge')));

      expect(await uninstall()).toEqual({ code: 0, lines: ['C2RBridge is removed.'], errors: [] });
      expect(readdirSync(modules)).toEqual([]);
      expect((await uninstall()).code).toBe(0);
      expect((await detect()).code).toBe(1);
    });

    test('the installed module is imported by its name, and updates Office', async () => {
      await install();
      const { output } = await shell.run(
        `Import-Module C2RBridge
         $result = Invoke-C2RUpdate -PollMs 100
         @{ path = (Get-C2RBridge).Path; changed = $result.Changed; version = (Get-C2RInstallation).Version }`,
        { module: null },
      );
      expect(output).toEqual({
        path: `C:\\Program Files\\WindowsPowerShell\\Modules\\C2RBridge\\${version}\\bin\\c2r-bridge.cjs`,
        changed: true,
        version: newest,
      });
    });

    test('upgrades while the old bridge runs, which keeps answering; the next session has the new version', async () => {
      await install();
      await otherVersion(files, join(folder, 'newer'), version, '99.0.0');
      await layOut(join(folder, 'image'), image({ version: '16.0.19929.20172' }).files);
      const { output } = await shell.run(
        `Import-Module C2RBridge
         $before = (Get-C2RStatus).Status
         $null = & C:\\package\\newer\\Install.ps1
         @{
           before = $before; code = $LASTEXITCODE; after = (Invoke-C2RUpdate -PollMs 100).Changed
           image = (Test-C2RContent -Path C:\\package\\image -ErrorAction SilentlyContinue).Ok
           again = $(Disconnect-C2RBridge; (Connect-C2RBridge).Version)
         }`,
        { module: null },
      );
      // The library that the old bridge has loaded shows that its version is in use.
      expect(output).toEqual({ before: 'UPDATE_UNKNOWN', code: 3010, after: true, image: true, again: version });
      expect((await detect()).lines).toEqual(['C2RBridge 99.0.0 is installed.']);
      const next = await shell.run(
        'Import-Module C2RBridge; "$((Get-Module C2RBridge).Version) $((Get-C2RStatus).Status)"',
        {
          module: null,
        },
      );
      expect(next.output).toMatch(/^99\.0\.0 UPDATE_UNKNOWN$/);
    });

    test('an installation that is cut off anywhere is detected only where it is whole, and the next one completes it', async () => {
      const victim = new WindowsPowerShell(lab);
      const cut = victim.run(`& ${literal(`${package_}\\Install.ps1`)}`, { module: null }).catch(() => undefined);
      await expect
        .poll(() => existsSync(join(modules, 'C2RBridgeDsc')), { timeout: deadline(60_000), interval: 1 })
        .toBe(true);
      await victim.kill();
      await cut;
      if ((await detect()).code === 0) expect(listed(installed)).toEqual(listed(join(files, 'C2RBridge')));
      expect(await install()).toEqual(inPlace);
      expect(listed(installed)).toEqual(listed(join(files, 'C2RBridge')));
    });

    test.each(['Program Files/WindowsPowerShell/Modules', 'Program Files/WindowsPowerShell/Modules/C2RBridge'])(
      'refuses where others could change the modules: %s',
      async (writable) => {
        const path = join(lab.driveC, writable);
        mkdirSync(path, { recursive: true });
        // Under Wine this is what Everyone may do.
        chmodSync(path, 0o777);
        const windows = `C:\\${writable.replaceAll('/', '\\')}`;
        expect(await install()).toEqual({
          code: 1,
          lines: [
            `C2RBridge was not installed: '${windows}' can be changed by others than administrators: S-1-1-0. ` +
              advice,
          ],
          errors: [],
        });
        expect(existsSync(installed) && readdirSync(installed).length > 0).toBe(false);
      },
    );
    const advice = 'Leave out -ModulePath, or correct the permissions of the folder.';

    test('without administrator rights says so, installs nothing and removes nothing', async () => {
      const unelevated = new WindowsPowerShell(lab, { elevated: false });
      const refused = (text: RegExp) => ({ code: 1, lines: [expect.stringMatching(text)], errors: [] });
      try {
        expect(await runIn(unelevated, `${package_}\\Install.ps1`)).toEqual(
          refused(/^C2RBridge was not installed: .* as an administrator or as SYSTEM\.$/),
        );
        expect(existsSync(installed)).toBe(false);
        expect(await install()).toEqual(inPlace);
        expect(await runIn(unelevated, `${package_}\\Uninstall.ps1`)).toEqual(
          refused(/^C2RBridge was not removed: .* as an administrator or as SYSTEM\.$/),
        );
        expect(listed(installed)).toEqual(listed(join(files, 'C2RBridge')));

        // With rights to a folder of its own the account needs no more.
        const own = ['-ModulePath', 'C:\\package\\own'];
        expect((await runIn(unelevated, `${package_}\\Install.ps1`, ...own)).code).toBe(0);
        const { output } = await unelevated.run(
          `Import-Module C2RBridge
           @{
             elevated = & (Get-Module C2RBridge) { Test-Elevated }
             health = @(Test-C2RHealth | Where-Object { $_.Id -eq 'bridge.elevation' } | ForEach-Object { $_.Ok })
           }`,
          { module: null },
        );
        expect(output).toEqual({ elevated: false, health: [false] });
        expect((await runIn(unelevated, `${package_}\\Uninstall.ps1`, ...own)).code).toBe(0);
      } finally {
        await unelevated.kill();
      }
    });

    test('says why where it may not write, and is not detected', async () => {
      // A file where the folder should be: nobody may make folders below it, whatever the account.
      mkdirSync(join(modules, '..'), { recursive: true });
      writeFileSync(modules, '');
      try {
        expect(await install()).toEqual({
          code: 1,
          lines: [expect.stringContaining('C2RBridge was not installed: ')],
          errors: [],
        });
        expect((await detect()).code).toBe(1);
      } finally {
        rmSync(modules);
      }
    });
  });

  test('Install-PSResource takes the module from a repository, and it works', async () => {
    rmSync(modules, { recursive: true, force: true });
    const { output } = await shell.run(
      `Register-PSResourceRepository -Name C2RLocal -Uri C:\\package -Trusted -Force
       try {
         Install-PSResource -Name C2RBridge -Repository C2RLocal -Scope AllUsers -TrustRepository
         Import-Module C2RBridge
         @{ base = (Get-Module C2RBridge).ModuleBase; changed = (Invoke-C2RUpdate -PollMs 100).Changed }
       } finally {
         Unregister-PSResourceRepository -Name C2RLocal
         Get-Module C2RBridge | Remove-Module
       }`,
      { module: null },
    );
    expect(output).toMatchObject({ base: expect.stringContaining(`\\Modules\\C2RBridge\\${version}`), changed: true });
    const base = output.base.replace('C:\\', '').replaceAll('\\', '/');
    expect(listed(join(lab.driveC, base))).toMatchObject(listed(join(files, 'C2RBridge')));
    rmSync(join(lab.driveC, base, '..'), { recursive: true });
  });

  describe('once it is installed', () => {
    beforeAll(async () => {
      rmSync(modules, { recursive: true, force: true });
      expect(await install()).toEqual(inPlace);
    });

    /** Runs one script of a pair, which must write one line of ASCII and nothing else; gives exit code and line. */
    async function intune(kind: 'Detect' | 'Remediate', pair: string, ...args: readonly string[]): Promise<string> {
      const state = ['-StateFolder', `C:\\package\\state-${pair}`];
      const outcome = await run(`${package_}\\intune\\${kind}-${pair}.ps1`, ...state, ...args);
      expect(outcome).toMatchObject({ lines: [expect.stringMatching(/^[\x20-\x7e]{1,2048}$/)], errors: [] });
      return `${outcome.code} ${outcome.lines[0]}`;
    }

    test('the Intune pair for Office updates it and is content', async () => {
      const wanted = ['-MinimumVersion', newest];
      expect(await intune('Detect', 'OfficeUpdate', ...wanted)).toMatch(/^1 Office: .*16\.0\.17928\.20114/);
      expect(await intune('Remediate', 'OfficeUpdate', '-Wait', ...wanted)).toBe(`0 Office: updated to ${newest}.`);
      expect(await intune('Detect', 'OfficeUpdate', ...wanted)).toBe(`0 Office ${newest} is as wanted.`);
    });

    test('the Intune pair for Office gives the reason where Office refuses', async () => {
      setUpOfficeInRegistry(lab, { ...fast, elevated: false });
      const line = /^1 Office: .*administrator or as SYSTEM/;
      expect(await intune('Remediate', 'OfficeUpdate', '-MinimumVersion', newest)).toMatch(line);
      expect(await intune('Detect', 'OfficeUpdate', '-MinimumVersion', newest)).toMatch(line);
    });

    test('the Intune pair for management turns off what nobody uses', async () => {
      expect(await intune('Detect', 'OfficeManagement')).toMatch(/^1 /);
      expect(await intune('Remediate', 'OfficeManagement')).toMatch(/^0 /);
      expect(await intune('Detect', 'OfficeManagement')).toMatch(/^0 .*is off/);
    });

    describe('with old signatures of Defender', () => {
      let control: MpClientControl;
      beforeEach(() => {
        control = controlMpClient(lab);
      });
      afterEach(() => control.dispose());
      const tooOld = /^1 .*days old, at most 24 hours are allowed\./;

      test('the Intune pair for Defender updates them and is content', async () => {
        control.script(...wholeUpdate, 'signature 1 421 99', complete);
        expect(await intune('Detect', 'DefenderSignature')).toMatch(tooOld);
        expect(await intune('Remediate', 'DefenderSignature')).toMatch(
          /^0 Defender: signatures updated.* 0 hours old\.$/,
        );
        expect(await intune('Detect', 'DefenderSignature')).toMatch(/^0 .* 0 hours old\.$/);
        control.script(complete);
        expect(await intune('Remediate', 'DefenderSignature')).toMatch(/^0 .* 0 hours old\.$/);
        expect(control.calls().filter((call) => call.startsWith('MpUpdateStart'))).toHaveLength(1);
      });

      test('the Intune pair for Defender repeats what came of an update that brought old ones', async () => {
        control.script(...wholeUpdate, 'signature 1 421 99 72', complete);
        expect(await intune('Detect', 'DefenderSignature')).toMatch(tooOld);
        expect(await intune('Remediate', 'DefenderSignature')).toMatch(/^1 .*signatures updated.* 3 days old/);
        const again = /^1 .* 3 days old.*Last remediation .*signatures updated/;
        expect(await intune('Detect', 'DefenderSignature')).toMatch(again);
      });

      test('C2RBridgeDsc gets, sets and tests them', async () => {
        control.script(...wholeUpdate, 'signature 1 421 99', complete);
        const { output } = await shell.run(
          `Import-Module C2RBridgeDsc
           $module = Get-Module C2RBridgeDsc
           $wanted = & $module { New-Object -TypeName DefenderSignature -Property @{ IsSingleInstance = 'Yes'; MaxAgeHours = 24; Source = 'Unc' } }
           @{
             before = $wanted.Test(); found = $wanted.Get()
             set = $wanted.Set(); after = $wanted.Test(); brought = $wanted.Get()
             again = $wanted.Set()
           }`,
          { module: null },
        );
        const tooOldCode = 'DefenderSignature:DefenderSignature:MaxAgeHours';
        expect(output).toMatchObject({
          before: false,
          found: { SignatureVersion: '1.421.12.0', AgeState: 'tooOld', Reasons: [{ Code: tooOldCode }] },
          after: true,
          brought: { SignatureVersion: '1.421.99.0', AgeHours: 0, AgeState: 'current', Reasons: [], MaxAgeHours: 24 },
        });
        const updates = control.calls().filter((call) => call.startsWith('MpUpdateStart'));
        expect(updates).toEqual(['MpUpdateStart 0x023 0x00000000']);
      });
    });

    test('C2RBridgeDsc gets, sets and tests Office', async () => {
      const { output } = await shell.run(
        `Import-Module C2RBridgeDsc
         $module = Get-Module C2RBridgeDsc
         $wanted = & $module { New-Object -TypeName C2ROffice -Property @{ IsSingleInstance = 'Yes'; MinimumVersion = '${newest}'; Channel = 'SemiAnnual' } }
         @{
           before = $wanted.Test(); reasons = @($wanted.Get().Reasons | ForEach-Object { $_.Code })
           set = $wanted.Set(); after = $wanted.Test(); version = $wanted.Get().InstalledVersion
         }`,
        { module: null },
      );
      expect(output).toMatchObject({ before: false, after: true, version: newest });
      expect(output.reasons.length).toBeGreaterThan(0);
    });
  });
});
