import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Bridge } from '../../support/bridge.js';
import { deadline } from '../../support/deadline.js';
import { describeInLab } from '../../support/lab.js';
import { serverWithoutTypeLibrary, setUpOffice, startLabBridge } from '../../support/office-bridge.js';
import { openProbe } from '../../support/run-probe.js';

const RPC_S_SERVER_UNAVAILABLE = 0x800706ba;
const E_FAIL = 0x80004005;
const contentId = 'größe-内容-20172';
/** Has the fixture count the texts that it hands out. */
const countTexts = { OANOCACHE: '1', C2R_LAB_CONTENT_ID: contentId };
const pair = { downloadSource: '{5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C}', contentId: 'build-20172' };

/** The fixture's own books; see office/office-c2r-com.h. */
interface Books {
  readonly strings: { readonly handedOut: number; readonly freed: number; readonly freedTwice: number };
  readonly objects: number;
  readonly calls: Readonly<Record<'download' | 'apply' | 'cancel' | 'status' | 'apps' | 'data', number>>;
  readonly handles: number;
  readonly privateBytes: number;
  readonly lastDownload: string;
  readonly lastApply: string;
}

/** Looking makes an object itself, which is gone again by the next look. */
async function books(bridge: Bridge): Promise<Books> {
  const { value } = await bridge.request('c2r/deploymentData', { dataType: -1 });
  return value;
}

async function failure(reply: Promise<unknown>) {
  return reply.then(
    (result) => {
      throw new Error(`gave ${JSON.stringify(result)} instead of an error`);
    },
    (error: { code: number; message: string; data: Record<string, unknown> }) => error,
  );
}

async function finding(bridge: Bridge, id: string) {
  const { checks } = await bridge.request('bridge/doctor');
  return checks.find((check: { id: string }) => check.id === id);
}

