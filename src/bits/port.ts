import type { MappedDrive } from '../base/mapped-drive.js';
import type { Check } from '../contract/bridge.js';
import type { Backend } from '../contract/types.js';
import type { SourceTable, StatisticsFile } from './source-table.js';

/** Whose a COM class is: nobody's, ours, or another product's, by the name that it gives itself. */
export type ClassOwner = { readonly kind: 'none' | 'ours' } | { readonly kind: 'other'; readonly name: string };

/** Where content sources are registered, and what serves them. Both backends implement it. */
export interface SourceHost {
  readonly backend: Backend;
  /** Runs `work` while no other bridge changes a registration. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  readTable(): Promise<SourceTable>;
  /** An empty table leaves nothing behind. */
  writeTable(table: SourceTable): Promise<void>;
  /** Null where nothing was ever served. */
  readStatistics(): Promise<StatisticsFile | null>;
  /** The drive of a path where it stands for a share; null where it does not. */
  mappedDrive(path: string): Promise<MappedDrive | null>;
  classOwner(clsid: string): Promise<ClassOwner>;
  /** Writes what is missing or different; says whether anything was. Throws where what would be started is not protected. */
  registerClass(clsid: string): Promise<boolean>;
  unregisterClass(clsid: string): Promise<void>;
  /** What only this backend can see, for the doctor; never throws. */
  checks(): Promise<readonly Check[]>;
}
