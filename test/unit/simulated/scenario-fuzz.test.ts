import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadScenario, ScenarioError, scenario } from '../../../src/simulated/scenario.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';

const name = fc.constantFrom(
  ...[
    'office',
    'defender',
    'stateFile',
    '__proto__',
    'constructor',
    'installedVersion',
    'downloadMs',
    'fail',
    'at',
    'hresult',
  ],
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('16.0.1.1', '0x80070070', 'download', 0, -1, 1.5, true, null),
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(name, tie('any'), { maxKeys: 4 }),
  ),
}));

test('a scenario is loaded whole or refused in one line, whatever stands in it', () => {
  fc.assert(
    fc.property(fc.dictionary(name, value.any, { maxKeys: 3 }), (given) => {
      try {
        const loaded = loadScenario(JSON.stringify(given));
        expect(scenario.safeParse(loaded).success).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(ScenarioError);
        expect((error as Error).message).toMatch(/^The scenario [^\n]+$/);
      }
      expect(({} as { office?: unknown }).office).toBeUndefined();
    }),
    fuzzParameters(1000),
  );
  expect(loadScenario('{}')).toMatchObject({ office: expect.any(Object) });
});

test('a scenario that is cut off anywhere is refused in one line', () => {
  const text = '{"office":{"installedVersion":"16.0.1.1","fail":[{"at":"apply","hresult":"0x80070070"}]}}';
  expect(loadScenario(text)).toMatchObject({ office: { installedVersion: '16.0.1.1' } });
  for (let length = 1; length < text.length; length++) {
    expect(() => loadScenario(text.slice(0, length))).toThrow(ScenarioError);
  }
});
