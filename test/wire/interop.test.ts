import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { bridgePath, startBridge } from '../support/bridge.js';
import { deadline } from '../support/deadline.js';
import { streamJsonRpcClient } from '../support/streamjsonrpc-client.js';

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
    timeout: deadline(120_000),
  });
  return findPython();
}

const python = pythonWithClient();
const missing = python ? '' : ` (skipped: no Python with ${debianPackage})`;

const quick = { office: { downloadMs: 1000, applyMs: 200 } };

test('[interop] vscode-jsonrpc initializes, calls, follows progress, cancels and shuts down', async () => {
  await using bridge = startBridge({ simulate: quick });
  expect(
    await bridge.request('initialize', { protocolVersion: 1, client: { name: 'vscode-jsonrpc', version: '1' } }),
  ).toMatchObject({ protocolVersion: 1, server: { name: 'c2r-bridge' } });
  const pings = await Promise.all(Array.from({ length: 200 }, () => bridge.request('bridge/ping')));
  expect(pings).toEqual(Array(200).fill({}));
  const phases = new Set<string>();
  const onProgress = ({ phase }: { phase: string }) => phases.add(phase);
  expect(await bridge.request('c2r/update', { pollMs: 100 }, { onProgress })).toMatchObject({
    changed: true,
    versionAfter: '16.0.19929.20172',
  });
  expect([...phases]).toEqual(['preflight', 'download', 'apply']);
  const invalid = bridge.request('bridge/ping', { unknown: 1 });
  await expect(invalid).rejects.toMatchObject({ code: -32602, data: { issues: [{ path: 'unknown' }] } });
  await expect(bridge.request('no/method', {})).rejects.toMatchObject({ code: -32601 });

  const cancellation = new AbortController();
  const endless = bridge.request(
    'c2r/download',
    { wait: true, pollMs: 100 },
    { onProgress: () => cancellation.abort(), signal: cancellation.signal },
  );
  await expect(endless).rejects.toMatchObject({ code: -32800 });
  expect(await bridge.request('c2r/wait', { timeoutMs: 10_000, pollMs: 100 })).toMatchObject({ busy: false });
  // `shutdown`, `exit`, and the exit code.
  expect(await bridge.stop()).toBe(0);
});

// Every other test of this lane speaks through vscode-jsonrpc; this is a client in another language, with ids of its own kind.
test.skipIf(!python)(
  `[interop] python-lsp-jsonrpc initializes, calls, follows progress, cancels and shuts down${missing}`,
  () => {
    const command = [process.execPath, bridgePath, '--simulate', JSON.stringify(quick)];
    const output = execFileSync(python as string, [client, ...command], {
      encoding: 'utf8',
      timeout: deadline(25_000),
    });
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

describe('StreamJsonRpc', () => {
  test('src/README shows the class of the tested client', () => {
    const [, ...lines] = readFileSync(new URL('streamjsonrpc-client/Bridge.cs', import.meta.url), 'utf8').split('\n');
    const architecture = readFileSync(new URL('../../src/README.md', import.meta.url), 'utf8');
    expect(architecture).toContain(`\`\`\`csharp\n${lines.join('\n')}\`\`\``);
  });

  let client: ReturnType<typeof streamJsonRpcClient>;
  // Building it takes long only once; it is kept in .cache.
  beforeAll(() => {
    client = streamJsonRpcClient();
  }, deadline(600_000));

  // A proxy for named arguments loses them under one of the formatters: src/README.md warns of it.
  test.for([
    ['SystemTextJson', 'no failure'],
    ['Newtonsoft', { code: -32602, data: { type: 'InvalidParams', issues: [{ path: 'unknown' }] } }],
  ] as const)(
    '[interop] [params-by-name] [params-null] under %s initializes, calls, follows progress, cancels and shuts down',
    ([formatter, namedArguments], { skip }) => {
      if ('reason' in client) return skip(client.reason);
      const command = [client.path, formatter, process.execPath, bridgePath, '--simulate', JSON.stringify(quick)];
      const output = execFileSync('dotnet', command, { encoding: 'utf8', timeout: deadline(60_000) });
      const seen = JSON.parse(output);
      expect(seen).toMatchObject({
        initialized: { protocolVersion: 1, server: { name: 'c2r-bridge' } },
        pings: 200,
        waited: { busy: false },
        updated: { changed: true, versionAfter: '16.0.19929.20172' },
        proxied: { busy: false },
        invalid: { code: -32602, data: { type: 'InvalidParams', issues: [{ path: 'unknown' }] } },
        absent: { code: -32601, data: { type: 'MethodNotFound', recommendation: expect.any(String) } },
        namedArguments,
        cancelled: true,
        afterwards: { busy: false },
        exitCode: 0,
      });
      expect([...new Set(seen.phases)]).toEqual(['preflight', 'download', 'apply']);
    },
  );
});

// Not installed for the test: it is a whole editor. Where it is there, it is one more client, in Lua.
const hasNeovim = spawnSync('nvim', ['--version']).status === 0;

test.skipIf(!hasNeovim)(
  `[interop] Neovim's vim.lsp.rpc initializes, calls, follows progress, cancels and shuts down${hasNeovim ? '' : ' (skipped: no nvim on PATH)'}`,
  () => {
    const command = [process.execPath, bridgePath, '--simulate', JSON.stringify(quick)];
    const script = fileURLToPath(new URL('nvim-client.lua', import.meta.url));
    const output = execFileSync(
      'nvim',
      ['--headless', '-u', 'NONE', '-i', 'NONE', '-c', `luafile ${script}`, '-c', 'qa!'],
      { encoding: 'utf8', timeout: deadline(25_000), env: { ...process.env, C2R_COMMAND: JSON.stringify(command) } },
    );
    const seen = JSON.parse(output);
    expect(seen).toMatchObject({
      initialized: { protocolVersion: 1, server: { name: 'c2r-bridge' } },
      pings: 200,
      updated: { changed: true, versionAfter: '16.0.19929.20172' },
      invalid: -32602,
      absent: -32601,
      afterwards: { busy: false, status: 'DOWNLOAD_CANCELLED' },
      shutdown: true,
      exitCode: 0,
    });
    expect([...new Set(seen.phases)]).toEqual(['preflight', 'download', 'apply']);
  },
);
