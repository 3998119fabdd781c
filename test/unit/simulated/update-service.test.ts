import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { E_ACCESSDENIED, E_ILLEGAL_METHOD_CALL, E_INVALIDARG, REGDB_E_CLASSNOTREG } from '../../../src/base/hresult.js';
import { HResultError } from '../../../src/base/hresult-error.js';
import type { Office } from '../../../src/c2r/port.js';
import { updatesKey } from '../../../src/c2r/registry-keys.js';
import { updateStatusNames as names, type updateStatusNames } from '../../../src/contract/c2r.js';
import { asyncWithProgress } from '../../../src/defender/mpclient.js';
import type { Defender } from '../../../src/defender/port.js';
import { simulatedDefender } from '../../../src/simulated/defender.js';
import { simulatedOffice } from '../../../src/simulated/office.js';
import { scenario } from '../../../src/simulated/scenario.js';
import { ManualClock } from '../../support/manual-clock.js';

type StatusName = (typeof updateStatusNames)[number];

function machine(settings: object = {}) {
  const clock = new ManualClock();
  const office = simulatedOffice(scenario.parse({ office: { downloadMs: 1000, applyMs: 1000, ...settings } }), clock);
  const status = async () => names[(await office.updates.status()).status];
  return { clock, office, updates: office.updates, status };
}

/** The HRESULT that a call fails with, or 0. */
async function code(call: Promise<unknown>): Promise<number> {
  return call.then(
    () => 0,
    (error: unknown) => {
      if (error instanceof HResultError) return error.hresult;
      throw error;
    },
  );
}

describe('the documented state machine', () => {
  const idle: readonly StatusName[] = [
    'UPDATE_UNKNOWN',
    'DOWNLOAD_CANCELLED',
    'DOWNLOAD_FAILED',
    'DOWNLOAD_SUCCEEDED',
    'APPLY_SUCCEEDED',
    'APPLY_FAILED',
  ];
  const downloading: readonly StatusName[] = ['DOWNLOAD_PENDING', 'DOWNLOAD_WIP', 'DOWNLOAD_CANCELLING'];
  const applying: readonly StatusName[] = ['APPLY_PENDING', 'APPLY_WIP'];

  test.each(idle)('%s accepts Download and Apply', async (initialStatus) => {
    expect(await machine({ initialStatus }).status()).toBe(initialStatus);
    for (const call of ['download', 'apply'] as const) {
      const { updates, status } = machine({ initialStatus });
      expect(await code(updates[call](''))).toBe(0);
      expect(await status()).toBe(`${call.toUpperCase()}_PENDING`);
    }
  });

  test.each(idle)('%s has nothing to cancel', async (initialStatus) => {
    expect(await code(machine({ initialStatus }).updates.cancel())).toBe(E_ILLEGAL_METHOD_CALL);
  });

  test.each([...downloading, ...applying])(
    'an action that began as %s refuses Download and Apply',
    async (initialStatus) => {
      const { updates, clock, status } = machine({ initialStatus });
      expect(await code(updates.download(''))).toBe(E_ILLEGAL_METHOD_CALL);
      expect(await code(updates.apply(''))).toBe(E_ILLEGAL_METHOD_CALL);
      await clock.advance(1000);
      expect(await status()).toMatch(/_(SUCCEEDED|CANCELLED)$/);
    },
  );

  test('a download goes from PENDING over WIP to SUCCEEDED, and only WIP can be cancelled', async () => {
    const { updates, clock, status } = machine();
    await updates.download('');
    expect(await status()).toBe('DOWNLOAD_PENDING');
    expect(await code(updates.cancel())).toBe(E_ILLEGAL_METHOD_CALL);
    await clock.advance(500);
    expect(await status()).toBe('DOWNLOAD_WIP');
    await clock.advance(499);
    expect(await status()).toBe('DOWNLOAD_WIP');
    await clock.advance(1);
    expect(await status()).toBe('DOWNLOAD_SUCCEEDED');
  });

  test('a cancelled download goes over CANCELLING to CANCELLED and leaves nothing to apply', async () => {
    const { updates, clock, status, office } = machine();
    await updates.download('');
    await clock.advance(500);
    await updates.cancel();
    expect(await status()).toBe('DOWNLOAD_CANCELLING');
    expect(await code(updates.cancel())).toBe(E_ILLEGAL_METHOD_CALL);
    await clock.advance(100);
    expect(await status()).toBe('DOWNLOAD_CANCELLED');
    expect((await office.registry.values(updatesKey))?.get('UpdatesReadyToApply')).toBe('');
  });

  test('an Apply cannot be cancelled', async () => {
    const { updates, clock, status } = machine();
    await updates.apply('');
    await clock.advance(500);
    expect(await status()).toBe('APPLY_WIP');
    expect(await code(updates.cancel())).toBe(E_ILLEGAL_METHOD_CALL);
    await clock.advance(500);
    expect(await status()).toBe('APPLY_SUCCEEDED');
  });
});

