import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runWine } from '../../support/bits-client.js';
import { startBridge } from '../../support/bridge.js';
import { describeInLab } from '../../support/lab.js';
import { restart } from '../provision.mjs';

const drives = 'HKLM\\SOFTWARE\\Wine\\Drives';

describeInLab('a drive that is mapped to a share', (lab) => {
  const drive = join(lab.prefix, 'dosdevices', 'x:');

  beforeAll(() => {
    symlinkSync(lab.driveC, drive);
    runWine(lab, 'reg', 'add', drives, '/v', 'x:', '/d', 'network', '/f');
    // Wine reads what its drives are when its services start.
    restart();
  });
  afterAll(() => {
    rmSync(drive);
    runWine(lab, 'reg', 'delete', drives, '/v', 'x:', '/f');
    restart();
  });

  test('is refused at registration and as an update source with the advice to give the UNC path, and a local one is not', async () => {
    await using bridge = startBridge({ command: lab.bridgeCommand });
    for (const path of ['X:\\windows', 'x:/windows/system32']) {
      const refused = bridge.request('bits/register', { contentId: 'mapped', path });
      await expect(refused).rejects.toMatchObject({
        data: {
          type: 'InvalidParams',
          issues: [{ path: 'path', message: expect.stringMatching(/mapped drive x:.*SYSTEM.*give the UNC path/i) }],
        },
      });
    }
    await expect(bridge.request('c2r/download', { updateBaseUrl: 'X:\\windows' })).rejects.toMatchObject({
      data: {
        issues: [{ path: 'updateBaseUrl', message: expect.stringMatching(/mapped drive x:.*give the UNC path/i) }],
      },
    });
    expect((await bridge.request('bits/list')).contents).toEqual([]);
    expect(await bridge.request('bits/register', { contentId: 'local', path: 'C:\\windows' })).toMatchObject({
      changed: true,
    });
    await bridge.request('bits/unregister', { contentId: 'local' });
  });
});
