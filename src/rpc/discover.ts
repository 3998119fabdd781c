import * as z from 'zod/mini';
import { applicationCodes } from '../contract/errors.js';
import type { Area, Method } from '../contract/method.js';

type Schema = Readonly<Record<string, unknown>>;

/** The OpenRPC document of the given areas: https://spec.open-rpc.org/ version 1.3, whose schemas are draft 7. */
export function openRpcDocument(
  areas: readonly Area[],
  version: string,
): { openrpc: string } & Record<string, unknown> {
  const types = new Map<string, Schema>();
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
    methods: areas.flatMap((area) => Object.values(area).map((method) => describe(method, types))),
    components: { schemas: Object.fromEntries([...types].sort(([a], [b]) => (a < b ? -1 : 1))) },
  };
}

function describe({ name, summary, params, result, progress, errors }: Method, types: Map<string, Schema>) {
  const { properties = {}, required = [] } = schemaOf(params, 'input');
  const described = Object.entries(properties).map(([key, schema]) => ({
    name: key,
    required: required.includes(key),
    schema: referring(schema, types),
  }));
  const output = (schema: z.ZodMiniType, kind: string) =>
    referring({ title: `${typeName(name)}${kind}`, ...schemaOf(schema, 'output') }, types);
  return {
    name,
    summary,
    paramStructure: 'by-name',
    // OpenRPC wants the required ones first.
    params: [...described.filter((param) => param.required), ...described.filter((param) => !param.required)],
    result: { name: 'result', schema: output(result, 'Result') },
    errors: errors.map((type) => ({ code: applicationCodes[type], message: type })),
    ...(progress && { 'x-progress': output(progress, 'Progress') }),
  };
}

function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output') {
  const { $schema: _, ...described } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io,
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      // Of a "number" that is a version generators make a double.
      if (jsonSchema.type === 'number' && Number.isInteger(jsonSchema.const)) jsonSchema.type = 'integer';
      // NJsonSchema knows what may be null by `oneOf` alone; of `anyOf` it makes a class that takes neither a text nor a number.
      if (zodSchema._zod.def.type !== 'nullable' || !jsonSchema.anyOf) return;
      jsonSchema.oneOf = jsonSchema.anyOf;
      delete jsonSchema.anyOf;
    },
  });
  return described;
}

/** `content/fileList` as `ContentFileList`. */
function typeName(method: string): string {
  return method.replace(/(?:^|[^A-Za-z0-9]+)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The schema with each object that has a name replaced by a reference to it in `types`; what is said of the use of one, its
 * description, stays with the reference. Throws where two that differ have one name.
 */
function referring(schema: unknown, types: Map<string, Schema>): unknown {
  if (Array.isArray(schema)) return schema.map((each) => referring(each, types));
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, referring(value, types)]));
  const { title, description, ...rest } = members;
  if (typeof title !== 'string' || rest.type !== 'object') return members;
  const type = { title, ...rest };
  const known = types.get(title) ?? type;
  if (JSON.stringify(known) !== JSON.stringify(type)) throw new Error(`Two types are called ${title}.`);
  types.set(title, type);
  return { $ref: `#/components/schemas/${title}`, ...(description !== undefined && { description }) };
}
