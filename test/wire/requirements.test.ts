import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { requirements } from './requirements.js';

const ids = requirements.map(({ id }) => id);

/** Ids in square brackets at the start of a test's name or of a comment line of a transcript. */
function citedIn(folder: string): string[] {
  const path = fileURLToPath(new URL(folder, import.meta.url));
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') || file.endsWith('.txt'))
    .flatMap((file) => [
      ...readFileSync(join(path, file), 'utf8').matchAll(/(?:['`]|\/\/ )((?:\[[a-z]+(?:-[a-z]+)*\] )+)/g),
    ])
    .flatMap(([, brackets = '']) => [...brackets.matchAll(/[a-z-]+/g)].map(([id]) => id));
}

const cited = new Set([...citedIn('.'), ...citedIn('../unit/rpc')]);

test('no id names two requirements', () => {
  expect(new Set(ids).size).toBe(ids.length);
});

test('every requirement is held by a test', () => {
  expect(ids.filter((id) => !cited.has(id))).toEqual([]);
});

test('no test cites a requirement that is not on the list', () => {
  expect([...cited].filter((id) => !ids.includes(id))).toEqual([]);
});
