import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cdn, generated, image, startCdn } from '../../support/cdn.mjs';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, runPowerShell } from '../../support/pwsh.js';

/** Another one in each run, so that it is found nowhere by chance, on the whole machine. */
const secret = `s3cr3t-${randomUUID()}`;
const hasProcesses = existsSync('/proc/self/cmdline');

/** What every process of the machine was started with, for as long as it is watched. */
function watchProcesses() {
  const seen = new Set<string>();
  const look = () => {
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      for (const file of ['cmdline', 'environ']) {
        try {
          seen.add(readFileSync(`/proc/${name}/${file}`, 'utf8').replaceAll('\0', ' '));
        } catch {
          // It has ended, or is somebody else's.
        }
      }
    }
  };
  const timer = hasProcesses ? setInterval(look, 100) : undefined;
  return {
    stop() {
      clearInterval(timer);
      return [...seen];
    },
  };
}

describePowerShell('secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-secrets-'));
  const proxied: string[] = [];
  let cdn: Cdn;
  let proxy: Server;

  beforeAll(async () => {
    cdn = await startCdn(image({ dats: { 'x-none': generated(3_000_000, 1), 'en-us': generated(70_000, 2) } }));
    proxy = createServer((incoming, response) => {
      proxied.push(incoming.headers['proxy-authorization'] ?? '');
      const { 'proxy-authorization': _, ...headers } = incoming.headers;
      const onward = request(incoming.url as string, { method: incoming.method ?? 'GET', headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      incoming.pipe(onward);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => proxy.once('listening', resolve));
  });
  afterAll(async () => {
    proxy.close();
    await cdn.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a password of a proxy and a token in a URL reach the network, and no log, error, job, report, manifest or process', async () => {
    const [image, inJob, logFile] = ['image', 'job', 'bridge.log'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const endpoint = literal(`${cdn.endpoint}?sv=1&sig=${secret}`);
    const watched = watchProcesses();
    const { output, text } = await runPowerShell(`
      $VerbosePreference = 'Continue'; $DebugPreference = 'Continue'; $InformationPreference = 'Continue'
      $null = Connect-C2RBridge -Simulation @{ office = @{} } -LogLevel Debug -LogFile ${literal(logFile)} -WarningAction SilentlyContinue
      $password = ConvertTo-SecureString -String ${literal(secret)} -AsPlainText -Force
      $through = @{
        Endpoint        = ${endpoint}
        Proxy           = 'http://127.0.0.1:${(proxy.address() as AddressInfo).port}'
        ProxyCredential = [pscredential]::new('somebody', $password)
        Retries         = 0
      }
      $staged = Save-C2RContent @through -Destination ${literal(image)} *>&1 | Out-String
      $job = Save-C2RContent @through -Destination ${literal(inJob)} -AsJob
      $received = $job | Wait-Job | Receive-Job *>&1 | Out-String
      $state = "$($job.State)"
      $through.Endpoint = $through.Endpoint.Replace('/filelist', '/none')
      $failure = try { Save-C2RContent @through -Destination ${literal(image)} } catch { Describe $_; $_ | Out-String; $_.Exception.ToString() }
      $refused = try { Get-C2RSku -Proxy ${literal(`${secret}@proxy`)} } catch { Describe $_ }
      $errors = $Error | ForEach-Object { "$_ $($_.ErrorDetails)" }
      @{ staged = $staged; received = $received; state = $state; failure = $failure; refused = $refused; errors = $errors
        report = Get-C2RReport *>&1 | Out-String -Width 500; page = "$(Get-C2RReport -AsHtml)" }`);
    const processes = watched.stop();

    expect(output.state).toBe('Completed');
    expect(output.staged).toContain('content/stage');
    expect(output.failure[0]).toMatchObject({ category: expect.any(String) });
    expect(proxied).toContain(`Basic ${Buffer.from(`somebody:${secret}`).toString('base64')}`);
    expect(cdn.requests.some(({ query }) => query.get('sig') === secret)).toBe(true);

    const written = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((file) => statSync(file).isFile() && /\.(json|log)$/.test(file));
    expect(written.map((file) => file.slice(folder.length + 1)).sort()).toEqual([
      'bridge.log',
      join('image', 'manifest.json'),
      join('job', 'manifest.json'),
    ]);
    expect(statSync(logFile).size).toBeGreaterThan(0);
    for (const shown of [JSON.stringify(output), text, ...written.map((file) => readFileSync(file, 'utf8'))]) {
      expect(shown).not.toContain(secret);
    }
    if (hasProcesses) {
      expect(processes.filter((text) => text.includes('c2r-bridge.cjs')).length).toBeGreaterThan(0);
      expect(processes.filter((text) => text.includes(secret))).toEqual([]);
    }
  });

  test('credentials in the place that Office updates from are in no report', async () => {
    const simulation = {
      office: {
        registry: {
          'SOFTWARE\\Policies\\Microsoft\\office\\16.0\\common\\officeupdate': {
            UpdatePath: `https://user:${secret}@server/office?sig=${secret}`,
          },
        },
      },
    };
    const { output } = await runPowerShell(`
      $null = Connect-C2RBridge -Simulation ${literal(JSON.stringify(simulation))} -WarningAction SilentlyContinue
      $report = Get-C2RReport
      @{
        source = $report.Office.UpdateSource.Value
        report = $report | ConvertTo-Json -Depth 12
        page = "$($report | Get-C2RReport -AsHtml)"
        switched = Catch-Error { Set-C2RChannel -Channel Current }
      }`);
    expect(output.source).toBe('https://server/office?sig=***');
    expect(JSON.stringify(output)).not.toContain(secret);
  });
});
