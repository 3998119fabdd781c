import type { Versions } from '../contract/defender.js';
import type { ComponentVersion, VersionInfo } from './port.js';

/** 100-nanosecond steps from 1601-01-01 (FILETIME) to 1970-01-01 (JavaScript). */
const unixEpoch = 116_444_736_000_000_000n;

const keys = [
  'product',
  'service',
  'engine',
  'antivirusSignature',
  'antispywareSignature',
  'nisEngine',
  'nisSignature',
] as const satisfies readonly (keyof Versions)[];

function decoded({ version, updateTime }: ComponentVersion): Versions['product'] {
  const words = [48n, 32n, 16n, 0n].map((shift) => (version >> shift) & 0xffffn);
  return { version: version === 0n ? null : words.join('.'), updatedAt: timeOf(updateTime) };
}

/** Before Defender. A device that never updated shows 0, or some moment of 1601 or 1970. */
const firstYear = 2000;

/** Null for never, and beyond the year 9999, which no reader of ISO 8601 has to take. */
function timeOf(fileTime: bigint): string | null {
  const date = new Date(Number((fileTime - unixEpoch) / 10_000n));
  const year = date.getUTCFullYear();
  return year < firstYear || year > 9999 ? null : date.toISOString();
}

/** MPVERSION_INFO as people read it. */
export function decodeVersions(info: VersionInfo): Versions {
  return Object.fromEntries(keys.map((key) => [key, decoded(info[key])])) as Versions;
}

/** Whether any component has another version; update times alone do not count. */
export function versionsDiffer(before: Versions, after: Versions): boolean {
  return keys.some((key) => before[key].version !== after[key].version);
}
