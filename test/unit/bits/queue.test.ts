import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { untilAborted } from '../../../src/base/run.js';
import type { CopyFile, CopyJob } from '../../../src/bits/job.js';
import { CopyQueue } from '../../../src/bits/queue.js';
import { CopyFault } from '../../../src/bits/source-reader.js';
import { ManualClock } from '../../support/manual-clock.js';
import { type Bench, bytes, hex, openBench, refusal } from '../../support/source-service.js';

const dat = 'Office/Data/16.0.1.2/stream.x64.x-none.dat';
const saved = (bench: Bench, path: string) => bench.local(path.replaceAll('/', '_'));

let bench: Bench;
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench.close());

describe('a download', () => {
  test('appears under its name only when it is completed', async () => {
    const content = bytes(3_000_001);
    bench.stage(dat, content, {});
    const job = bench.created(dat);
    expect(job.state).toBe('SUSPENDED');
    job.resume();
    expect(job.state).not.toBe('SUSPENDED');
    await bench.reached(job, 'TRANSFERRED');
    // Noted before it is made and until it is gone, for whoever comes after a server that was killed.
    expect(bench.temporaries()).toHaveLength(1);
    expect(bench.noted()).toEqual(bench.temporaries());
    expect(job.progress()).toEqual({
      bytesTotal: content.length,
      bytesTransferred: content.length,
      filesTotal: 1,
      filesTransferred: 1,
    });
    expect(existsSync(saved(bench, dat))).toBe(false);
    expect(job.complete()).toBe(0);
    expect(job.state).toBe('ACKNOWLEDGED');
    expect(readFileSync(saved(bench, dat)).equals(content)).toBe(true);
    expect([...bench.temporaries(), ...bench.noted()]).toEqual([]);
    expect(bench.queue.jobs()).toEqual([]);
  });

  test('takes the place of a file that is there', async () => {
    bench.stage('v64.cab', Buffer.from('new'));
    writeFileSync(saved(bench, 'v64.cab'), 'old');
    const job = bench.created('v64.cab');
    job.resume();
    await bench.reached(job, 'TRANSFERRED');
    expect(readFileSync(saved(bench, 'v64.cab'), 'utf8')).toBe('old');
    job.complete();
    expect(readFileSync(saved(bench, 'v64.cab'), 'utf8')).toBe('new');
  });

  test('of an empty file gives an empty file', async () => {
    bench.stage('empty.dat', Buffer.alloc(0), {});
    const job = bench.created('empty.dat');
    job.resume();
    await bench.reached(job, 'TRANSFERRED');
    job.complete();
    expect(readFileSync(saved(bench, 'empty.dat')).length).toBe(0);
  });

  test('finds files whatever the case of the request', async () => {
    bench.stage(dat, Buffer.from('content'), {});
    const job = bench.created('OFFICE/data/16.0.1.2/STREAM.x64.X-NONE.dat');
    job.resume();
    await bench.reached(job, 'TRANSFERRED');
  });

  test('of ranges holds them one after another in the order given', async () => {
    const content = bytes(2000);
    bench.stage(dat, content, {});
    const job = bench.created(dat, [
      { offset: 100, length: 100 },
      { offset: 900, length: 100 },
      { offset: 400, length: 100 },
      { offset: 1990, length: null },
    ]);
    job.resume();
    await bench.reached(job, 'TRANSFERRED');
    expect(job.progress().bytesTotal).toBe(310);
    job.complete();
    const parts = [content.subarray(100, 200), content.subarray(900, 1000), content.subarray(400, 500)];
    expect(readFileSync(saved(bench, dat))).toEqual(Buffer.concat([...parts, content.subarray(1990)]));
  });

  test.each([
    ['a range that runs over the end', { offset: 1999, length: 2 }],
    ['a range that begins at the end', { offset: 2000, length: null }],
  ])('of %s is BG_E_INVALID_RANGE', async (_, range) => {
    bench.stage(dat, bytes(2000));
    const job = bench.created(dat, [range]);
    job.resume();
    await bench.reached(job, 'ERROR');
    expect(hex(job.error?.hresult)).toBe('0x8020002b');
  });

  test('of a corrupt source is BG_E_VALIDATION_FAILED, and nothing of it reaches the client', async () => {
    bench.stage(dat, bytes(2_500_000), { sha256: 'a'.repeat(64) });
    const job = bench.created(dat);
    job.resume();
    await bench.reached(job, 'ERROR');
    expect(job.error).toMatchObject({ context: 'remoteFile', file: job.files[0] });
    expect(hex(job.error?.hresult)).toBe('0x80200053');
    expect(hex(job.complete())).toBe('0x00200017');
    expect(existsSync(saved(bench, dat))).toBe(false);
    expect(bench.temporaries()).toEqual([]);
  });

  test('of a part of a corrupt source is refused too, before a byte is served', async () => {
    bench.stage(dat, bytes(2_500_000), { sha256: 'a'.repeat(64) });
    const job = bench.created(dat, [{ offset: 0, length: 10 }]);
    job.resume();
    await bench.reached(job, 'ERROR');
    expect(hex(job.error?.hresult)).toBe('0x80200053');
    expect(bench.served).toEqual([]);
  });

  describe('of parts of one file at once', () => {
    /** A source that stops in its middle until it may go on, and counts how often somebody begins to read the whole of it. */
    function slowSource(content: Buffer, sha256: string) {
      const begun: AbortSignal[] = [];
      let goOn: () => void = () => undefined;
      const allowed = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      const parts = openBench(() => ({
        manifest: async () => null,
        open: async () => ({
          size: content.length,
          version: 'one',
          sha256,
          modified: null,
          recordedHash: async () => sha256,
          async read(offset, length, signal, take) {
            if (length === content.length) {
              begun.push(signal);
              await untilAborted(allowed, signal);
            }
            await take(content.subarray(offset, offset + length));
          },
          isUnchanged: async () => true,
          close: async () => undefined,
        }),
        close: () => undefined,
      }));
      return { parts, begun, goOn: () => goOn() };
    }
    const content = bytes(1000);
    const right = createHash('sha256').update(content).digest('hex');
    const jobsOf = (parts: Bench) =>
      [0, 1, 2].map((index) => {
        const job = parts.queue.createJob('part', 0);
        job.addFileWithRanges('cmbits://img/file', parts.local(`${index}`), [{ offset: index, length: 1 }]);
        job.resume();
        return job;
      });

    test('the whole is checked once, also where the job that began with it is cancelled', async () => {
      const { parts, begun, goOn } = slowSource(content, right);
      const [first, ...others] = jobsOf(parts);
      await expect.poll(() => parts.queue.jobs().map(({ state }) => state)).toEqual(Array(3).fill('TRANSFERRING'));
      expect(begun).toHaveLength(1);
      first?.cancel();
      await expect.poll(() => begun.length).toBe(2);
      goOn();
      for (const job of others) await parts.reached(job, 'TRANSFERRED');
      expect(begun).toHaveLength(2);
      await parts.close();
    });

    test('all are refused where the whole is not right, which is found out once', async () => {
      const { parts, begun, goOn } = slowSource(content, 'a'.repeat(64));
      const jobs = jobsOf(parts);
      await expect.poll(() => parts.queue.jobs().map(({ state }) => state)).toEqual(Array(3).fill('TRANSFERRING'));
      goOn();
      for (const job of jobs) await parts.reached(job, 'ERROR');
      expect(jobs.map(({ error }) => hex(error?.hresult))).toEqual(Array(3).fill('0x80200053'));
      expect(begun).toHaveLength(1);
      await parts.close();
    });
  });

  test('of a source that was damaged after a part of it was found right is refused', async () => {
    const content = bytes(5000);
    bench.stage(dat, content, {});
    const first = bench.created(dat, [{ offset: 0, length: 10 }]);
    first.resume();
    await bench.reached(first, 'TRANSFERRED');
    content[4000] = (content[4000] ?? 0) ^ 1;
    writeFileSync(join(bench.root, dat), content);
    utimesSync(join(bench.root, dat), 1, 1);
    const second = bench.created(dat, [{ offset: 10, length: 10 }]);
    second.resume();
    await bench.reached(second, 'ERROR');
    expect(hex(second.error?.hresult)).toBe('0x80200053');
  });

  test('from an image whose manifest is damaged is refused, since nothing could be checked', async () => {
    bench.stage(dat, bytes(10), {});
    writeFileSync(join(bench.root, 'manifest.json'), '{"files": [');
    const job = bench.created(dat);
    job.resume();
    await bench.reached(job, 'ERROR');
    expect(hex(job.error?.hresult)).toBe('0x80200053');
  });

  test('of what is not there, or of a content that nobody registered, is BG_E_FILE_NOT_FOUND', async () => {
    const missing = bench.created('missing.dat');
    const unknown = bench.queue.createJob('unknown', 0);
    unknown.addFile('cmbits://other/file', bench.local('file'));
    for (const job of [missing, unknown]) {
      job.resume();
      await bench.reached(job, 'ERROR');
      expect(hex(job.error?.hresult)).toBe('0x80200029');
      expect(job.errorCount).toBe(1);
    }
  });

  test('through a link that leads out of the image is refused', async () => {
    writeFileSync(join(bench.folder, 'secret'), 'secret');
    symlinkSync(bench.folder, join(bench.root, 'link'));
    const job = bench.created('link/secret');
    job.resume();
    await bench.reached(job, 'ERROR');
    expect(bench.served).toEqual([]);
  });

  test('into a folder that does not exist is an error of the local file', async () => {
    bench.stage('v64.cab', bytes(10));
    const job = bench.queue.createJob('no folder', 0);
    job.addFile('cmbits://img/v64.cab', join(bench.folder, 'none', 'v64.cab'));
    job.resume();
    await bench.reached(job, 'ERROR');
    expect(job.error).toMatchObject({ context: 'localFile' });
    expect(hex(job.error?.hresult)).toBe('0x80070003');
  });

  test('gives a file the time of its source', async () => {
    bench.stage('v64.cab', bytes(10));
    const written = new Date('2020-02-03T04:05:06Z');
    utimesSync(join(bench.root, 'v64.cab'), written, written);
    const job = bench.created('v64.cab');
    job.resume();
    await bench.reached(job, 'TRANSFERRED');
    job.complete();
    expect(statSync(saved(bench, 'v64.cab')).mtime).toEqual(written);
  });

  test('continues after the error was repaired and the job resumed', async () => {
    bench.stage('first.dat', Buffer.from('first'));
    const job = bench.created('first.dat');
    job.addFile('cmbits://img/second.dat', bench.local('second.dat'));
    job.resume();
    await bench.reached(job, 'ERROR');
    expect(job.progress()).toMatchObject({ filesTotal: 2, filesTransferred: 1, bytesTotal: null });
    bench.stage('second.dat', Buffer.from('second'));
    job.resume();
    await bench.reached(job, 'TRANSFERRED');
    expect(job.error).toBeNull();
    expect(job.complete()).toBe(0);
    expect(readFileSync(bench.local('second.dat'), 'utf8')).toBe('second');
    expect(bench.served.filter(({ path }) => path === 'first.dat')).toHaveLength(1);
  });

  test('completed halfway keeps the files that were there and says so', async () => {
    bench.stage('first.dat', Buffer.from('first'));
    const job = bench.created('first.dat');
    job.addFile('cmbits://img/missing.dat', bench.local('missing.dat'));
    job.resume();
    await bench.reached(job, 'ERROR');
    expect(hex(job.complete())).toBe('0x00200017');
    expect(existsSync(saved(bench, 'first.dat'))).toBe(true);
    expect(existsSync(bench.local('missing.dat'))).toBe(false);
  });

  test('cancelled in the middle leaves nothing behind', async () => {
    bench.stage(dat, bytes(30_000_000));
    const job = bench.created(dat);
    job.resume();
    await bench.reached(job, 'TRANSFERRING');
    expect(job.cancel()).toBe(0);
    expect(job.state).toBe('CANCELLED');
    await expect.poll(() => bench.temporaries()).toEqual([]);
    expect(existsSync(saved(bench, dat))).toBe(false);
  });

  test('suspended and resumed in the middle goes on where it was, and its hash is still checked', async () => {
    const content = bytes(30_000_000);
    bench.stage(dat, content, {});
    const job = bench.created(dat);
    job.resume();
    await bench.reached(job, 'TRANSFERRING');
    await expect.poll(() => bench.served.length, { interval: 1 }).toBeGreaterThan(2);
    job.suspend();
    expect(job.state).toBe('SUSPENDED');
    job.resume();
    await bench.reached(job, 'TRANSFERRED');
    expect(bench.served.reduce((sum, each) => sum + each.bytes, 0)).toBe(content.length);
    job.complete();
    const hash = (data: Buffer) => createHash('sha256').update(data).digest('hex');
    expect(hash(readFileSync(saved(bench, dat)))).toBe(hash(content));
  });

  test('begins anew where the source was replaced during a pause', async () => {
    bench.stage(dat, bytes(30_000_000));
    const job = bench.created(dat);
    job.resume();
    await expect.poll(() => bench.served.length, { interval: 1 }).toBeGreaterThan(2);
    job.suspend();
    const content = bytes(29_000_000);
    rmSync(join(bench.root, dat));
    bench.stage(dat, content);
    job.resume();
    await bench.reached(job, 'TRANSFERRED');
    expect(job.progress()).toMatchObject({ bytesTotal: content.length, bytesTransferred: content.length });
    job.complete();
    expect(readFileSync(saved(bench, dat)).equals(content)).toBe(true);
  });

  test('that cannot be put in its place stays, and can be completed later', async () => {
    bench.stage('v64.cab', Buffer.from('content'));
    const job = bench.created('v64.cab');
    mkdirSync(join(saved(bench, 'v64.cab'), 'folder'), { recursive: true });
    job.resume();
    await bench.reached(job, 'TRANSFERRED');
    expect(refusal(() => job.complete())).toMatch(/^0x80/);
    expect(job.state).toBe('TRANSFERRED');
    rmSync(saved(bench, 'v64.cab'), { recursive: true });
    expect(job.complete()).toBe(0);
    expect(readFileSync(saved(bench, 'v64.cab'), 'utf8')).toBe('content');
  });
});

