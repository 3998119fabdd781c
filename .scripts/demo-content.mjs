// npm start -- content: stages an image from a content network of our own on the loopback, over the bridge's JSON-RPC, breaks
// a file, and verifies. Everything but the content is real, on every platform.
import { spawn } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { generated, image, startCdn } from '../test/support/cdn.mjs';
import { root } from './packages.mjs';

const mib = 1_048_576;
const version = '16.0.19929.20172';

/** Runs the demonstration; gives the exit code. */
export async function stageDemo() {
  const dats = { 'x-none': generated(600 * mib, 1), 'en-us': generated(80 * mib, 2), 'fr-fr': generated(70 * mib, 3) };
  const cdn = await startCdn(image({ version, dats }));
  const folder = await mkdtemp(join(tmpdir(), 'c2r-content-'));
  const bridge = startBridge();
  try {
    const { files } = await bridge.call('content/fileList', { endpoint: cdn.endpoint, channel: 'MonthlyEnterprise' });
    console.log(`\n${files.length} files listed by ${cdn.endpoint}; staging into ${folder}`);
    const staged = await bridge.call('content/stage', { files, destination: folder });
    console.log(`Staged ${staged.files} files, ${staged.bytes} bytes, in ${staged.seconds} s; all hashes are right.`);

    const stream = join(folder, 'office', 'data', version, 'stream.x64.en-us.dat');
    const handle = await open(stream, 'r+');
    await handle.write(Buffer.from('broken'), 0, 6, mib);
    await handle.close();
    console.log('\nChanged six bytes of one file; verifying');
    const broken = await bridge.call('content/verify', { path: folder });
    for (const file of broken.files.filter(({ state }) => state !== 'ok')) console.log(`${file.state}: ${file.path}`);

    console.log('\nStaging again');
    const again = await bridge.call('content/stage', { files, destination: folder });
    console.log(`Downloaded ${again.downloadedBytes} bytes; ${again.reused} files were right already.`);
    const whole = await bridge.call('content/verify', { path: folder });
    console.log(`Verified: ${JSON.stringify(whole.counts)}`);
    return whole.ok && !broken.ok ? 0 : 1;
  } catch (caught) {
    const error = /** @type {import('vscode-jsonrpc').ResponseError<{ recommendation?: string }>} */ (caught);
    console.error(`${error.message}\n${error.data?.recommendation ?? ''}`);
    return 1;
  } finally {
    await bridge.stop();
    await cdn.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function startBridge() {
  const child = spawn(process.execPath, [join(root, 'dist', 'c2r-bridge.cjs'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const reader = new StreamMessageReader(child.stdout);
  const connection = createMessageConnection(reader, new StreamMessageWriter(child.stdin));
  connection.onNotification('$/progress', ({ value }) => show(value));
  connection.listen();
  return {
    async call(method, params) {
      try {
        return await connection.sendRequest(
          method,
          method === 'content/fileList' ? params : { ...params, progressToken: 1 },
        );
      } finally {
        if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
      }
    },
    async stop() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      connection.dispose();
    },
  };
}

let shown;

/** One line that is written over where this is a terminal; else one line a second would be too many, so only the ends. */
function show({ phase, percent, message }) {
  const line = `${phase.padEnd(10)} ${percent === null ? '' : `${percent.toFixed(0).padStart(3)} %`}  ${message}`;
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line.slice(0, process.stdout.columns - 1)}`);
  else if ((percent === null || percent === 100) && line !== shown) console.log(line);
  shown = line;
}
