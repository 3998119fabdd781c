import type { ClassOwner, ContentHost } from '../bits/content-host.js';
import { emptyTable } from '../bits/content-table.js';

/** A class that every Windows has, and that a content must not take. */
const windowsBits = '{4991D34B-80A1-4291-83B6-3328366B9097}';

/** Registered contents in memory; what serves them lives in this process. */
export function simulatedContentHost(): ContentHost {
  let table = emptyTable;
  const classes = new Map<string, ClassOwner>([
    [windowsBits, { kind: 'other', name: 'Background Intelligent Transfer Control Class 1.0' }],
  ]);
  return {
    backend: 'simulated',
    exclusively: (work) => work(),
    readTable: async () => table,
    async writeTable(next) {
      table = next;
    },
    readStatistics: async () => null,
    classOwner: async (clsid) => classes.get(clsid) ?? { kind: 'none' },
    async registerClass(clsid) {
      const known = classes.has(clsid);
      classes.set(clsid, { kind: 'ours' });
      return !known;
    },
    async unregisterClass(clsid) {
      classes.delete(clsid);
    },
    checks: async () => [],
  };
}
