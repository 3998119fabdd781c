import fc from 'fast-check';

/** The keywords of JSON Schema that the contract's params use. */
export interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | object;
}

const jsonObject = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });

/** Values that meet a schema; `overrides` says by the name of a property what no schema can. */
export function meeting(schema: JsonSchema, overrides: Readonly<Record<string, fc.Arbitrary<unknown>>> = {}) {
  const of = (part: JsonSchema): fc.Arbitrary<unknown> => {
    if (part.enum) return fc.constantFrom(...part.enum);
    const either = part.anyOf ?? part.oneOf;
    if (either) return fc.oneof(...either.map(of));
    switch (part.type) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
        return fc.integer({ min: part.minimum ?? -(2 ** 53) + 1, max: part.maximum ?? 2 ** 53 - 1 });
      case 'string':
        return text(part);
      case 'array':
        return fc.array(of(part.items ?? {}), {
          minLength: part.minItems ?? 0,
          maxLength: Math.min(part.maxItems ?? 5, 5),
        });
      case 'object':
        return object(part);
      default:
        throw new Error(`The generator does not know ${JSON.stringify(part)}.`);
    }
  };
  const object = ({ properties = {}, required = [], additionalProperties }: JsonSchema): fc.Arbitrary<object> => {
    const entries = Object.entries(properties);
    if (additionalProperties) return jsonObject;
    return fc.record(Object.fromEntries(entries.map(([name, property]) => [name, overrides[name] ?? of(property)])), {
      requiredKeys: [...required],
    });
  };
  return object(schema);
}

function text({ pattern, minLength = 0, maxLength = 200 }: JsonSchema): fc.Arbitrary<string> {
  const longest = Math.min(maxLength, 200);
  // `binary` has no lone surrogates, which UTF-8 could not carry.
  if (pattern === undefined) return fc.string({ minLength, maxLength: longest, unit: 'binary' });
  // fast-check has no `\p{…}`: what the pattern lets through is filtered instead.
  const allowed = new RegExp(pattern, 'u');
  if (!/\\p\{/.test(pattern))
    return fc.stringMatching(new RegExp(pattern)).filter((value) => value.length <= maxLength);
  return fc.string({ minLength, maxLength: longest, unit: 'grapheme' }).filter((value) => allowed.test(value));
}

/** Values that a property cannot take, whatever else it can. */
export function refusedBy(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { type, minimum = 0, maximum = 0, maxLength, pattern } = schema;
  const never: unknown[] = [{ unknown: 1 }];
  /** Nothing where there is no pattern: none of these texts is a word of an enumeration. */
  const allowed = new RegExp(pattern ?? '(?!)', 'u');
  const either = schema.anyOf ?? schema.oneOf;
  if (either) {
    const types = either.map((each) => each.type);
    const others = [...(types.includes('boolean') ? ['x'] : [true]), ...(types.includes('null') ? [] : [null])];
    return fc.constantFrom<unknown>(...never, [1], ...others);
  }
  const others: Readonly<Record<string, readonly unknown[]>> = {
    boolean: ['true', 0, null, []],
    integer: [
      '1',
      1.5,
      null,
      true,
      [1],
      1e300,
      ...(schema.minimum === undefined ? [] : [minimum - 1]),
      ...(schema.maximum === undefined ? [] : [maximum + 1]),
    ],
    string: [
      1,
      true,
      null,
      ['x'],
      ...(maxLength === undefined ? [] : ['x'.repeat(maxLength + 1)]),
      ...(pattern || schema.enum ? ['', 'a b', '\u0000'].filter((value) => !allowed.test(value)) : []),
    ],
    array: ['x', 1, null],
    object: ['x', 1, null, [1]],
  };
  return fc.constantFrom<unknown>(...(type === 'array' ? [] : never), ...(others[type as string] ?? []));
}
