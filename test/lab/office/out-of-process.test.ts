import { expect, test } from 'vitest';
import { describeWithComServers } from '../../support/lab.js';
import { startLabBridge } from '../../support/office-bridge.js';

const versionBefore = '16.0.17928.20114';
const versionAfter = '16.0.19929.20172';
const gone = ['0x800706BA', '0x800706BE', '0x80010108'];

describeWithComServers("Office's COM object in a process of its own, as COM+ runs it", (lab) => {
  const start = (...[settings = {}, env = {}]: [Parameters<typeof startLabBridge>[1]?, Record<string, string>?]) =>
    startLabBridge(lab, settings, { outOfProcess: true, env });

  test('texts go and come through RPC: the content id, the apps that run, and deployment data by type and name', async () => {
    const data = '<Größe>内容 😀</Größe>';
    await using bridge = start({
      downloadMs: 100,
      blockingApps: ['WINWORD.EXE', 'Größe.exe'],
      deploymentData: { 1: data },
    });
    const pair = { downloadSource: '{5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C}', contentId: 'build-20172' };
    expect(await bridge.request('c2r/download', { ...pair, wait: true, pollMs: 100 })).toMatchObject({
      status: 'DOWNLOAD_SUCCEEDED',
      contentId: pair.contentId,
    });
    expect(await bridge.request('c2r/blockingApps')).toMatchObject({ apps: ['WINWORD.EXE', 'Größe.exe'] });
    expect(await bridge.request('c2r/deploymentData', { dataType: 1 })).toMatchObject({ raw: data });
    expect(await bridge.request('c2r/deploymentData', { dataType: 0 })).toMatchObject({ raw: null });
    // The fixture gives back the name that it was asked for, which is empty where none is given.
    expect(await bridge.request('c2r/deploymentData', { dataType: -2, name: 'nämé' })).toMatchObject({ raw: 'nämé' });
    expect(await bridge.request('c2r/deploymentData', { dataType: -2 })).toMatchObject({ raw: '' });
  });

  test('a refusal of the server is the error of the call', async () => {
    await using bridge = start({ elevated: false });
    const refusal = await bridge.request('c2r/status').catch((error) => error);
    expect(refusal).toMatchObject({ code: 1009, data: { type: 'AccessDenied', source: 'CoCreateInstance' } });
  });

  test('a cancelled download ends as cancelled', async () => {
    await using bridge = start({ downloadMs: 20_000 });
    await bridge.request('c2r/download');
    expect(await bridge.request('c2r/cancel', { wait: true })).toMatchObject({ status: 'DOWNLOAD_CANCELLED' });
  });

  test('an update survives a server process that dies over and over while it is waited for', async () => {
    const office = { downloadMs: 4000, applyMs: 2500, installedVersion: versionBefore, availableVersion: versionAfter };
    await using bridge = start(office, { C2R_LAB_DIE_MS: '2000', C2R_LAB_REMEMBER: '1' });
    expect(await bridge.request('c2r/update', { pollMs: 100 })).toMatchObject({
      changed: true,
      versionBefore,
      versionAfter,
      phases: [
        { phase: 'preflight' },
        { phase: 'download', status: 'DOWNLOAD_SUCCEEDED' },
        { phase: 'apply', status: 'APPLY_SUCCEEDED' },
      ],
    });
  });

  test('a server process that dies in the middle of a call fails that call, and the next one has a new server', async () => {
    await using bridge = start({}, { C2R_LAB_DIE_MS: '2000', C2R_LAB_BLOCK: 'apps:10000' });
    const began = performance.now();
    const error = await bridge.request('c2r/blockingApps').catch((reason) => reason);
    expect(performance.now() - began).toBeGreaterThan(2000);
    expect(error).toMatchObject({ code: 1001, data: { source: 'IUpdateNotify2::GetBlockingApps' } });
    expect(gone).toContain(error.data.hresultHex);
    expect(await bridge.request('c2r/status')).toMatchObject({ status: 'UPDATE_UNKNOWN' });
  });
});
