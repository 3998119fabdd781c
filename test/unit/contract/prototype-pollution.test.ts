import { expect, test } from 'vitest';
import { bits } from '../../../src/contract/bits.js';
import { bridge } from '../../../src/contract/bridge.js';
import { c2r } from '../../../src/contract/c2r.js';
import { content } from '../../../src/contract/content.js';
import { defender } from '../../../src/contract/defender.js';
import type { Method } from '../../../src/contract/method.js';

const methods = [bridge, c2r, defender, content, bits].flatMap((area) => Object.values<Method>(area));
const poison = '{"polluted":true,"toString":"x"}';
const poisons = [`{"__proto__":${poison}}`, `{"constructor":{"prototype":${poison}}}`, `{"prototype":${poison}}`];

function expectClean() {
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(`${{}}`).toBe('[object Object]');
}

test.each(methods.map((method) => [method.name, method] as const))(
  '%s: __proto__ and constructor are unknown keys at any depth, and no prototype changes',
  (_, { params }) => {
    for (const text of poisons) {
      const [key] = Object.keys(JSON.parse(text));
      const issues = params.safeParse(JSON.parse(text)).error?.issues ?? [];
      expect(issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []))).toContain(key);
      for (const name of Object.keys(params.shape)) {
        expect(params.safeParse({ [name]: JSON.parse(text) }).success).toBe(false);
        params.safeParse({ [name]: [JSON.parse(text)] });
      }
      expectClean();
    }
  },
);

test('the file objects of content/stage, which may have any key, hold such keys as data only', () => {
  for (const text of poisons) {
    const parsed = content.stage.params.safeParse({ destination: '/x', files: [JSON.parse(text)] });
    const [file] = parsed.data?.files ?? [];
    expect((file as { polluted?: unknown } | undefined)?.polluted).toBeUndefined();
    expectClean();
  }
});
