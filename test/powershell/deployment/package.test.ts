import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makesLinks } from '../../support/links.js';
import { listed, otherVersion, sha256 } from '../../support/package-files.js';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, pwsh, runPowerShell } from '../../support/pwsh.js';
import { runFile } from '../../support/script-file.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
const name = `c2r-bridge-${version}`;

function makePackage(output: string, ...args: string[]): void {
  execFileSync(process.execPath, [join(repository, '.scripts', 'package.mjs'), '--output', output, ...args], {
    env: { ...process.env, C2R_PWSH: pwsh },
  });
}

/** What the module does when it lies there: the bridge answers. */
const useModule = (folder: string, body: string) =>
  runPowerShell(
    `Import-Module ${literal(join(folder, 'C2RBridge.psd1'))}
     $WarningPreference = 'SilentlyContinue'
     ${body}`,
    { module: null },
  );

describePowerShell('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), "c2r [1] Büro 'ü' "));
  const made = join(folder, 'made');
  const files = join(made, name);

  /** Runs one of the scripts of a package: what it gives, and its exit code. */
  async function script(file: string, ...args: string[]) {
    const { code, out, err } = await runFile(file, args);
    return { code, output: `${out}${err}`.trim() };
  }

  /** The same the way that Intune does, in a process of its own. */
  function scriptAs(who: { uid?: number; gid?: number }, file: string, ...args: string[]) {
    // .NET 11 keeps named mutexes there, and must be able to write.
    const home = mkdtempSync(join(folder, 'home-'));
    chmodSync(home, 0o777);
    const options = { encoding: 'utf8', stdio: 'pipe', env: { ...process.env, HOME: home }, ...who } as const;
    const run = spawnSync(pwsh, ['-NoProfile', '-NonInteractive', '-File', file, ...args], options);
    return { code: run.status, output: `${run.stdout}${run.status === 0 ? '' : run.stderr}`.trim() };
  }

  beforeAll(() => makePackage(made));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('is the same to the byte when it is made again', () => {
    const again = join(folder, 'again');
    makePackage(again);
    expect(listed(again)).toEqual(listed(made));
    rmSync(again, { recursive: true });
  });

  test('leaves alone what else lies in the output folder', () => {
    const output = join(folder, 'shared');
    mkdirSync(output);
    writeFileSync(join(output, 'thesis.txt'), 'the only copy');
    mkdirSync(join(output, name));
    writeFileSync(join(output, name, 'left over'), 'of the package before');
    makePackage(output);
    const { 'thesis.txt': _, ...package_ } = listed(output);
    expect(readFileSync(join(output, 'thesis.txt'), 'utf8')).toBe('the only copy');
    expect(package_).toEqual(listed(made));
    rmSync(output, { recursive: true });
  });

  test('lists the hash of every file, and the archives hold the same files', async () => {
    const { SHA256SUMS: _, ...content } = listed(files);
    const sums = readFileSync(join(files, 'SHA256SUMS'), 'utf8').trim().split('\n');
    expect(Object.fromEntries(sums.map((line) => line.split('  ').reverse()))).toEqual(content);

    const unpacked = join(folder, 'unpacked');
    for (const [archive, module, target] of [
      [`${name}.zip`, '.', 'all'],
      [`C2RBridge.${version}.nupkg`, 'C2RBridge', 'module'],
    ] as const) {
      // Both .NET and unzip are strict about what a zip is.
      await runPowerShell(
        `Add-Type -AssemblyName System.IO.Compression.FileSystem
         [IO.Compression.ZipFile]::ExtractToDirectory(${literal(join(made, archive))}, ${literal(join(unpacked, target))})`,
        { module: null },
      );
      expect(listed(join(unpacked, target))).toMatchObject(listed(join(files, module)));
    }
    expect(readFileSync(join(unpacked, 'module', 'C2RBridge.nuspec'), 'utf8')).toContain(
      `<version>${version}</version>`,
    );
    rmSync(unpacked, { recursive: true });
  });

  test('says the same version everywhere, and the inventory names every package that is inside', () => {
    const bill = JSON.parse(readFileSync(join(files, 'sbom.cdx.json'), 'utf8'));
    const { dependencies } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5', metadata: { component: { version } } });
    const components = bill.components.map((each: { name: string }) => each.name);
    expect(components).toEqual(
      expect.arrayContaining([...Object.keys(dependencies), '@koromix/koffi-win32-x64', '@koromix/koffi-win32-arm64']),
    );
    for (const each of bill.components) expect(each.hashes[0].content).toMatch(/^[0-9a-f]{128}$/);
    for (const manifest of ['C2RBridge/C2RBridge.psd1', 'C2RBridgeDsc/C2RBridgeDsc.psd1']) {
      expect(readFileSync(join(files, manifest), 'utf8')).toContain(`ModuleVersion        = '${version}'`);
    }
    expect(readFileSync(join(files, 'Detect.ps1'), 'utf8')).toContain(`$MinimumVersion = '${version}'`);
    for (const dependency of Object.keys(dependencies)) {
      expect(readFileSync(join(files, 'THIRD-PARTY-NOTICES.txt'), 'utf8')).toContain(
        `\n${dependency} ${dependencies[dependency]} (`,
      );
    }
  });

  test('works from where it lies, loads all cmdlets from one script, and offers the same commands as the sources', async () => {
    expect(readdirSync(join(files, 'C2RBridge'))).not.toContain('Public');
    const { output } = await useModule(
      join(files, 'C2RBridge'),
      `@{ status = (Get-C2RStatus).Status; path = (Get-C2RBridge).Path; commands = (Get-Module C2RBridge).ExportedCommands.Count }`,
    );
    const commands = readdirSync(join(repository, 'powershell', 'C2RBridge', 'Public')).length;
    expect(output).toEqual({
      status: 'UPDATE_UNKNOWN',
      path: join(files, 'C2RBridge', 'bin', 'c2r-bridge.cjs'),
      commands,
    });
  });

  test.each([
    ['c2r-bridge.cjs', 'BridgeChanged', 'SecurityError'],
    ['features.cjs', 'NotAvailable', 'ResourceUnavailable'],
  ])('does not run anything of %s once it was changed', async (changed, id, category) => {
    const copy = join(folder, 'changed', 'C2RBridge');
    await cp(join(files, 'C2RBridge'), copy, { recursive: true });
    appendFileSync(join(copy, 'bin', changed), ' ');
    const { output } = await useModule(copy, '@{ error = Catch-Error { Get-C2RStatus } }');
    expect(output.error).toMatchObject({ id: `${id},Get-C2RStatus`, category });
    expect(output.error.message).toContain(join(copy, 'bin', changed));
    rmSync(join(folder, 'changed'), { recursive: true });
  });

  test('runs no other bridge where its own is gone, and names the file that is missing', async () => {
    const modules = join(folder, 'quarantined');
    const copy = join(modules, 'C2RBridge', version);
    await cp(join(files, 'C2RBridge'), copy, { recursive: true });
    // Where a clone has its bridge.
    await cp(join(copy, 'bin'), join(modules, 'dist'), { recursive: true });
    rmSync(join(copy, 'bin', 'c2r-bridge.cjs'));
    const { output } = await useModule(copy, '@{ error = Catch-Error { Get-C2RStatus } }');
    expect(output.error).toMatchObject({
      id: 'BridgeNotFound,Get-C2RStatus',
      action: expect.stringMatching(/^Install/),
    });
    expect(output.error.message).toContain(join(copy, 'bin', 'c2r-bridge.cjs'));
    rmSync(modules, { recursive: true });
  });

  test('is signed by a script of your own, before the hashes are taken', () => {
    const signing = join(folder, 'sign.ps1');
    const script = (what: string) => `param([string] $Path)
      foreach ($file in Get-ChildItem -LiteralPath $Path -Recurse -Include *.node, *.psm1 -File) {
        if (${what}) { [IO.File]::AppendAllText($file.FullName, "# signed\`n") }
      }
      [IO.File]::WriteAllText((Join-Path $Path 'catalog.cat'), 'catalogue')`;
    const isUnsigned = '-not [IO.File]::ReadAllText($file.FullName).EndsWith("# signed`n")';
    writeFileSync(signing, script(isUnsigned));
    const signed = join(folder, 'signed');
    makePackage(signed, '--signing-script', signing);
    const target = join(signed, name);
    expect(readFileSync(join(target, 'C2RBridge', 'C2RBridge.psm1'), 'utf8').match(/# signed/g)).toHaveLength(1);
    expect(readFileSync(join(target, 'SHA256SUMS'), 'utf8')).toContain(
      `${sha256(join(target, 'catalog.cat'))}  catalog.cat`,
    );
    // The bridge knows the signed libraries as its own, and still itself.
    const bin = join(target, 'C2RBridge', 'bin');
    expect(existsSync(join(bin, 'catalog.cat'))).toBe(false);
    const bridge = join(bin, 'c2r-bridge.cjs');
    const libraries = readdirSync(bin).filter((file) => file.endsWith('.node'));
    for (const library of libraries) expect(readFileSync(bridge, 'utf8')).toContain(sha256(join(bin, library)));
    expect(libraries).toHaveLength(2);
    expect(spawnSync(process.execPath, [bridge, 'call', 'c2r/status'])).toMatchObject({ status: 0 });

    writeFileSync(signing, script('$true'));
    expect(() => makePackage(signed, '--signing-script', signing)).toThrow(/changed bin\/koffi-.*must pass over/);
    rmSync(signed, { recursive: true });
  });

  test('installs, is detected, repairs itself, and is removed; each can be repeated', () => {
    const target = join(folder, 'Modules');
    const at = ['-ModulePath', target];
    const detect = () => scriptAs({}, join(files, 'Detect.ps1'), ...at);
    expect(detect()).toEqual({ code: 1, output: '' });
    expect(scriptAs({}, join(files, 'Install.ps1'), ...at)).toEqual({
      code: 0,
      // Windows PowerShell and 7 write to a pipe in the code page of the console.
      output:
        process.platform === 'win32'
          ? expect.stringContaining('is installed in')
          : `C2RBridge is installed in ${target}.`,
    });
    expect(detect()).toEqual({ code: 0, output: `C2RBridge ${version} is installed.` });
    const installed = join(target, 'C2RBridge', version);
    expect(listed(installed)).toEqual(listed(join(files, 'C2RBridge')));
    expect(scriptAs({}, join(files, 'Detect.ps1'), ...at, '-MinimumVersion', '99.0')).toEqual({ code: 1, output: '' });

    appendFileSync(join(installed, 'bin', 'c2r-bridge.cjs'), ' ');
    rmSync(join(installed, 'C2RBridge.psm1'));
    expect(scriptAs({}, join(files, 'Install.ps1'), ...at).code).toBe(0);
    expect(listed(installed)).toEqual(listed(join(files, 'C2RBridge')));

    expect(scriptAs({}, join(files, 'Uninstall.ps1'), ...at)).toEqual({ code: 0, output: 'C2RBridge is removed.' });
    expect(readdirSync(target)).toEqual([]);
    expect(scriptAs({}, join(files, 'Uninstall.ps1'), ...at).code).toBe(0);
    expect(detect().code).toBe(1);
  });

  test.each([
    ['all', 0],
    ['a half', 0.5],
  ])('a package whose list of files lost %s of its lines is refused, and what is installed stays', async (_, part) => {
    const [cut, target] = [join(folder, 'cut'), join(folder, 'Modules that work')];
    expect((await script(join(files, 'Install.ps1'), '-ModulePath', target)).code).toBe(0);
    const before = listed(target);
    await cp(files, cut, { recursive: true });
    const lines = readFileSync(join(cut, 'SHA256SUMS'), 'utf8').split('\n');
    const kept = lines.slice(0, lines.length * part).map((line) => `${line}\n`);
    writeFileSync(join(cut, 'SHA256SUMS'), kept.join(''));
    expect(await script(join(cut, 'Install.ps1'), '-ModulePath', target)).toEqual({
      code: 1,
      output: expect.stringMatching(/^C2RBridge was not installed: SHA256SUMS was cut off\. Copy the package again\.$/),
    });
    expect(listed(target)).toEqual(before);
    for (const path of [cut, target]) rmSync(path, { recursive: true });
  });

  test.skipIf(!makesLinks)('a link is removed or refused, and nothing of what it leads to is touched', async () => {
    const [target, elsewhere] = [join(folder, 'Modules with links'), join(folder, 'elsewhere')];
    const [module, older] = [join(target, 'C2RBridge'), join(target, 'C2RBridge', '0.0.1')];
    const run = (which: string) => script(join(files, `${which}.ps1`), '-ModulePath', target);
    mkdirSync(join(elsewhere, 'work'), { recursive: true });
    for (const file of ['thesis.txt', 'work/draft.txt']) writeFileSync(join(elsewhere, file), 'the only copy');
    const precious = listed(elsewhere);

    mkdirSync(module, { recursive: true });
    symlinkSync(elsewhere, older, 'junction');
    expect((await run('Install')).code).toBe(0);
    expect(readdirSync(module)).toEqual([version]);
    symlinkSync(elsewhere, older, 'junction');
    expect(await run('Uninstall')).toEqual({ code: 0, output: 'C2RBridge is removed.' });
    expect(readdirSync(target)).toEqual([]);

    symlinkSync(elsewhere, module, 'junction');
    expect(await run('Install')).toEqual({ code: 1, output: expect.stringContaining(`'${module}' is a link.`) });
    expect((await run('Uninstall')).code).toBe(0);
    expect(existsSync(module)).toBe(false);
    expect(listed(elsewhere)).toEqual(precious);
    for (const path of [target, elsewhere]) rmSync(path, { recursive: true });
  });

  test('an installation that was cut off is not detected, and the next one completes it', async () => {
    const target = join(folder, 'Modules cut off');
    const at = ['-ModulePath', target];
    for (const missing of [
      join('C2RBridge', version, 'C2RBridge.psm1'),
      join('C2RBridge', version, 'bin', 'libarchive.cjs'),
      join('C2RBridgeDsc', version, 'C2RBridgeDsc.psm1'),
    ]) {
      // Nothing can be written where a folder is.
      mkdirSync(join(target, missing), { recursive: true });
      expect(await script(join(files, 'Install.ps1'), ...at)).toEqual({
        code: 1,
        output: expect.stringContaining('was not installed'),
      });
      expect(await script(join(files, 'Detect.ps1'), ...at)).toEqual({ code: 1, output: '' });
      rmSync(join(target, missing), { recursive: true });
      expect((await script(join(files, 'Install.ps1'), ...at)).code).toBe(0);
      expect((await script(join(files, 'Detect.ps1'), ...at)).code).toBe(0);
      rmSync(target, { recursive: true });
    }
  });

  test('what is installed from read-only files is not read-only, for the next version has to replace it', async () => {
    const medium = join(folder, 'medium');
    const target = join(folder, 'Modules from a medium');
    await cp(files, medium, { recursive: true });
    for (const file of Object.keys(listed(medium))) chmodSync(join(medium, file), 0o444);
    expect((await script(join(medium, 'Install.ps1'), '-ModulePath', target)).code).toBe(0);
    const installed = Object.keys(listed(target));
    expect(installed.length).toBeGreaterThan(10);
    for (const file of installed) expect(statSync(join(target, file)).mode & 0o200, file).toBe(0o200);
    rmSync(target, { recursive: true });
  });

  // Root may remove everything, and others may not give folders away.
  test.runIf(process.getuid?.() === 0)('a folder that stays, as one in use does, is a restart and no failure', () => {
    const [nobody, target] = [65_534, join(folder, 'Modules that stay')];
    const module = join(target, 'C2RBridge');
    // Nobody may write to the module's folder, but not take away what is in this one.
    mkdirSync(join(module, '0.0.9', 'bin'), { recursive: true });
    for (const path of [target, module]) chownSync(path, nobody, nobody);
    chmodSync(folder, 0o755);
    const as = (name: string) =>
      scriptAs({ uid: nobody, gid: nobody }, join(files, `${name}.ps1`), '-ModulePath', target);
    const restart = 3010 & 0xff;
    expect(as('Install')).toEqual({ code: restart, output: expect.stringContaining(`is installed in ${target}.`) });
    expect(as('Detect').code).toBe(0);
    expect(as('Uninstall')).toEqual({ code: restart, output: expect.stringContaining(`is in use: ${module}`) });
    expect(as('Detect').code).toBe(1);
    rmSync(target, { recursive: true });
  });

  test('refuses to install from a package that was changed, and while another installation runs', async () => {
    const copy = join(folder, 'broken');
    await cp(files, copy, { recursive: true });
    appendFileSync(join(copy, 'C2RBridge', 'bin', 'c2r-bridge.cjs'), ' ');
    const target = join(folder, 'Modules of nobody');
    const refused = await script(join(copy, 'Install.ps1'), '-ModulePath', target);
    expect(refused).toEqual({
      code: 1,
      output: expect.stringContaining('C2RBridge/bin/c2r-bridge.cjs is not the file'),
    });

    const { output } = await runPowerShell(
      `$mutex = New-Object -TypeName Threading.Mutex -ArgumentList $true, 'Global\\C2RBridgeSetup'
       $codes = foreach ($name in 'Install', 'Uninstall') {
         $null = & ${literal(pwsh)} -NoProfile -File (Join-Path ${literal(files)} "$name.ps1") -ModulePath ${literal(target)}
         $LASTEXITCODE
       }
       $mutex.ReleaseMutex()
       $codes`,
      { module: null },
    );
    // Unix keeps the low byte of an exit code.
    const busy = process.platform === 'win32' ? 1618 : 1618 & 0xff;
    expect(output).toEqual([busy, busy]);
    expect(existsSync(target)).toBe(false);
  });

  // As .NET says of a named mutex of another account: https://learn.microsoft.com/dotnet/api/system.threading.mutex.-ctor
  test('takes the lock of an account that does not share it for another installation', async () => {
    const target = join(folder, 'Modules of nobody');
    const { output } = await runPowerShell(
      `function New-Object($TypeName, $ArgumentList) {
         if ($TypeName -ne 'Threading.Mutex') { throw "Not expected: $TypeName" }
         throw [Management.Automation.MethodInvocationException]::new('ctor', [UnauthorizedAccessException] 'Access to the path is denied.')
       }
       foreach ($name in 'Install', 'Uninstall') {
         & (Join-Path ${literal(files)} "$name.ps1") -ModulePath ${literal(target)}
         $LASTEXITCODE
       }`,
      { module: null },
    );
    expect(output).toEqual([
      'Another installation of C2RBridge runs.',
      1618,
      'An installation of C2RBridge runs.',
      1618,
    ]);
    expect(existsSync(target)).toBe(false);
  });

  // On Windows the older version stays meanwhile: lab/windows-powershell/package holds that.
  test.skipIf(process.platform === 'win32')(
    'upgrades over a bridge that runs, which keeps answering; the next session has the new version',
    async () => {
      const target = join(folder, 'Modules in use');
      expect((await script(join(files, 'Install.ps1'), '-ModulePath', target)).code).toBe(0);
      const newer = join(folder, 'newer');
      await otherVersion(files, newer, version, '99.0.0');
      const { output } = await useModule(
        join(target, 'C2RBridge', version),
        `
      $before = (Get-C2RStatus).Status
      $text = & ${literal(pwsh)} -NoProfile -File (Join-Path ${literal(newer)} Install.ps1) -ModulePath ${literal(target)}
      $seen = @{ before = $before; code = $LASTEXITCODE; text = $text; after = (Get-C2RStatus).Status; method = (Invoke-C2RBridgeMethod c2r/installation).installed }
      # What README says of such a session.
      Remove-Module C2RBridge
      Import-Module ${literal(join(target, 'C2RBridge', '99.0.0', 'C2RBridge.psd1'))}
      $seen + @{ version = "$((Get-Module C2RBridge).Version)"; status = (Get-C2RStatus).Status }`,
      );
      expect(output).toMatchObject({ before: 'UPDATE_UNKNOWN', code: 0, after: 'UPDATE_UNKNOWN', method: true });
      expect(output).toMatchObject({ version: '99.0.0', status: 'UPDATE_UNKNOWN' });
      expect(readdirSync(join(target, 'C2RBridge'))).toEqual(['99.0.0']);
      expect((await script(join(files, 'Detect.ps1'), '-ModulePath', target)).output).toBe(
        'C2RBridge 99.0.0 is installed.',
      );
    },
  );

  test.each([
    [['arm64', 'x64'], 'x64'],
    [['arm64'], 'arm64'],
  ])('the manifests of DSC start a Node of the package that the device can run, of %j', (architectures, started) => {
    const cache = join(folder, 'cache');
    const { windowsNode } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
    for (const architecture of architectures) {
      const { name: node, version: nodeVersion } = windowsNode[architecture];
      const unpacked = join(cache, 'packages', `${node}@${nodeVersion}`);
      mkdirSync(join(unpacked, 'bin'), { recursive: true });
      // All that npm's packages hold.
      for (const file of ['package.json', 'bin/node.exe']) writeFileSync(join(unpacked, file), architecture);
    }
    const output = join(folder, 'with node');
    execFileSync(
      process.execPath,
      [join(repository, '.scripts', 'package.mjs'), '--output', output, '--node', architectures.join(',')],
      { env: { ...process.env, C2R_CACHE: cache } },
    );
    const manifests = join(output, name, 'C2RBridge', 'dsc');
    for (const file of readdirSync(manifests)) {
      const { executable } = JSON.parse(readFileSync(join(manifests, file), 'utf8')).set;
      expect(executable).toBe(`../bin/${started}/node.exe`);
      expect(readFileSync(join(manifests, executable), 'utf8')).toBe(started);
    }
    const notices = readFileSync(join(output, name, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const architecture of architectures) {
      expect(notices).toContain(`${windowsNode[architecture].name} ${windowsNode[architecture].version} (MIT)`);
    }
    expect(notices.split('Node.js is licensed for use as follows')).toHaveLength(architectures.length + 1);
    for (const path of [cache, output]) rmSync(path, { recursive: true });
  });

  test('the manifests of DSC find the bridge of the package', () => {
    const manifests = join(files, 'C2RBridge', 'dsc');
    for (const file of readdirSync(manifests)) {
      const { executable, args } = JSON.parse(readFileSync(join(manifests, file), 'utf8')).get;
      const out = execFileSync(executable, args, {
        cwd: manifests,
        input: '',
        env: { ...process.env, DSC_TRACE_LEVEL: 'error' },
        encoding: 'utf8',
      });
      expect(Object.keys(JSON.parse(out)).length).toBeGreaterThan(1);
    }
  });
});
