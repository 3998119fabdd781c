import * as z from 'zod/mini';
import { applicationCodes } from '../contract/errors.js';
import type { Area, Method } from '../contract/method.js';

/** The OpenRPC document of the given areas: https://spec.open-rpc.org/ version 1.3, whose schemas are draft 7. */
export function openRpcDocument(
  areas: readonly Area[],
  version: string,
): { openrpc: string } & Record<string, unknown> {
  return {
    openrpc: '1.3.2',
    info: {
      title: 'c2r-bridge',
      version,
      description:
        'Updates Microsoft 365 Apps (Click-to-Run) and Defender signatures, with status, progress and errors. ' +
        'Params are by name: [] counts as none, [{...}] as that object, and null for an optional param or member as absent.',
      license: { name: 'MIT' },
    },
    methods: areas.flatMap((area) => Object.values(area).map(describe)),
  };
}

function describe({ name, summary, params, result, progress, errors }: Method) {
  const { properties = {}, required = [] } = schemaOf(params, 'input');
  return {
    name,
    summary,
    paramStructure: 'by-name',
    params: Object.entries(properties).map(([key, schema]) => ({
      name: key,
      required: required.includes(key),
      schema,
    })),
    result: { name: 'result', schema: schemaOf(result, 'output') },
    errors: errors.map((type) => ({ code: applicationCodes[type], message: type })),
    ...(progress && { 'x-progress': schemaOf(progress, 'output') }),
  };
}

function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output') {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { target: 'draft-7', io, unrepresentable: 'any' });
  return described;
}
