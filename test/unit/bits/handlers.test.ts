import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.js';
import { bitsHandlers, bridgeClsid, contentPercent } from '../../../src/bits/handlers.js';
import type { SourceHost } from '../../../src/bits/port.js';
import { parseSourceUrl } from '../../../src/bits/source-url.js';
import { nothingServed } from '../../../src/bits/statistics.js';
import { simulatedSourceHost } from '../../../src/simulated/source-host.js';
import { hastyClock } from '../../support/source-service.js';

const clock = hastyClock();
const run = { signal: new AbortController().signal, clock, log: silentLog, report: () => undefined };
const path = tmpdir();
const clsid = '{0F0A9C6E-6B2C-4E6D-9E5D-0123456789AB}';

let host: SourceHost;
let handlers: ReturnType<typeof bitsHandlers>;
beforeEach(() => {
  host = simulatedSourceHost(clock);
  handlers = bitsHandlers(host);
});

describe('a registration', () => {
  test('says what to pass to the download', async () => {
    expect(await handlers.register({ contentId: 'Img', path }, run)).toEqual({
      contentId: 'Img',
      clsid: bridgeClsid,
      path,
      baseUrl: null,
      registeredAt: expect.any(String),
      changed: true,
      download: { downloadSource: bridgeClsid, contentId: 'Img' },
      backend: 'simulated',
    });
  });

  test('that is there already is not changed, whatever the case of its name', async () => {
    const first = await handlers.register({ contentId: 'Img', path }, run);
    expect(await handlers.register({ contentId: 'IMG', path }, run)).toEqual({ ...first, changed: false });
    expect((await handlers.list({}, run)).contents).toHaveLength(1);
  });

  test('is the same with its ids in braces and without', async () => {
    const guid = 'f732af58-5d86-4299-abe9-7595c35136ef';
    const first = await handlers.register({ contentId: guid, path, clsid }, run);
    const again = { contentId: `{${guid}}`, path, clsid: clsid.slice(1, -1) };
    expect(await handlers.register(again, run)).toEqual({ ...first, changed: false });
    expect(parseSourceUrl(`cmbits://{${guid}}/a`)).toEqual(parseSourceUrl(`cmbits://${guid}/a`));
    expect(await handlers.unregister({ contentId: `{${guid}}` }, run)).toMatchObject({ removed: true });
  });

  test.each([
    ['where Windows tells its share', '\\\\server\\share\\office', '\\\\server\\share\\office'],
    ['where it does not', null, 'for example \\\\server\\share\\office'],
  ])('of a mapped drive is refused, %s, with the UNC path as advice', async (_where, uncPath, advice) => {
    const mapped = bitsHandlers({ ...host, mappedDrive: async () => ({ drive: 'X:', uncPath }) });
    await expect(mapped.register({ contentId: 'img', path }, run)).rejects.toMatchObject({
      data: {
        type: 'InvalidParams',
        issues: [
          {
            path: 'path',
            message: `is on the mapped drive X:, which SYSTEM does not have; give the UNC path: ${advice}`,
          },
        ],
      },
    });
    expect((await handlers.list({}, run)).contents).toEqual([]);
  });

  test('moved to another class leaves none behind that serves nothing', async () => {
    await handlers.register({ contentId: 'img', path }, run);
    await handlers.register({ contentId: 'img', path, clsid: clsid.toLowerCase() }, run);
    expect(await host.classOwner(bridgeClsid)).toEqual({ kind: 'none' });
    expect(await host.classOwner(clsid)).toEqual({ kind: 'ours' });
  });

  test('takes its class along with its last content', async () => {
    await handlers.register({ contentId: 'a', path }, run);
    await handlers.register({ contentId: 'b', baseUrl: 'http://server/office' }, run);
    expect(await handlers.unregister({ contentId: 'A' }, run)).toMatchObject({ removed: true, classRemoved: false });
    expect(await handlers.unregister({ contentId: 'b' }, run)).toMatchObject({ removed: true, classRemoved: true });
    expect(await handlers.unregister({ contentId: 'b' }, run)).toMatchObject({ removed: false, classRemoved: false });
    expect(await host.classOwner(bridgeClsid)).toEqual({ kind: 'none' });
  });

  test('whose table cannot be written leaves no class behind that serves nothing', async () => {
    const full = async () => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    };
    const onFullDisk = bitsHandlers({ ...host, writeTable: full });
    await expect(onFullDisk.register({ contentId: 'a', path, clsid }, run)).rejects.toThrow();
    expect(await host.classOwner(clsid)).toEqual({ kind: 'none' });
    // Another content still needs its own.
    await handlers.register({ contentId: 'b', path, clsid }, run);
    await expect(onFullDisk.register({ contentId: 'a', path, clsid }, run)).rejects.toThrow();
    expect(await host.classOwner(clsid)).toEqual({ kind: 'ours' });
  });

  test.each([
    ['neither path nor base URL', { contentId: 'img' }],
    ['both', { contentId: 'img', path, baseUrl: 'http://server' }],
    ['a relative path', { contentId: 'img', path: 'image' }],
    ['a folder that is not there', { contentId: 'img', path: join(path, 'c2r-none') }],
  ])('with %s is invalid', async (_, params) => {
    await expect(handlers.register(params, run)).rejects.toMatchObject({
      data: { type: 'InvalidParams', issues: [{ path: 'path', message: expect.any(String) }] },
    });
    expect((await handlers.list({}, run)).contents).toEqual([]);
  });

  test('with a class of another product is refused and changes nothing', async () => {
    const refused = handlers.register({ contentId: 'img', path, clsid: '{4991d34b-80a1-4291-83b6-3328366b9097}' }, run);
    await expect(refused).rejects.toMatchObject({
      data: { type: 'InUse', owner: expect.stringContaining('Background') },
    });
    expect((await handlers.list({}, run)).contents).toEqual([]);
  });
});