test('the time of the last change is that of files and names that were given, and of bytes that were moved', async () => {
  bench.stage(dat, bytes(100), {});
  const job = bench.queue.createJob('test', 0);
  const changes = [
    () => job.addFile(`cmbits://img/${dat}`, bench.local('a')),
    () => job.addFileSet([{ remoteName: `cmbits://img/${dat}`, localName: bench.local('b') }]),
    () => job.addFileWithRanges(`cmbits://img/${dat}`, bench.local('c'), [{ offset: 0, length: 1 }]),
    () => job.setRemoteName(job.files[0] as CopyFile, `cmbits://img/${dat}`),
    () => job.replaceRemotePrefix('cmbits://img/', 'cmbits://IMG/'),
  ];
  for (const change of changes) {
    job.modified = new Date(0);
    change();
    expect(job.modified.getTime()).toBeGreaterThan(0);
  }
  const times: number[] = [];
  job.resume();
  await bench.reached(job, 'TRANSFERRING');
  job.modified = new Date(0);
  const { served } = bench;
  const { push } = served;
  served.push = (...all) => {
    times.push(job.modified.getTime());
    return push.apply(served, all);
  };
  await bench.reached(job, 'TRANSFERRED');
  expect(times).toHaveLength(3);
  expect(Math.min(...times)).toBeGreaterThan(0);
});

