import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unsigned } from '../../../src/base/hresult.js';
import { silentLog } from '../../../src/base/log.js';
import { bitsHandlers, bridgeClsid, contentPercent } from '../../../src/bits/handlers.js';
import type { Office } from '../../../src/c2r/port.js';
import { updateStatusNames } from '../../../src/contract/c2r.js';
import { simulatedOffice } from '../../../src/simulated/office.js';
import { scenario } from '../../../src/simulated/scenario.js';
import { readingSources } from '../../../src/simulated/source-download.js';
import { type SimulatedSourceHost, simulatedSourceHost } from '../../../src/simulated/source-host.js';
import { deadline } from '../../support/deadline.js';
import { type Bench, bytes, hastyClock, openBench } from '../../support/source-service.js';

const dat = 'Office/Data/16.0.19929.20172/stream.x64.x-none.dat';
const parameters = `downloadsource=${bridgeClsid} contentid=IMG`;

describe('a download from a registered content, on the simulated backend', () => {
  const clock = hastyClock();
  let bench: Bench;
  let host: SimulatedSourceHost;
  let office: Office;
  beforeEach(async () => {
    bench = openBench();
    host = simulatedSourceHost(clock);
    office = readingSources(simulatedOffice(scenario.parse({ office: { downloadMs: 1 } }), clock), host, clock);
    const run = { signal: new AbortController().signal, clock, log: silentLog, report: () => undefined };
    await bitsHandlers(host).register({ contentId: 'img', path: bench.root }, run);
  });
  afterEach(async () => {
    await (await host.service()).close();
    await bench.close();
  });

  const status = async () => updateStatusNames[(await office.updates.status()).status];
  const ended = () => expect.poll(status, { timeout: deadline(10_000) }).not.toMatch(/PENDING|WIP|UNKNOWN/);

  test('reads the cabinet and the streams, and counts them', async () => {
    bench.stage('Office/Data/v64.cab', bytes(1000), {});
    bench.stage(dat, bytes(3_000_000), {});
    await office.updates.download(parameters);
    await ended();
    expect(await status()).toBe('DOWNLOAD_SUCCEEDED');
    await expect
      .poll(async () => (await host.readStatistics())?.contents.img?.served)
      .toMatchObject({
        bytesServed: 3_001_000,
        files: 2,
        percent: 100,
      });
    expect(await contentPercent(host, 'Img', clock)).toBe(100);
  });

  test('fails with the reason where the content is corrupt', async () => {
    bench.stage('Office/Data/v64.cab', bytes(1000), {});
    bench.stage(dat, bytes(1000), { sha256: 'a'.repeat(64) });
    await office.updates.download(parameters);
    await ended();
    const report = await office.updates.status();
    expect(updateStatusNames[report.status]).toBe('DOWNLOAD_FAILED');
    // BG_E_VALIDATION_FAILED and 13.
    expect(unsigned(report.error)).toBe(0x80200053 + 13);
  });

  test('can be cancelled, and another action is illegal while it runs', async () => {
    bench.stage('Office/Data/v64.cab', bytes(200_000_000));
    await office.updates.download(parameters);
    await expect(office.updates.apply('')).rejects.toMatchObject({ hresult: 0x8000000e | 0 });
    await expect
      .poll(
        () =>
          office.updates.cancel().then(
            () => true,
            () => false,
          ),
        { interval: 1 },
      )
      .toBe(true);
    await expect.poll(status).toBe('DOWNLOAD_CANCELLED');
  });

  test('from a class that serves no such content is the scenario alone', async () => {
    await office.updates.download('downloadsource={0F0A9C6E-6B2C-4E6D-9E5D-0123456789AB} contentid=img');
    await ended();
    expect(await status()).toBe('DOWNLOAD_SUCCEEDED');
    expect(await host.readStatistics()).toBeNull();
  });
});
