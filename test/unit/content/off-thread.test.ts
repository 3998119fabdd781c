import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { silentLog } from '../../../src/base/log.js';
import { offThread } from '../../../src/content/stage/off-thread.js';
import { content } from '../../../src/contract/content.js';
import { cdnOf, stream, temporaryFolder } from '../../support/content-staging.js';
import { deadline } from '../../support/deadline.js';
import { ManualClock } from '../../support/manual-clock.js';

const bridge = {
  file: fileURLToPath(new URL('../../../dist/c2r-bridge.cjs', import.meta.url)),
  argument: '--staging-thread',
};

/** Every thread that ended, and those that were ended from outside. */
let terminate: MockInstance<Worker['terminate']>;
let emit: MockInstance<Worker['emit']>;
beforeEach(() => {
  terminate = vi.spyOn(Worker.prototype, 'terminate');
  emit = vi.spyOn(Worker.prototype, 'emit');
});
afterEach(() => vi.restoreAllMocks());

function runOf(clock = new ManualClock()) {
  const cancellation = new AbortController();
  const run = { signal: cancellation.signal, clock, log: silentLog, report: vi.fn() };
  return { run, clock, cancel: () => cancellation.abort(new Error('cancelled by the test')) };
}

const ended = () =>
  vi.waitFor(() => expect(emit).toHaveBeenCalledWith('exit', expect.any(Number)), { timeout: deadline(20_000) });

const parsed = (destination: string, more: object) =>
  ({ task: 'stage', params: content.stage.params.parse({ destination, ...more }) }) as const;

test('a thread gives its result and ends by itself', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const { run } = runOf();
  const result = await offThread(bridge, parsed(folder.path, { endpoint: cdn.endpoint }), run);
  expect(result).toMatchObject({ files: cdn.files.size });
  await ended();
  expect(terminate).not.toHaveBeenCalled();
});

test('a thread ends by itself after a failure, although a request of it still waits for a server', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  cdn.files.delete(stream);
  const asked = new Promise<void>((resolve) => cdn.misbehave(/HEAD .*en-us\.dat$/, () => resolve(), 99));
  cdn.misbehave(/HEAD .*x-none\.dat$/, async (_request, _response, serve) => {
    await asked;
    await serve();
  });
  const { run } = runOf();
  const staged = offThread(bridge, parsed(folder.path, { endpoint: cdn.endpoint }), run);
  await expect(staged).rejects.toMatchObject({ data: { type: 'NetworkError', status: 404 } });
  await ended();
  expect(terminate).not.toHaveBeenCalled();
});

test('a cancelled thread ends by itself', async () => {
  await using cdn = await cdnOf();
  await using folder = await temporaryFolder();
  const { run, clock, cancel } = runOf();
  cdn.misbehave(/HEAD .*en-us\.dat$/, cancel, 99);
  await expect(offThread(bridge, parsed(folder.path, { endpoint: cdn.endpoint }), run)).rejects.toThrow('by the test');
  await ended();
  expect(terminate).not.toHaveBeenCalled();
  expect(clock.sleeping).toBe(0);
});

test('a thread that is held up is not waited for, and ends by itself once it listens again', async () => {
  await using folder = await temporaryFolder();
  const [file, go] = [join(folder.path, 'held-up.cjs'), join(folder.path, 'go')];
  await writeFile(
    file,
    `const { parentPort } = require('node:worker_threads');
    parentPort.postMessage({ progress: 'begun' });
    while (!require('node:fs').existsSync(${JSON.stringify(go)}));
    parentPort.once('message', () => process.exit());`,
  );
  const { run, clock, cancel } = runOf();
  const begun = new Promise((resolve) => run.report.mockImplementation(resolve));
  const heldUp = offThread({ file, argument: '' }, parsed(folder.path, {}), run);
  const outcome = expect(heldUp).rejects.toThrow('by the test');
  await begun;
  cancel();
  await clock.advance(1800);
  await outcome;
  await writeFile(go, '');
  await ended();
  expect(terminate).not.toHaveBeenCalled();
});

test('threads run eight at a time; one that waits for its turn is cancelled at once, and never begins', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'until-cancelled.cjs');
  await writeFile(
    file,
    `const { parentPort } = require('node:worker_threads');
    parentPort.postMessage({ progress: 'begun' });
    parentPort.once('message', () => {
      parentPort.postMessage({ cancelled: true });
      process.exit();
    });`,
  );
  const started = Array.from({ length: 10 }, () => {
    const { run, cancel } = runOf();
    return { run, cancel, ending: offThread({ file, argument: '' }, parsed(folder.path, {}), run).catch(String) };
  });
  const begun = () => started.filter(({ run }) => run.report.mock.calls.length > 0).length;
  await vi.waitFor(() => expect(begun()).toBe(8), { timeout: deadline(20_000) });
  const waiting = started[8] as (typeof started)[number];
  waiting.cancel();
  expect(await waiting.ending).toContain('by the test');
  started[0]?.cancel();
  await vi.waitFor(() => expect(begun()).toBe(9), { timeout: deadline(20_000) });
  for (const { cancel } of started) cancel();
  await Promise.all(started.map(({ ending }) => ending));
  expect(waiting.run.report).not.toHaveBeenCalled();
});