describe('many jobs', () => {
  test('at once all arrive whole, and none waits for a client that does not complete', async () => {
    const jobs = Array.from({ length: 50 }, (_, index) => {
      const content = bytes(100_000 + index);
      bench.stage(`f${index}.dat`, content, {});
      return { job: bench.created(`f${index}.dat`), content, index };
    });
    for (const { job } of jobs) job.resume();
    await Promise.all(jobs.map(({ job }) => bench.reached(job, 'TRANSFERRED')));
    expect(bench.queue.jobs()).toHaveLength(50);
    for (const { job, content, index } of jobs.toReversed()) {
      expect(job.complete()).toBe(0);
      expect(readFileSync(saved(bench, `f${index}.dat`)).equals(content)).toBe(true);
    }
    expect(bench.queue.isBusy()).toBe(false);
  });
});

describe('a passing fault', () => {
  test('is tried again quickly, then told as TRANSIENT_ERROR and tried again after the delay of the job', async () => {
    let failures = 6;
    const flaky = openBench((root) => {
      return {
        manifest: async () => null,
        open: async () => {
          if (failures-- > 0) throw new CopyFault('generalTransport', -2145386451, 'away', true);
          return {
            size: 3,
            version: root,
            sha256: null,
            modified: null,
            recordedHash: async () => null,
            async read(_offset, _length, _signal, take) {
              await take(Buffer.from('abc'));
            },
            isUnchanged: async () => true,
            close: async () => undefined,
          };
        },
        close: () => undefined,
      };
    });
    try {
      const job = flaky.created('file');
      job.resume();
      const states: string[] = [];
      states.push(await flaky.reached(job, 'TRANSIENT_ERROR'));
      expect(hex(job.error?.hresult)).toBe('0x8020002d');
      states.push(await flaky.reached(job, 'TRANSFERRED'));
      expect(flaky.clock.slept).toEqual([250, 500, 1000, 2000, 600_000, 250]);
      expect(job.error).toBeNull();
    } finally {
      await flaky.close();
    }
  });

  test('becomes an error once the job has had no progress for as long as it allows', async () => {
    const away = openBench(() => ({
      manifest: async () => null,
      open: async () => {
        throw new CopyFault('generalTransport', -2145386451, 'away', true);
      },
      close: () => undefined,
    }));
    try {
      const job = away.created('file');
      job.settings.noProgressTimeout = 0;
      job.resume();
      await away.reached(job, 'ERROR');
      expect(away.queue.isPending()).toBe(false);
      // It never has the time for a further attempt.
      const patient = away.created('file');
      patient.settings.minimumRetryDelay = patient.settings.noProgressTimeout + 1;
      patient.resume();
      await away.reached(patient, 'ERROR');
    } finally {
      await away.close();
    }
  });

  test('has the no-progress time-out of its job before it from the first one on, however long the job rested', async () => {
    const clock = new ManualClock();
    const away = new CopyQueue(
      async () => {
        throw new CopyFault('generalTransport', -2145386451, 'away', true);
      },
      'S-1-5-18',
      clock,
      { changed: () => undefined, moved: () => undefined, transferred: () => undefined, failed: () => undefined },
      { note: async () => undefined, forget: () => undefined },
    );
    const job = away.createJob('test', 0);
    job.addFile('cmbits://img/file', bench.local('file'));
    job.settings.noProgressTimeout = 3600;
    job.resume();
    job.suspend();
    await clock.advance(7_200_000);
    job.resume();
    const states: string[] = [];
    // Each attempt takes 3.75 s, the pause before the next one 600 s.
    for (const seconds of [10, 3580, 50]) {
      await clock.advance(seconds * 1000);
      states.push(job.state);
    }
    expect(states).toEqual(['TRANSIENT_ERROR', 'TRANSIENT_ERROR', 'ERROR']);
    job.resume();
    await clock.advance(10_000);
    expect(job.state).toBe('TRANSIENT_ERROR');
  });

  test('leaves a job pending for the whole of the longest delay, which no timer of Node can hold', async () => {
    const waits: number[] = [];
    const clock = new ManualClock();
    const sleep = (ms: number, signal?: AbortSignal) => {
      waits.push(ms);
      return clock.sleep(ms, signal);
    };
    const away = new CopyQueue(
      async () => {
        throw new CopyFault('generalTransport', -2145386451, 'away', true);
      },
      'S-1-5-18',
      { now: () => clock.now(), date: () => clock.date(), sleep },
      { changed: () => undefined, moved: () => undefined, transferred: () => undefined, failed: () => undefined },
      { note: async () => undefined, forget: () => undefined },
    );
    const job = away.createJob('test', 0);
    job.addFile('cmbits://img/file', bench.local('file'));
    job.settings.noProgressTimeout = 0xffff_ffff;
    job.settings.minimumRetryDelay = 0xffff_ffff;
    job.resume();
    await clock.advance(60_000);
    expect([job.state, away.isBusy(), away.isPending()]).toEqual(['TRANSIENT_ERROR', false, true]);
    expect(waits.at(-1)).toBe(2 ** 31 - 1);
    job.cancel();
    expect(away.isPending()).toBe(false);
  });
});

