import fc from 'fast-check';

/** Bytes where a file of our own should be: JSON of any kind, such as the file itself with other values, cut off or not. */
export function inPlaceOf(file: Readonly<Record<string, unknown>>): fc.Arbitrary<Buffer> {
  const keys = fc.constantFrom(...Object.keys(file), '__proto__', 'schema', 'segments', 'path');
  const value = fc.oneof(fc.constantFrom(...Object.values(file)), fc.jsonValue({ maxDepth: 3 }));
  const changed = fc.dictionary(keys, value, { maxKeys: 3 }).map((changes) => JSON.stringify({ ...file, ...changes }));
  const text = fc.oneof({ weight: 3, arbitrary: changed }, fc.json({ maxDepth: 3 }), fc.string({ unit: 'binary' }));
  return fc
    .tuple(text, fc.option(fc.nat(300)), fc.constantFrom('', '\ufeff', '\0'))
    .map(([json, length, before]) => Buffer.from(`${before}${json}`).subarray(0, length ?? undefined));
}