describe('the figures', () => {
  const counting = (ageMs: number): SourceHost => ({
    ...host,
    async readStatistics() {
      const { contents } = await host.readTable();
      const at = new Date(Date.now() - ageMs).toISOString();
      const served = { ...nothingServed, bytesServed: 5, files: 1, percent: 40 };
      const entries = contents.map(({ registeredAt }) => ['img', { registeredAt, at, served }]);
      return { contents: Object.fromEntries(entries) };
    },
  });

  test('of a content are those that its server wrote', async () => {
    await handlers.register({ contentId: 'Img', path }, run);
    const { contents } = await bitsHandlers(counting(0)).list({}, run);
    expect(contents).toMatchObject([{ contentId: 'Img', bytesServed: 5, files: 1, percent: 40 }]);
    expect(await contentPercent(counting(0), 'IMG', clock)).toBe(40);
    expect(await contentPercent(counting(0), 'other', clock)).toBeNull();
  });

  test('tell no percentage of a server that writes no more', async () => {
    await handlers.register({ contentId: 'Img', path }, run);
    const { contents } = await bitsHandlers(counting(60_000)).list({}, run);
    expect(contents).toMatchObject([{ bytesServed: 5, percent: null }]);
  });

  test('tell no percentage of a server that wrote last before somebody set the clock back', async () => {
    await handlers.register({ contentId: 'Img', path }, run);
    const { contents } = await bitsHandlers(counting(-86_400_000)).list({}, run);
    expect(contents).toMatchObject([{ bytesServed: 5, percent: null }]);
  });

  test('are none for a content that nothing was served of, whatever it is called', async () => {
    await handlers.register({ contentId: 'constructor', path }, run);
    const { contents } = await bitsHandlers(counting(0)).list({}, run);
    expect(contents).toMatchObject([{ contentId: 'constructor', bytesServed: 0, percent: null, lastError: null }]);
  });
});
