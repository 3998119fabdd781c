import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bridgePath } from '../bridge.js';

const client = fileURLToPath(new URL('pylsp-client.py', import.meta.url));
const debianPackage = 'python3-pylsp-jsonrpc';
// Debian's own Python first: only that one sees Debian's packages.
const pythons = ['/usr/bin/python3', 'python3'];

function findPython(): string | undefined {
  return pythons.find((python) => spawnSync(python, ['-c', 'import pylsp_jsonrpc']).status === 0);
}

/** A Python with the client; installs it where that needs no question, as the lab does with Wine. */
function pythonWithClient(): string | undefined {
  const found = findPython();
  if (found || process.getuid?.() !== 0) return found;
  spawnSync('apt-get', ['-qq', '-y', 'install', '--no-install-recommends', debianPackage], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 120_000,
  });
  return findPython();
}

const python = pythonWithClient();
const missing = python ? '' : ` (skipped: no Python with ${debianPackage})`;

// Every other test of this lane speaks through vscode-jsonrpc; this is a client in another language, with ids of its own kind.
test.skipIf(!python)(
  `[interop] python-lsp-jsonrpc initializes, calls, follows progress, cancels and shuts down${missing}`,
  () => {
    const scenario = JSON.stringify({ office: { downloadMs: 1000, applyMs: 200 } });
    const command = [process.execPath, bridgePath, '--simulate', scenario];
    const output = execFileSync(python as string, [client, ...command], { encoding: 'utf8', timeout: 25_000 });
    const seen = JSON.parse(output);
    expect(seen).toMatchObject({
      initialized: { protocolVersion: 1, server: { name: 'c2r-bridge' } },
      updated: { changed: true, versionAfter: '16.0.19929.20172' },
      invalid: { code: -32602, data: { issues: [{ path: 'unknown' }] } },
      absent: { code: -32601 },
      cancelled: true,
      cancelCodes: [-32800],
      afterwards: false,
      shutdown: null,
      exitCode: 0,
    });
    expect(seen.pings).toEqual(Array(200).fill({}));
    expect([...new Set(seen.phases)]).toEqual(['preflight', 'download', 'apply']);
  },
);
