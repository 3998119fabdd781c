import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { afterAll, expect, test } from 'vitest';
import { deadline } from '../../support/deadline.js';
import { describePowerShell, runPowerShell } from '../../support/pwsh.js';

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
  function browse(html: string, ...more: string[]): { dom: string; complaints: string } {
    const file = join(folder, 'page.html');
    writeFileSync(file, html);
    const args = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${join(folder, 'profile')}`,
      '--enable-logging=stderr',
      ...more,
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
        expect.stringMatching(/^Status could not be read: .*Enable-C2RManagement/),
        expect.stringMatching(/^Defender could not be read: /),
      ]),
    );
    // One cause is named once, and in the words of this module.
    expect(output.Problems.filter((problem: string) => problem.includes('COM object'))).toHaveLength(1);
    expect(output.Problems.join()).not.toMatch(/\b(?:c2r|defender|content|bits)\/[\w*]/);
  });

  test('takes reports from wherever they were kept, and refuses anything else by its type', async () => {
    const { output } = await runPowerShell(`
      ${connect('{}')}
      $report = Get-C2RReport
      $kept = $report | ConvertTo-Json -Depth 20 | ConvertFrom-Json
      $later = $report | Select-Object *
      $later.GeneratedAt = 'soon'
      $given = $kept, (Get-C2RStatus), 'text', $later, ([Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($report, 4)))
      $page = $given | Get-C2RReport -AsHtml -ErrorAction SilentlyContinue -ErrorVariable refused
      # Of a caller who asks for nothing, too.
      $usual = & { $ErrorActionPreference = 'Continue'; $given | Get-C2RReport -AsHtml 2> $null }
      $stopped = Catch-Error { $ErrorActionPreference = 'Stop'; $given | Get-C2RReport -AsHtml }
      @{ html = $page; same = $usual -eq $page; stopped = $stopped.id; errors = @($refused | ForEach-Object { "$($_.FullyQualifiedErrorId) $($_.CategoryInfo.Category) $_" }) }`);
    expect(output.html).toContain('Computers: 2');
    expect(output).toMatchObject({ same: true, stopped: 'InvalidReport,Get-C2RReport' });
    const line = (type: string) =>
      `InvalidReport,Get-C2RReport InvalidType A ${type} is not a report of Get-C2RReport.`;
    expect(output.errors).toEqual(
      ['C2RBridge.UpdateStatus', 'System.String', 'Selected.System.Management.Automation.PSCustomObject'].map(line),
    );
  });

  test('is made where no bridge can be started, too, which is then what it says', async () => {
    const { output } = await runPowerShell(`
      $null = Catch-Error { Connect-C2RBridge -NodePath /nowhere/node }
      $report = Get-C2RReport
      @{ report = $report; html = $report | Get-C2RReport -AsHtml }`);
    expect(output.report).toMatchObject({ Office: null, Defender: null, Backend: null, History: [], Checks: [] });
    expect(output.report.Problems).toEqual([
      expect.stringMatching(/^Office, Defender, Checks could not be read: .*nowhere/),
    ]);
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
      expect(one.dom).toContain('Computers: 1, failing: 1.');

      const many = browse(output.many);
      expect(many.complaints).toBe('');
      expect(many.dom).toContain('<title>Office and Defender updates</title>');
      expect(many.dom).not.toContain('<script>');
      expect(many.dom).toContain('&lt;script&gt;');
      expect(many.dom).toContain('Computers: 3, failing: 1.');
      // The worst comes first, and the table links to it.
      expect(many.dom).toMatch(/<tbody>\s*<tr><th scope="row"><a href="#c1">&lt;script&gt;/);
      expect(many.dom).toMatch(/<section id="c1"><h2>&lt;script&gt;/);
      for (const page of [output.one, output.many]) expect(page).not.toMatch(/<(?:link|script|img|iframe)\b/i);
    },
  );

  /** Runs a script of the test in a page, whose policy is lifted for it, and gives what the script returns. */
  function measure(html: string, width: number, script: string) {
    const page = html.replace(/<meta http-equiv[^>]*>/, '').replace(
      '</body>',
      // A function: in a text, what axe writes as $& would be replaced.
      () => `<script>${axe.source}</script><script>(async () => {
           const result = await (async () => { ${script} })();
           document.documentElement.innerHTML = '<pre id=result></pre>';
           document.getElementById('result').textContent = JSON.stringify(result);
         })();</script></body>`,
    );
    const { dom } = browse(page, `--window-size=${width},1000`, '--virtual-time-budget=60000');
    const [, json = 'null'] = /<pre id="result">(.*?)<\/pre>/s.exec(dom) ?? [];
    return JSON.parse(json.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'));
  }

  /** Chromium's smallest window is 500 wide; what is narrower is a frame of that width. */
  const layout = `
    const wide = [...document.querySelectorAll('*')].filter((e) => !(e instanceof SVGElement) && !e.closest('.wide table') && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && !e.closest('.wide'));
    const sections = [...document.querySelectorAll('section')].filter((e) => e.getBoundingClientRect().height < 20);
    const lines = (e) => { const range = document.createRange(); range.selectNodeContents(e); return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size; };
    const broken = [...document.querySelectorAll('td.v')].filter((e) => lines(e) > 1);
    return { page: document.documentElement.scrollWidth <= innerWidth, wide: wide.map((e) => e.outerHTML.slice(0, 80)), hidden: sections.length, broken: broken.map((e) => e.textContent) };`;

  /** Reports of a made-up fleet: some fail, some wait, some were not reached. */
  const fleet = (count: number) => `
      ${connect('{ "defender": { "updates": 0 } }')}
      $good = Get-C2RReport
      ${connect('{ "office": { "comRegistered": false } }')}
      $bad = Get-C2RReport
      $none = & (Get-Module C2RBridge) { New-FailedReport -Record ([Management.Automation.ErrorRecord]::new([Exception]::new('The host did not answer.'), 'x', 'OpenError', 'pc')) }
      $reports = foreach ($index in 1..${count}) {
        $report = [pscustomobject] @{}
        $source = if ($index % 17 -eq 0) { $bad } elseif ($index % 97 -eq 0) { $none } else { $good }
        foreach ($property in $source.PSObject.Properties) { $report.PSObject.Properties.Add([psnoteproperty]::new($property.Name, $property.Value)) }
        $report.ComputerName = 'DESKTOP-{0:D6}' -f ($index * 7919 % 100003)
        if ($source -eq $good) {
          $report.Office = $report.Office | Select-Object *
          $report.Office.Version = "16.0.$(17928 + $index % 11 * 100).20114"
          if ($index % 5 -eq 0) { $report.Office.StagedVersion = '16.0.19929.20172' }
        }
        $report
      }`;

  test("has people's words in its sentences, too", async () => {
    const { output } = await runPowerShell(`
      $null = Connect-C2RBridge -Simulation @{ office = @{ channel = 'SemiAnnual' }; defender = @{ thirdPartyAntivirus = @('UPDATE_UNKNOWN_AV') } } -WarningAction SilentlyContinue
      Get-C2RReport | Get-C2RReport -AsHtml`);
    const sentences = [
      'Click-to-Run answers: no update has run.',
      '(Semi-Annual Enterprise Channel): the installation of Office decides.',
      'The service answers: antivirus signatures are due, antispyware signatures are due.',
    ];
    for (const sentence of sentences) expect(output).toContain(sentence);
    expect(output).not.toMatch(/UPDATE_UNKNOWN\b|DUE_|cdnBaseUrl|SemiAnnual\b/);
    expect(output).toContain('UPDATE_UNKNOWN_AV');
  });

  test.skipIf(!chromium)(
    `has no fault that axe finds, in either scheme, and keeps its widths on a phone, a desk and paper${noBrowser}`,
    async () => {
      const { output } = await runPowerShell(`
      ${fleet(40)}
      @{ one = $bad | Get-C2RReport -AsHtml; many = $reports | Get-C2RReport -AsHtml }`);
      for (const page of [output.one, output.many]) {
        const dark = page.replace('@media (prefers-color-scheme: dark)', '@media all');
        const paper = page.replace('@media print', '@media all');
        // A start of Chromium takes two seconds: each shows one page for everything that is looked at in its width.
        for (const [html, width] of [
          [page, 1280],
          [page, 500],
          [dark, 1280],
          [paper, 760],
        ] as const) {
          const { found, whole, narrow } = measure(
            html,
            width,
            `const whole = (() => { ${layout} })();
             const { violations, passes } = await axe.run();
             document.body.style.cssText = 'box-sizing: border-box; width: 400px';
             const narrow = (() => { ${layout} })();
             return {
               found: { violations: violations.map(({ id, nodes }) => id + ' ' + nodes[0].html), contrast: passes.some(({ id }) => id === 'color-contrast') },
               whole, narrow,
             };`,
          );
          expect(found).toEqual({ violations: [], contrast: true });
          expect(whole).toEqual({ page: true, wide: [], hidden: 0, broken: [] });
          if (width === 500 && html === page) expect(narrow).toMatchObject({ wide: [], hidden: 0, broken: [] });
        }
      }
      expect(output.one).not.toMatch(/\(\)|UPDATE_UNKNOWN|office\.comRegistered|<tbody><\/tbody>/);
    },
  );

  test.skipIf(!chromium)(`shows 1,000 computers in one file of at most 2 MB, the worst first${noBrowser}`, async () => {
    const { output } = await runPowerShell(`${fleet(1000)}\n$reports | Get-C2RReport -AsHtml`);
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(2_000_000);
    const found = measure(
      output,
      1280,
      `const words = [...document.querySelectorAll('.wide tbody td:nth-child(2)')].map((e) => e.textContent);
       const links = [...document.querySelectorAll('.wide a')].filter((a) => document.querySelector(a.getAttribute('href'))?.querySelector('h2').textContent.startsWith(a.textContent));
       return {
         rows: words.length, links: links.length, order: words.filter((word, index) => word !== words[index - 1]),
         totals: [...document.querySelectorAll('.totals b')].map((e) => Number(e.textContent)).reduce((sum, each) => sum + each), charts: document.querySelectorAll('svg[role=img]').length,
       };`,
    );
    expect(found).toEqual({
      rows: 1000,
      links: 1000,
      order: ['Failing', 'Not reached', 'Waiting', 'Up to date'],
      totals: 1000,
      charts: 2,
    });
  });
});
