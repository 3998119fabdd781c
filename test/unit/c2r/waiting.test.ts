import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import {
  CO_E_SERVER_EXEC_FAILURE,
  REGDB_E_CLASSNOTREG,
  RPC_E_DISCONNECTED,
  RPC_S_SERVER_UNAVAILABLE,
  signed,
} from '../../../src/base/hresult.js';
import type { UpdateStatusReport } from '../../../src/c2r/port.js';
import { configurationKey, updateNotifyClasses } from '../../../src/c2r/registry-keys.js';
import { session, simulated } from '../../support/office-handlers.js';
import { report, scriptedOffice } from '../../support/scripted-office.js';

const idle = report('UPDATE_UNKNOWN');
const downloading = report('DOWNLOAD_WIP');
const downloaded = report('DOWNLOAD_SUCCEEDED');

/** Runs `c2r/download` with `wait` over an Office whose looks give these, the first of them before Download. */
function waitFor(statuses: readonly (UpdateStatusReport | number)[]) {
  return session(() => scriptedOffice(statuses));
}

describe('the pace', () => {
  async function intervals(params: object, looks: number): Promise<number[]> {
    const times: number[] = [];
    const { call, clock } = session((manual) =>
      scriptedOffice([], {
        async status() {
          times.push(manual.now());
          return times.length < looks ? downloading : downloaded;
        },
      }),
    );
    await call('wait', params);
    expect(clock.sleeping).toBe(0);
    return times.slice(1).map((time, index) => time - (times[index] ?? 0));
  }

  test('a wait looks every second at first and ever less often while nothing changes, at least every 5 s', async () => {
    expect(await intervals({}, 9)).toEqual([1000, 1500, 2250, 3375, 5000, 5000, 5000, 5000]);
  });

  test('a wait begins with pollMs', async () => {
    expect(await intervals({ pollMs: 100 }, 4)).toEqual([100, 150, 225]);
  });

  test('a pollMs above 5 s is kept to', async () => {
    expect(await intervals({ pollMs: 20_000 }, 4)).toEqual([20_000, 20_000, 20_000]);
  });

  test('a change brings the first pace back', async () => {
    const times: number[] = [];
    const script = [report('DOWNLOAD_PENDING'), report('DOWNLOAD_PENDING'), downloading, downloading, downloaded];
    const { call } = session((manual) =>
      scriptedOffice([], {
        async status() {
          times.push(manual.now());
          return script.shift() ?? downloaded;
        },
      }),
    );
    await call('wait');
    expect(times).toEqual([0, 1000, 2500, 3500, 5000]);
  });
});

describe('what an end is', () => {
  test('UPDATE_UNKNOWN after an accepted Download is none', async () => {
    const { call } = waitFor([idle, idle, idle, downloading, downloaded]);
    expect(await call('download', { wait: true })).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
  });

  test('the report of an earlier action is none', async () => {
    const { call } = waitFor([report('APPLY_SUCCEEDED'), report('APPLY_SUCCEEDED'), downloading, downloaded]);
    expect(await call('download', { wait: true })).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
  });

  test('the same end as that of the download before is none, until the download has been seen to run', async () => {
    const { call, clock } = waitFor([downloaded, downloaded, downloaded, downloading, downloaded]);
    expect(await call('download', { wait: true })).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
    expect(clock.now()).toBeGreaterThan(2000);
  });

  test('the same end that stays for 10 s is one: the download was too quick to be seen', async () => {
    const { call, clock } = waitFor([downloaded]);
    expect(await call('download', { wait: true })).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
    expect(clock.now()).toBeGreaterThanOrEqual(10_000);
    expect(clock.now()).toBeLessThan(16_000);
  });

  test('another end than before is one at once, also where the download was never seen to run', async () => {
    const { call, clock } = waitFor([report('DOWNLOAD_FAILED', 9), downloaded]);
    expect(await call('download', { wait: true })).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
    expect(clock.now()).toBe(0);
  });

  test('a number that is not published is none', async () => {
    const { call } = waitFor([idle, downloading, report(42), downloaded]);
    expect(await call('download', { wait: true })).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
  });

  test('a download that Office accepts and never begins fails after two minutes, and says so', async () => {
    const { fail, clock } = waitFor([idle]);
    const error = await fail('download', { wait: true });
    expect(error.data).toMatchObject({ type: 'UpdateFailed', status: 'UPDATE_UNKNOWN', action: 'download' });
    expect(error.message).toContain('did not begin it');
    expect(clock.now()).toBeGreaterThanOrEqual(120_000);
    expect(clock.now()).toBeLessThan(126_000);
  });

  test('a download that the service forgets over a restart fails after two minutes, and says so', async () => {
    const { fail, clock } = waitFor([idle, downloading, idle]);
    const error = await fail('download', { wait: true });
    expect(error.data).toMatchObject({ type: 'UpdateFailed', status: 'UPDATE_UNKNOWN' });
    expect(error.message).toContain('no longer knows of the download');
    expect(clock.now()).toBeGreaterThanOrEqual(120_000);
  });

  test('an Apply that the service forgets over a restart is proven by the version that moved', async () => {
    const office = scriptedOffice([idle, report('APPLY_WIP'), idle], {
      async apply() {
        office.registry.add({ [configurationKey]: { VersionToReport: '16.0.2.2' } });
      },
    });
    expect(await session(() => office).call('apply', { wait: true })).toMatchObject({
      status: 'UPDATE_UNKNOWN',
      changed: true,
      versionBefore: '16.0.1.1',
      versionAfter: '16.0.2.2',
    });
  });

  test('an Apply that the service forgets and that moved nothing has failed', async () => {
    const { fail } = waitFor([idle, report('APPLY_WIP'), idle]);
    expect((await fail('apply', { wait: true })).data).toMatchObject({ type: 'UpdateFailed', action: 'apply' });
  });
});

