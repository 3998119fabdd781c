import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cache } from '../../.scripts/packages.mjs';
import { deadline } from './deadline.js';

const sources = fileURLToPath(new URL('../wire/streamjsonrpc-client', import.meta.url));

/** The client of test/wire/streamjsonrpc-client, built once; or why it cannot be had here. */
export function streamJsonRpcClient(): { readonly path: string } | { readonly reason: string } {
  const names = readdirSync(sources).sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(name).update(readFileSync(join(sources, name)));
  const home = join(cache, `streamjsonrpc-client-${hash.digest('hex').slice(0, 16)}`);
  const path = join(home, 'client.dll');
  if (existsSync(path)) return { path };
  const sdks = spawnSync('dotnet', ['--list-sdks'], { encoding: 'utf8' }).stdout ?? '';
  if (!/^([89]|\d\d)\./m.test(sdks)) return { reason: 'no .NET SDK from 8 on' };
  const work = `${home}.${process.pid}.tmp`;
  cpSync(sources, join(work, 'source'), { recursive: true });
  // The lock file pins every package by its hash.
  const args = [
    'build',
    '-c',
    'Release',
    '-o',
    join(work, 'made'),
    '-p:RestoreLockedMode=true',
    '-nologo',
    '-v',
    'quiet',
  ];
  try {
    execFileSync('dotnet', args, { cwd: join(work, 'source'), encoding: 'utf8', timeout: deadline(300_000) });
    renameSync(join(work, 'made'), home);
  } catch (error) {
    // Another run may have been faster.
    if (!existsSync(path)) {
      const { stdout = '', message } = error as Error & { stdout?: string };
      const [fault = message] = /error \w+: .*/.exec(stdout) ?? [];
      // NU1301: the package source cannot be reached. Everything else is a fault of the client.
      if (/NU1301/.test(stdout)) return { reason: `NuGet cannot be reached: ${fault}` };
      throw new Error(`The .NET client cannot be built: ${fault}`);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { path };
}
