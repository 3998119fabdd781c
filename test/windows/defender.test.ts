import { describe, expect, test } from 'vitest';
import { startBridge } from '../support/bridge.js';
import { onWindows, titled } from './machine.js';

describe.skipIf(!onWindows)(titled('the real MpClient.dll', onWindows, 'needs Windows'), () => {
  test('is found, has the exports that we call, and tells versions and flags', async () => {
    await using bridge = startBridge();
    const { checks } = await bridge.request('bridge/doctor');
    const defender = checks.filter(({ area }: { area: string }) => area === 'defender');
    expect(defender.length).toBeGreaterThan(0);
    const status = await bridge.request('defender/status');
    expect(status).toMatchObject({
      backend: 'windows',
      versions: {
        product: { version: expect.stringMatching(/^4\.\d+\.\d+\.\d+$/) },
        engine: { version: expect.stringMatching(/^1\.1\.\d+\.\d+$/) },
        antivirusSignature: { version: expect.stringMatching(/^1\.\d+\.\d+\.\d+$/) },
      },
    });
    expect(await bridge.stop()).toBe(0);
  });
});
