import { existsSync, readdirSync } from 'node:fs';
import { Failure } from '../../base/failure.js';
import { MpClientMissing } from '../../defender/port.js';
import { mpClient as mpClientTable } from '../abi/mpclient.js';
import type { Functions } from '../native/native.js';
import { loadProtectedDll } from '../security/trust.js';
import { knownFolder } from '../system/known-folder.js';
import { readableValues } from '../system/registry.js';

const defenderKey = 'SOFTWARE\\Microsoft\\Windows Defender';

/** MpClient as it was found. */
interface LoadedMpClient {
  readonly functions: Functions<typeof mpClientTable>;
  readonly path: string;
}

/** What was loaded, by its path, for the life of the process: callbacks may run in it. */
const loaded = new Map<string, LoadedMpClient>();
let lastUsed: LoadedMpClient | null = null;

/**
 * The first MpClient.dll that may be loaded, of the platform in use, the newest platform, and the one that came with Windows:
 * Defender moves to a newer platform every month. While there is none, the last one stays in use. Throws `MpClientMissing` with
 * what is wrong with each.
 */
export function currentMpClient(): LoadedMpClient {
  const refusals: string[] = [];
  for (const path of new Set(candidates())) {
    if (!existsSync(path)) continue;
    try {
      lastUsed = loaded.get(path) ?? { functions: loadProtectedDll(path, mpClientTable), path };
      loaded.set(path, lastUsed);
      return lastUsed;
    } catch (error) {
      refusals.push(error instanceof Failure ? error.message : `${path} is not loaded: ${(error as Error).message}.`);
    }
  }
  if (lastUsed) return lastUsed;
  throw new MpClientMissing(refusals.join(' ') || 'There is no MpClient.dll on this machine.', refusals.length > 0);
}

/** https://learn.microsoft.com/defender-endpoint/command-line-arguments-microsoft-defender-antivirus names the folders. */
function candidates(): string[] {
  const installed = readableValues(defenderKey).get('InstallLocation');
  const platform = `${knownFolder('programData')}\\Microsoft\\Windows Defender\\Platform`;
  const folders = [
    ...(typeof installed === 'string' && installed !== '' ? [installed.replace(/\\+$/, '')] : []),
    ...platformVersions(platform).map((version) => `${platform}\\${version}`),
    `${knownFolder('programFiles')}\\Windows Defender`,
  ];
  return folders.map((folder) => `${folder}\\MpClient.dll`);
}

/** The platforms side by side, newest first: folders such as `4.18.25060.7-0`. */
function platformVersions(platform: string): string[] {
  if (!existsSync(platform)) return [];
  const numbers = (version: string) => version.split(/[.-]/).map(Number);
  return readdirSync(platform)
    .filter((name) => /^\d+(\.\d+){3}(-\d+)?$/.test(name))
    .sort((a, b) => compareNumbers(numbers(b), numbers(a)));
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((number, index) => number !== (b[index] ?? 0));
  return at < 0 ? 0 : (a[at] as number) - (b[at] ?? 0);
}
