#!/usr/bin/env bash
# zod's fromJSONSchema throws for some keywords that it cannot express, but drops others: a required member need not be there.
#
# Versions:  zod 4.6.7, ajv 8.17.1, ajv-formats 3.0.1 (npm), Node 20.
# Guess:     fromJSONSchema throws for a keyword that it has no means for, such as `not` and `if`, so that what it returns
#            judges values as a validator of JSON Schema does.
# Seen:      `not`, `if`, dependentRequired and unevaluatedProperties throw. But `required` counts only for members that
#            `properties` lists too, so that an anyOf of such lists demands nothing. minItems counts only beside `items`;
#            limits beside $ref, a type beside `enum`, and limits and properties without a type are dropped. An object in
#            `const` or `enum` becomes a literal that no parsed JSON can equal, and an integer above 2^53, an address such as
#            a@b.c and a UUID whose variant is not that of RFC 9562 are refused.
# So:        a client that makes its checks of a server's OpenRPC document uses a validator, or adds each required member to
#            `properties`, a `type` and `items` everywhere, and resolves each $ref first. A test counts only with values that
#            must be refused.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.17.1 ajv-formats@3.0.1

cat >try.cjs <<'JS'
const Ajv = require('ajv/dist/2020');
const formats = require('ajv-formats');
const z = require('zod');
const text = { type: 'string' };
const object = (properties, more) => ({ type: 'object', properties, ...more });
const uuid = '12345678-1234-1234-1234-123456789abc';
const tries = {
    'not': [{ not: text }],
    'if': [{ if: text, then: { minLength: 2 } }],
    'dependentRequired': [{ type: 'object', dependentRequired: { a: ['b'] } }],
    'unevaluatedProperties': [object({ a: text }, { unevaluatedProperties: false })],
    'required and listed': [object({ a: text }, { required: ['a'] }), {}],
    'required, not listed': [object({ a: text }, { required: ['b'] }), { a: 'x' }],
    'required in an anyOf': [object({ a: text, b: text }, { anyOf: [{ required: ['a'] }, { required: ['b'] }] }), {}],
    'required in typed parts of an anyOf': [
        object({ a: text, b: text }, { anyOf: [{ type: 'object', required: ['a'] }, { type: 'object', required: ['b'] }] }),
        {},
    ],
    'properties in an anyOf without type': [object({ kind: text }, { anyOf: [{ properties: { n: text } }] }), { n: 1 }],
    'minItems with items': [{ type: 'array', items: {}, minItems: 2 }, [1]],
    'minItems alone': [{ type: 'array', minItems: 2 }, [1]],
    'maxLength': [{ type: 'string', maxLength: 1 }, 'ab'],
    'maxLength without type': [{ maxLength: 1 }, 'ab'],
    'maxLength beside $ref': [{ $defs: { text }, $ref: '#/$defs/text', maxLength: 1 }, 'ab'],
    'maxLength beside a list of types': [{ type: ['string', 'null'], maxLength: 1 }, 'ab'],
    'enum beside type': [{ type: 'string', enum: ['a', 1] }, 1],
    'const of an object': [{ const: { a: 1 } }, { a: 1 }],
    'enum of objects': [{ enum: [{ a: 1 }, 2] }, { a: 1 }],
    'integer of 2^60': [{ type: 'integer' }, 2 ** 60],
    'an email': [{ type: 'string', format: 'email' }, 'a@b.c'],
    'a uuid': [{ type: 'string', format: 'uuid' }, uuid],
};
for (const [name, [schema, value]] of Object.entries(tries)) {
    const ajv = new Ajv({ strict: false });
    formats(ajv);
    const judge = (accepts) => (accepts ? 'accepts' : 'refuses');
    let made;
    try {
        made = z.fromJSONSchema(schema);
    } catch {
        console.log(`${name}: throws`);
        continue;
    }
    console.log(`${name}: ajv ${judge(ajv.validate(schema, value))}, zod ${judge(made.safeParse(value).success)}`);
}
JS
node try.cjs | tee seen
cat >expected <<'TEXT'
not: throws
if: throws
dependentRequired: throws
unevaluatedProperties: throws
required and listed: ajv refuses, zod refuses
required, not listed: ajv refuses, zod accepts
required in an anyOf: ajv refuses, zod accepts
required in typed parts of an anyOf: ajv refuses, zod accepts
properties in an anyOf without type: ajv refuses, zod accepts
minItems with items: ajv refuses, zod refuses
minItems alone: ajv refuses, zod accepts
maxLength: ajv refuses, zod refuses
maxLength without type: ajv refuses, zod accepts
maxLength beside $ref: ajv refuses, zod accepts
maxLength beside a list of types: ajv refuses, zod refuses
enum beside type: ajv refuses, zod accepts
const of an object: ajv accepts, zod refuses
enum of objects: ajv accepts, zod refuses
integer of 2^60: ajv accepts, zod refuses
an email: ajv accepts, zod refuses
a uuid: ajv accepts, zod refuses
TEXT
diff expected seen
