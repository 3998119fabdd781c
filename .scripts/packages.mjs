// Fetches npm packages that npm itself refuses to install here because they are for another platform.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Git ignores this folder; everything in it can be fetched or built again. */
export const cache = resolve(process.env.C2R_CACHE ?? join(root, '.cache'));

/** @typedef {{ readonly name: string, readonly version: string, readonly integrity: string }} LockedPackage */

/**
 * The integrity that package-lock.json records for a package, also for one that npm leaves out on this platform.
 * @param {string} name
 * @returns {LockedPackage}
 */
export function lockedPackage(name) {
  const entry = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages[`node_modules/${name}`];
  if (!entry?.integrity) throw new Error(`package-lock.json records no integrity for ${name}. Run: npm install`);
  return { name, version: entry.version, integrity: entry.integrity };
}

/**
 * The folder of an unpacked package, fetched with `npm pack` and checked against `integrity` where it is missing.
 * @param {LockedPackage} locked
 * @returns {string}
 */
export function unpackedPackage({ name, version, integrity }) {
  const folder = join(cache, 'packages', `${name.replace('/', '+')}@${version}`);
  if (existsSync(join(folder, 'package.json'))) return folder;
  const work = `${folder}.${process.pid}.tmp`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const packed = npm(['pack', `${name}@${version}`, '--silent', '--pack-destination', work]);
  const archive = join(work, basename(packed.trim().split('\n').at(-1) ?? ''));
  const [algorithm = '', expected] = integrity.split(/-(.*)/s);
  const actual = createHash(algorithm).update(readFileSync(archive)).digest('base64');
  if (actual !== expected)
    throw new Error(`${name}@${version} is not what ${integrity} promises: got ${algorithm}-${actual}`);
  execFileSync('tar', ['-xzf', basename(archive)], { cwd: work });
  try {
    renameSync(join(work, 'package'), folder);
  } catch (error) {
    // Another run was faster; its result was checked in the same way.
    if (!existsSync(join(folder, 'package.json'))) throw error;
  }
  rmSync(work, { recursive: true, force: true });
  return folder;
}

/** What npm prints when it is run in the repository with our own constant arguments. */
export function npm(args) {
  // npm is a .cmd file on Windows, which Node starts only through a shell.
  return execFileSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
