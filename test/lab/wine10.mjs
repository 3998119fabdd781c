// Wine 10 beside the Wine that is installed. Debian 12's Wine 8 lacks what Node 24 and newer ask of it (VirtualAlloc2's
// placeholders); Debian 13's packages are unpacked into the cache, and each of its programs sees them as /usr in a mount
// namespace of its own.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cache } from '../../.scripts/packages.mjs';

const list = join(dirname(fileURLToPath(import.meta.url)), 'wine10.json');
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The folder of Wine 10's `wine` and `wineserver`, made where it is missing. Throws with the reason where it cannot be had. */
export function wine10() {
  const text = readFileSync(list, 'utf8');
  const folder = join(cache, `wine10-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`);
  const bin = join(folder, 'bin');
  if (!existsSync(bin)) {
    const work = `${folder}.${process.pid}.tmp`;
    rmSync(work, { recursive: true, force: true });
    unpack(JSON.parse(text), work);
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
    writePrograms(folder);
  }
  return bin;
}

/** Downloads the listed packages with apt, checks each against the list's hash and unpacks them. */
function unpack(packages, work) {
  const usr = join(work, 'root', 'usr');
  const archives = download(packages, work);
  for (const [name, { sha256 }] of Object.entries(packages)) {
    const archive = readdirSync(archives).find((file) => file.startsWith(`${name}_`));
    const actual =
      archive &&
      createHash('sha256')
        .update(readFileSync(join(archives, archive)))
        .digest('hex');
    if (actual !== sha256) throw new Error(`${name} is not the package that test/lab/wine10.json pins: ${actual}`);
    execFileSync('dpkg-deb', ['-x', join(archives, archive), join(work, 'root')]);
  }
  rmSync(archives, { recursive: true });
  // What the packages' own scripts do at their installation: Wine's zlib is mingw's, marked as built in.
  for (const [mingw, wine] of [
    ['i686', 'i386'],
    ['x86_64', 'x86_64'],
  ]) {
    const library = join(usr, `${mingw}-w64-mingw32`, 'lib');
    const name = readdirSync(library).find((file) => /^zlib.*\.dll$/.test(file));
    const bytes = readFileSync(join(library, name));
    Buffer.from('Wine builtin DLL'.padEnd(32, '\0'), 'latin1').copy(bytes, 64);
    writeFileSync(join(usr, 'lib', 'x86_64-linux-gnu', 'wine', `${wine}-windows`, name), bytes);
  }
  rmSync(join(usr, 'lib', 'wine', 'wineserver'));
  symlinkSync('wineserver64', join(usr, 'lib', 'wine', 'wineserver'));
}

function download(packages, work) {
  const archives = join(work, 'archives');
  const state = join(work, 'apt');
  mkdirSync(archives, { recursive: true });
  mkdirSync(join(state, 'lists', 'partial'), { recursive: true });
  writeFileSync(join(state, 'status'), '');
  writeFileSync(join(state, 'sources.list'), `deb [signed-by=${keyring}] http://deb.debian.org/debian trixie main\n`);
  const options = Object.entries({
    'Dir::State': state,
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': join(state, 'cache'),
    'Dir::Etc::sourcelist': join(state, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'APT::Architecture': 'amd64',
    'APT::Sandbox::User': 'root',
  }).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  mkdirSync(join(state, 'cache', 'archives', 'partial'), { recursive: true });
  const apt = (...args) =>
    execFileSync('apt-get', [...options, '-qq', ...args], {
      cwd: archives,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 300_000,
    });
  apt('update');
  apt('download', ...Object.entries(packages).map(([name, { version }]) => `${name}=${version}`));
  return archives;
}

/** `unshare` needs root or user namespaces; the process keeps its number, so that tests find it. */
function writePrograms(folder) {
  const bin = join(folder, 'bin');
  const usr = join(folder, 'root', 'usr');
  const user = process.getuid() === 0 ? '' : '--user --map-root-user ';
  mkdirSync(bin);
  for (const [name, program] of [
    ['wine', 'wine64'],
    ['wineserver', 'wineserver64'],
  ]) {
    const inside = `mount --bind '${usr}' /usr && export WINELOADER=/usr/lib/wine/wine64 WINESERVER=/usr/lib/wine/wineserver64 && exec /usr/lib/wine/${program} "$@"`;
    writeFileSync(
      join(bin, name),
      `#!/bin/sh\nexec unshare ${user}-m sh -c '${inside.replaceAll("'", `'"'"'`)}' ${name} "$@"\n`,
      { mode: 0o755 },
    );
  }
}
