import * as z from 'zod';

// `initialize` needs no more than this of what stands here, and each schema costs start-up time.
export { type Backend, backend } from './backend.js';

/** An upper bound on the whole request, in milliseconds. */
export const timeoutMs = z
  .int()
  .min(1)
  .max(86_400_000)
  .describe('Longest time that the request may take, in milliseconds; no limit when absent.');

/** How often a wait looks at the status, in milliseconds. */
export const pollMs = z
  .int()
  .min(100)
  .max(60_000)
  .describe('First interval between two looks at the status, in milliseconds; grows to 5000 while nothing changes.');

/** A Click-to-Run build: `16.0.` and two numbers. */
export const officeVersion = z
  .string()
  .regex(/^16\.0\.\d{1,5}\.\d{1,5}$/, 'must be a Click-to-Run version such as 16.0.19929.20172');

/** An HRESULT as Windows programmers see it in a debugger: a signed 32-bit integer. */
export const hresult = z.int().min(-0x8000_0000).max(0x7fff_ffff);

/** A point in time as an ISO 8601 string in UTC. */
export const timestamp = z.iso.datetime();

/** The fields that every progress value has. `percent` is null where Windows gives no figure. */
export const progressFields = {
  message: z.string(),
  percent: z.number().min(0).max(100).nullable(),
  elapsedMs: z.int().min(0),
} as const;