describeInLab("Office's COM object", (lab) => {
  const start = (...args: [Parameters<typeof startLabBridge>[1]?, Parameters<typeof startLabBridge>[2]?]) =>
    startLabBridge(lab, ...args);

  test('interface IDs and slots come from the type library, which is not as the known table', async () => {
    await using bridge = start();
    expect(await bridge.request('c2r/status')).toMatchObject({ status: 'UPDATE_UNKNOWN', backend: 'windows' });
    expect(await finding(bridge, 'office.typeLibrary')).toEqual({
      id: 'office.typeLibrary',
      area: 'office',
      ok: true,
      detail:
        'Read IUpdateNotify2 {7E1C0B55-6A5D-4C0B-9C1E-0F4B7B0A11C2} status=3 cancel=4 apply=5 download=6 getofficedeploymentdata=7 getblockingapps=8; ' +
        'known table: IUpdateNotify2 {90E166F0-D621-4793-BE78-F58008DDDD2A} Download=3 Apply=4 Cancel=5 status=6 GetBlockingApps=7 GetOfficeDeploymentData=8.',
      recommendation: null,
    });
  });

  test('without a type library the known table serves, and the doctor says so', async () => {
    await using bridge = start({ blockingApps: ['WINWORD.EXE'] }, { server: serverWithoutTypeLibrary });
    expect(await bridge.request('c2r/blockingApps')).toMatchObject({ apps: ['WINWORD.EXE'] });
    expect(await bridge.request('c2r/download', { wait: true, pollMs: 100 })).toMatchObject({
      status: 'DOWNLOAD_SUCCEEDED',
    });
    expect(await finding(bridge, 'office.typeLibrary')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('was not read'),
    });
  });

  test('an Office that has the older class alone updates, but cannot name apps or give deployment data', async () => {
    await using bridge = start({ blockingApps: [], downloadMs: 100, applyMs: 100 }, { olderClassOnly: true });
    expect(await bridge.request('c2r/update', { pollMs: 100 })).toMatchObject({ changed: true });
    for (const [method, params, source] of [
      ['c2r/blockingApps', {}, 'IUpdateNotify2::GetBlockingApps'],
      ['c2r/deploymentData', { dataType: 1 }, 'IUpdateNotify2::GetOfficeDeploymentData'],
    ] as const) {
      expect(await failure(bridge.request(method, params))).toMatchObject({
        code: 1002,
        data: { type: 'NotAvailable', reason: 'methodMissing', source, recommendation: expect.any(String) },
      });
    }
  });

  test('no text, an empty text and one beyond ASCII stay what they are', async () => {
    await using none = start({ deploymentData: { 1: '', 2: '<Größe>内容 😀</Größe>' } });
    expect(await none.request('c2r/blockingApps')).toMatchObject({ apps: [] });
    expect(await none.request('c2r/deploymentData', { dataType: 0 })).toMatchObject({ raw: null });
    expect(await none.request('c2r/deploymentData', { dataType: 1 })).toMatchObject({ raw: '' });
    expect(await none.request('c2r/deploymentData', { dataType: 2 })).toMatchObject({ raw: '<Größe>内容 😀</Größe>' });
    expect(await none.request('c2r/deploymentData', { dataType: -2, name: 'nämé' })).toMatchObject({ raw: 'nämé' });
    expect(await none.request('c2r/deploymentData', { dataType: -2 })).toMatchObject({ raw: '' });

    await using empty = start({}, { env: { C2R_LAB_APPS: '' } });
    expect(await empty.request('c2r/blockingApps')).toMatchObject({ apps: [] });
    await using some = start({ blockingApps: ['WINWORD.EXE', 'Größe.exe'] });
    expect(await some.request('c2r/blockingApps')).toMatchObject({ apps: ['WINWORD.EXE', 'Größe.exe'] });
  });

  test('parameters reach Office as its own pairs, in order, and as an empty text where there are none', async () => {
    await using bridge = start({ downloadMs: 50, applyMs: 50 });
    const wait = { wait: true, pollMs: 100 };
    await bridge.request('c2r/download', wait);
    await bridge.request('c2r/apply', wait);
    expect(await books(bridge)).toMatchObject({ lastDownload: '', lastApply: '' });

    await bridge.request('c2r/download', {
      ...pair,
      updateToVersion: '16.0.16731.20600',
      updateBaseUrl: 'http://server/office',
      displayLevel: true,
      ...wait,
    });
    await bridge.request('c2r/apply', { forceAppShutdown: true, displayLevel: false, ...wait });
    expect(await books(bridge)).toMatchObject({
      lastDownload: `displaylevel=true updatebaseurl=http://server/office updatetoversion=16.0.16731.20600 downloadsource=${pair.downloadSource} contentid=${pair.contentId}`,
      lastApply: 'displaylevel=false forceappshutdown=true',
    });
  });

  test('a thousand status calls leave no handle, object or text behind', async () => {
    await using bridge = start({}, { env: countTexts });
    const thousandCalls = async () => {
      for (let batch = 0; batch < 50; batch++)
        await Promise.all(Array.from({ length: 20 }, () => bridge.request('c2r/status')));
      return books(bridge);
    };
    await books(bridge);
    const before = await thousandCalls();
    const after = await thousandCalls();
    expect(after.calls.status - before.calls.status).toBe(1000);
    expect(after.strings).toEqual({ handedOut: 2000, freed: 2000, freedTwice: 0 });
    expect(after.objects).toBe(before.objects);
    expect(before.handles).toBeGreaterThan(0);
    expect(after.handles).toBeLessThanOrEqual(before.handles);
  });

  test('a thousand status calls take no memory that is not given back', async () => {
    setUpOffice(lab, {});
    const probe = await openProbe(lab);
    const allowed = { heapUsed: 50_000, privateBytes: 250_000 };
    const { result, error } = await probe('growthOfStatusCalls', 1000, allowed);
    expect(error).toBeUndefined();
    const { privateBytes, least } = result as { privateBytes: number; least: typeof allowed };
    expect(privateBytes).toBeGreaterThan(1e6);
    expect(least.heapUsed).toBeLessThan(allowed.heapUsed);
    expect(least.privateBytes).toBeLessThan(allowed.privateBytes);
  });

  test('a text is freed once also where the call that gave it fails', async () => {
    const fails = ['status', 'apps', 'data'].map((at) => `${at}:call:${E_FAIL}`).join(';');
    await using bridge = start(
      { deploymentData: { 1: 'data' } },
      { env: { C2R_LAB_FAIL: fails, C2R_LAB_APPS: 'WINWORD.EXE', ...countTexts } },
    );
    for (const [method, params] of [
      ['c2r/status', {}],
      ['c2r/blockingApps', {}],
      ['c2r/deploymentData', { dataType: 1 }],
    ] as const) {
      expect(await failure(bridge.request(method, params))).toMatchObject({
        code: 1001,
        data: { hresult: E_FAIL | 0 },
      });
    }
    const { strings } = await books(bridge);
    expect(strings).toEqual({ handedOut: 3, freed: 3, freedTwice: 0 });
  });

  test('a read is sent again to a server that has just gone, an action never', async () => {
    const gone = (at: string) => `${at}:call:${RPC_S_SERVER_UNAVAILABLE}`;
    await using reading = start({}, { env: { C2R_LAB_FAIL: gone('data') } });
    expect(await failure(reading.request('c2r/deploymentData', { dataType: 1 }))).toMatchObject({
      code: 1001,
      data: { hresultHex: '0x800706BA', source: 'IUpdateNotify2::GetOfficeDeploymentData' },
    });
    expect((await books(reading)).calls.data).toBe(3);

    await using acting = start({}, { env: { C2R_LAB_FAIL: ['download', 'apply'].map(gone).join(';') } });
    expect(await failure(acting.request('c2r/download'))).toMatchObject({ data: { hresultHex: '0x800706BA' } });
    expect(await failure(acting.request('c2r/apply'))).toMatchObject({ data: { hresultHex: '0x800706BA' } });
    expect((await books(acting)).calls).toMatchObject({ download: 1, apply: 1 });
  });

  test('the bridge answers pings all through a COM call of five seconds', async () => {
    await using bridge = start({}, { env: { C2R_LAB_BLOCK: 'data:5000' } });
    await bridge.request('c2r/status');
    let ended = false;
    const blocked = bridge.request('c2r/deploymentData', { dataType: 1 }).then(() => {
      ended = true;
    });
    let answered = 0;
    while (!ended) {
      await bridge.request('bridge/ping');
      answered++;
    }
    await blocked;
    expect(answered).toBeGreaterThan(100);
  });

  test('a Download and reads that do not return leave room for status and for what is no COM call', async () => {
    await using bridge = start(
      { deploymentData: { 1: 'data' } },
      { env: { C2R_LAB_BLOCK: `download:${deadline(3000)};apps:${deadline(3000)}` } },
    );
    await bridge.request('c2r/status');
    let returned = false;
    const blocked = Promise.race([bridge.request('c2r/download'), bridge.request('c2r/blockingApps')]).then(() => {
      returned = true;
    });
    // The first may still come before the others; by the second they are in their calls.
    for (let count = 0; count < 5; count++) await bridge.request('c2r/deploymentData', { dataType: 1 });
    await bridge.request('c2r/installation');
    expect(returned).toBe(false);
    await blocked;
  });

  test('what waits behind a Download that does not return is not sent once its request has ended', async () => {
    const unblocked = join(lab.driveC, 'lab', 'unblocked');
    await using bridge = start({}, { env: { C2R_LAB_BLOCK: `download:${deadline(60_000)}` } });
    await bridge.request('c2r/status');
    const timedOut = async (method: string) =>
      (await failure(bridge.request(method, { timeoutMs: deadline(1000) }))).data;
    expect(await timedOut('c2r/download')).toMatchObject({ type: 'Timeout', continues: true });
    expect(await timedOut('c2r/apply')).toMatchObject({ type: 'Timeout', continues: false });
    expect(await timedOut('c2r/cancel')).toMatchObject({ type: 'Timeout' });
    writeFileSync(unblocked, '');
    // Gets its turn after them, and is refused where Office downloads by then.
    await bridge.request('c2r/download').catch(() => undefined);
    rmSync(unblocked);
    expect((await books(bridge)).calls).toMatchObject({ download: 2, apply: 0, cancel: 0 });
  });

  test('a server outside the protected folders is never loaded', async () => {
    const server = 'C:\\lab\\OfficeC2RCom.dll';
    copyFileSync(join(lab.driveC, 'lab', 'planted.dll'), join(lab.driveC, 'lab', 'OfficeC2RCom.dll'));
    const log = join(lab.driveC, 'lab', 'planted.log');
    rmSync(log, { force: true });
    await using bridge = start({}, { server });
    expect(await failure(bridge.request('c2r/status'))).toMatchObject({
      code: 1002,
      data: { type: 'NotAvailable', path: server, reason: expect.stringContaining('outside the folders') },
    });
    expect(await finding(bridge, 'office.comServer')).toMatchObject({
      ok: false,
      detail: expect.stringContaining(server),
    });
    expect(() => rmSync(log)).toThrow('ENOENT');
  });

  test('a server that everybody may replace is never loaded', async () => {
    const file = join(lab.driveC, 'Program Files/Common Files/Microsoft Shared/ClickToRun/OfficeC2RCom.dll');
    chmodSync(file, 0o777);
    try {
      await using bridge = start();
      expect(await failure(bridge.request('c2r/status'))).toMatchObject({
        code: 1002,
        data: { reason: expect.stringContaining('can be changed by S-1-1-0') },
      });
    } finally {
      chmodSync(file, 0o755);
    }
  });

  test('the doctor says what only Windows can see', async () => {
    await using bridge = start();
    const { checks } = await bridge.request('bridge/doctor');
    const found = Object.fromEntries(checks.map(({ id, ok }: { id: string; ok: boolean | null }) => [id, ok]));
    expect(found).toMatchObject({
      'bridge.koffi': true,
      'bridge.elevation': true,
      'bridge.writeAccess': true,
      'office.comServer': true,
      'office.typeLibrary': true,
      // Wine has neither.
      'office.comPlus': null,
      'office.service': false,
    });
  });

  test('the doctor names an object that is not registered, and goes on', async () => {
    await using bridge = start({ comRegistered: false });
    expect(await finding(bridge, 'office.comServer')).toMatchObject({ ok: null });
    expect(await finding(bridge, 'office.typeLibrary')).toMatchObject({ ok: null });
    expect(await failure(bridge.request('c2r/status'))).toMatchObject({
      code: 1002,
      data: { type: 'NotAvailable', hresultName: 'REGDB_E_CLASSNOTREG' },
    });
  });
});
