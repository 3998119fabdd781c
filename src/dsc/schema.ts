import * as z from 'zod/mini';

/** Marks a property that is only reported. */
export function readOnly(description: string): { readonly description: string; readonly readOnly: true } {
  return { description, readOnly: true };
}

/** The same properties, marked as only reported. */
export function reported<T extends Readonly<Record<string, z.ZodMiniType>>>(properties: T): T {
  const marked = Object.entries(properties).map(([name, schema]) => [name, schema.check(z.meta({ readOnly: true }))]);
  return Object.fromEntries(marked) as T;
}

/** Where DSC defines `_inDesiredState`; its own schema wants exactly this reference. */
const inDesiredStateId =
  'https://raw.githubusercontent.com/PowerShell/DSC/main/schemas/v3/resource/properties/inDesiredState.json';

/** The properties whose names and meaning are DSC's own. */
export const canonicalProperties = {
  _inDesiredState: z
    .optional(z.nullable(z.boolean()))
    .check(z.meta(readOnly('Whether everything that was given is so.'))),
  _restartRequired: z
    .optional(z.array(z.record(z.string(), z.string())))
    .check(z.meta(readOnly('What has to be restarted before the change takes effect.'))),
  _metadata: z
    .optional(z.looseObject({ whatIf: z.optional(z.array(z.string())) }))
    .check(z.meta(readOnly('In a what-if run: what would be done.'))),
} as const;

/** JSON Schema of an instance, with `_inDesiredState` as DSC has it: a reference whose target comes along. */
export function instanceSchema(state: z.ZodMiniObject): Readonly<Record<string, unknown>> {
  const { properties = {}, ...schema } = z.toJSONSchema(state, { target: 'draft-2020-12', io: 'input' });
  const { _inDesiredState: own, ...rest } = properties;
  const { description, ...type } = own as { description: string };
  return {
    ...schema,
    properties: { ...rest, _inDesiredState: { $ref: inDesiredStateId } },
    $defs: {
      [inDesiredStateId]: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: inDesiredStateId,
        title: 'Instance is in the desired state',
        description,
        type: ['boolean', 'null'],
        readOnly: 'readOnly' in type,
      },
    },
  };
}
