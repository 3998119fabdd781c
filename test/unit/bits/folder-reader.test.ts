import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type * as promises from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Bench } from '../../support/source-service.js';

/**
 * What the file system answers when it is asked for names in a folder, about the manifest, or for a part of a file that is
 * not its first; null for what it really does.
 */
const answers = {
  names: null as string | null,
  manifest: null as string | null,
  later: null as string | null,
  /** Called before a part of a file is read. */
  reading: null as (() => void) | null,
  /** Called before a part of a path is looked at. */
  looking: null as ((file: string) => Promise<void>) | null,
};
vi.doMock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>();
  const failed = (code: string) => Object.assign(new Error('away'), { code });
  const readdir = async (folder: string) => {
    if (answers.names === null) return real.readdir(folder);
    throw failed(answers.names);
  };
  const stat = async (file: string) => {
    if (answers.manifest === null || !file.endsWith('manifest.json')) return real.stat(file);
    throw failed(answers.manifest);
  };
  const lstat = async (file: string) => {
    await answers.looking?.(file);
    if (answers.names === null) return real.lstat(file);
    throw failed(answers.names);
  };
  const open: typeof promises.open = async (...args) => {
    const handle = await real.open(...args);
    const { read } = handle;
    let reads = 0;
    const disturbed = (...all: unknown[]) => {
      answers.reading?.();
      if (answers.later !== null && (reads++ > 0 || Number(all[3]) > 0)) return Promise.reject(failed(answers.later));
      return Reflect.apply(read, handle, all);
    };
    return Object.assign(handle, { read: disturbed });
  };
  return { ...real, readdir, stat, lstat, open };
});
// Files of this lane share their modules: these are loaded with that file system, and by the next file without it.
vi.resetModules();
const { bytes, openBench } = await import('../../support/source-service.js');
afterAll(() => {
  vi.doUnmock('node:fs/promises');
  vi.resetModules();
});

let bench: Bench;
beforeEach(() => {
  bench = openBench();
  bench.stage('office/data/v64.cab', bytes(10));
});
afterEach(() => {
  answers.names = answers.manifest = answers.later = null;
  return bench.close();
});

test.each([
  ['ERROR_BAD_NETPATH, which libuv does not know', 'UNKNOWN', true],
  ['a time-out of the network', 'ETIMEDOUT', true],
  ['a refusal', 'EACCES', false],
])('a share that answers %s (%s) is worth another attempt: %s', async (_what, code, transient) => {
  answers.names = code;
  const job = bench.created('Office/Data/v64.cab');
  job.resume();
  const state = await bench.reached(job, 'TRANSIENT_ERROR', 'ERROR');
  expect(state).toBe(transient ? 'TRANSIENT_ERROR' : 'ERROR');
  job.cancel();
});

test.each(['EACCES', 'UNKNOWN'])('a manifest that cannot be looked at (%s) is not taken for none', async (code) => {
  bench.stage('office/data/v64.cab', bytes(10), { sha256: 'a'.repeat(64) });
  answers.manifest = code;
  const job = bench.created('office/data/v64.cab');
  job.resume();
  expect(await bench.reached(job, 'TRANSFERRED', 'TRANSIENT_ERROR', 'ERROR')).not.toBe('TRANSFERRED');
  job.cancel();
});

test.skipIf(process.platform === 'win32')('a named pipe in the place of the manifest is not waited for', async () => {
  bench.stage('office/data/v64.cab', bytes(10));
  rmSync(join(bench.root, 'manifest.json'), { force: true });
  execFileSync('mkfifo', [join(bench.root, 'manifest.json')]);
  const job = bench.created('office/data/v64.cab');
  job.resume();
  expect(await bench.reached(job, 'TRANSFERRED', 'TRANSIENT_ERROR', 'ERROR')).toBe('ERROR');
  job.cancel();
});

test('a share that goes away while a block of it is written costs the job an attempt, and not the process', async () => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', listener);
  try {
    bench.stage('stream.dat', bytes(3_000_000));
    answers.later = 'EIO';
    const job = bench.created('stream.dat');
    job.resume();
    await bench.reached(job, 'TRANSIENT_ERROR');
    answers.later = null;
    job.resume();
    await bench.reached(job, 'TRANSFERRED');
    expect(bench.served.reduce((sum, each) => sum + each.bytes, 0)).toBe(3_000_000);
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', listener);
  }
});

test.each([
  ['whole', undefined],
  ['in ranges', [{ offset: 1, length: 2 }]],
])('a file whose manifest is replaced while it is read is given %s as the new one says', async (_how, ranges) => {
  const content = bytes(10);
  bench.stage('v32.cab', content, { sha256: 'a'.repeat(64) });
  answers.reading = () => {
    answers.reading = null;
    bench.record('v32.cab', content);
  };
  const job = bench.created('v32.cab', ranges);
  job.resume();
  expect(await bench.reached(job, 'TRANSFERRED', 'ERROR')).toBe('TRANSFERRED');
  job.complete();
});

test.each([
  ['longer', 'whole', undefined],
  ['longer', 'in ranges', [{ offset: 1, length: 2 }]],
  ['shorter', 'whole', undefined],
  ['shorter', 'in ranges', [{ offset: 1, length: 2 }]],
])('a file that is replaced by a %s one while it is read is given %s as it is then', async (how, _what, ranges) => {
  const path = 'stream.dat';
  const after = bytes(how === 'longer' ? 3_000_000 : 1_500_000);
  bench.stage(path, bytes(2_500_000), {});
  answers.reading = () => {
    answers.reading = null;
    bench.stage(path, after, {});
  };
  const job = bench.created(path, ranges);
  job.resume();
  expect(await bench.reached(job, 'TRANSFERRED', 'TRANSIENT_ERROR', 'ERROR')).toBe('TRANSFERRED');
  job.complete();
  const expected = ranges ? after.subarray(1, 3) : after;
  expect(readFileSync(bench.local(path)).equals(expected)).toBe(true);
});

test('a share that does not answer holds a thread for each part of two paths, however many jobs ask it', async () => {
  const waiting: string[] = [];
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  answers.looking = (file) => {
    waiting.push(file);
    return answered;
  };
  const jobs = Array.from({ length: 6 }, () => bench.created('office/data/v64.cab'));
  for (const job of jobs) job.resume();
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(waiting).toHaveLength(2 * 3);
  answer();
  for (const job of jobs) {
    expect(await bench.reached(job, 'TRANSFERRED')).toBe('TRANSFERRED');
    job.complete();
  }
  answers.looking = null;
});

test('a manifest that is known counts for the files that fit to it, and is asked for anew for others', async () => {
  const content = bytes(10);
  const job = (path: string) => {
    const created = bench.created(path);
    created.resume();
    return bench.reached(created, 'TRANSFERRED', 'TRANSIENT_ERROR', 'ERROR').then((state) => {
      if (state === 'TRANSFERRED') created.complete();
      else created.cancel();
      return state;
    });
  };
  bench.stage('v32.cab', content, {});
  expect(await job('v32.cab')).toBe('TRANSFERRED');
  answers.manifest = 'EIO';
  expect(await job('v32.cab')).toBe('TRANSFERRED');
  writeFileSync(join(bench.root, 'v32.cab'), bytes(10));
  expect(await job('v32.cab')).not.toBe('TRANSFERRED');
  writeFileSync(join(bench.root, 'v32.cab'), bytes(11));
  expect(await job('v32.cab')).not.toBe('TRANSFERRED');
});
