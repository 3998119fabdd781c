import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { type Bridge, type BridgeOptions, bridgePath, startBridge } from './bridge.js';
import { deadline } from './deadline.js';

/** Mounts a file system of its own over a folder, which no other process sees, and becomes the program. */
const script = 'mount -t tmpfs -o "$1" none "$2" && shift 2 && exec "$@"';
const unshare = (options: string, folder: string) => ['unshare', '-rm', 'sh', '-c', script, 'sh', options, folder];

function whyNot(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-disk-'));
  const [program = '', ...args] = unshare('size=4k', folder);
  const { status, error, stderr } = spawnSync(program, [...args, 'true'], {
    encoding: 'utf8',
    timeout: deadline(10_000),
  });
  rmSync(folder, { recursive: true });
  return status === 0 ? undefined : `no disk of a test's own can be mounted: ${error?.message ?? stderr.trim()}`;
}
const missing = whyNot();

/** `test`, skipped with the reason in its name where a test may not mount a disk of its own. */
export const testOnSmallDisk = missing
  ? (name: string, _: () => Promise<void>, __?: number) => test.skip(`${name} (${missing})`, () => undefined)
  : test;

export interface SmallDisk {
  readonly bridge: Bridge;
  /** The disk as the bridge sees it, and only the bridge. */
  readonly folder: string;
  /** The same folder as this process sees it, as long as the bridge runs. */
  readonly seen: string;
}

/** A bridge in front of an empty disk of its own; `options` are tmpfs's, for example `size=64k` or `ro`. */
export function startOnSmallDisk(
  options: string,
  bridgeOptions: (folder: string) => Omit<BridgeOptions, 'command'> = () => ({}),
): SmallDisk & AsyncDisposable {
  const folder = mkdtempSync(join(tmpdir(), 'c2r-disk-'));
  const command = [...unshare(options, folder), process.execPath, bridgePath];
  const bridge = startBridge({ ...bridgeOptions(folder), command });
  return {
    bridge,
    folder,
    seen: join(`/proc/${bridge.process.pid}/root`, folder),
    async [Symbol.asyncDispose]() {
      await bridge[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
