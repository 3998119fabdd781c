import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { policyKey, updatesKey } from '../../../src/c2r/registry-keys.js';
import type { scenario } from '../../../src/simulated/scenario.js';
import { literally } from '../../support/literally.js';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, runPowerShell, runPowerShellProcess } from '../../support/pwsh.js';
import { type FileRun, runFile, runFileProcess, runFiles } from '../../support/script-file.js';

type Scenario = z.input<typeof scenario>;

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
const scripts = join(repository, 'powershell', 'intune');
const newest = '16.0.19929.20172';
const quick = { downloadMs: 50, applyMs: 50, channelTaskMs: 0 };

/** The mark of Click-to-Run that an update was downloaded a moment ago: milliseconds since 1601. */
function downloadedNow() {
  return { [updatesKey]: { DownloadTime: String(Date.now() - Date.UTC(1601, 0, 1)) } };
}

type Kind = 'Detect' | 'Remediate';

/** What Intune would show, of a run that is as the agent expects it of every script. */
function seenByIntune({ code, out, err }: FileRun): { code: number | null; report: string } {
  expect(err).toBe('');
  expect([0, 1]).toContain(code);
  expect(out).toMatch(/^[\x20-\x7e]{1,2048}\r?\n$/);
  return { code, report: (out.trimEnd().split(/\r?\n/).at(-1) ?? '').slice(-2048) };
}

