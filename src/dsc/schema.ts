import * as z from 'zod';

/** Marks a property that is only reported. */
export function readOnly(description: string): { readonly description: string; readonly readOnly: true } {
  return { description, readOnly: true };
}

/** The properties whose names and meaning are DSC's own. */
export const canonicalProperties = {
  _inDesiredState: z.boolean().optional().meta(readOnly('Whether everything that was given is so.')),
  _restartRequired: z
    .array(z.record(z.string(), z.string()))
    .optional()
    .meta(readOnly('What has to be restarted before the change takes effect.')),
  _metadata: z
    .looseObject({ whatIf: z.array(z.string()).optional() })
    .optional()
    .meta(readOnly('In a what-if run: what would be done.')),
} as const;
