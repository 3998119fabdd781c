import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.js';
import { HttpClient } from '../../../src/content/http/http.js';
import { HashThread } from '../../../src/content/image/hash-thread.js';
import { ImageFolders } from '../../../src/content/image/image-folders.js';
import { downloadAll } from '../../../src/content/stage/download.js';
import { RunningHashes } from '../../../src/content/stage/running-hash.js';
import { StagingState } from '../../../src/content/stage/staging-state.js';
import { ManualClock } from '../../support/manual-clock.js';

/** Hashing what is there takes several turns of the event loop, longer than fetching the rest. */
const [present, size] = [8_000_000, 8_001_000];
const content = randomBytes(size);
const name = 'stream.dat';
const validator = '"1"';
const clock = new ManualClock();
let root: string;
let server: Server;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'c2r-download-')));
  server = createServer((request, response) => {
    const [, from = '0'] = /^bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
    const body = content.subarray(Number(from));
    const range = { 'content-range': `bytes ${from}-${size - 1}/${size}` };
    response.writeHead(from === '0' ? 200 : 206, {
      etag: validator,
      'content-length': body.length,
      ...(from === '0' ? {} : range),
    });
    response.end(body);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterEach(async () => {
  server.close();
  await rm(root, { recursive: true });
});

test.each(['here', 'beside'])(
  'a resumed file, hashed %s, that turns out wrong is in its place, right, when the download ends',
  async (where) => {
    const thread = new HashThread();
    const file = join(root, name);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
    await writeFile(`${file}.partial`, randomBytes(present));
    const folders = ImageFolders.open(root);
    const state = await StagingState.open(root, clock);
    state.note(name, { url, size, validator, segments: [{ start: 0, end: size, done: present }] });
    const { signal } = new AbortController();
    const client = new HttpClient({ proxy: null, idleTimeoutMs: 5000, connections: 2, log: silentLog });
    const expected = createHash('sha256').update(content).digest('hex');
    const landed: string[] = [];
    await state.begin();
    await downloadAll([{ path: name, url, remote: { size, validator }, expected }], 2, {
      client,
      policy: { retries: 0, clock, signal, log: silentLog },
      limit: { take: () => 0 },
      clock,
      state,
      folders,
      hashes: new RunningHashes({ beside: () => (where === 'here' ? null : thread) }),
      onBytes: () => undefined,
      onKnownBytes: () => undefined,
      onResized: () => undefined,
      onLanded: ({ path }) => landed.push(path),
    });
    expect(landed).toEqual([name]);
    expect(await readdir(root)).toEqual(['.c2r-stage.json', name]);
    expect((await readFile(file)).equals(content)).toBe(true);
    client.close();
    folders.close();
    state.close();
    await thread.close();
  },
);
