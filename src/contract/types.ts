import * as z from 'zod/mini';

// `initialize` needs no more than this of what stands here, and each schema costs start-up time.
export { type Backend, backend } from './backend.js';

/** An upper bound on the whole request, in milliseconds. */
export const timeoutMs = z
  .int()
  .check(
    z.minimum(1),
    z.maximum(86_400_000),
    z.describe('Longest time that the request may take, in milliseconds; no limit when absent.'),
  );

/** How often a wait looks at the status, in milliseconds. */
export const pollMs = z
  .int()
  .check(
    z.minimum(100),
    z.maximum(60_000),
    z.describe('First interval between two looks at the status, in milliseconds; grows to 5000 while nothing changes.'),
  );

/** A Click-to-Run build: `16.0.` and two numbers. */
export const officeVersion = z
  .string()
  .check(z.regex(/^16\.0\.\d{1,5}\.\d{1,5}$/, 'must be a Click-to-Run version such as 16.0.19929.20172'));

const guid = '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}';

/** A COM class, with or without braces, in any case. */
export const clsid = z
  .string()
  .check(
    z.regex(
      new RegExp(`^(?:\\{${guid}\\}|${guid})$`),
      'must be a CLSID such as {5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C}',
    ),
  );

/** `{5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C}`: a CLSID as CLSIDFromString reads it and the registry has it. */
export function bracedClsid(text: string): string {
  return `{${withoutBraces(text).toUpperCase()}}`;
}

const idCharacters = '[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9_-])?';

/**
 * The name under which a BITS manager is asked for a content, with or without braces. Office's parameter string and the
 * address `cmbits://<contentid>/...` both carry it, and neither can quote anything.
 */
export const contentId = z
  .string()
  .check(
    z.regex(
      new RegExp(`^(?:\\{${idCharacters}\\}|${idCharacters})$`),
      'must be letters, digits, dots, hyphens and underscores, for example f732af58-5d86-4299-abe9-7595c35136ef',
    ),
  );

/** What the ids of one content have in common: neither braces nor case tell two contents apart. */
export function contentKey(id: string): string {
  return withoutBraces(id).toLowerCase();
}

function withoutBraces(text: string): string {
  return text.replace(/^\{(.*)\}$/, '$1');
}

/** An HRESULT as Windows programmers see it in a debugger: a signed 32-bit integer. */
export const hresult = z.int().check(z.minimum(-0x8000_0000), z.maximum(0x7fff_ffff));

/** A point in time as an ISO 8601 string in UTC. */
export const timestamp = z.iso.datetime();

/** The fields that every progress value has. `percent` is null where Windows gives no figure. */
export const progressFields = {
  message: z.string(),
  percent: z.nullable(z.number().check(z.minimum(0), z.maximum(100))),
  elapsedMs: z.int().check(z.minimum(0)),
} as const;
