import { expect, test } from 'vitest';
import { startBridge } from '../../support/bridge.js';
import { cabinet } from '../../support/cabinet.mjs';
import { generated, hashMember, literal, sha256Of } from '../../support/cdn.mjs';
import { cdnOf, mib, temporaryFolder, version } from '../../support/content-staging.js';
import { highestMemory } from '../../support/highest-memory.js';

/** MiB; seen were 174, and 442 with all cabinets in memory at once. */
const limit = 300;

test.runIf(process.platform === 'linux')(
  `many large hash cabinets are never in memory together: staging and verifying take less than ${limit} MiB`,
  async () => {
    const cultures = Array.from({ length: 20 }, (_, index) => `culture-${index}`);
    await using cdn = await cdnOf({
      dats: Object.fromEntries(cultures.map((each, seed) => [each, generated(1000, seed)])),
    });
    await using folder = await temporaryFolder();
    const padding = Buffer.alloc(16 * mib, 3);
    for (const { name, hashLocation } of cdn.list.filter(({ hashLocation }) => hashLocation)) {
      const [cab, member] = String(hashLocation).split('/') as [string, string];
      const content = cdn.files.get(`office/data/${version}/${name}`);
      if (!content) expect.unreachable();
      const hash = hashMember(sha256Of(content), version);
      cdn.files.set(`office/data/${version}/${cab}`, literal(cabinet({ [member]: hash, padding }, 'stored')));
    }
    await using bridge = startBridge();
    await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path });
    expect(await bridge.request('content/verify', { path: folder.path })).toMatchObject({ ok: true });
    expect(highestMemory(bridge.process.pid as number)).toBeLessThan(limit);
  },
);
