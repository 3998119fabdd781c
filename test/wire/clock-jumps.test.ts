import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { bridgePath, startBridge } from '../support/bridge.js';
import { type Behaviour, generated } from '../support/cdn.mjs';
import { contentsOf, mib, sharedCdn, temporaryFolder } from '../support/content-staging.js';
import { deadline } from '../support/deadline.js';

/** A wall clock that somebody sets five times a second: three days on, three days back, right again. In every thread. */
const jumping = `
  const Real = Date;
  const offset = () => [3, -3, 0][Math.floor(performance.now() / 200) % 3] * 86_400_000;
  globalThis.Date = class extends Real {
    constructor(...args) { if (args.length > 0) super(...args); else super(Real.now() + offset()); }
    static now() { return Real.now() + offset(); }
  };
`;

const folder = mkdtempSync(join(tmpdir(), 'c2r-clock-'));
const preload = join(folder, 'jumping.cjs');
writeFileSync(preload, jumping);
afterAll(() => rmSync(folder, { recursive: true }));
const { cdn, expected } = await sharedCdn({ dats: { 'x-none': generated(6 * mib, 1) } });

const start = (simulate: object = {}) =>
  startBridge({ command: [process.execPath, '--require', preload, bridgePath], simulate });

/** What a promise gives or is refused with, and after how long. */
async function timed(promise: Promise<unknown>) {
  const began = performance.now();
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever arrives
  const outcome: any = await promise.catch((error: unknown) => error);
  return { outcome, ms: performance.now() - began };
}

test('the clock of these tests jumps, in the bridge as well', async () => {
  await using bridge = start({ office: { downloadMs: 0 } });
  await using folder = await temporaryFolder();
  const days = new Set<string>();
  let registered = 0;
  await vi.waitFor(
    async () => {
      const { registeredAt } = await bridge.request('bits/register', {
        contentId: `c${++registered}`,
        path: folder.path,
      });
      days.add(registeredAt.slice(0, 10));
      expect(days.size).toBeGreaterThan(2);
    },
    { timeout: deadline(10_000), interval: 50 },
  );
});

test('updates take the time they take, and their progress counts it', async () => {
  await using bridge = start({ office: { downloadMs: 900, applyMs: 500 }, defender: { durationMs: 900 } });
  for (const [method, leastMs] of [
    ['c2r/update', 1_400],
    ['defender/update', 850],
  ] as const) {
    const elapsed: number[] = [];
    const params = method === 'c2r/update' ? { pollMs: 100 } : {};
    const { outcome, ms } = await timed(
      bridge.request(method, params, { onProgress: ({ elapsedMs }) => elapsed.push(elapsedMs) }),
    );
    expect(outcome).toMatchObject({ changed: true });
    expect(ms).toBeGreaterThanOrEqual(leastMs);
    expect(elapsed).toEqual([...elapsed].sort((a, b) => a - b));
    expect(elapsed.at(-1)).toBeGreaterThanOrEqual(leastMs - 200);
    expect(elapsed.at(-1)).toBeLessThanOrEqual(ms);
  }
});

test('timeoutMs ends a request after that time, and not before', async () => {
  await using bridge = start({ office: { downloadMs: 60_000 }, defender: { durationMs: 60_000 } });
  for (const [method, params] of [
    ['c2r/download', { wait: true, pollMs: 100 }],
    ['c2r/wait', { pollMs: 100 }],
    ['defender/update', {}],
  ] as const) {
    const { outcome, ms } = await timed(bridge.request(method, { ...params, timeoutMs: 1_000 }));
    expect(outcome, method).toMatchObject({ data: { type: 'Timeout' } });
    expect(ms).toBeGreaterThanOrEqual(990);
  }
});

test('Retry-After, in seconds and as a date, is waited for', async () => {
  for (const later of [() => '2', () => new Date(Date.now() + 2_000).toUTCString()]) {
    await using destination = await temporaryFolder();
    await using bridge = start();
    cdn.misbehave(
      /x-none\.dat$/,
      (_, response) => {
        response.writeHead(503, { 'retry-after': later(), date: new Date().toUTCString() });
        response.end();
      },
      1,
    );
    const { outcome, ms } = await timed(
      bridge.request('content/stage', { endpoint: cdn.endpoint, destination: destination.path }),
    );
    expect(outcome).toMatchObject({ files: cdn.list.length });
    expect(ms).toBeGreaterThanOrEqual(990);
    expect(await contentsOf(destination.path)).toEqual(expected);
  }
});

test('a lock is held as long as its holder lives, and no longer', async () => {
  await using destination = await temporaryFolder();
  await using holder = start();
  await using other = start();
  const params = { endpoint: cdn.endpoint, destination: destination.path };
  let begun: () => void = () => undefined;
  const writing = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let goOn: () => void = () => undefined;
  const refused = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const behaviours: Behaviour[] = [
    (_, __, serve) => serve({ stopAt: mib }),
    async (_, __, serve) => {
      begun();
      await refused;
      await serve();
    },
  ];
  for (const behave of behaviours) cdn.misbehave(/GET .*x-none\.dat$/, behave);
  const held = holder.request('content/stage', params);
  await writing;
  // Three times at least, and under each of the three clocks.
  const until = performance.now() + 1_000;
  for (let refusals = 0; refusals < 3 || performance.now() < until; refusals++) {
    const { outcome } = await timed(other.request('content/stage', params));
    expect(outcome).toMatchObject({ data: { type: 'InUse' } });
  }
  goOn();
  await held;
  expect(await contentsOf(destination.path)).toEqual(expected);

  const killed = holder.request('content/stage', { ...params, force: true }).catch(() => undefined);
  holder.process.kill('SIGKILL');
  await Promise.all([killed, once(holder.process, 'exit')]);
  await other.request('content/stage', params);
  expect(await contentsOf(destination.path)).toEqual(expected);
});