describePowerShell('the Intune remediations', () => {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-intune-'));
  // The module as it is installed: it loads faster than its sources, and the scripts are run some sixty times.
  const modulePath = join(folder, 'package', `c2r-bridge-${version}`, 'C2RBridge');
  let devices = 0;
  beforeAll(() => {
    const args = [join(repository, '.scripts', 'package.mjs'), '--output', join(folder, 'package')];
    execFileSync(process.execPath, args);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A device of its own, on which the scripts of one pair are run one after another. */
  function device(
    pair: string,
    settings: Scenario = {},
    args: readonly string[] = [],
    module = modulePath,
    state?: string,
  ) {
    const home = join(folder, `device ${++devices}`);
    mkdirSync(home);
    const simulation = { ...settings, office: { ...quick, ...settings.office }, statePath: join(home, 'machine.json') };
    const simulated = { C2R_BACKEND: 'simulated', C2R_SIMULATION: JSON.stringify(simulation) };
    const stateFolder = state ?? join(home, 'state');
    const call = (kind: Kind, more: readonly string[] = []) => ({
      file: join(scripts, `${kind}-${pair}.ps1`),
      args: ['-ModulePath', module, '-StateFolder', stateFolder, ...args, ...more],
    });
    const by = (start: typeof runFile, variables = {}) => {
      const run = async (kind: Kind, more: readonly string[]) => {
        const { file, args } = call(kind, more);
        return seenByIntune(await start(file, args, { cwd: home, variables: { ...variables, ...simulated } }));
      };
      return {
        detect: (...more: string[]) => run('Detect', more),
        remediate: (...more: string[]) => run('Remediate', more),
      };
    };
    /** As the agent does: each script in a process of its own. */
    const asAgent = (variables?: Record<string, string>) => by(runFileProcess, variables);

    /** A cycle and a detection in one process that was started in a culture. */
    async function cycleIn(env: Record<string, string>): Promise<string[]> {
      const start = (script: string) =>
        runPowerShellProcess(script, { module: null, env: { ...process.env, ...env, ...simulated }, cwd: home });
      const runs = await runFiles([call('Detect'), call('Remediate'), call('Detect')], {}, start);
      const seen = runs.map(seenByIntune);
      expect(seen.map(({ code }) => code)).toEqual([1, 0, 0]);
      return seen.map(({ report }) => report);
    }
    return { ...by(runFile), asAgent, cycleIn, stateFolder };
  }

  /** Cycles of detection and remediation, as Intune makes them, until the detection is content; their reports. */
  async function converge(
    { detect, remediate }: Pick<ReturnType<typeof device>, 'detect' | 'remediate'>,
    ...wait: string[]
  ): Promise<string[]> {
    const reports: string[] = [];
    for (let cycle = 0; cycle < 4; cycle++) {
      const { code, report } = await detect();
      reports.push(report);
      if (code === 0) return reports;
      const repaired = await remediate(...wait);
      expect(repaired.code, repaired.report).toBe(0);
      reports.push(repaired.report);
    }
    throw new Error(`No end after four cycles: ${reports.join('\n')}`);
  }

  test('are six scripts in three pairs: settings, and one call of the module that each finds by itself', () => {
    const files = readdirSync(scripts).sort();
    expect(files).toEqual(
      ['Detect', 'Remediate'].flatMap((kind) =>
        ['DefenderSignature', 'OfficeManagement', 'OfficeUpdate'].map((pair) => `${kind}-${pair}.ps1`),
      ),
    );
    const calls = files.map((file) => /^try \{.*?^\}$/ms.exec(readFileSync(join(scripts, file), 'utf8'))?.[0]);
    expect(calls[0]).toContain('$result = Invoke-C2RRemediation @settings');
    expect(new Set(calls).size).toBe(1);
    for (const file of files) expect(readFileSync(join(scripts, file), 'utf8').split('\n').length).toBeLessThan(65);
    // Intune takes 200 KB.
    for (const file of files) expect(statSync(join(scripts, file)).size).toBeLessThan(20_000);
  });

  describe.concurrent('OfficeUpdate', () => {
    test('downloads in one cycle, applies in the next, and finds Office as wanted in the third', async () => {
      const machine = device('OfficeUpdate', {}, ['-MinimumVersion', newest]).asAgent();
      const reports = await converge(machine);
      expect(reports).toEqual([
        `Office: Version 16.0.17928.20114 is installed and should be at least ${newest}.`,
        'Office: download started.',
        expect.stringMatching(/^Office: Version .* Last remediation .*: download started\.$/),
        `Office: applying ${newest}.`,
        `Office ${newest} is as wanted.`,
      ]);
    });

    test('does all of it in one cycle with -Wait, and the channel with it', async () => {
      const machine = device('OfficeUpdate', {}, ['-MinimumVersion', newest, '-Channel', 'SemiAnnual']);
      const reports = await converge(machine, '-Wait');
      expect(reports).toEqual([
        expect.stringContaining('channel is MonthlyEnterprise and should be SemiAnnual. Version'),
        `Office: channel set to SemiAnnual, updated to ${newest}.`,
        `Office ${newest} is as wanted.`,
      ]);
    });

    test('takes the channel in any case, as it is typed', async () => {
      const machine = device('OfficeUpdate', {}, ['-Channel', 'monthlyENTERPRISE']);
      expect(await machine.detect()).toEqual({ code: 0, report: 'Office 16.0.17928.20114 is as wanted.' });
    });

    test('a folder in which no note can be kept is named, and does not hide what was found', async () => {
      const machine = device('OfficeUpdate', {}, ['-MinimumVersion', newest]);
      writeFileSync(machine.stateFolder, '');
      const trouble = `note .* be kept: ${literally(machine.stateFolder)} cannot be made: \\w(?!xception calling).*`;
      expect(await machine.detect()).toEqual({
        code: 1,
        report: expect.stringMatching(`^Office: Version .* should be at least ${newest}\\. And no ${trouble}`),
      });
      expect((await machine.detect('-ConfigurationItem')).report).toBe('NonCompliant');
      expect(await machine.remediate()).toEqual({
        code: 0,
        report: expect.stringMatching(`^Office: download started\\. And no ${trouble}`),
      });
    });

    test('a note that was kept is repeated, also where the log cannot be written, which is said', async () => {
      const machine = device('OfficeUpdate', {}, ['-MinimumVersion', newest]);
      mkdirSync(join(machine.stateFolder, 'Remediation.log'), { recursive: true });
      const { report } = await machine.remediate();
      expect(report).toMatch(
        /^Office: download started\. And nothing could be written to the log: Access to the path /,
      );
      expect((await machine.detect()).report).toMatch(/ Last remediation .*: download started\.$/);
    });

    test.each(['', '[]', 'null', '{', '{"time":1,"text":{}}', '{"time":null,"text":null}'])(
      'a note that somebody damaged is passed over: %j',
      async (note) => {
        const machine = device('OfficeUpdate', {}, ['-MinimumVersion', newest]);
        mkdirSync(machine.stateFolder);
        writeFileSync(join(machine.stateFolder, 'OfficeUpdate.json'), note);
        const { code, report } = await machine.detect();
        expect({ code, report }).toEqual({ code: 1, report: expect.stringMatching(/should be at least [\d.]+$/) });
      },
    );

    test('changes the channel and is content, with what is still pending', async () => {
      const machine = device('OfficeUpdate', {}, ['-Channel', 'Current']);
      expect((await converge(machine)).at(-1)).toMatch(/as wanted; channel change waits for update\.$/);
    });

    test.each([
      ['0', 1],
      ['3', 0],
    ])('an update that waits is applied after %s days at the latest', async (days, code) => {
      const machine = device(
        'OfficeUpdate',
        { office: { initialStatus: 'DOWNLOAD_SUCCEEDED', registry: downloadedNow() } },
        ['-MaxStagedDays', days],
      );
      expect((await machine.detect()).code).toBe(code);
      if (code === 1) expect((await converge(machine)).at(-1)).toBe(`Office ${newest} is as wanted.`);
    });

    test('says since when an update waits by the calendar that everybody reads, and that it is not known where it is not', async () => {
      const office = { initialStatus: 'DOWNLOAD_SUCCEEDED' as const };
      const [day] = new Date().toISOString().split('T');
      const thai = { LANG: 'th_TH.UTF-8', LC_ALL: 'th_TH.UTF-8' };
      const known = device('OfficeUpdate', { office: { ...office, registry: downloadedNow() } }, [
        '-MaxStagedDays',
        '0',
      ]);
      expect((await known.asAgent(thai).detect()).report).toBe(
        `Office: The update ${newest} has waited to be applied since ${day}.`,
      );
      await known.asAgent(thai).remediate('-Wait', '-MinimumVersion', '16.0.29929.20000');
      expect((await known.detect('-MinimumVersion', '16.0.29929.20000')).report).toMatch(
        new RegExp(`Last remediation ${day} \\d\\d:\\d\\d UTC: `),
      );

      const unknown = device('OfficeUpdate', { office }, ['-MaxStagedDays', '0']);
      expect((await unknown.detect()).report).toContain('has waited to be applied since an unknown day.');
    });

    test('waits with -Wait for an action of somebody else, and says so', async () => {
      const machine = device('OfficeUpdate', { office: { initialStatus: 'APPLY_WIP', applyMs: 3000 } }, [
        '-MinimumVersion',
        newest,
      ]);
      expect(await machine.remediate('-Wait')).toEqual({
        code: 0,
        report: `Office ${newest} is as wanted.`,
      });
    });

    test('fails with -Wait where the source has no version that is good enough', async () => {
      const machine = device('OfficeUpdate', { office: { installedVersion: newest } }, [
        '-MinimumVersion',
        '16.0.29929.20000',
      ]);
      expect(await machine.remediate('-Wait')).toEqual({
        code: 1,
        report: `Office: the update source has nothing newer than ${newest}. Version ${newest} is installed and should be at least 16.0.29929.20000.`,
      });
    });

    test('leaves an action alone that runs, and says so', async () => {
      const machine = device('OfficeUpdate', { office: { initialStatus: 'DOWNLOAD_WIP', downloadMs: 600_000 } }, [
        '-MinimumVersion',
        newest,
      ]);
      expect(await machine.remediate()).toEqual({
        code: 0,
        report: expect.stringMatching(/^Office: DOWNLOAD_\w+ continues\.$/),
      });
    });

    test.each<[string, Scenario['office'], RegExp]>([
      ['running apps', { initialStatus: 'DOWNLOAD_SUCCEEDED', blockingApps: ['WINWORD.EXE'] }, /WINWORD\.EXE/],
      ['an object that is not registered', { comRegistered: false }, /not registered.*Enable-C2RManagement/],
      ['no elevation', { elevated: false }, /administrator or as SYSTEM/],
      ['a refused download', { fail: [{ at: 'download', hresult: '0x80070057', when: 'call' }] }, /E_INVALIDARG/],
      ['a policy that forbids it', { registry: { [policyKey]: { OfficeMgmtCOM: 0 } } }, /policy/i],
    ])('fails with the reason where there is %s, and the next detection repeats it', async (_, office, reason) => {
      const machine = device('OfficeUpdate', { office }, ['-MinimumVersion', newest]);
      expect(await machine.remediate()).toEqual({ code: 1, report: expect.stringMatching(reason) });
      expect(await machine.detect()).toEqual({ code: 1, report: expect.stringMatching(reason) });
    });

    test('names what keeps a device from getting there: a conflict, a pin, and the last error', async () => {
      const office = {
        conflicts: ['staleCloudSetting' as const],
        leftoverTargetVersion: '16.0.17928.20114',
        lastError: '30182-39',
      };
      const odd = device('OfficeUpdate', { office }, ['-MinimumVersion', newest]);
      const { code, report } = await odd.detect();
      expect(code).toBe(1);
      expect(report).toContain('The leftover setting UpdateToVersion holds it at 16.0.17928.20114.');
      expect(report).toContain('Last error of Click-to-Run: 30182-39');
      expect(report).toMatch(/settings contradict each other: .*IgnoreGPO is 0/);
    });

    test('closes running apps where that is wanted', async () => {
      const office = { initialStatus: 'DOWNLOAD_SUCCEEDED' as const, blockingApps: ['WINWORD.EXE'] };
      const machine = device('OfficeUpdate', { office }, ['-MinimumVersion', newest]);
      expect((await converge(machine, '-OnBlockingApps', 'Force')).at(-1)).toBe(`Office ${newest} is as wanted.`);
    });

    test('a failed download is told with -Wait at once, without it in the next cycle', async () => {
      const failing = { office: { fail: [{ at: 'download' as const, errorCode: 9 }] } };
      const reason = expect.stringContaining('failed with FAILED_DOWNLOAD_UPGRADE_PACKAGE');
      const machine = device('OfficeUpdate', failing, ['-MinimumVersion', newest]);
      expect(await machine.remediate()).toEqual({ code: 0, report: 'Office: download started.' });
      expect(await machine.remediate()).toEqual({ code: 0, report: reason });
      expect(await machine.detect()).toEqual({ code: 1, report: reason });
      expect(await device('OfficeUpdate', failing, ['-MinimumVersion', newest]).remediate('-Wait')).toEqual({
        code: 1,
        report: expect.stringContaining('FAILED_DOWNLOAD_UPGRADE_PACKAGE'),
      });
    });

    test('is content where there is no Click-to-Run, and names what is missing where there is no module', async () => {
      const machine = device('OfficeUpdate', { office: { installed: false } }, ['-MinimumVersion', newest]);
      expect((await converge(machine))[0]).toContain('not installed');
      const bare = device('OfficeUpdate', {}, [], join(folder, 'nowhere')).asAgent();
      for (const each of [await bare.detect(), await bare.remediate()]) {
        expect(each).toEqual({ code: 1, report: expect.stringContaining('The module C2RBridge is not in') });
      }
    });
  });

  describe.concurrent('DefenderSignature', () => {
    test('updates signatures that are too old', async () => {
      const machine = device('DefenderSignature', { defender: { durationMs: 50 } });
      const reports = await converge(machine.asAgent());
      expect(reports).toEqual([
        'The antivirus signatures are 3 days old, at most 24 hours are allowed.',
        'Defender: signatures updated. The antivirus signatures are 0 hours old.',
        'The antivirus signatures are 0 hours old.',
      ]);
    });

    test.each<[string, Scenario['defender'], RegExp]>([
      ['no Defender', { present: false }, /MpClient/],
      ['a stopped service', { serviceRunning: false }, /WinDefend/],
      [
        'an update that fails',
        { result: '0x80072ee7', durationMs: 50 },
        /NAME_NOT_RESOLVED: The name of a server could not be resolved\. .*proxy/,
      ],
      ['a source without news', { updates: 0, durationMs: 50 }, /no newer signatures from default/],
      [
        'a clock that is years ahead',
        { updates: 0, signatureAgeHours: 50_000, durationMs: 50 },
        /no newer .* are 2083\.3 days old, at most 24 hours are allowed\. Check the clock of this device\.$/,
      ],
      [
        'a source that refuses',
        {
          failSources: [
            { source: 'unmanaged', hresult: '0x80240024' },
            { source: 'http', hresult: '0x80072EE2' },
          ],
          durationMs: 50,
        },
        /TIMEOUT/,
      ],
    ])('fails with the reason where there is %s', async (_, defender, reason) => {
      const machine = device('DefenderSignature', { defender });
      expect(await machine.remediate()).toEqual({ code: 1, report: expect.stringMatching(reason) });
      expect((await machine.detect()).code).toBe(1);
    });
  });

  describe.concurrent('in the field', () => {
    test.each<[string, number | null, RegExp]>([
      ['never updated', null, /never updated\.$/],
      ['60 days old', 1440, /60 days old, at most 24 hours/],
      ['ahead of the clock', -48, /ahead of the clock.*Check the clock/],
    ])('signatures that are %s are found, and updated', async (_, signatureAgeHours, report) => {
      const machine = device('DefenderSignature', { defender: { signatureAgeHours, durationMs: 50 } });
      expect(await machine.detect()).toEqual({ code: 1, report: expect.stringMatching(report) });
      expect((await converge(machine)).at(-1)).toBe('The antivirus signatures are 0 hours old.');
    });

    test('a device that another antivirus protects is compliant, unless it is to be managed', async () => {
      const defender = { mode: 'passive' as const, thirdPartyAntivirus: ['Contoso AV'] };
      const machine = device('DefenderSignature', { defender }).asAgent();
      const exempt = {
        code: 0,
        report: 'Another antivirus protects this device: Contoso AV. Nothing is wanted of it.',
      };
      expect(await machine.detect()).toEqual(exempt);
      expect(await machine.remediate()).toEqual(exempt);
      expect((await machine.detect('-ExemptThirdPartyAntivirus:$false')).code).toBe(1);
    });

    test.each<[string, Scenario, string]>([
      ['OfficeUpdate', { office: { installedVersion: newest } }, 'Compliant'],
      ['OfficeUpdate', {}, 'NonCompliant'],
      ['OfficeUpdate', { office: { installed: false } }, 'Compliant'],
      ['DefenderSignature', {}, 'NonCompliant'],
      ['DefenderSignature', { defender: { present: false } }, 'Unknown'],
      ['OfficeManagement', {}, 'NonCompliant'],
    ])(
      'a configuration item of Configuration Manager gets one word from %s: %j is %s',
      async (pair, settings, word) => {
        const args = pair === 'OfficeUpdate' ? ['-MinimumVersion', newest] : [];
        expect(await device(pair, settings, args).detect('-ConfigurationItem')).toEqual({ code: 0, report: word });
        const bare = device(pair, settings, [], join(folder, 'nowhere'));
        expect(await bare.detect('-ConfigurationItem')).toEqual({ code: 0, report: 'Unknown' });
      },
    );

    test('a report that would be too long is cut, and a setting that is wrong is named', async () => {
      const machine = device('DefenderSignature', {
        defender: { thirdPartyAntivirus: Array.from({ length: 300 }, (_, at) => `Contoso AV ${at}`), mode: 'passive' },
      });
      expect((await machine.detect()).report).toMatch(/^Another antivirus .{2000,}\.\.\.$/);
      expect(await machine.detect('-MaxAgeHours', '0')).toEqual({
        code: 1,
        report: expect.stringContaining('MaxAgeHours'),
      });
    });
  });

  test.each(['de_DE', 'ar_SA', 'tr_TR', 'fa_IR'])('reads the same in the culture %s', async (culture) => {
    const variables = { LANG: `${culture}.UTF-8`, LC_ALL: `${culture}.UTF-8` };
    const machine = device('DefenderSignature', { defender: { signatureAgeHours: 30.5, durationMs: 50 } });
    expect(await machine.cycleIn(variables)).toEqual([
      'The antivirus signatures are 30.5 hours old, at most 24 hours are allowed.',
      'Defender: signatures updated. The antivirus signatures are 0 hours old.',
      'The antivirus signatures are 0 hours old.',
    ]);
  });

  describe.concurrent('OfficeManagement', () => {
    test('turns management off that nobody uses any more', async () => {
      const reports = await converge(device('OfficeManagement').asAgent());
      expect(reports[0]).toContain('nobody manages');
      expect(reports.at(-1)).toContain('is off');
    });

    test('leaves it on where our own remediation drives the updates', async () => {
      const machine = device('OfficeManagement');
      mkdirSync(machine.stateFolder);
      writeFileSync(join(machine.stateFolder, 'OfficeUpdate.json'), '{}');
      expect(await machine.detect()).toEqual({
        code: 0,
        report: 'Management through COM is on for the remediation OfficeUpdate.',
      });
    });

    test('leaves it on as long as the detection of that remediation runs, also where all is as wanted', async () => {
      const updates = device('OfficeUpdate', {}, ['-MinimumVersion', newest]);
      expect((await updates.remediate('-Wait')).code).toBe(0);
      const management = device('OfficeManagement', {}, [], modulePath, updates.stateFolder);
      const longAgo = new Date(Date.now() - 15 * 86_400_000);
      utimesSync(join(updates.stateFolder, 'OfficeUpdate.json'), longAgo, longAgo);
      expect((await management.detect()).code).toBe(1);
      expect((await updates.detect()).code).toBe(0);
      expect(await management.detect()).toMatchObject({ code: 0 });
    });

    test('a note from the future, by a clock that was set right since, does not stand for a manager', async () => {
      const machine = device('OfficeManagement');
      mkdirSync(machine.stateFolder);
      const note = join(machine.stateFolder, 'OfficeUpdate.json');
      writeFileSync(note, '{}');
      const later = new Date(Date.now() + 1000 * 86_400_000);
      utimesSync(note, later, later);
      expect(await machine.detect()).toEqual({ code: 1, report: expect.stringContaining('nobody manages') });
    });

    test('fails with the reason where it is not elevated', async () => {
      const machine = device('OfficeManagement', { office: { elevated: false } });
      expect(await machine.asAgent().remediate()).toEqual({ code: 1, report: expect.stringContaining('SYSTEM') });
    });
  });
});

describePowerShell('Invoke-C2RRemediation', () => {
  test('-WhatIf says what would be done and does nothing, and a wrong setting is told, not thrown', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'c2r-remediation-'));
    try {
      const { output } = await runPowerShell(`
        $null = Connect-C2RBridge -Simulation @{ office = @{ downloadMs = 10; applyMs = 10 } } 3> $null
        $wanted = @{ Name = 'OfficeUpdate'; MinimumVersion = '${newest}'; StateFolder = ${literal(folder)} }
        $preview = Invoke-C2RRemediation @wanted -Remediate -WhatIf
        $after = Invoke-C2RRemediation @wanted
        $same = & { $WhatIfPreference = $true; (Invoke-C2RRemediation @wanted).Text }
        Set-Location -LiteralPath ${literal(tmpdir())}
        $null = Invoke-C2RRemediation -Name DefenderSignature -StateFolder ./${basename(folder)}/beside
        $wrong = Invoke-C2RRemediation -Name OfficeUpdate -MinimumVersion 'newest' -StateFolder ${literal(folder)}
        @{
          preview = $preview.Text; view = $preview | Out-String; after = $after.Compliance; code = $after.ExitCode; same = $same -eq $after.Text
          wrong = @($wrong.Compliance, $wrong.ExitCode, $wrong.Text); notes = @(Get-ChildItem -LiteralPath ${literal(folder)}).Name
        }`);
      expect(output).toMatchObject({
        preview: `What if: Update Office to at least ${newest}.`,
        view: expect.stringMatching(/Compliance +: Compliant/),
        after: 'NonCompliant',
        code: 1,
        same: true,
        wrong: [
          'Unknown',
          1,
          expect.stringMatching(/must be a Click-to-Run version .*\. Correct .*Get-Help Invoke-C2RRemediation -Full/),
        ],
        notes: 'beside',
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('-WhatIf that finds an obstacle leaves no note, which would tell of a remediation and stand for a manager', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'c2r-remediation-'));
    try {
      const { output } = await runPowerShell(`
        $null = Connect-C2RBridge -Simulation @{ office = @{ blockingApps = @('WINWORD.EXE'); stagedDays = 9 } } 3> $null
        $wanted = @{ Name = 'OfficeUpdate'; MinimumVersion = '${newest}'; StateFolder = ${literal(folder)} }
        $preview = (Invoke-C2RRemediation @wanted -Remediate -WhatIf).Text
        $notes = @(Get-ChildItem -LiteralPath ${literal(folder)}).Count
        @{ preview = $preview; notes = $notes; after = (Invoke-C2RRemediation @wanted).Text }`);
      expect(output).toMatchObject({
        preview: expect.stringContaining('Running Office apps block the update: WINWORD.EXE.'),
        notes: 0,
        after: expect.not.stringContaining('Last remediation'),
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('is about Office in any case and culture, and its note is the one of that name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'c2r-remediation-'));
    try {
      const { output } = await runPowerShell(`
        $null = Connect-C2RBridge -Simulation @{ office = @{ downloadMs = 10; applyMs = 10 } } 3> $null
        $culture = [Threading.Thread]::CurrentThread.CurrentCulture
        [Threading.Thread]::CurrentThread.CurrentCulture = 'tr-TR'
        try { $result = Invoke-C2RRemediation -Name OFFICEUPDATE -MinimumVersion ${newest} -StateFolder ${literal(folder)} -Remediate -Wait }
        finally { [Threading.Thread]::CurrentThread.CurrentCulture = $culture }
        @{ name = $result.Name; text = $result.Text; note = [IO.File]::Exists([IO.Path]::Combine(${literal(folder)}, 'OfficeUpdate.json')) }`);
      expect(output).toEqual({ name: 'OfficeUpdate', text: `Office: updated to ${newest}.`, note: true });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('says that management is off where the service cannot be restarted, and why', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'c2r-remediation-'));
    try {
      const { output } = await runPowerShell(`
        $null = Connect-C2RBridge -Simulation @{ office = @{} } 3> $null
        function global:Get-Service { param($Name, $ErrorAction) if ($Name -eq 'ClickToRunSvc') { [pscustomobject] @{ Name = $Name } } }
        function global:Restart-Service { throw "Service 'ClickToRunSvc' cannot be stopped." }
        try { $result = Invoke-C2RRemediation -Name OfficeManagement -Remediate -StateFolder ${literal(folder)} }
        finally { Remove-Item -Path Function:Get-Service, Function:Restart-Service }
        @{ text = $result.Text; code = $result.ExitCode; compliance = $result.Compliance }`);
      expect(output).toEqual({
        text: "Office: management through COM turned off, in force with the next restart of ClickToRunSvc (Service 'ClickToRunSvc' cannot be stopped.).",
        code: 0,
        compliance: 'Compliant',
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
