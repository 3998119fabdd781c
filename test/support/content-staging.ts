import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';
import { startBridge } from './bridge.js';
import { type Cdn, type Content, image, sha256Of, startCdn } from './cdn.mjs';

export const mib = 1_048_576;
/** The version that the CDN of the tests has, and its language-neutral stream. */
export const version = '16.0.19929.20172';
export const stream = `office/data/${version}/stream.x64.x-none.dat`;

// Made for 127.0.0.1, valid for a hundred years, and trusted by nobody but these tests.
const certificate = fileURLToPath(new URL('tls/cert.pem', import.meta.url));
const key = fileURLToPath(new URL('tls/key.pem', import.meta.url));
/** Lets a CDN speak TLS. */
export const overTls = { tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(certificate, 'utf8') } };

/** A bridge for all tests of a file, which must end in good order after them; and staging by it, from the list of a CDN. */
export function stagingBridge() {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate };
  const bridge = startBridge({ args: ['--log-level', 'info'], env });
  afterAll(async () => {
    expect(await bridge.stop()).toBe(0);
  });
  const stageFrom = (cdn: Cdn, destination: string, more: object = {}) =>
    bridge.request('content/stage', { endpoint: cdn.endpoint, destination, ...more });
  return { bridge, stageFrom };
}

/** A CDN with small streams (or those given), over TLS where that is given, closed at the end of the scope. */
export async function cdnOf(
  dats?: Parameters<typeof image>[0],
  tls?: Parameters<typeof startCdn>[1],
): Promise<Cdn & AsyncDisposable> {
  const cdn = await startCdn(image(dats), tls);
  return Object.assign(cdn, { [Symbol.asyncDispose]: async () => void (await cdn.close()) });
}

/** A CDN for all tests of a file, closed after them, and what a complete image of it holds. */
export async function sharedCdn(dats?: Parameters<typeof image>[0]) {
  const cdn = await startCdn(image(dats));
  afterAll(() => cdn.close());
  return { cdn, expected: complete(cdn.files) };
}

/** The error that a request ends with. */
export async function failure(
  request: Promise<unknown>,
): Promise<{ code: number; message: string; data: Record<string, unknown> }> {
  return request.then(
    () => expect.unreachable('the request should fail'),
    (error) => error,
  );
}

/** A folder of its own below the temporary one, removed at the end of the scope. */
export async function temporaryFolder(): Promise<{ readonly path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'c2r-content-')));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Lays files out below a folder as the Office Deployment Tool leaves them: without a manifest. */
export async function layOut(root: string, files: ReadonlyMap<string, Content>): Promise<void> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), Buffer.concat([...content.read(0, content.size)]));
  }
}

/** The SHA-256 of every file below a folder, by path with slashes; the manifest only by its presence. */
export async function contentsOf(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name));
  const contents: [string, string][] = [];
  for (const file of files.sort()) {
    const path = relative(root, file).replaceAll('\\', '/');
    const sha256 =
      path === 'manifest.json'
        ? 'manifest'
        : createHash('sha256')
            .update(await readFile(file))
            .digest('hex');
    contents.push([path, sha256]);
  }
  return Object.fromEntries(contents);
}

/** What a complete image of these files must hold, and nothing else. */
export function complete(files: ReadonlyMap<string, Content>): Record<string, string> {
  return Object.fromEntries([
    ['manifest.json', 'manifest'],
    ...[...files].map(([path, file]) => [path, sha256Of(file)]),
  ]);
}

/** GET requests for paths that match. */
export const gets = ({ requests }: Cdn, pattern: RegExp) =>
  requests.filter(({ method, path }) => method === 'GET' && pattern.test(path));
