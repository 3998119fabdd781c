import * as z from 'zod/mini';

/** Marks a property that is only reported. */
export function readOnly(description: string): { readonly description: string; readonly readOnly: true } {
  return { description, readOnly: true };
}

/** The properties whose names and meaning are DSC's own. */
export const canonicalProperties = {
  _inDesiredState: z.optional(z.boolean()).check(z.meta(readOnly('Whether everything that was given is so.'))),
  _restartRequired: z
    .optional(z.array(z.record(z.string(), z.string())))
    .check(z.meta(readOnly('What has to be restarted before the change takes effect.'))),
  _metadata: z
    .optional(z.looseObject({ whatIf: z.optional(z.array(z.string())) }))
    .check(z.meta(readOnly('In a what-if run: what would be done.'))),
} as const;
