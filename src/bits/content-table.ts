import * as z from 'zod/mini';
import { served } from '../contract/bits.js';
import { timestamp } from '../contract/types.js';

/** One content and where it comes from: exactly one of path and base URL. */
const registeredContent = z.object({
  contentId: z.string(),
  clsid: z.string(),
  path: z.nullable(z.string()),
  baseUrl: z.nullable(z.string()),
  registeredAt: timestamp,
});
export type RegisteredContent = z.output<typeof registeredContent>;

/** What is registered, as the file of the content table has it. */
export const contentTable = z.object({ schema: z.literal(1), contents: z.array(registeredContent) });
export type ContentTable = z.output<typeof contentTable>;

export const emptyTable: ContentTable = { schema: 1, contents: [] };

/** Two ids with the same key are one content. */
export function contentKey(contentId: string): string {
  return contentId.toLowerCase();
}

/** What a server has counted, by content key. `at` says when, so that a reader can tell whether the server lives. */
export const statisticsFile = z.object({ at: timestamp, contents: z.record(z.string(), served) });
export type StatisticsFile = z.output<typeof statisticsFile>;