describe('c2r/wait', () => {
  test.each(['UPDATE_UNKNOWN', 'DOWNLOAD_CANCELLED', 'DOWNLOAD_FAILED', 'APPLY_SUCCEEDED', 'APPLY_FAILED'] as const)(
    'returns %s at once: an end is no failure of the wait',
    async (status) => {
      const { call, clock } = waitFor([report(status, status.endsWith('FAILED') ? 3 : 0)]);
      expect(await call('wait')).toMatchObject({ status });
      expect(clock.now()).toBe(0);
    },
  );

  test('waits for whatever somebody else has begun', async () => {
    const { call, progress } = waitFor([downloading, report('APPLY_WIP'), report('APPLY_SUCCEEDED')]);
    expect(await call('wait')).toMatchObject({ status: 'APPLY_SUCCEEDED' });
    expect(progress.map(({ phase }) => phase)).toEqual(['download', 'apply']);
  });

  test('takes UPDATE_UNKNOWN after a busy status for a restart that may pass', async () => {
    const { call } = waitFor([downloading, idle, idle, downloading, downloaded]);
    expect(await call('wait')).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
  });

  test('returns UPDATE_UNKNOWN in the end', async () => {
    const { call, clock } = waitFor([downloading, idle]);
    expect(await call('wait')).toMatchObject({ status: 'UPDATE_UNKNOWN' });
    expect(clock.now()).toBeGreaterThanOrEqual(120_000);
  });
});

describe('a COM server that goes away', () => {
  test.each([
    ['RPC_S_SERVER_UNAVAILABLE', RPC_S_SERVER_UNAVAILABLE],
    ['RPC_S_CALL_FAILED', signed(0x800706be)],
    ['RPC_E_DISCONNECTED', RPC_E_DISCONNECTED],
    ['CO_E_SERVER_EXEC_FAILURE', CO_E_SERVER_EXEC_FAILURE],
    ['REGDB_E_CLASSNOTREG, while the service registers itself anew', REGDB_E_CLASSNOTREG],
  ])('is waited for: %s', async (_, code) => {
    const { call, progress } = waitFor([idle, downloading, code, code, downloaded]);
    expect(await call('download', { wait: true })).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
    expect(progress.filter(({ message }) => message.includes('does not answer'))).toHaveLength(2);
  });

  test('is given up after two minutes without an answer, with the last status and what to do', async () => {
    const { fail, clock } = waitFor([idle, downloading, RPC_S_SERVER_UNAVAILABLE]);
    const error = await fail('download', { wait: true });
    expect(error.data).toMatchObject({
      type: 'WindowsError',
      hresultName: 'RPC_S_SERVER_UNAVAILABLE',
      source: 'IUpdateNotify::status',
      status: 'DOWNLOAD_WIP',
      continues: true,
    });
    expect(error.message).toMatch(/not answered for 12\d s/);
    expect(clock.now()).toBeGreaterThanOrEqual(120_000);
    expect(clock.now()).toBeLessThan(130_000);
  });

  test('has its patience back with every answer', async () => {
    const gone = Array.from({ length: 15 }, () => RPC_S_SERVER_UNAVAILABLE);
    const { call } = waitFor([idle, downloading, ...gone, downloading, ...gone, downloaded]);
    expect(await call('download', { wait: true })).toMatchObject({ status: 'DOWNLOAD_SUCCEEDED' });
  });

  test('is not waited for where nothing runs: an object that is not registered fails a wait at once', async () => {
    const { fail, clock } = waitFor([REGDB_E_CLASSNOTREG]);
    expect((await fail('wait')).data).toMatchObject({ type: 'NotAvailable' });
    expect(clock.now()).toBe(0);
  });

  test('any other failure of the status ends the wait at once', async () => {
    const { fail, clock } = waitFor([idle, downloading, signed(0x80004005)]);
    expect((await fail('download', { wait: true })).data).toMatchObject({
      type: 'WindowsError',
      hresultName: 'E_FAIL',
    });
    expect(clock.now()).toBe(1000);
  });
});

