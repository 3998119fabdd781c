import type { Registry } from './port.js';
import { configurationKey, configurationKey32 } from './registry-keys.js';
import { read, type Values } from './registry-values.js';

/** Click-to-Run's configuration, and what kind of trace of an Office it is. */
export interface Configuration {
  /** Where it stands. */
  readonly key: string;
  readonly values: Values;
  /** Whether it reports a version, without which it is not an Office that could be updated. */
  readonly installed: boolean;
  /** Whether a key without a version is all that is left, as after a removal that was not completed. */
  readonly leftover: boolean;
  readonly view: '64-bit' | '32-bit' | null;
}

/** Reads the 64-bit view, and the 32-bit one where only that has a version. */
export async function readConfiguration(registry: Registry): Promise<Configuration> {
  const [key, other] = [configurationKey, configurationKey32];
  const native = await read(registry, key);
  if (reportsVersion(native)) return { key, values: native, installed: true, leftover: false, view: '64-bit' };
  const values = await read(registry, other);
  if (reportsVersion(values)) return { key: other, values, installed: true, leftover: false, view: '32-bit' };
  return { key, values: native, installed: false, leftover: native.exists, view: native.exists ? '64-bit' : null };
}

/** A value of a wrong type is a fault of an Office that is there, not the trace of one that was removed. */
function reportsVersion(values: Values): boolean {
  return values.shown('VersionToReport') !== null;
}
