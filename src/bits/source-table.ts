import * as z from 'zod/mini';
import { served } from '../contract/bits.js';
import { contentKey, timestamp } from '../contract/types.js';

/** A content source, which has exactly one of path and base URL. */
const contentSource = z.object({
  contentId: z.string(),
  clsid: z.string(),
  path: z.nullable(z.string()),
  baseUrl: z.nullable(z.string()),
  registeredAt: timestamp,
});
export type ContentSource = z.output<typeof contentSource>;

/** What is registered, as the file of the source table has it. */
export const sourceTable = z.object({ schema: z.literal(1), contents: z.array(contentSource) });
export type SourceTable = z.output<typeof sourceTable>;

export const emptyTable: SourceTable = { schema: 1, contents: [] };

/** What servers have counted of one registration. `at` says when, so that a reader can tell whether the server lives. */
const counts = z.object({ registeredAt: timestamp, at: timestamp, served });
export type Counts = z.output<typeof counts>;

/** What servers have counted, by the key of the source. */
export const statisticsFile = z.object({ contents: z.record(z.string(), counts) });
export type StatisticsFile = z.output<typeof statisticsFile>;

/** What was counted of a source since it was registered, and not of an earlier one of that name; null where nothing was. */
export function countsOf(statistics: StatisticsFile | null, { contentId, registeredAt }: ContentSource): Counts | null {
  // By a map, since `constructor` is a name for a source, too.
  const found = new Map(Object.entries(statistics?.contents ?? {})).get(contentKey(contentId));
  return found?.registeredAt === registeredAt ? found : null;
}
