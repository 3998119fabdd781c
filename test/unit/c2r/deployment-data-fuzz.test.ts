import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDeeperThan, maxDepth } from '../../../src/base/depth.js';
import { parsedDeploymentData } from '../../../src/c2r/deployment-data.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';

const piece = fc.constantFrom(
  ...['<', '>', '/', 'a', '=', '"', "'", ' ', '&', ';', '<a>', '</a>', '<a b="c">', '<a/>', '<!--', '-->', '<![CDATA['],
  ...[']]>', '<?xml version="1.0"?>', '<!DOCTYPE a [', '&#x41;', '&amp;', '{', '[', '}', ']', '"a":', '1', '\u0000'],
);
const text = fc.oneof(
  fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
  fc.tuple(piece, fc.nat(200)).map(([each, times]) => each.repeat(times)),
  fc.json(),
);

test('whatever text Office gives, it is parsed or null, and what is parsed can be sent on', () => {
  let [xml, json] = [0, 0];
  fc.assert(
    fc.property(text, (raw) => {
      const value = parsedDeploymentData(raw);
      if (value === null) return;
      if (raw.trimStart().startsWith('<')) xml++;
      else json++;
      expect(isDeeperThan(maxDepth, value)).toBe(false);
      expect(() => JSON.stringify(value)).not.toThrow();
    }),
    fuzzParameters(3000),
  );
  expect(Math.min(xml, json)).toBeGreaterThan(0);
});
