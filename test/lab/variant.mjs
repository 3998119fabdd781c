// Which Wine and which Node for Windows the lab runs with: C2R_LAB_WINE (8 or 10) and C2R_LAB_NODE (22, 24 or 26), which
// `npm run lab -- --wine 10 --node 26` sets. Each combination has a folder of its own in the cache.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cache, root, unpackedPackage } from '../../.scripts/packages.mjs';
import { wine10 } from './wine10.mjs';

const usual = { wine: '8', node: '22' };
const wine = process.env.C2R_LAB_WINE ?? usual.wine;
const node = process.env.C2R_LAB_NODE ?? usual.node;

/** Where this combination's prefix lies. */
export const labFolder = join(
  cache,
  wine === usual.wine && node === usual.node ? 'lab' : `lab-wine${wine}-node${node}`,
);

/** The folder that must come first on PATH, or null where the installed Wine serves. */
export function wineFolder() {
  if (wine === usual.wine) return null;
  if (wine !== '10') throw new Error(`C2R_LAB_WINE takes 8 and 10, not ${wine}.`);
  return wine10();
}

/** The path of node.exe, and what its `process.version` is. */
export function windowsNode(major = node) {
  const { labNode } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const pinned = labNode[major];
  if (!pinned) throw new Error(`C2R_LAB_NODE takes ${Object.keys(labNode).join(', ')}, not ${major}.`);
  const program = join(unpackedPackage(pinned), 'bin', 'node.exe');
  const lacking = wine === '8' && Number(major) > 22;
  return { program: lacking ? withoutPlaceholders(program, pinned.version) : program, version: `v${pinned.version}` };
}

/**
 * A copy for Wine 8, which exports VirtualAlloc2 without doing what V8 of Node 24 and newer asks of it. V8 falls back to
 * what older Windows have where it does not find that name, so the copy asks for one that does not exist.
 */
function withoutPlaceholders(program, version) {
  const target = join(cache, 'packages', `node-${version}-for-wine-8`, 'node.exe');
  if (existsSync(target)) return target;
  const bytes = readFileSync(program);
  const at = bytes.indexOf('VirtualAlloc2\0', 0, 'latin1');
  if (at < 0) throw new Error(`${program} does not ask for VirtualAlloc2.`);
  for (let found = at; found >= 0; found = bytes.indexOf('VirtualAlloc2\0', found + 1, 'latin1'))
    bytes.write('_', found + 12, 'latin1');
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(`${target}.${process.pid}`, bytes);
  renameSync(`${target}.${process.pid}`, target);
  return target;
}
