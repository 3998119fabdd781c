import { beforeEach, describe, expect, test } from 'vitest';
import { Usage } from '../../../src/windows/bits/usage.js';
import { ManualClock } from '../../support/manual-clock.js';

const minute = 60_000;
const patience = { idleMs: 30_000, silentMs: 90 * minute };

let clock: ManualClock;
let work: { busy: boolean; pending: boolean };
let usage: Usage;
let ended: boolean;
beforeEach(() => {
  clock = new ManualClock();
  work = { busy: false, pending: false };
  usage = new Usage(clock, { isBusy: () => work.busy, isPending: () => work.busy || work.pending }, patience);
  ended = false;
  void usage.untilUnused().then(() => {
    ended = true;
  });
});

describe('a COM server', () => {
  test('waits half a minute for the client that it was started for, and then for each next one', async () => {
    await clock.advance(29_000);
    expect(ended).toBe(false);
    usage.counted(1);
    usage.counted(-1);
    await clock.advance(29_000);
    expect(ended).toBe(false);
    await clock.advance(2000);
    expect(ended).toBe(true);
  });

  test('ends where nobody comes', async () => {
    await clock.advance(32_000);
    expect(ended).toBe(true);
  });

  test('stays for a silent client that holds something, up to the last resort and while anything is pending', async () => {
    usage.counted(1);
    await clock.advance(89 * minute);
    expect([ended, usage.isFree()]).toEqual([false, false]);
    work.pending = true;
    await clock.advance(10 * minute);
    expect(ended).toBe(false);
    work.pending = false;
    await clock.advance(2000);
    expect(ended).toBe(true);
  });

  test('stays for a lock, and for what is transferred without a call', async () => {
    usage.counted(1);
    usage.locked(1);
    usage.counted(-1);
    await clock.advance(minute);
    expect(ended).toBe(false);
    work.busy = true;
    usage.locked(-1);
    await clock.advance(minute);
    expect(ended).toBe(false);
    work.busy = false;
    await clock.advance(2000);
    expect(ended).toBe(true);
  });

  test('counts a call, or a client that is told, as use', async () => {
    usage.counted(1);
    usage.counted(-1);
    for (let round = 0; round < 5; round++) {
      await clock.advance(20_000);
      usage.seen();
    }
    expect(ended).toBe(false);
    await clock.advance(32_000);
    expect(ended).toBe(true);
  });
});
