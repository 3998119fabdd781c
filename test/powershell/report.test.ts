import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { deadline } from '../support/deadline.js';
import { describePowerShell, runPowerShell } from '../support/pwsh.js';

const chromium = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
].find(existsSync);

const noBrowser = chromium ? '' : ' (no Chromium: apt-get install chromium)';

describePowerShell('Get-C2RReport', () => {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-report-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What a browser makes of a page: the text that it shows, and what it complains about. */
  function browse(html: string): { dom: string; complaints: string } {
    const file = join(folder, 'page.html');
    writeFileSync(file, html);
    const args = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${join(folder, 'profile')}`,
      '--enable-logging=stderr',
      '--dump-dom',
    ];
    const { stdout, stderr } = spawnSync(chromium ?? '', [...args, pathToFileURL(file).href], {
      encoding: 'utf8',
      timeout: deadline(60_000),
    });
    return {
      dom: stdout,
      complaints: stderr
        .split('\n')
        .filter((line) => line.includes('CONSOLE'))
        .join('\n'),
    };
  }

  const connect = (simulation: string) =>
    `$null = Connect-C2RBridge -Simulation '${simulation}' -WarningAction SilentlyContinue`;

  test('is one object with the state, the history and the findings', async () => {
    const { output } = await runPowerShell(`
      ${connect('{ "office": { "downloadMs": 50, "applyMs": 50, "channelTaskMs": 0 } }')}
      $null = Set-C2RChannel -Channel Current
      $null = Invoke-C2RUpdate -PollMs 100
      Get-C2RReport`);
    expect(output).toMatchObject({
      ComputerName: expect.stringMatching(/./),
      Backend: 'simulated',
      Office: { Version: '16.0.19929.20172', Channel: 'Current' },
      Status: { Status: 'APPLY_SUCCEEDED' },
      Defender: { RunningMode: 'normal', Versions: { AntivirusSignature: { Version: '1.421.12.0' } } },
    });
    const events = output.History.map((entry: { Event: string }) => entry.Event);
    expect(events.slice(0, 3)).toEqual([
      'Office applied an update',
      'Office downloaded an update',
      'Channel change asked for',
    ]);
    expect(events).toContain('Defender updated: AntivirusSignature');
    expect(output.Checks.length).toBeGreaterThan(5);
  });

  test('names what cannot be read and goes on with the rest', async () => {
    const { output } = await runPowerShell(`
      ${connect('{ "office": { "comRegistered": false }, "defender": { "present": false } }')}
      Get-C2RReport`);
    expect(output).toMatchObject({ Office: { Installed: true }, Status: null, Defender: null });
    expect(output.Problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Status could not be read: /),
        expect.stringMatching(/^Defender could not be read: /),
      ]),
    );
  });

  test('is made where no bridge can be started, too, which is then what it says', async () => {
    const { output } = await runPowerShell(`
      $null = Catch-Error { Connect-C2RBridge -NodePath /nowhere/node }
      $report = Get-C2RReport
      @{ report = $report; html = $report | Get-C2RReport -AsHtml }`);
    expect(output.report).toMatchObject({ Office: null, Defender: null, Backend: null, History: [], Checks: [] });
    expect(output.report.Problems).toEqual(
      ['Office', 'Defender', 'Checks'].map((part) => expect.stringMatching(`^${part} could not be read: .*nowhere`)),
    );
    expect(output.html).toMatch(/Checks could not be read: .*nowhere/);
  });

  test.skipIf(!chromium)(
    `is one page in a real browser, whatever a computer calls itself, and loads nothing from elsewhere${noBrowser}`,
    async () => {
      const evil = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">";
      const { output } = await runPowerShell(`
      ${connect('{ "office": { "comRegistered": false } }')}
      $reports = Start-Job -ArgumentList (Join-Path (Get-Module C2RBridge).ModuleBase C2RBridge.psd1) -ScriptBlock {
        param($Module)
        Import-Module $Module
        $null = Connect-C2RBridge -Simulation '{ "defender": { "updates": 0 } }' -WarningAction SilentlyContinue
        Get-C2RReport
        Get-C2RReport
      } | Receive-Job -Wait
      $own = Get-C2RReport
      $own.ComputerName = '${evil.replaceAll("'", "''")}'
      @{ one = Get-C2RReport -AsHtml; many = @($reports) + $own | Get-C2RReport -AsHtml }`);
      const one = browse(output.one);
      expect(one.complaints).toBe('');
      expect(one.dom).toContain('<title>Office and Defender updates</title>');
      expect(one.dom).toMatch(/<details open="">/);
      expect(one.dom).toContain('Computers: 1, with problems: 1.');

      const many = browse(output.many);
      expect(many.complaints).toBe('');
      expect(many.dom).toContain('<title>Office and Defender updates</title>');
      expect(many.dom).not.toContain('<script>');
      expect(many.dom).toContain('&lt;script&gt;');
      expect(many.dom).toContain('Computers: 3, with problems: 1.');
      // Those with problems come first, and are open.
      expect(many.dom.indexOf('&lt;script&gt;')).toBeLessThan(many.dom.lastIndexOf('<tbody>'));
      expect(many.dom.match(/<details open/g)).toHaveLength(1);
      for (const page of [output.one, output.many]) expect(page).not.toMatch(/<(?:link|script|img|iframe)\b/i);
    },
  );

  test.skipIf(!chromium)(`fits a narrow screen${noBrowser}`, async () => {
    const { output } = await runPowerShell(`${connect('{}')}\nGet-C2RReport -AsHtml`);
    const file = join(folder, 'narrow.html');
    // The only script is the test's own, which the page's policy is lifted for.
    const measured = output
      .replace(/<meta http-equiv[^>]*>/, '')
      .replace(
        '</body>',
        '<script>document.title = document.documentElement.scrollWidth + " of " + innerWidth</script></body>',
      );
    writeFileSync(file, measured);
    const dom = execFileSync(
      chromium ?? '',
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        `--user-data-dir=${join(folder, 'profile')}`,
        '--window-size=500,900',
        '--dump-dom',
        pathToFileURL(file).href,
      ],
      { encoding: 'utf8', stdio: 'pipe' },
    );
    const [, width, screen] = /<title>(\d+) of (\d+)<\/title>/.exec(dom) ?? [];
    expect(Number(width)).toBeLessThanOrEqual(Number(screen));
  });
});