describe('what BITS refuses', () => {
  test('by state', async () => {
    bench.stage('f', bytes(1));
    const empty = bench.queue.createJob('empty', 0);
    expect(refusal(() => empty.resume())).toBe('0x80200003');
    empty.cancel();
    for (const call of [
      () => empty.resume(),
      () => empty.suspend(),
      () => empty.cancel(),
      () => empty.complete(),
      () => empty.addFile('cmbits://img/f', bench.local('f')),
      () => empty.replaceRemotePrefix('a', 'b'),
    ])
      expect(refusal(call)).toBe('0x80200002');
    expect(refusal(() => bench.queue.getJob(empty.id))).toBe('0x80200001');
  });

  test('by argument', () => {
    const job = bench.queue.createJob('job', 0);
    const add = (ranges: { offset: number; length: number | null }[]) =>
      refusal(() => job.addFileWithRanges('cmbits://img/f', bench.local('f'), ranges));
    expect(refusal(() => job.addFile('https://example.invalid/f', bench.local('f')))).toBe('0x80070057');
    expect(refusal(() => job.addFile('cmbits://img/../f', bench.local('f')))).toBe('0x80070057');
    expect(refusal(() => job.addFile('cmbits://img/f', 'relative'))).toBe('0x80070057');
    expect(refusal(() => job.addFileSet([]))).toBe('0x80070057');
    expect(add([])).toBe('0x80070057');
    expect(add([{ offset: 0, length: 0 }])).toBe('0x8020002b');
    expect(add([{ offset: 2 ** 53, length: 1 }])).toBe('0x8020002b');
    expect(
      add([
        { offset: 5, length: 5 },
        { offset: 0, length: 6 },
      ]),
    ).toBe('0x8020002c');
    expect(
      add([
        { offset: 0, length: null },
        { offset: 9, length: 1 },
      ]),
    ).toBe('0x8020002c');
    expect(job.files).toEqual([]);
    expect(refusal(() => bench.queue.createJob('upload', 1))).toBe('0x80004001');
    expect(refusal(() => bench.queue.createJob('none', 3))).toBe('0x80004001');
    expect(refusal(() => bench.queue.createJob('x'.repeat(257), 0))).toBe('0x80070057');
    expect(refusal(() => (job.settings.displayName = 'x'.repeat(257)))).toBe('0x80200021');
    expect(refusal(() => job.addFile('cmbits://img/f', bench.folder))).toBe('0x80070057');
  });

  test('by state: the access of files that are written already cannot be chosen', async () => {
    bench.stage('v64.cab', bytes(10));
    const job = bench.created('v64.cab');
    job.setAclFlags(1);
    job.resume();
    await bench.reached(job, 'TRANSFERRED');
    expect(refusal(() => job.setAclFlags(2))).toBe('0x80200002');
    expect(job.settings.aclFlags).toBe(1);
    job.complete();
    expect(refusal(() => job.setAclFlags(2))).toBe('0x80200002');
  });

  test('adds a set of files whole or not at all', () => {
    const job = bench.queue.createJob('job', 0);
    const good = { remoteName: 'cmbits://img/a', localName: bench.local('a') };
    expect(refusal(() => job.addFileSet([good, { ...good, remoteName: 'bad' }]))).toBe('0x80070057');
    expect(job.files).toEqual([]);
    job.addFileSet([good, { ...good, localName: bench.local('b') }]);
    const temporaries = job.files.map(({ transfer }) => transfer.temporary);
    expect(new Set(temporaries).size).toBe(2);
  });

  test('in settings, and gives back what it took', () => {
    const { settings } = bench.queue.createJob('job', 0);
    for (const undefinedValue of [-1, 4]) {
      expect(refusal(() => (settings.priority = undefinedValue))).toBe('0x80004001');
      const proxy = { usage: undefinedValue, list: null, bypass: null };
      expect(refusal(() => (settings.proxy = proxy))).toBe('0x80004001');
    }
    expect(refusal(() => (settings.notifyFlags = 64))).toBe('0x80004001');
    expect(refusal(() => (settings.peerCachingFlags = 8))).toBe('0x80070057');
    expect(refusal(() => (settings.aclFlags = 16))).toBe('0x80070057');
    expect(refusal(() => (settings.customHeaders = 'x'.repeat(16_385)))).toBe('0x80200021');
    for (const flags of [16, 32, 63]) {
      settings.notifyFlags = flags;
      expect(settings.notifyFlags).toBe(flags);
    }
    settings.notifyFlags = 3;
    settings.peerCachingFlags = 7;
    settings.customHeaders = 'x-a: b\r\n';
    expect(refusal(() => (settings.description = 'x'.repeat(1025)))).toBe('0x80200021');
    expect(refusal(() => (settings.proxy = { usage: 2, list: null, bypass: null }))).toBe('0x80070057');
    expect(refusal(() => (settings.proxy = { usage: 1, list: 'p', bypass: null }))).toBe('0x80070057');
    expect(refusal(() => (settings.proxy = { usage: 2, list: 'p'.repeat(4001), bypass: null }))).toBe('0x80200018');
    settings.minimumRetryDelay = 1;
    settings.proxy = { usage: 2, list: 'proxy:8080', bypass: null };
    expect(settings).toMatchObject({
      displayName: 'job',
      description: '',
      priority: 2,
      notifyFlags: 3,
      minimumRetryDelay: 5,
      noProgressTimeout: 1_209_600,
      maximumDownloadTime: 7_776_000,
      peerCachingFlags: 7,
      customHeaders: 'x-a: b\r\n',
      securityFlags: 0,
      proxy: { usage: 2, list: 'proxy:8080', bypass: null },
    });
  });

  test('a prefix is replaced in all names that start with it, and none is S_FALSE', () => {
    const job = bench.created('a/1');
    job.addFile('cmbits://img/b/2', bench.local('2'));
    expect(job.replaceRemotePrefix('cmbits://img/a', 'cmbits://img/c')).toBe(0);
    expect(job.files.map(({ remoteName }) => remoteName)).toEqual(['cmbits://img/c/1', 'cmbits://img/b/2']);
    expect(job.replaceRemotePrefix('CMBITS://img/a', 'cmbits://img/c')).toBe(1);
    expect(refusal(() => job.replaceRemotePrefix('cmbits://img', 'http://img'))).toBe('0x80070057');
    expect(refusal(() => job.replaceRemotePrefix('', 'x'))).toBe('0x80070057');
  });
});

