import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Cdn, type Content, generated, image, startCdn } from '../../support/cdn.mjs';
import { deadline } from '../../support/deadline.js';
import { setUpOfficeInRegistry } from '../../support/office-bridge.js';
import { literal } from '../../support/powershell-script.js';
import { describeInWindowsPowerShell } from '../../support/windows-powershell.js';

const version = '16.0.19929.20172';
const bytesOf = (content: Content) => Buffer.concat([...content.read(0, content.size)]);

const describeUpdate = (body: Parameters<typeof describeInWindowsPowerShell>[1]) =>
  describeInWindowsPowerShell('an update from a registered content', body, { comServers: true });

describeUpdate((shell, lab) => {
  let cdn: Cdn;
  const folder = join(lab.driveC, 'bits-update');
  const target = join(folder, 'target');
  const staged = image({ version, dats: { 'x-none': generated(9_000_000, 1), 'en-us': generated(3_000_000, 2) } });
  const bytesAt = (path: string) => bytesOf(staged.files.get(path) as Content);

  beforeAll(async () => {
    cdn = await startCdn(staged);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
  });
  afterEach(() => rmSync(target, { recursive: true, force: true }));
  afterAll(async () => {
    await cdn.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is staged, registered, downloaded by another process, applied, and the same in every byte', async () => {
    const stage = { endpoint: cdn.endpoint, destination: 'C:\\bits-update\\image', allLanguages: true };
    setUpOfficeInRegistry(
      lab,
      { downloadMs: 300, applyMs: 300, availableVersion: version },
      { env: { C2R_LAB_CONTENT_TARGET: 'C:\\bits-update\\target' } },
    );
    const { output } = await shell.run(
      `
        $stage = ConvertFrom-Json -AsHashtable -InputObject ${literal(JSON.stringify(stage))}
        $null = Invoke-C2RBridgeMethod content/stage $stage
        $null = Invoke-C2RBridgeMethod bits/register @{ contentId = 'Img'; path = 'C:\\bits-update\\image' }
        try {
          $result = Invoke-C2RUpdate -ContentSource img -PollMs 100
          # The other process writes its figures down once a second.
          $deadline = [datetime]::UtcNow.AddSeconds(${deadline(10)})
          do { $served = Get-C2RContentSource Img } while ($served.Files -lt 7 -and [datetime]::UtcNow -lt $deadline)
        } finally {
          $removed = Unregister-C2RContentSource -Name img
        }
        @{ result = $result; served = $served; removed = $removed; after = (Get-C2RInstallation).Version }`,
    );
    expect(output).toMatchObject({
      result: { Changed: true, VersionAfter: version, Backend: 'windows' },
      served: { ContentId: 'Img', BytesServed: 12_000_000 + bytesAt('office/data/v64.cab').length, Files: 7 },
      removed: { Removed: true, ClassRemoved: true },
      after: version,
    });
    const data = `office/data/${version}`;
    const parts = [0, 1, 2, 3, 4].map((part) => readFileSync(join(target, `x-none.${part}`)));
    expect(parts.map(({ length }) => length)).toEqual([1e6, 1e6, 1e6, 1e6, 5e6]);
    expect(Buffer.concat(parts).equals(bytesAt(`${data}/stream.x64.x-none.dat`))).toBe(true);
    const swapped = readFileSync(join(target, 'en-us.swapped'));
    const unswapped = Buffer.concat([swapped.subarray(2e6), swapped.subarray(0, 2e6)]);
    expect(unswapped.equals(bytesAt(`${data}/stream.x64.en-us.dat`))).toBe(true);
    expect(readFileSync(join(target, 'v64.cab')).equals(bytesAt('office/data/v64.cab'))).toBe(true);
  });
});