describe('what the scenario says', () => {
  test('a report shows an error code as it is, and an HRESULT with 13 added in 32 unsigned bits', async () => {
    const failing = async (fail: object) => {
      const { updates, clock } = machine({ fail: [fail] });
      await updates.download('');
      await clock.advance(1000);
      return updates.status();
    };
    expect(await failing({ at: 'download', errorCode: 12 })).toEqual({ status: 5, error: 12, contentId: null });
    expect(await failing({ at: 'download', hresult: '0x80070005' })).toMatchObject({ status: 5, error: 0x80070012 });
    expect(await failing({ at: 'download', hresult: '0xFFFFFFFF' })).toMatchObject({ error: 12 });
  });

  test.each(['download', 'apply', 'cancel', 'status'] as const)(
    '%s is refused with the HRESULT of the scenario',
    async (at) => {
      const { updates, clock } = machine({
        initialStatus: at === 'cancel' ? 'DOWNLOAD_WIP' : 'UPDATE_UNKNOWN',
        fail: [{ at, hresult: '0x80070057', when: 'call' }],
      });
      if (at === 'cancel') await clock.advance(500);
      const call = at === 'download' || at === 'apply' ? updates[at]('') : updates[at]();
      expect(await code(call)).toBe(E_INVALIDARG);
    },
  );

  test('every call needs the object, and then elevation', async () => {
    const calls = async (settings: object) => {
      const { updates } = machine(settings);
      return Promise.all(
        [
          updates.status(),
          updates.download(''),
          updates.apply(''),
          updates.cancel(),
          updates.blockingApps(),
          updates.deploymentData(1, ''),
        ].map(code),
      );
    };
    expect(new Set(await calls({ comRegistered: false, elevated: false }))).toEqual(new Set([REGDB_E_CLASSNOTREG]));
    expect(new Set(await calls({ installed: false }))).toEqual(new Set([REGDB_E_CLASSNOTREG]));
    expect(new Set(await calls({ elevated: false }))).toEqual(new Set([E_ACCESSDENIED]));
  });

  test('half a content pair is E_INVALIDARG, as in Office, and a whole one is shown by the status', async () => {
    const { updates } = machine();
    expect(await code(updates.download('contentid=a'))).toBe(E_INVALIDARG);
    expect(await code(updates.download('DownloadSource={x}'))).toBe(E_INVALIDARG);
    await updates.download('DOWNLOADSOURCE={x} ContentId=a=b');
    expect(await updates.status()).toMatchObject({ contentId: 'a=b' });
  });

  test('apps block an Apply, unless they are closed by force or by people', async () => {
    const blockingApps = ['WINWORD.EXE', 'EXCEL.EXE'];
    const apply = async (parameters: string, settings: object = {}, before = 0) => {
      const { updates, clock, status } = machine({ blockingApps, ...settings });
      expect(await updates.blockingApps()).toBe('WINWORD.EXE,EXCEL.EXE');
      await clock.advance(before);
      await updates.apply(parameters);
      await clock.advance(1000);
      return [await status(), await updates.blockingApps()];
    };
    expect(await apply('')).toEqual(['APPLY_FAILED', 'WINWORD.EXE,EXCEL.EXE']);
    expect(await apply('forceappshutdown=false')).toEqual(['APPLY_FAILED', 'WINWORD.EXE,EXCEL.EXE']);
    expect(await apply('ForceAppShutdown=TRUE')).toEqual(['APPLY_SUCCEEDED', null]);
    expect(await apply('', { appsCloseAfterMs: 500 }, 500)).toEqual(['APPLY_SUCCEEDED', null]);
  });

  test('the object goes away once, with each of the errors that Windows gives then, and the action continues', async () => {
    const { updates, clock, status } = machine({ downloadMs: 5000, vanishAfterMs: 100, vanishForMs: 1000 });
    expect(await code(updates.status())).toBe(0);
    await clock.advance(500);
    await updates.download('');
    await clock.advance(100);
    const seen = [await code(updates.status()), await code(updates.status()), await code(updates.cancel())];
    expect(seen.map((hresult) => (hresult >>> 0).toString(16))).toEqual(['800706ba', '80010108', '80080005']);
    await clock.advance(1000);
    expect(await status()).toBe('DOWNLOAD_WIP');
    await clock.advance(5000);
    expect(await status()).toBe('DOWNLOAD_SUCCEEDED');
    await updates.apply('');
    await clock.advance(200);
    expect(await status()).toBe('APPLY_WIP');
  });

  test('the object may stay away for good', async () => {
    const { updates, clock } = machine({ vanishAfterMs: 0, vanishForMs: null });
    await updates.download('');
    await clock.advance(86_400_000);
    expect(await code(updates.status())).not.toBe(0);
  });

  test('a service that restarts forgets the action that ran, and only that', async () => {
    const { updates, clock, status, office } = machine({ vanishAfterMs: 100, vanishForgets: true });
    await updates.download('');
    await clock.advance(2000);
    expect(await status()).toBe('UPDATE_UNKNOWN');
    expect((await office.registry.values(updatesKey))?.get('UpdatesReadyToApply')).toBe('');
    await updates.download('');
    await clock.advance(1000);
    expect(await status()).toBe('DOWNLOAD_SUCCEEDED');
  });
});

