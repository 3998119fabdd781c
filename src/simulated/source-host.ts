import { silentLog } from '../base/log.js';
import type { Clock } from '../base/run.js';
import type { ClassOwner, SourceHost } from '../bits/port.js';
import type { SourceService } from '../bits/service.js';
import { type ContentSource, emptyTable, type StatisticsFile } from '../bits/source-table.js';
import { contentKey } from '../contract/types.js';

/** A class that every Windows has, and that a content source must not take. */
const windowsBits = '{4991D34B-80A1-4291-83B6-3328366B9097}';

/** LocalSystem, as which Click-to-Run starts the class of a content source. */
const owner = 'S-1-5-18';

/** Registered content sources in memory, and the service that COM would start for a client. */
export interface SimulatedSourceHost extends SourceHost {
  /** What the class `clsid` would serve under that name; null where it serves none. */
  registered(clsid: string, contentId: string): ContentSource | null;
  /** The service, which is loaded and starts with its first use. */
  service(): Promise<SourceService>;
}

export function simulatedSourceHost(clock: Clock): SimulatedSourceHost {
  let table = emptyTable;
  let statistics: StatisticsFile | null = null;
  let service: Promise<SourceService> | undefined;
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
    readStatistics: async () => statistics,
    mappedDrive: async () => null,
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
    registered(clsid, contentId) {
      const key = contentKey(contentId);
      const found = table.contents.find((source) => contentKey(source.contentId) === key);
      return found?.clsid === clsid.toUpperCase() ? found : null;
    },
    service() {
      service ??= start();
      return service;
    },
  };

  async function start(): Promise<SourceService> {
    const { SourceService } = await import('../bits/service.js');
    return new SourceService({
      owner,
      clock,
      // Its client has a folder of its own for each download, and deletes that.
      temporaries: { note: () => undefined, forget: () => undefined },
      log: silentLog,
      readTable: async () => table,
      readStatistics: async () => statistics,
      async writeStatistics(next) {
        statistics = next;
      },
      changed: () => undefined,
      transferred: () => undefined,
    });
  }
}
