import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startBridge } from '../../support/bridge.js';
import { cdnOf, complete, contentsOf } from '../../support/content-staging.js';
import { deadline } from '../../support/deadline.js';
import { describeInLab } from '../../support/lab.js';
import { type Lab, type NoLab, otherNode } from '../provision.mjs';

/** A session that needs most of what differs between versions of Node: koffi, workers, WebAssembly, http, crypto. */
async function useBridge(lab: Lab, command: readonly string[], version: string): Promise<void> {
  await using cdn = await cdnOf();
  const folder = mkdtempSync(join(lab.driveC, 'newer-node-'));
  try {
    await using bridge = startBridge({ command });
    const { process } = await bridge.request('initialize', { protocolVersion: 1 });
    expect(process.node).toBe(version);
    const { checks } = await bridge.request('bridge/doctor');
    expect(checks).toContainEqual(expect.objectContaining({ id: 'defender.client', ok: true }));
    await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: `C:\\${basename(folder)}` });
    expect(await contentsOf(folder)).toEqual(complete(cdn.files));
    expect(await bridge.stop()).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describeInLab('the bridge on a newer Node for Windows', (lab) => {
  // A copy that does not know VirtualAlloc2, which this Wine lacks: see variant.mjs.
  test.each(['24', '26'] as const)('works on Node %s', async (major) => {
    const { node, version } = otherNode(lab, major);
    await useBridge(lab, [node, lab.bridge], version);
  });

  test('works on Node 26 as it is under Wine 10', { timeout: deadline(300_000) }, async ({ skip }) => {
    const provisioner = fileURLToPath(new URL('../provision.mjs', import.meta.url));
    const env = { ...process.env, C2R_LAB_WINE: '10', C2R_LAB_NODE: '26' };
    const provision = (...args: string[]) =>
      JSON.parse(execFileSync(process.execPath, [provisioner, ...args], { env, encoding: 'utf8' })) as
        | { readonly ok: true; readonly lab: Lab }
        | NoLab;
    const made = provision('--keep');
    if (!made.ok) return skip(made.reason);
    try {
      await useBridge(made.lab, made.lab.bridgeCommand, made.lab.nodeVersion);
    } finally {
      provision();
    }
  });
});
