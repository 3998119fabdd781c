import type * as promises from 'node:fs/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Bench, bytes, openBench } from './harness.js';

/** What the file system answers; null for what it really does. */
const answer = vi.hoisted(() => ({ code: null as string | null }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>();
  const readdir = async (folder: string) => {
    if (answer.code === null) return real.readdir(folder);
    throw Object.assign(new Error('away'), { code: answer.code });
  };
  return { ...real, readdir };
});

let bench: Bench;
beforeEach(() => {
  bench = openBench();
  bench.stage('office/data/v64.cab', bytes(10));
});
afterEach(() => {
  answer.code = null;
  return bench.close();
});

test.each([
  ['ERROR_BAD_NETPATH, which libuv does not know', 'UNKNOWN', true],
  ['a time-out of the network', 'ETIMEDOUT', true],
  ['a refusal', 'EACCES', false],
])('a share that answers %s (%s) is worth another attempt: %s', async (_what, code, transient) => {
  answer.code = code;
  const job = bench.created('Office/Data/v64.cab');
  job.resume();
  const state = await bench.reached(job, 'TRANSIENT_ERROR', 'ERROR');
  expect(state).toBe(transient ? 'TRANSIENT_ERROR' : 'ERROR');
  job.cancel();
});
