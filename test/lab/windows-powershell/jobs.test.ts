import { beforeEach, expect, test } from 'vitest';
import { deadline } from '../../support/deadline.js';
import { setUpOfficeInRegistry } from '../../support/office-bridge.js';
import { labProcesses } from '../../support/processes.js';
import { describeInWindowsPowerShell } from '../../support/windows-powershell.js';

const describeJobs = (body: Parameters<typeof describeInWindowsPowerShell>[1]) =>
  describeInWindowsPowerShell('-AsJob in PowerShell for Windows', body, { comServers: true });

describeJobs((shell, lab) => {
  beforeEach(() => setUpOfficeInRegistry(lab, { downloadMs: 300, applyMs: 200 }));
  const bridges = () => labProcesses(lab).filter(({ command }) => command.includes('c2r-clone'));

  test('runs the command in a job with a bridge of its own, shows its progress, and gives its result or its error', async () => {
    const { output } = await shell.run(`
      $own = (Connect-C2RBridge).ProcessId
      $job = Invoke-C2RUpdate -PollMs 100 -AsJob
      $null = Wait-Job $job
      $progress = @($job.Progress | ForEach-Object CurrentOperation | Where-Object { $_ } | Sort-Object -Unique)
      $result = Receive-Job $job
      $failing = Invoke-C2RDownload -UpdateToVersion 1.2.3 -AsJob
      $null = Wait-Job $failing
      @{
        kind = $job.GetType().Name; state = "$($job.State)"; changed = $result.Changed; version = (Get-C2RInstallation).Version
        progress = $progress
        failed = "$($failing.State)"; error = $(try { Receive-Job $failing -ErrorAction Stop } catch { $_.FullyQualifiedErrorId })
        same = $own -eq (Get-C2RBridge).ProcessId
      }`);
    expect(output).toMatchObject({
      kind: 'ThreadJob',
      state: 'Completed',
      changed: true,
      version: '16.0.19929.20172',
      progress: expect.arrayContaining(['apply', 'download']),
      failed: 'Failed',
      error: 'InvalidParams,Invoke-C2RDownload',
      same: true,
    });
    await expect.poll(bridges, { timeout: deadline(20_000) }).toEqual([]);
  });

  test('Stop-Job cancels the download that runs in the job', async () => {
    // A server of its own, which outlives the bridge of the job.
    setUpOfficeInRegistry(lab, { downloadMs: 600_000 }, { outOfProcess: true, env: { C2R_LAB_REMEMBER: '1' } });
    const { output } = await shell.run(`
      $job = Invoke-C2RDownload -Wait -PollMs 100 -AsJob
      $until = [datetime]::UtcNow.AddMilliseconds(${deadline(60_000)})
      while (@($job.Progress | Where-Object CurrentOperation -EQ download).Count -eq 0 -and [datetime]::UtcNow -lt $until) { [Threading.Thread]::Sleep(20) }
      Stop-Job $job
      @{ state = "$($job.State)"; status = (Wait-C2RUpdate -TimeoutSec 60 -PollMs 100).Status }`);
    expect(output).toEqual({ state: 'Stopped', status: 'DOWNLOAD_CANCELLED' });
  });
});
