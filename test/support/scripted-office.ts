import { HResultError } from '../../src/base/hresult-error.js';
import type { Office, UpdateNotify, UpdateStatusReport } from '../../src/c2r/port.js';
import { configurationKey, updateNotifyClasses } from '../../src/c2r/registry-keys.js';
import { updateStatusNames as names, type updateStatusNames } from '../../src/contract/c2r.js';
import { MemoryRegistry, type RegistryContents } from '../../src/simulated/registry.js';

export type StatusName = (typeof updateStatusNames)[number];

export const installed: RegistryContents = {
  [configurationKey]: { VersionToReport: '16.0.1.1' },
  [updateNotifyClasses[0]]: { '': '' },
};

/** A status report by name, or by number where it has none. */
export function report(status: StatusName | number, error = 0, contentId: string | null = null): UpdateStatusReport {
  return { status: typeof status === 'number' ? status : names.indexOf(status), error, contentId };
}

export interface ScriptedOffice extends Office {
  readonly registry: MemoryRegistry;
  /** Every call in order, with what it was given; looks at the status are left out. */
  readonly calls: string[];
}

/**
 * An Office that does exactly what a test says, for what no healthy service does. Each look at the status takes the next
 * entry of `statuses`; the last stays. A number as an entry is an HRESULT that the look fails with.
 */
export function scriptedOffice(
  statuses: readonly (UpdateStatusReport | number)[],
  overrides: Partial<UpdateNotify> = {},
  contents: RegistryContents = installed,
): ScriptedOffice {
  const calls: string[] = [];
  const left = [...statuses];
  return {
    backend: 'simulated',
    calls,
    registry: new MemoryRegistry(contents, true),
    checks: async () => [],
    canReach: async () => true,
    updateTask: { state: async () => ({ enabled: true, running: false }), run: async () => undefined },
    updates: {
      async download(parameters) {
        calls.push(`Download(${parameters})`);
      },
      async apply(parameters) {
        calls.push(`Apply(${parameters})`);
      },
      async cancel() {
        calls.push('Cancel()');
      },
      async status() {
        const next = (left.length > 1 ? left.shift() : left[0]) ?? report('UPDATE_UNKNOWN');
        if (typeof next === 'number') throw new HResultError('IUpdateNotify::status', next);
        return next;
      },
      blockingApps: async () => null,
      deploymentData: async () => null,
      ...overrides,
    },
  };
}
