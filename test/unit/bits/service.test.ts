import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../../src/base/failure.js';
import { HResultError } from '../../../src/base/hresult-error.js';
import { silentLog } from '../../../src/base/log.js';
import { bitsHandlers } from '../../../src/bits/handlers.js';
import { type ServicePort, SourceService } from '../../../src/bits/service.js';
import type { SourceTable, StatisticsFile } from '../../../src/bits/source-table.js';
import { simulatedSourceHost } from '../../../src/simulated/source-host.js';
import { type Bench, bytes, hastyClock, hex, openBench } from '../../support/source-service.js';

/** One machine: a table and the statistics that all its services write. */
describe('a service', () => {
  const clock = hastyClock();
  let bench: Bench;
  let table: SourceTable;
  let statistics: StatisticsFile | null;
  let services: SourceService[];
  beforeEach(() => {
    bench = openBench();
    bench.stage('file.dat', bytes(1000), {});
    table = {
      schema: 1,
      contents: [registered('2026-01-01T00:00:00Z'), { ...registered(), contentId: 'constructor' }],
    };
    statistics = null;
    services = [];
  });
  afterEach(async () => {
    for (const service of services) await service.close();
    await bench.close();
  });

  const registered = (registeredAt = '2026-01-01T00:00:00Z') => ({
    contentId: 'Img',
    clsid: '{9E349168-6535-48C0-AA63-158FE76AF636}',
    path: bench.root,
    baseUrl: null,
    registeredAt,
  });
  function started(more: Partial<ServicePort> = {}): SourceService {
    const service = new SourceService({
      owner: 'S-1-5-18',
      clock,
      log: silentLog,
      temporaries: { note: () => undefined, forget: () => undefined },
      readTable: async () => table,
      readStatistics: async () => statistics,
      async writeStatistics(next) {
        statistics = next;
      },
      changed: () => undefined,
      transferred: () => undefined,
      ...more,
    });
    services.push(service);
    return service;
  }
  async function fetched(service: SourceService, path = 'file.dat'): Promise<void> {
    const job = service.queue.createJob('test', 0);
    job.addFile(`cmbits://img/${path}`, bench.local('fetched'));
    job.resume();
    await expect.poll(() => job.state).toMatch(/^(TRANSFERRED|ERROR)$/);
    job.complete();
  }
  const counted = () => expect.poll(() => statistics?.contents.img?.served);

  test('counts of one content together with another service', async () => {
    const [first, second] = [started(), started()];
    await fetched(first);
    await counted().toMatchObject({ bytesServed: 1000, files: 1 });
    await fetched(second);
    await counted().toMatchObject({ bytesServed: 2000, files: 2 });
    await fetched(first, 'missing.dat');
    await counted().toMatchObject({ bytesServed: 2000, files: 2, lastError: { file: 'missing.dat' } });
    await fetched(second);
    await counted().toMatchObject({ bytesServed: 3000, files: 3, lastError: { file: 'missing.dat' } });
    expect(statistics?.contents.constructor).toBe(Object);
  });

  test('goes on counting where an earlier service ended', async () => {
    const first = started();
    await fetched(first);
    await first.close();
    await fetched(started());
    await counted().toMatchObject({ bytesServed: 2000, files: 2 });
  });

  test('counts from nothing for a new registration, also when it lives through it', async () => {
    const service = started();
    await fetched(service, 'missing.dat');
    await fetched(service);
    await counted().toMatchObject({ bytesServed: 1000, lastError: { file: 'missing.dat' } });
    const [, other] = table.contents;
    table = { schema: 1, contents: [registered('2026-02-01T00:00:00Z'), ...(other ? [other] : [])] };
    const host = {
      ...simulatedSourceHost(clock),
      readTable: async () => table,
      readStatistics: async () => statistics,
    };
    const run = { signal: new AbortController().signal, clock, log: silentLog, report: () => undefined };
    const listed = async () => (await bitsHandlers(host).list({}, run)).contents[0];
    expect(await listed()).toMatchObject({ bytesServed: 0, files: 0, lastError: null });
    await fetched(service);
    await counted().toMatchObject({ bytesServed: 1000, files: 1, lastError: null });
    expect(await listed()).toMatchObject({ bytesServed: 1000, files: 1, lastError: null });
  });

  const damaged = new Failure('NotAvailable', 'contents.json is damaged.', { recommendation: 'Delete it.' });
  const refused = new Failure('AccessDenied', 'contents.json is not used.', { recommendation: 'Repair it.' });
  const vanished = new HResultError('GetNamedSecurityInfoW', 0x80070002, 'not found');
  const busy = Object.assign(new Error('EBUSY: busy'), { code: 'EBUSY' });
  const bug = new TypeError('x is undefined');
  test.each([
    ['is damaged', damaged, 'ERROR', '0x80004005', damaged.message],
    ['must not be used', refused, 'ERROR', '0x80070005', refused.message],
    ['is just replaced', busy, 'TRANSIENT_ERROR', '0x80070020', 'The source table cannot be read: EBUSY.'],
    ['goes while it is looked at', vanished, 'TRANSIENT_ERROR', '0x80070002', 'GetNamedSecurityInfoW: not found'],
    ['shows a fault of our own', bug, 'ERROR', '0x8000ffff', 'The bridge failed: x is undefined'],
  ])('whose table %s says so of its jobs', async (_, error, state, hresult, message) => {
    const logged: unknown[] = [];
    const ends: string[] = [];
    const service = started({
      readTable: async () => {
        throw error;
      },
      log: {
        ...silentLog,
        warn: (text, details) => void (text === 'the bridge failed in a job' && logged.push(details?.error)),
      },
      changed: (job) => job.state.endsWith('ERROR') && ends.push(job.state),
    });
    const job = service.queue.createJob('test', 0);
    job.addFile('cmbits://img/file.dat', bench.local('fetched'));
    job.resume();
    await expect.poll(() => ends[0]).toBe(state);
    expect(job.error).toMatchObject({ context: 'generalQueueManager', message });
    expect(hex(job.error?.hresult)).toBe(hresult);
    expect(logged).toEqual(error === bug ? [bug.stack] : []);
    job.cancel();
  });
});
