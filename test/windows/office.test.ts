import { describe, expect, test } from 'vitest';
import { installation } from '../../src/contract/c2r.js';
import { startBridge } from '../support/bridge.js';
import { onWindows, titled } from './machine.js';

describe.skipIf(!onWindows)(titled('Click-to-Run of this device', onWindows, 'needs Windows'), () => {
  test('is described, with who manages it, and nothing of it is changed', async () => {
    await using bridge = startBridge();
    const facts = installation.parse(await bridge.request('c2r/installation'));
    expect(facts.backend).toBe('windows');
    if (facts.installed) expect(facts.version).toMatch(/^16\.0\./);
    expect(facts.manager.name === 'none').toBe(facts.manager.evidence.length === 0);
    expect(await bridge.stop()).toBe(0);
  });

  test('the doctor reads the COM+ catalogue where Office has registered its object', async () => {
    await using bridge = startBridge();
    const { checks } = await bridge.request('bridge/doctor');
    const application = checks.find(({ id }: { id: string }) => id === 'office.comPlusApplication');
    expect(application.detail).not.toContain('cannot be read');
    expect(await bridge.stop()).toBe(0);
  });
});
