import { execFileSync } from 'node:child_process';
import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startBridge } from '../support/bridge.js';
import { cdnOf, failure, temporaryFolder } from '../support/content-staging.js';
import { elevated, titled } from './machine.js';

describe('junctions', () => {
  test('staging writes nothing through one', async () => {
    await using cdn = await cdnOf();
    await using image = await temporaryFolder();
    await using elsewhere = await temporaryFolder();
    await mkdir(join(image.path, 'office'));
    await symlink(elsewhere.path, join(image.path, 'office', 'data'), 'junction');
    await using bridge = startBridge();
    await failure(bridge.request('content/stage', { endpoint: cdn.endpoint, destination: image.path }));
    expect(await readdir(elsewhere.path)).toEqual([]);
    expect(await bridge.stop()).toBe(0);
  });
});

describe.skipIf(!elevated)(titled('access control', elevated, 'needs an elevated Windows'), () => {
  test('a bridge that users may replace is not registered as a COM server', async () => {
    await using folder = await temporaryFolder();
    const copy = join(folder.path, 'bridge');
    await cp('dist', copy, { recursive: true });
    // S-1-5-32-545: Users, whatever the language of Windows.
    execFileSync('icacls', [copy, '/grant', '*S-1-5-32-545:(OI)(CI)M', '/T', '/Q']);
    await using bridge = startBridge({ command: [process.execPath, join(copy, 'c2r-bridge.cjs')] });
    const error = await failure(bridge.request('bits/register', { contentId: 'test', path: folder.path }));
    expect(error.data.type).toBe('AccessDenied');
    expect((await bridge.request('bits/list')).contents).not.toContainEqual(
      expect.objectContaining({ contentId: 'test' }),
    );
    expect(await bridge.stop()).toBe(0);
  });
});
