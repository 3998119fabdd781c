import { join } from 'node:path';
import { unpackedPackage } from '../../.scripts/packages.mjs';
import { testNode } from '../../package.json';

/** The major versions of Node that the bridge is tried with besides the one that runs the tests, by package.json. */
export const otherNodes = Object.keys(testNode) as (keyof typeof testNode)[];

/** The program of such a Node, fetched once and checked by its hash; or why it cannot be had here. */
export function nodeProgram(major: keyof typeof testNode): { readonly path: string } | { readonly reason: string } {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { reason: 'only for Linux on x64' };
  try {
    return { path: join(unpackedPackage(testNode[major]), 'bin', 'node') };
  } catch (error) {
    const { message } = error as Error;
    // What was fetched and is not what it should be is a fault, and no network is none.
    if (!message.startsWith('Command failed: npm')) throw error;
    return { reason: `npm cannot fetch Node ${major}` };
  }
}