test('the registry keeps step with the actions, without anybody asking for the status', async () => {
  const { updates, clock, office } = machine({ availableVersion: '16.0.2.2' });
  await updates.download('');
  await clock.advance(1000);
  const staged = await office.registry.values(updatesKey);
  expect(staged?.get('UpdatesReadyToApply')).toBe('16.0.2.2');
  const sinceUnix = Number(staged?.get('DownloadTime')) + Date.UTC(1601, 0, 1);
  expect(new Date(sinceUnix).toISOString()).toBe('2026-01-01T00:00:01.000Z');
});

test('a registry key is found in any case', async () => {
  const { office } = machine();
  expect(await office.registry.values(updatesKey.toUpperCase())).not.toBeNull();
  await office.registry.setValue('SOFTWARE\\X', 'Name', 1);
  await office.registry.setValue('software\\x', 'NAME', 2);
  expect([...((await office.registry.values('Software\\X')) ?? [])].map(([, value]) => value)).toEqual([2]);
  expect(await office.registry.deleteValue('Software\\X', 'name')).toBe(true);
  expect(await office.registry.deleteValue('Software\\X', 'name')).toBe(false);
});

describe('a machine whose state is kept, opened again after somebody set the clock', () => {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-state-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const day = 86_400_000;

  async function reopenedAfter(jumpMs: number, name: string) {
    const statePath = join(folder, `${name}.json`);
    const open = (epoch: number) => {
      const clock = new ManualClock(new Date(epoch));
      const { updates } = simulatedOffice(scenario.parse({ statePath, office: { downloadMs: 1000 } }), clock);
      return { clock, updates, status: async () => names[(await updates.status()).status] };
    };
    const began = Date.UTC(2026, 0, 10);
    await open(began).updates.download('');
    return open(began + 400 + jumpMs);
  }

  test('a download continues where nobody did', async () => {
    const { clock, status } = await reopenedAfter(0, 'still');
    await clock.advance(599);
    expect(await status()).toBe('DOWNLOAD_WIP');
    await clock.advance(1);
    expect(await status()).toBe('DOWNLOAD_SUCCEEDED');
  });

  test('set back, it takes no longer than it would from its start', async () => {
    const { clock, status, updates } = await reopenedAfter(-3 * day, 'back');
    expect(await status()).toBe('DOWNLOAD_PENDING');
    await clock.advance(100);
    await updates.cancel();
    const again = await reopenedAfter(-3 * day, 'back-again');
    await again.clock.advance(1000);
    expect(await again.status()).toBe('DOWNLOAD_SUCCEEDED');
  });

  test('set on, it has ended', async () => {
    expect(await (await reopenedAfter(3 * day, 'on')).status()).toBe('DOWNLOAD_SUCCEEDED');
  });
});

describe('two processes that share a state file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-state-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const key = 'SOFTWARE\\X';

  function machines(name: string) {
    const settings = scenario.parse({ statePath: join(folder, name), office: { downloadMs: 1000 } });
    return [1, 2].map(() => {
      const clock = new ManualClock();
      return { clock, ...simulatedOffice(settings, clock), defender: simulatedDefender(settings, clock) };
    }) as [Machine, Machine];
  }
  type Machine = Office & { clock: ManualClock; defender: Defender };

  async function updateDefender({ defender, clock }: Machine): Promise<bigint> {
    const manager = await defender.open();
    const update = await manager.startUpdate(asyncWithProgress, () => undefined);
    await clock.until(update.close());
    return (await manager.versions()).antivirusSignature.version;
  }

  test('lose nothing of what the other has written', async () => {
    const [one, other] = machines('registry.json');
    await one.registry.setValue(key, 'One', 1);
    await other.registry.setValue(key, 'Other', 2);
    await one.registry.deleteValue(key, 'None');
    for (const { registry } of [one, other, machines('registry.json')[0]]) {
      expect(Object.fromEntries((await registry.values(key)) ?? [])).toEqual({ One: 1, Other: 2 });
    }
  });

  test('see the same action, and what it brings', async () => {
    const [one, other] = machines('action.json');
    await one.updates.download('');
    await expect(other.updates.apply('')).rejects.toMatchObject({ hresult: E_ILLEGAL_METHOD_CALL });
    await other.clock.advance(1000);
    expect(await other.updates.status()).toMatchObject({ status: names.indexOf('DOWNLOAD_SUCCEEDED') });
    expect(await one.updates.status()).toMatchObject({ status: names.indexOf('DOWNLOAD_SUCCEEDED') });
    expect((await one.registry.values(updatesKey))?.get('UpdatesReadyToApply')).toBe('16.0.19929.20172');
  });

  test('count the signatures on together', async () => {
    const [one, other] = machines('signatures.json');
    const first = await updateDefender(one);
    expect(await updateDefender(other)).toBe(first + (1n << 16n));
    expect((await (await one.defender.open()).versions()).antivirusSignature.version).toBe(first + (1n << 16n));
  });
});
