import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bridgePath, startBridge } from '../support/bridge.js';
import { cdnOf, temporaryFolder } from '../support/content-staging.js';
import { deadline } from '../support/deadline.js';
import { nodeProgram, otherNodes } from '../support/nodes.js';

test.for(otherNodes)(
  '[node-versions] under Node %s a session updates, stages on a thread of its own, verifies and describes itself',
  { timeout: deadline(300_000) },
  async (major, { skip }) => {
    const node = nodeProgram(major);
    if ('reason' in node) return skip(node.reason);
    await using cdn = await cdnOf();
    await using folder = await temporaryFolder();
    const simulate = { office: { downloadMs: 200, applyMs: 100 } };
    await using bridge = startBridge({ command: [node.path, bridgePath], simulate });
    const { process: told } = await bridge.request('initialize', { protocolVersion: 1 });
    expect(told.node).toMatch(new RegExp(`^v${major}\\.`));
    expect(await bridge.request('c2r/update', { pollMs: 100 })).toMatchObject({ changed: true });
    expect(await bridge.request('defender/status')).toMatchObject({ backend: 'simulated' });
    await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: folder.path });
    expect(await bridge.request('content/verify', { path: folder.path })).toMatchObject({ ok: true });
    const described = JSON.parse(readFileSync(new URL('../../dist/openrpc.json', import.meta.url), 'utf8'));
    expect(await bridge.request('rpc.discover')).toEqual(described);
    expect(bridge.stderr()).toBe('');
    expect(await bridge.stop()).toBe(0);
  },
);