test('the version may follow an Apply a little later', async () => {
  const office = scriptedOffice(
    [idle, report('APPLY_WIP'), report('APPLY_SUCCEEDED')],
    {},
    {
      [configurationKey]: { VersionToReport: '16.0.1.1' },
      [updateNotifyClasses[0]]: {},
      'SOFTWARE\\Microsoft\\Office\\ClickToRun\\Updates': { UpdatesReadyToApply: '16.0.2.2' },
    },
  );
  const { start, clock } = session(() => office);
  const applied = start('apply', { wait: true });
  await clock.advance(4000);
  office.registry.add({ [configurationKey]: { VersionToReport: '16.0.2.2' } });
  expect(await clock.until(applied)).toMatchObject({ changed: true, versionAfter: '16.0.2.2' });
  expect(clock.now()).toBeLessThan(5000);
});

describe('a version that cannot be read while Click-to-Run replaces itself', () => {
  /** An Office whose version is gone from Apply on. */
  function withoutVersion(statuses: readonly UpdateStatusReport[]) {
    const office = scriptedOffice(statuses, {
      async apply() {
        await office.registry.deleteValue(configurationKey, 'VersionToReport');
      },
    });
    return { ...session(() => office), office };
  }

  test('is waited for', async () => {
    const { office, start, clock } = withoutVersion([idle, report('APPLY_WIP'), report('APPLY_SUCCEEDED')]);
    const applied = start('apply', { wait: true });
    await clock.advance(4000);
    office.registry.add({ [configurationKey]: { VersionToReport: '16.0.2.2' } });
    expect(await clock.until(applied)).toMatchObject({ changed: true, versionAfter: '16.0.2.2' });
  });

  test('is not taken for another version', async () => {
    const { call } = withoutVersion([idle, report('APPLY_WIP'), report('APPLY_SUCCEEDED')]);
    expect(await call('apply', { wait: true })).toMatchObject({ changed: false, versionAfter: null });
    const { call: update } = withoutVersion([idle, idle, downloaded, downloaded, report('APPLY_SUCCEEDED')]);
    expect(await update('update')).toMatchObject({ changed: false, versionBefore: '16.0.1.1', versionAfter: null });
  });

  test('is no proof of an Apply that the service forgot', async () => {
    const { fail } = withoutVersion([idle, report('APPLY_WIP'), idle]);
    expect((await fail('apply', { wait: true })).data).toMatchObject({ type: 'UpdateFailed', action: 'apply' });
  });
});

test('an Apply that was to move the version and did not is told after a while as no change', async () => {
  const { call, clock } = session(() =>
    scriptedOffice(
      [idle, report('APPLY_WIP'), report('APPLY_SUCCEEDED')],
      {},
      {
        [configurationKey]: { VersionToReport: '16.0.1.1' },
        'SOFTWARE\\Microsoft\\Office\\ClickToRun\\Updates': { UpdatesReadyToApply: '16.0.2.2' },
      },
    ),
  );
  expect(await call('apply', { wait: true })).toMatchObject({ changed: false, versionAfter: '16.0.1.1' });
  expect(clock.now()).toBeGreaterThanOrEqual(10_000);
});

test('an Apply that has ended is no timeout, also where the version has not moved in time', async () => {
  const { call, clock } = session(() =>
    scriptedOffice(
      [idle, report('APPLY_WIP'), report('APPLY_SUCCEEDED')],
      {},
      {
        [configurationKey]: { VersionToReport: '16.0.1.1' },
        'SOFTWARE\\Microsoft\\Office\\ClickToRun\\Updates': { UpdatesReadyToApply: '16.0.2.2' },
      },
    ),
  );
  expect(await call('apply', { wait: true, timeoutMs: 3000 })).toMatchObject({
    status: 'APPLY_SUCCEEDED',
    changed: false,
  });
  expect(clock.now()).toBe(3000);
});

test('a request that does not wait still stays until Office shows what it accepted', async () => {
  const { call, clock } = waitFor([idle, idle, idle, downloading]);
  expect(await call('download')).toMatchObject({ status: 'DOWNLOAD_WIP' });
  expect(clock.now()).toBe(200);
});

test('a wait leaves no timer and no listener behind, however it ends', async () => {
  const { signal } = new AbortController();
  const waiting = simulated({ downloadMs: 60_000 });
  await waiting.fail('download', { wait: true, timeoutMs: 3000 }, signal);
  expect(waiting.clock.sleeping).toBe(0);
  await waiting.call('wait', { timeoutMs: 100_000 }, signal);
  expect(waiting.clock.sleeping).toBe(0);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
