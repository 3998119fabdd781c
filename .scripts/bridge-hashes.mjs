// The hashes that c2r-bridge.cjs has of itself, in its last line, and of the files beside it.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ownHashLine = '//# sha256=';

export function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

/** How the bridge has the hash of a file beside it: as a property of an object. */
export function hashEntry(folder, name) {
  return `"./${name}":"${sha256(readFileSync(join(folder, name)))}"`;
}

export function writeBridge(folder, text) {
  writeFileSync(join(folder, 'c2r-bridge.cjs'), `${text}${ownHashLine}${sha256(text)}\n`);
}

/** Makes a bridge accept what lies beside it as it is now: signing koffi's libraries changes their bytes. */
export function acceptChanges(folder) {
  const text = readFileSync(join(folder, 'c2r-bridge.cjs'), 'utf8');
  const bridge = text.slice(0, text.lastIndexOf(ownHashLine));
  writeBridge(
    folder,
    bridge.replaceAll(/"\.\/([\w.-]+)":"[0-9a-f]{64}"/g, (_, name) => hashEntry(folder, name)),
  );
}
