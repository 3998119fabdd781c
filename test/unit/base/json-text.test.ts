import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJsonText } from '../../../src/base/json-text.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';

function faultOf(text: string): string {
  try {
    parseJsonText(text);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('no fault');
}

test('a BOM in front is passed over', () => {
  expect(parseJsonText('\uFEFF{"a":[1]}')).toEqual({ a: [1] });
});

test('a fault says what is wrong', () => {
  expect(faultOf('')).toMatch(/end of JSON input/);
  expect(faultOf('{"a":tru}')).toMatch(/^Unexpected token/);
  expect(faultOf('{"a" 1}')).toMatch(/position 5/);
});

test('a fault quotes nothing of the text around it', () => {
  const secret = 'SeCrEt';
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '\\',
    '\n',
    ' ',
    'tru',
    '12',
    'é',
    `"${secret}"`,
    secret,
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      let fault = '';
      try {
        parseJsonText(pieces.join(''));
      } catch (error) {
        fault = (error as Error).message;
      }
      expect(fault).not.toContain(secret.slice(1));
    }),
    fuzzParameters(300),
  );
});