test.each([
  ['cancelled', (job: CopyJob) => job.cancel()],
  ['suspended', (job: CopyJob) => job.suspend()],
])('a job that is %s amid its retry delay is not held until that is over', async (_, act) => {
  const manual = new ManualClock();
  const unreachable = openBench(
    () => ({
      manifest: async () => null,
      open: async () => {
        throw new CopyFault('generalTransport', -2145386451, 'away', true);
      },
      close: () => undefined,
    }),
    manual,
  );
  const job = unreachable.created('a/1');
  job.settings.noProgressTimeout = 10_000_000;
  job.settings.minimumRetryDelay = 1_000_000;
  const written = manual.sleeping;
  job.resume();
  await expect
    .poll(async () => {
      await manual.advance(5_000);
      return job.state;
    })
    .toBe('TRANSIENT_ERROR');
  expect(manual.sleeping).toBe(written + 1);
  act(job);
  await expect.poll(() => manual.sleeping).toBe(written);
});

describe('the longest time of a download', () => {
  /** A source that takes `tookMs` of a clock for every file, or breaks off. */
  function slowBench(tookMs: number, breaks = 0) {
    const manual = new ManualClock();
    let left = breaks;
    const slow = openBench(
      () => ({
        manifest: async () => null,
        open: async () => ({
          size: 3,
          version: 'one',
          sha256: null,
          modified: null,
          recordedHash: async () => null,
          async read(_offset, _length, signal, take) {
            await manual.sleep(tookMs, signal);
            if (left-- > 0) throw new CopyFault('generalTransport', -2145386451, 'away', true);
            await take(Buffer.from('abc'));
          },
          isUnchanged: async () => true,
          close: async () => undefined,
        }),
        close: () => undefined,
      }),
      manual,
    );
    /** Lets time pass once the queue, which works with real files, waits for it as often as `sleeping` says. */
    async function pass(ms: number, sleeping = 2): Promise<void> {
      await expect.poll(() => manual.sleeping).toBe(sleeping);
      await manual.advance(ms);
    }
    return { slow, pass };
  }

  test('ends it with BG_E_MAXDOWNLOAD_TIMEOUT, and counts anew where the client resumes it', async () => {
    const { slow, pass } = slowBench(9000);
    try {
      const job = slow.created('file');
      job.settings.maximumDownloadTime = 5;
      job.resume();
      await pass(5000);
      expect(await slow.reached(job, 'ERROR')).toBe('ERROR');
      expect(hex(job.error?.hresult)).toBe('0x80200054');
      job.settings.maximumDownloadTime = 10;
      job.resume();
      await pass(9000);
      expect(await slow.reached(job, 'TRANSFERRED')).toBe('TRANSFERRED');
    } finally {
      await slow.close();
    }
  });

  test('counts on where the queue itself tries again, and not the time in between', async () => {
    const { slow, pass } = slowBench(1000, 5);
    try {
      const job = slow.created('file');
      job.settings.maximumDownloadTime = 14;
      job.settings.minimumRetryDelay = 600;
      job.resume();
      // Five attempts of a second, with 0.25, 0.5, 1 and 2 s between them.
      for (const ms of [1000, 250, 1000, 500, 1000, 1000, 1000, 2000, 1000]) await pass(ms);
      expect(await slow.reached(job, 'TRANSIENT_ERROR')).toBe('TRANSIENT_ERROR');
      expect(job.transferMs).toBe(8750);
      await pass(600_000, 1);
      await pass(1000);
      expect(await slow.reached(job, 'TRANSFERRED')).toBe('TRANSFERRED');
      expect(job.transferMs).toBe(9750);
    } finally {
      await slow.close();
    }
  });
});

describe('what is new of a job', () => {
  test('is told for its properties, its files and its progress, and apart from its state', async () => {
    bench.stage('v64.cab', bytes(10));
    const job = bench.created('v64.cab');
    const told = () => bench.changes.splice(0);
    told();
    job.settings.priority = 0;
    job.touch();
    expect(told()).toEqual(['detail']);
    job.addFile('cmbits://img/v64.cab', bench.local('again'));
    expect(told()).toEqual(['detail']);
    job.resume();
    await bench.reached(job, 'TRANSFERRED');
    // QUEUED, CONNECTING, TRANSFERRING, the bytes of two files, TRANSFERRED.
    expect(told()).toEqual(['state', 'state', 'state', 'detail', 'detail', 'state']);
  });
});
