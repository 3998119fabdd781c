import { describe, expect, test } from 'vitest';
import { REGDB_E_CLASSNOTREG, RPC_S_SERVER_UNAVAILABLE } from '../../../src/base/hresult.js';
import { HResultError } from '../../../src/base/hresult-error.js';
import { decodeStatus } from '../../../src/c2r/status.js';
import {
  beginning,
  type Observation,
  step,
  type Verdict,
  type Wait,
  type WaitMemory,
} from '../../../src/c2r/waiting.js';
import { report, type StatusName } from '../../support/scripted-office.js';

const seen = (status: StatusName, error = 0) => decodeStatus(report(status, error));
const look = (status: StatusName): Observation => ({ status: seen(status) });
const refusal = (hresult: number): Observation => ({ error: new HResultError('IUpdateNotify::status', hresult) });

const pace = { pollMs: 1000, slowestMs: 5000 };
const anything: Wait = { ...pace, own: null };
const ours = (before: StatusName = 'UPDATE_UNKNOWN'): Wait => ({
  ...pace,
  own: { kind: 'download', before: seen(before) },
});

/** What is remembered after some looks, one second apart. */
function remembered(wait: Wait, observations: readonly Observation[]): WaitMemory {
  return observations.reduce(
    (memory, observation, index) => step(wait, memory, observation, index * 1000).memory,
    beginning(wait.pollMs),
  );
}

const rules: readonly (readonly [string, Wait, readonly Observation[], Observation, number, Verdict])[] = [
  ['a busy status runs', ours(), [], look('DOWNLOAD_WIP'), 0, 'running'],
  ['nothing to wait for has ended', anything, [], look('UPDATE_UNKNOWN'), 0, 'ended'],
  ['an end has ended', anything, [], look('APPLY_FAILED'), 0, 'ended'],
  ['a service that forgot is unclear', anything, [look('APPLY_WIP')], look('UPDATE_UNKNOWN'), 1000, 'unclear'],
  ['our own end has ended once it ran', ours(), [look('DOWNLOAD_WIP')], look('DOWNLOAD_FAILED'), 1000, 'ended'],
  ['another end than before has ended', ours('DOWNLOAD_FAILED'), [], look('DOWNLOAD_SUCCEEDED'), 0, 'ended'],
  ['the same end as before is stale', ours('DOWNLOAD_FAILED'), [], look('DOWNLOAD_FAILED'), 0, 'stale'],
  [
    'a stale end is ours after 10 s',
    ours('DOWNLOAD_FAILED'),
    [look('DOWNLOAD_FAILED')],
    look('DOWNLOAD_FAILED'),
    10_000,
    'ended',
  ],
  ["another action's end is unclear", ours(), [], look('APPLY_SUCCEEDED'), 0, 'unclear'],
  ['no status yet is unclear', ours(), [], look('UPDATE_UNKNOWN'), 0, 'unclear'],
  [
    'what is unclear for two minutes is lost',
    ours(),
    [look('UPDATE_UNKNOWN')],
    look('UPDATE_UNKNOWN'),
    120_000,
    'lost',
  ],
  ['a change begins the doubt anew', ours(), [look('UPDATE_UNKNOWN')], look('APPLY_SUCCEEDED'), 120_000, 'unclear'],
  ['a server that is gone is away', anything, [], refusal(RPC_S_SERVER_UNAVAILABLE), 0, 'away'],
  ['an unregistered object is away while ours runs', ours(), [], refusal(REGDB_E_CLASSNOTREG), 0, 'away'],
  ['and while anything ran', anything, [look('APPLY_WIP')], refusal(REGDB_E_CLASSNOTREG), 1000, 'away'],
];

describe('the rule of a wait', () => {
  test.each(rules)('%s', (_, wait, before, observation, now, verdict) => {
    expect(step(wait, remembered(wait, before), observation, now).verdict).toBe(verdict);
  });

  test.each([
    ['an unregistered object where nothing runs', anything, refusal(REGDB_E_CLASSNOTREG), 0],
    ['any other failure', ours(), refusal(0x80004005), 0],
  ])('%s ends it with that failure', (_, wait, observation, now) => {
    expect(() => step(wait, beginning(1000), observation, now)).toThrow(HResultError);
  });

  test('a server that stays away for two minutes ends it, with what was last seen', () => {
    const memory = remembered(ours(), [look('DOWNLOAD_WIP'), refusal(RPC_S_SERVER_UNAVAILABLE)]);
    expect(() => step(ours(), memory, refusal(RPC_S_SERVER_UNAVAILABLE), 1000 + 120_000)).toThrow(
      /not answered for 120 s/,
    );
    expect(() => step(ours(), memory, refusal(RPC_S_SERVER_UNAVAILABLE), 1000 + 119_999)).not.toThrow();
  });

  test('each interval is half as long again, up to the slowest, and a change brings the first back', () => {
    const same = Array.from({ length: 6 }, () => look('DOWNLOAD_WIP'));
    const waits = same.map(
      (observation, index) => step(ours(), remembered(ours(), same.slice(0, index)), observation, 0).waitMs,
    );
    expect(waits).toEqual([1000, 1500, 2250, 3375, 5000, 5000]);
    expect(step(ours(), remembered(ours(), same), look('DOWNLOAD_CANCELLING'), 0).waitMs).toBe(1000);
  });
});
