import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type Cdn, type Content, sha256Of } from '../cdn/cdn.mjs';

/** A folder of its own below the temporary one, removed at the end of the scope. */
export async function temporaryFolder(): Promise<{ readonly path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'c2r-content-')));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
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
