// The servers that the wire is measured against, each with what makes it answer, and one client for all of them.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleInto } from '../../.scripts/build.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '../../.cache');

const frame = (message) => {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};
const line = (message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;

/** Messages in the frames of LSP's base protocol, for every server but MCP's, which takes one message a line. */
export const framed = {
  initialize: frame({ id: 0, method: 'initialize', params: { protocolVersion: 1 } }),
  ping: (id) => frame({ id, method: 'bridge/ping' }),
  echo: (value) => frame({ id: 1, method: 'bench/echo', params: { value } }),
  take: (value) => frame({ id: 1, method: 'bench/take', params: { value } }),
  blockingApps: () => frame({ id: 1, method: 'c2r/blockingApps' }),
  /** How many whole messages `bytes` start with, and where the rest begins. */
  split(bytes) {
    let count = 0;
    for (let at = 0; ; count++) {
      const headerEnd = bytes.indexOf('\r\n\r\n', at);
      if (headerEnd < 0) return { count, at, need: 0 };
      const end = headerEnd + 4 + Number(bytes.latin1Slice(at + 16, headerEnd));
      if (bytes.length < end) return { count, at, need: end - at };
      at = end;
    }
  },
};
const lines = {
  initialize: line({
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
  }),
  ping: (id) => line({ id, method: 'ping' }),
  echo: (value) => line({ id: 1, method: 'tools/call', params: { name: 'echo', arguments: { value } } }),
  split(bytes) {
    let count = 0;
    for (let at = 0; ; count++) {
      const end = bytes.indexOf(10, at);
      if (end < 0) return { count, at, need: 0 };
      at = end + 1;
    }
  },
};

/** Installs the SDK by its lock file into .cache, once; gives the server's path, or undefined where that cannot be. */
function mcpServer() {
  const folder = join(cache, 'mcp-sdk');
  const lock = join(here, 'mcp-sdk/package-lock.json');
  const installed = join(folder, 'installed-lock.json');
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(here, 'mcp-sdk/server.mjs'), join(folder, 'server.mjs'));
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== readFileSync(lock, 'utf8')) {
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(join(here, 'mcp-sdk', file), join(folder, file));
    try {
      const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
      execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], timeout: 300_000 });
    } catch (error) {
      console.log(`SKIPPED the MCP SDK: its packages cannot be installed: ${error.message.split('\n')[0]}`);
      return undefined;
    }
    writeFileSync(installed, readFileSync(lock));
  }
  return join(folder, 'server.mjs');
}

/**
 * The servers by name. `session` is what a client starts; `echo` is the same server with a method that echoes, which the
 * bridge itself has not. `before` is another working tree of the bridge.
 */
export async function buildPeers(work, before) {
  await bundleInto(work, {
    bare: join(here, 'bare-server.ts'),
    echo: join(here, 'echo-server.ts'),
    minimal: join(here, 'minimal-server.ts'),
    ...(before && { 'echo-before': join(before, 'test/bench/echo-server.ts') }),
  });
  const built = (name) => join(work, `${name}.cjs`);
  const peer = (name, wire, session, echo = session) => ({ name, wire, session, echo });
  const mcp = mcpServer();
  return {
    ours: peer('c2r-bridge', framed, join(here, '../../dist/c2r-bridge.cjs'), built('echo')),
    ...(before && {
      before: peer('the build before', framed, join(before, 'dist/c2r-bridge.cjs'), built('echo-before')),
    }),
    bare: peer('bare vscode-jsonrpc', framed, built('bare')),
    minimal: peer('hand-framed minimum', framed, built('minimal')),
    ...(mcp && { mcp: peer('MCP SDK', lines, mcp) }),
  };
}

/** Starts a server; the client counts messages and looks at nothing else, so that it costs little and the same for all. */
export function start({ wire }, script, { env = process.env, nodeArgs = [] } = {}) {
  const child = spawn(process.execPath, [...nodeArgs, script], { stdio: ['pipe', 'pipe', 'inherit'], env });
  let chunks = [];
  let need = 0;
  let have = 0;
  let missing = 0;
  let done;
  child.stdout.on('data', (chunk) => {
    chunks.push(chunk);
    have += chunk.length;
    if (have < need) return;
    const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    const split = wire.split(bytes);
    need = split.need;
    missing -= split.count;
    chunks = [bytes.subarray(split.at)];
    have = chunks[0].length;
    if (split.count > 0 && missing === 0) done();
  });
  return {
    pid: child.pid,
    /** Resolves when `replies` messages have come back. */
    send(text, replies = 1) {
      missing = replies;
      const answered = new Promise((resolve) => {
        done = resolve;
      });
      child.stdin.write(text);
      return answered;
    },
    /** The exit code. */
    async stop() {
      const exited = once(child, 'exit');
      child.stdin.end();
      return (await exited)[0];
    },
  };
}
