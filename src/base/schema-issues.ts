import type * as z from 'zod/mini';
import type { ParamsIssue } from './failure.js';

/** How much of a name that a caller made up goes back into an error. */
export const maxNameLength = 256;

/** Why a schema refuses a value: each fault, and each unknown key by itself with the words of `unknown`. */
export function schemaIssues({ issues }: z.core.$ZodError, unknown: string): ParamsIssue[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: dotted([...issue.path, key]), message: unknown }))
      : [{ path: dotted(issue.path), message: issue.message }],
  );
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map((key) => String(key).slice(0, maxNameLength)).join('.');
}
