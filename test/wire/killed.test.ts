import { expect, test } from 'vitest';
import { startBridge } from '../bridge.js';
import { isAlive } from '../is-alive.js';

/** How many times; `npm run fuzz` asks for more. content/stage has kills of its own, in content-kill.test.ts. */
const kills = Number(process.env.C2R_KILLS ?? 6);
const scenario = { office: { downloadMs: 150, applyMs: 100 }, defender: { durationMs: 250 } };

test.each([
  ['c2r/update', { pollMs: 100 }, 'c2r/status'],
  ['defender/update', {}, 'defender/status'],
])(
  '[killed] %s: the client of a bridge that is killed anywhere in it is told at once, and a new one does the work',
  async (method, params, status) => {
    for (let round = 0; round < kills; round++) {
      const killAfterMs = Math.round(Math.random() * 450);
      await using bridge = startBridge({ simulate: scenario });
      const ended = bridge.request(method, params).then(
        () => 'done',
        (error: Error) => error.message,
      );
      const timer = setTimeout(() => bridge.process.kill('SIGKILL'), killAfterMs);
      const end = await ended;
      clearTimeout(timer);
      if (end !== 'done') {
        expect(end, `killed after ${killAfterMs} ms`).toMatch(/ended with code null/);
        expect(isAlive(bridge.process.pid as number)).toBe(false);
      }
    }
    await using next = startBridge({ simulate: scenario });
    expect(await next.request(method, params)).toMatchObject({ changed: true });
    expect(await next.request(status)).toMatchObject({ backend: 'simulated' });
    expect(await next.stop()).toBe(0);
  },
  30_000 + kills * 1_500,
);
