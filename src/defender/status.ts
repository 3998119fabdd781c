import { HResultError } from '../base/hresult-error.js';
import { type defender as area, statusFlagNames, type UpdateSettings, type Versions } from '../contract/defender.js';
import type { Result } from '../contract/method.js';
import { signatureAge } from './age.js';
import { isUnreachable, withManager } from './availability.js';
import { modeOf } from './mode.js';
import type { Defender, Manager } from './port.js';
import { decodeSources } from './sources.js';
import { decodeVersions } from './versions.js';

export type Status = Result<typeof area.status>;

/** What a status is asked with. */
export interface StatusRequest {
  readonly maxAgeHours: number;
  readonly now: Date;
  readonly lastDelivered: UpdateSettings['lastDelivered'];
  /** Nothing is asked that still waits for its turn when it aborts. */
  readonly signal: AbortSignal;
}

/** `MPSTATUS_FLAG` by name; an undocumented bit as BIT_n. */
export function decodeFlags(productStatus: number): string[] {
  const bits = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (productStatus >>> bit) & 1);
  return bits.map((bit) => statusFlagNames[bit] ?? `BIT_${bit}`);
}

/** What Defender says about itself. A service that does not answer is a status, not a failure. */
export async function readStatus(
  defender: Defender,
  { maxAgeHours, now, lastDelivered, signal }: StatusRequest,
): Promise<Status> {
  const conditions = await defender.conditions();
  const sources = decodeSources(await defender.sources());
  return withManager(defender, signal, async (manager) => {
    const flags = await readFlags(manager);
    const reachable = !flags.includes('SERVICE_UNAVAILABLE');
    const versions = reachable ? await readVersions(manager) : null;
    const enabled = await readEnabled(manager);
    return {
      versions,
      due: reachable ? due(flags) : null,
      flags,
      enabled,
      signatureAge: versions && signatureAge(versions.antivirusSignature, maxAgeHours, now),
      ...modeOf({ reachable, enabled, platform: versions?.product.version ?? null, conditions }),
      conditions,
      updateSettings: { ...sources, lastDelivered },
      backend: defender.backend,
    };
  });
}

function due(flags: readonly string[]): Status['due'] {
  return {
    antivirus: flags.includes('DUE_AV_SIGNATURE'),
    antispyware: flags.includes('DUE_AS_SIGNATURE'),
    quickScan: flags.includes('DUE_QUICK_SCAN'),
    fullScan: flags.includes('DUE_FULL_SCAN'),
    platform: flags.includes('DUE_PLATFORM_UPDATE'),
  };
}

async function readFlags(manager: Manager): Promise<string[]> {
  try {
    return decodeFlags(await manager.productStatus());
  } catch (error) {
    if (isUnreachable(error)) return ['SERVICE_UNAVAILABLE'];
    throw error;
  }
}

async function readVersions(manager: Manager): Promise<Versions | null> {
  try {
    return decodeVersions(await manager.versions());
  } catch (error) {
    if (isUnreachable(error)) return null;
    throw error;
  }
}

/** WDStatus is older than the rest and may be refused; the rest is still told. */
async function readEnabled(manager: Manager): Promise<boolean | null> {
  try {
    return await manager.enabled();
  } catch (error) {
    if (error instanceof HResultError) return null;
    throw error;
  }
}
