import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';

export const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Path → hash of every file below a folder. */
export function listed(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  return Object.fromEntries(files.sort().map((path) => [path.replaceAll('\\', '/'), sha256(join(folder, path))]));
}

/** Copies the files of a package, so that they call themselves another version. */
export async function otherVersion(files: string, copy: string, version: string, other: string): Promise<void> {
  await cp(files, copy, { recursive: true });
  for (const module of ['C2RBridge', 'C2RBridgeDsc']) {
    const manifest = join(copy, module, `${module}.psd1`);
    const line = (each: string) => `ModuleVersion        = '${each}'`;
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(line(version), line(other)));
  }
  const sums = readFileSync(join(files, 'SHA256SUMS'), 'utf8');
  const renewed = sums.replaceAll(/^\w+ {2}(.+)$/gm, (_, path: string) => `${sha256(join(copy, path))}  ${path}`);
  writeFileSync(join(copy, 'SHA256SUMS'), renewed);
}
